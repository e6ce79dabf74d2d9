"""The sync against the sandbox's Zendesk: two independent readings of the vendor's reference must agree."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pyarrow as pa
import pytest

from activation.destinations.zendesk_users import ZendeskUsers, ZendeskUsersConfig
from activation.publish import publish
from activation.sync.destination import DestinationError
from activation.sync.engine import run_sync
from sandbox.serve import serve
from sandbox.world import TABLES, World
from tests.integration.activation.zendesk.desk import DESK

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def sandbox(tmp_path):
    """A retailer whose help desk knows three users and nothing else."""
    tables = {name: schema.empty_table() for name, schema in TABLES.items()}
    rows = [
        {
            "record_id": f"zendesk:user:{number}",
            "system": "zendesk",
            "entity": "user",
            "native_id": str(number),
            "full_name": f"User {number}",
            "email": f"u{number}@mail.com",
            "created_at": AS_OF,
            "updated_at": AS_OF,
        }
        for number in (9001, 9002, 9003)
    ]
    tables["records"] = pa.Table.from_pylist(rows, schema=TABLES["records"])
    with serve(World(tables, AS_OF, 0), tmp_path / "state") as running:
        yield running


@pytest.fixture
def destination(sandbox):
    given = {name.removeprefix("BRAID_ZENDESK__").lower(): value for name, value in sandbox.environment().items()
             if name.startswith("BRAID_ZENDESK__")}  # fmt: skip
    config = ZendeskUsersConfig.model_validate(
        {**given, "fields": tuple(DESK.mapping), "retry": {"attempts": 3, "first_wait": 0.01}}
    )
    zendesk = ZendeskUsers(config)
    yield zendesk
    zendesk.close()


def holdings(sandbox) -> dict:
    return httpx.get(f"{sandbox.url}/_sandbox/zendesk").json()


def test_the_look_alike_holds_what_was_published_and_the_second_sync_writes_nothing(
    world, sandbox, destination
) -> None:
    world.customer("c1", records=["zendesk:user:9001", "zendesk:user:9002"], segments=["vip"])
    world.customer("c3", records=["zendesk:user:9003"], lifetime_value=0.1)
    publish(world.connection, "r1", AS_OF)
    assert run_sync(world.connection, DESK, destination).acknowledged == 3
    held = holdings(sandbox)
    fields = {key: user["user_fields"] for key, user in held["users"].items()}
    assert {key: one["braid_customer_id"] for key, one in fields.items()} == {"9001": "c1", "9002": "c1", "9003": "c3"}
    assert fields["9001"]["braid_vip"] is True
    assert fields["9003"]["braid_lifetime_value"] == 0.1
    assert run_sync(world.connection, DESK, destination).sent == 0
    assert holdings(sandbox)["writes"] == held["writes"]

    world.execute("delete from golden.customers where customer_id = 'c3'")
    publish(world.connection, "r2", AS_OF)
    assert run_sync(world.connection, DESK, destination).acknowledged == 1
    assert set(holdings(sandbox)["users"]["9003"]["user_fields"].values()) == {None, False}


def test_a_user_that_the_look_alike_does_not_know_is_a_dead_letter(world, destination) -> None:
    world.customer("c1", records=["zendesk:user:9001", "zendesk:user:4"])
    publish(world.connection, "r1", AS_OF)
    report = run_sync(world.connection, DESK, destination)
    assert (report.acknowledged, report.rejected) == (1, 1)
    assert world.rows("select key, reason from activation.dead_letters") == [("4", "NotFound User not found")]


@pytest.mark.parametrize("kind", ["reset", "truncate"])
def test_a_damaged_answer_is_asked_for_again(world, sandbox, destination, kind) -> None:
    world.customer("c1", records=["zendesk:user:9001"])
    publish(world.connection, "r1", AS_OF)
    fault = {"vendor": "zendesk", "path": "update_many", "kind": kind, "times": 1}
    httpx.post(f"{sandbox.url}/_sandbox/faults", json=fault).raise_for_status()
    assert run_sync(world.connection, DESK, destination).acknowledged == 1
    assert holdings(sandbox)["users"]["9001"]["user_fields"]["braid_customer_id"] == "c1"


def test_a_refusal_by_the_look_alike_names_the_setting(world, sandbox, destination) -> None:
    world.customer("c1", records=["zendesk:user:9001"])
    publish(world.connection, "r1", AS_OF)
    config = ZendeskUsersConfig.model_validate({"url": f"{sandbox.url}/zendesk", "email": "a@b.c", "api_token": "no"})
    with pytest.raises(DestinationError, match="BRAID_ZENDESK__API_TOKEN"):
        run_sync(world.connection, DESK, ZendeskUsers(config))
