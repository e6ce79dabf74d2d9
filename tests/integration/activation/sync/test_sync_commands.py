"""`braid sync …` and the assets of Dagster, on a published world and a look-alike over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result
from dagster import AssetKey, DagsterInstance, materialize
from typer.testing import CliRunner

from activation.publish import publish
from orchestration.assets.activation import build_activation_assets
from orchestration.build import build_defs
from orchestration.cli import app
from orchestration.resources import WarehouseResource, sync_warehouse
from orchestration.settings import Settings
from sandbox.serve import Sandbox, serve
from sandbox.world import TABLES, World

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
VIPS = """\
description: VIPs who agreed to e-mail.
destination: klaviyo_list
model: segment:vip
channel: email
purpose: marketing
options: {list: VIPs}
mapping: {first_name: name.given, braid_value: metrics.lifetime_value}
cap: {from_rows: 2}
"""
DEAF = "destination: webhook\nmodel: segment:vip\nchannel: email\npurpose: marketing\n"
NIGHTLY = VIPS.replace("cap:", "schedule: 0 3 * * *\ncap:")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Sandbox]:
    empty = World({name: schema.empty_table() for name, schema in TABLES.items()}, AS_OF, 1)
    with serve(empty, tmp_path / "state") as sandbox:
        yield sandbox


@pytest.fixture
def syncs(tmp_path: Path) -> Path:
    (tmp_path / "syncs").mkdir()
    (tmp_path / "syncs" / "vips.yml").write_text(VIPS)
    return tmp_path / "syncs"


@pytest.fixture
def environment(shop: Sandbox, syncs: Path, warehouse: Any, tmp_path: Path) -> dict[str, str]:
    klaviyo = {name: value for name, value in shop.environment().items() if name.startswith("BRAID_KLAVIYO__")}
    return {
        **klaviyo,
        "BRAID_HOME": str(tmp_path / "braid"),
        "BRAID_DATABASE_URL": warehouse.address.conninfo,
        "BRAID_SYNCS": str(syncs),
        "BRAID_WEBHOOK__URL": "http://127.0.0.1:9",
        "BRAID_WEBHOOK__SECRET": "whsec_" + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=",
    }


@pytest.fixture
def braid(environment: dict[str, str]) -> Callable[..., Result]:
    return lambda *arguments: CliRunner().invoke(app, ["sync", *arguments], env=environment)


@pytest.fixture
def four(world: Any) -> Any:
    for number in range(1, 5):
        world.customer(f"c{number}", email=f"u{number}@mail.org", segments=["vip"], consent={"email": "granted"})
    world.customer("c9", email="u9@mail.org", segments=["vip"], consent={"email": "denied"})
    publish(world.connection, "r1", AS_OF)
    return world


def held(shop: Sandbox) -> set[str]:
    found = httpx.get(f"{shop.url}/_sandbox/held?vendor=klaviyo").json()
    listed = {key.split(":")[1] for key in found["memberships"]}
    return {found["profiles"][key]["email"] for key in listed}


def test_from_a_plan_to_the_tool_and_back(four, braid, shop) -> None:
    planned = braid("plan", "vips")
    assert planned.exit_code == 0, planned.output
    assert "4  added" in planned.output and "1  consent denied" in planned.output
    assert "mail.org" not in planned.output
    assert json.loads(braid("plan", "vips", "--json").stdout)["left_out"] == {"consent_denied": 1}
    assert held(shop) == set()

    assert "4 rows sent, 4 acknowledged" in braid("run", "vips").output
    assert held(shop) == {f"u{number}@mail.org" for number in range(1, 5)}
    assert "nothing to send; 4 rows" in braid("run", "vips").output
    assert "4 rows are held as they were acknowledged" in braid("verify", "vips").output
    assert "done" in braid("history", "vips").output
    assert "has no dead letters" in braid("dead-letters", "vips").output
    (told,) = json.loads(braid("list", "--json").stdout)
    assert (told["sync"], told["holds"], told["state"], told["last"]) == ("vips", 4, "ready", "done")

    four.execute("delete from segments.segment_memberships where customer_id in ('c1', 'c2')")
    publish(four.connection, "r2", AS_OF)
    refused = braid("run", "vips")
    assert refused.exit_code == 1
    assert "would take back 2 of the 4 rows" in refused.output and "--confirm" in refused.output
    assert braid("pause", "vips", "--by", "Grace").exit_code == 0
    assert "Paused by Grace" in braid("plan", "vips").output
    assert braid("run", "vips", "--confirm").exit_code == 1
    assert len(held(shop)) == 4
    braid("resume", "vips")
    assert braid("run", "vips", "--confirm").exit_code == 0
    assert held(shop) == {"u3@mail.org", "u4@mail.org"}


def test_what_is_not_there_is_told(four, braid, syncs) -> None:
    unknown = braid("plan", "vipps")
    assert unknown.exit_code == 1
    assert "no sync vipps is declared; did you mean vips?" in unknown.output
    assert "1 of 1" not in braid("replay", "vips").output
    assert braid("replay", "vips", "--key", "c1").exit_code == 1
    (syncs / "desk.yml").write_text(
        "destination: zendesk_users\nmodel: customers\nkey: record:zendesk:user\nchannel: none\npurpose: service\n"
    )
    missing = braid("run", "desk")
    assert missing.exit_code == 1
    assert "needs an account of zendesk" in missing.output and "BRAID_ZENDESK__" in missing.output
    (syncs / "desk.yml").write_text("destination: zendek_users\n")
    wrong = braid("list")
    assert wrong.exit_code == 1
    assert "desk.yml:1 destination: there is no destination zendek_users" in wrong.output


def test_a_tool_that_is_not_reached_fails_its_own_asset_alone(four, environment, shop, syncs, monkeypatch) -> None:
    (syncs / "deaf.yml").write_text(DEAF)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    account = settings.webhook
    assert account is not None
    assets = [
        asset
        for asset in build_activation_assets(settings)
        if asset.keys & {AssetKey(["activation", "vips"]), AssetKey(["activation", "deaf"])}
    ]
    assert len(assets) == 2
    done = materialize(
        assets,
        instance=DagsterInstance.ephemeral(),
        resources={"sync_warehouse": sync_warehouse(WarehouseResource(settings))},
        raise_on_error=False,
    )
    assert not done.success
    (made,) = done.asset_materializations_for_node("activation__vips")
    assert made.metadata["acknowledged"].value == 4
    failure = next(event for event in done.all_events if event.is_step_failure)
    assert failure.step_key == "activation__deaf"
    assert "u1@mail.org" not in str([event.message for event in done.all_events])
    assert held(shop) == {f"u{number}@mail.org" for number in range(1, 5)}


def test_a_cron_line_makes_a_job_and_a_schedule_of_its_own(environment, syncs, monkeypatch) -> None:
    (syncs / "nightly.yml").write_text(NIGHTLY)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    defs = build_defs(Settings())
    schedules = {schedule.name: schedule for schedule in defs.schedules or ()}
    assert schedules["sync_nightly"].cron_schedule == "0 3 * * *"
    whole = defs.resolve_job_def("braid")
    keys = whole.asset_layer.executable_asset_keys
    assert AssetKey(["activation", "vips"]) in keys
    assert AssetKey(["activation", "nightly"]) not in keys
    alone = defs.resolve_job_def("sync_nightly")
    assert alone.asset_layer.executable_asset_keys == {AssetKey(["activation", "nightly"])}


def test_a_target_changed_under_the_same_name_is_told_with_the_ways_out(four, braid, shop, syncs) -> None:
    braid("run", "vips")
    (told,) = json.loads(braid("list", "--json").stdout)
    assert (told["state"], told["held_in"]) == ("ready", "klaviyo_list (key: customer_id, list: VIPs)")
    (syncs / "vips.yml").write_text(VIPS.replace("list: VIPs", "list: Others"))
    for command in ("plan", "run", "verify"):
        refused = braid(command, "vips")
        assert refused.exit_code == 1
        assert "4 rows that it sent are in klaviyo_list (key: customer_id, list: VIPs)" in refused.output
        assert "model: nobody" in refused.output and "braid sync forget vips" in refused.output
    (told,) = json.loads(braid("list", "--json").stdout)
    assert told["state"] == "target changed"
    assert "what it sent is in klaviyo_list (key: customer_id, list: VIPs)" in braid("list").output
    (syncs / "vips.yml").write_text(VIPS.replace("segment:vip", "nobody"))
    assert braid("run", "vips", "--confirm").exit_code == 0
    assert held(shop) == set()
    (syncs / "vips.yml").write_text(VIPS.replace("list: VIPs", "list: Others"))
    assert "4 rows sent, 4 acknowledged" in braid("run", "vips").output


def test_a_sync_whose_file_is_gone_is_told_and_can_be_forgotten(four, braid, shop, syncs, environment) -> None:
    braid("run", "vips")
    (syncs / "vips.yml").unlink()
    (told,) = json.loads(braid("list", "--json").stdout)
    assert (told["state"], told["holds"], told["destination"]) == ("no longer declared", 4, "klaviyo_list")
    listed = braid("list").output
    assert "nobody takes back who withdraws" in listed and "braid sync forget" in listed

    asked = CliRunner().invoke(app, ["sync", "forget", "vips"], env=environment, input="n\n")
    assert asked.exit_code == 1
    assert "klaviyo_list (key: customer_id, list: VIPs) holds 4 rows of vips" in asked.output
    assert "nobody is taken back from there" in asked.output
    assert json.loads(braid("list", "--json").stdout)[0]["holds"] == 4

    assert "did you mean vips?" in braid("forget", "vipps", "--yes").output
    done = braid("forget", "vips", "--yes", "--by", "Grace")
    assert done.exit_code == 0, done.output
    assert json.loads(braid("list", "--json").stdout) == []
    assert len(held(shop)) == 4, "the tool is left as it is"
    assert "Grace let go of 4 rows" in braid("history", "vips").output
    again = braid("forget", "vips", "--yes")
    assert again.exit_code == 1 and "nothing is remembered of a sync vips" in again.output
