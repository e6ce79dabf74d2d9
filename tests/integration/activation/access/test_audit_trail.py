"""The audit trail: every read of a person is in it, nothing leaves it, and what it cannot hold is not served."""

from __future__ import annotations

import threading
import time

import httpx
import psycopg
import pytest
from pydantic import SecretStr
from typer import Typer
from typer.testing import CliRunner

from activation.access.audit import Entry, ids_of, minimise, read, write
from activation.access.keys import create_key, revoke_key, rotate_key
from activation.access.role import ROLE
from activation.access.scopes import Scope
from activation.api.app import create_app
from activation.api.config import ApiConfig
from activation.commands.audit import register
from activation.schema import migrate
from tests.integration.activation.conftest import served

READS = "select count(*) from activation.audit where key_id is not null"


def eventually(world, query: str, wanted: int) -> int:
    """What the query counts, once it counts what is wanted; the trail is written several times a second."""
    for _ in range(100):
        ((found,),) = world.rows(query)
        if found >= wanted:
            break
        time.sleep(0.1)
    return int(found)


@pytest.fixture
def trail(connection):
    migrate(connection)
    return connection


def test_reads_of_people_are_in_it_with_key_and_request(published, client) -> None:
    with client(Scope.SUPPORT) as support:
        headers = {"X-Request-Id": "ticket-7"}
        assert support.get("/v1/profiles/c1", headers=headers).status_code == 200
        assert support.get("/v1/profiles/lookup?email=ada@lovelace.org").status_code == 200
        assert support.get("/v1/profiles/c1/timeline").status_code == 200
        assert eventually(published, READS, 3) == 3
    entries = published.rows(
        "select key_id, action, customer_ids, request_id, detail::text from activation.audit "
        "where key_id is not null order by audit_id"
    )
    assert [entry[2] for entry in entries] == [["c1"]] * 3
    assert entries[0][3] == "ticket-7"
    assert len({entry[3] for entry in entries}) == 3
    assert not [entry for entry in entries if "lovelace" in str(entry)]


@pytest.mark.parametrize(
    "statement",
    [
        "update activation.audit set action = 'other'",
        "update activation.audit set customer_ids = '{}'",
        "delete from activation.audit",
        "truncate activation.audit",
    ],
)
def test_not_even_its_owner_changes_it(trail, statement) -> None:
    with trail.transaction():
        write(trail, Entry("profile.read", ["c1"]))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"), trail.transaction():
        trail.execute(statement)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), trail.transaction():
        # The way that erasure goes is as wide as erasure, and no wider.
        trail.execute("select set_config('activation.minimising_audit', 'on', true)")
        trail.execute(statement.replace("customer_ids = '{}'", "occurred_at = now() - interval '1 year'"))
    assert [entry["customer_ids"] for entry in read(trail)] == [["c1"]]


def test_erasure_leaves_that_it_happened_and_not_to_whom(trail) -> None:
    with trail.transaction():
        write(trail, Entry("profile.read", ["c1"], {"by": "email", "asked": "9f"}))
        write(trail, Entry("profile.candidates", ["c0", "c1", "c2"], {"asked": "9f", "count": 3}))
        write(trail, Entry("profile.read", ["c2"], {"asked": "77"}))
    with trail.transaction():
        assert minimise(trail, ["c1", "c9"], "erased:x") == 2
    latest, several, alone = list(read(trail))
    assert alone["customer_ids"] == ["erased:x"]
    assert alone["detail"] == {"minimised": True}
    assert several["customer_ids"] == ["c0", "erased:x", "c2"]
    assert (several["detail"]["count"], "asked" in several["detail"]) == (3, False)
    assert latest["detail"]["asked"] == "77"
    with pytest.raises(psycopg.errors.InsufficientPrivilege), trail.transaction():
        minimise(trail, ["c2"], "erased:y")
        trail.execute("update activation.audit set customer_ids = '{}'")


def test_an_entry_that_postgres_cannot_hold_is_refused_at_once(trail) -> None:
    for detail in ({"a": "\x00"}, {"a": object()}, {"a": "\ud800"}):
        with pytest.raises(ValueError, match=r"audit entry"), trail.transaction():
            write(trail, Entry("profile.read", ["c1"], detail))


def test_the_life_of_keys_is_in_it(trail) -> None:
    new = create_key(trail, "agents")
    newer = rotate_key(trail, new.key_id)
    revoke_key(trail, newer.key_id)
    assert [entry["action"] for entry in read(trail)] == ["key.revoked", "key.rotated", "key.created"]
    assert new.key not in str(list(read(trail)))


def test_what_cannot_be_audited_is_not_served_and_comes_back(published, app, client, serve) -> None:
    with client(Scope.SUPPORT) as support:
        assert support.get("/v1/profiles/c1").status_code == 200
        eventually(published, READS, 1)
        published.execute(f"revoke insert on activation.audit from {ROLE}")
        refused = None
        for _ in range(100):
            refused = support.get("/v1/profiles/c1")
            if refused.status_code == 503:
                break
            time.sleep(0.05)
        assert refused.status_code == 503
        assert "audit" in refused.json()["detail"]
        assert int(refused.headers["retry-after"]) > 0
        assert "ada@lovelace.org" not in refused.text
        assert support.get("/v1/segments").status_code == 200, "what needs no entry is served"
        published.execute(f"grant insert on activation.audit to {ROLE}")
        for _ in range(100):
            if support.get("/v1/profiles/c1").status_code == 200:
                break
            time.sleep(0.1)
        answered = [support.get("/v1/profiles/c1").status_code for _ in range(3)]
    assert answered == [200] * 3


def test_a_connection_that_closes_while_entries_are_written_costs_no_request(published, client) -> None:
    with client(Scope.SUPPORT) as support:
        published.execute("create sequence closings")
        published.execute(
            "create function close_the_first() returns trigger security definer language plpgsql as "
            "$$ begin if nextval('public.closings') = 1 then perform pg_terminate_backend(pg_backend_pid()); end if; "
            "return null; end $$"
        )
        published.execute("create trigger closing after insert on activation.audit execute function close_the_first()")
        answered = []
        for _ in range(20):
            answered.append(support.get("/v1/profiles/c1").status_code)
            time.sleep(0.05)
        assert eventually(published, READS, 20) == 20
    assert answered == [200] * 20
    assert published.rows("select last_value > 1 from closings") == [(True,)]


def test_every_answered_read_is_in_it_once_after_a_stop(published, warehouse) -> None:
    key = create_key(published.connection, "tests").key
    app = create_app(ApiConfig(conninfo=SecretStr(warehouse.address.conninfo)))
    with (
        warehouse.connect() as elsewhere,
        served(app) as url,
        httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}) as reader,
    ):
        # Nothing can be written while they are answered, nor in the first moments of the farewell.
        elsewhere.execute("lock table activation.audit in access exclusive mode")
        statuses = [reader.get("/v1/profiles/c1").status_code for _ in range(60)]
        threading.Timer(1, elsewhere.rollback).start()
    assert statuses == [200] * 60
    assert published.rows(READS) == [(60,)]


def test_a_full_queue_refuses(published, warehouse, serve) -> None:
    key = create_key(published.connection, "tests").key
    url = serve(create_app(ApiConfig(conninfo=SecretStr(warehouse.address.conninfo), most_unwritten_audit=1)))
    with published.connection.transaction():
        published.connection.execute("lock table activation.audit in access exclusive mode")
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}) as reader:
            statuses = [reader.get("/v1/profiles/c1").status_code for _ in range(5)]
    assert statuses == [200] + [503] * 4
    assert eventually(published, READS, 1) == 1


def test_the_command_shows_who_read_whom(published, warehouse) -> None:
    app, run = Typer(), CliRunner().invoke
    app.command()(lambda: None)
    register(app, warehouse.connect)
    new = create_key(published.connection, "Zendesk sidebar")
    published.execute(
        "insert into activation.audit (key_id, action, customer_ids) values (%s, 'profile.read', '{c1}')", [new.key_id]
    )
    shown = run(app, ["audit", "--customer", "c1"])
    assert shown.exit_code == 0, shown.output
    assert "profile.read" in shown.stdout
    assert "profile.read" in run(app, ["audit", "--key", new.key_id, "--json"]).stdout
    assert "nothing in the audit trail" in run(app, ["audit", "--customer", "c2"]).stdout
    assert "profile.read" in run(app, ["audit", "--since", "1h"]).stdout
    assert "nothing in the audit trail" in run(app, ["audit", "--since", "2090-01-01"]).stdout
    wrong = run(app, ["audit", "--since", "lately"])
    assert wrong.exit_code == 2
    assert "7d" in wrong.output


def test_what_was_read_before_a_merge_is_found_after_it(published) -> None:
    from activation.publish import publish
    from tests.integration.activation.access.conftest import AS_OF

    published.move("c1", "c2")
    publish(published.connection, "r2", AS_OF)
    assert ids_of(published.connection, "c1") == ids_of(published.connection, "c2") == ["c1", "c2"]
    assert ids_of(published.connection, "c9") == ["c9"]
