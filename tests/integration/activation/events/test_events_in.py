"""Events over real HTTP into a real database: every address, every client's way, once each, and nothing unsaid."""

from __future__ import annotations

import gzip
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest
from psycopg import sql

from activation.access.keys import create_key

CALLS: dict[str, dict[str, Any]] = {
    "identify": {"userId": "u", "traits": {"email": "ada@lovelace.example"}},
    "track": {"anonymousId": "a", "event": "Product Viewed"},
    "page": {"anonymousId": "a", "name": "Home"},
    "screen": {"userId": "u", "name": "Start"},
    "group": {"userId": "u", "groupId": "g"},
    "alias": {"userId": "u", "previousId": "a"},
}


def track(message_id: str, **other: Any) -> dict[str, Any]:
    return {"type": "track", "messageId": message_id, "userId": "u", "event": "Seen", **other}


def test_every_address_takes_its_call(taking):
    for call, said in CALLS.items():
        answer = taking.post(f"/v1/{call}", {**said, "messageId": call})
        assert (answer.status_code, answer.json()) == (200, {"success": True})
        short = taking.post(f"/v1/{call[0]}", {**said, "messageId": f"short {call}"})
        assert short.status_code == 200
    batch = [{**said, "type": call, "messageId": f"batch {call}"} for call, said in CALLS.items()]
    for path in ("batch", "import", "b"):
        assert taking.post(f"/v1/{path}", {"batch": batch}).json() == {"success": True}
    found = taking.rows("select type, count(*) from activation.events group by type order by type")
    assert found == [(call, 3) for call in sorted(CALLS)]


def test_a_browser_sends_its_key_in_the_body_from_any_site(taking):
    """analytics.js asks for no preflight: it says text/plain, has no header for the key, and packs nothing."""
    headers = {"Origin": "https://shop.example", "Content-Type": "text/plain"}
    body = json.dumps({"writeKey": taking.key, **track("1"), "sentAt": "2026-06-01T10:00:00.000Z"})
    answer = httpx.post(f"{taking.url}/v1/t", content=body, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert taking.key not in str(taking.rows("select payload from activation.events"))
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,content-type"}
    assert httpx.options(f"{taking.url}/v1/batch", headers={**headers, **asked}).status_code == 200
    for answer in (
        httpx.post(f"{taking.url}/v1/t", content=body.replace(taking.key, "wrong"), headers=headers),
        httpx.post(f"{taking.url}/v1/t", content="no JSON", headers=headers),
    ):
        assert answer.headers["access-control-allow-origin"] == "*", "a page must be able to read why"
    profiles = httpx.get(f"{taking.url}/v1/segments", headers=headers)
    assert "access-control-allow-origin" not in profiles.headers


@pytest.mark.parametrize("key", [None, "wrong", "é"])
def test_without_a_live_key_nothing_is_taken(taking, key):
    for answer in (
        httpx.post(f"{taking.url}/v1/track", json=track("1"), auth=(key, "") if key else None),
        httpx.post(f"{taking.url}/v1/track", json={**track("1"), "writeKey": key}),
    ):
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
    assert taking.ids() == []


def test_a_key_for_support_sends_no_events_and_a_write_key_reads_nothing(taking, connection):
    support = create_key(connection, "support").key
    assert httpx.post(f"{taking.url}/v1/track", json=track("1"), auth=(support, "")).status_code == 403
    assert httpx.post(f"{taking.url}/v1/t", json={**track("1"), "writeKey": support}).status_code == 403
    assert httpx.get(f"{taking.url}/v1/segments", auth=(taking.key, "")).status_code == 403
    assert taking.ids() == []


def test_a_packed_body_and_bodies_that_cannot_be_taken(taking):
    packed = gzip.compress(json.dumps({"batch": [track(str(n)) for n in range(50)]}).encode())
    url, auth = f"{taking.url}/v1/batch", (taking.key, "")
    assert httpx.post(url, content=packed, auth=auth, headers={"Content-Encoding": "gzip"}).status_code == 200
    assert len(taking.ids()) == 50
    for content, encoding, status in (
        (packed[:-9], "gzip", 400),
        (b"{", "identity", 400),
        (b"{}", "identity", 400),
        (packed, "br", 415),
        (b" " * 600_000, "identity", 413),
    ):
        answer = httpx.post(url, content=content, auth=auth, headers={"Content-Encoding": encoding})
        assert answer.status_code == status, answer.text
        assert answer.json()["detail"]
    assert len(taking.ids()) == 50


def test_a_retry_changes_nothing(taking):
    body = {"batch": [track("1"), track("2"), track("1")]}
    for second in range(3):
        assert taking.post("/v1/batch", {**body, "sentAt": f"2026-06-01T10:00:0{second}Z"}).status_code == 200
    assert taking.ids() == ["1", "2"]
    assert taking.rows("select * from activation.quarantined_events") == []


def test_bad_events_are_kept_once_with_their_reason_and_take_no_good_one_with_them(taking):
    bad = [track("2", event=None), track("3", timestamp="soon"), "text", {"type": "click", "userId": "u"}]
    for second in range(2):
        answer = taking.post("/v1/batch", {"batch": [track("1"), *bad], "sentAt": f"2026-06-01T10:00:0{second}Z"})
        assert answer.json() == {"success": True}
        assert answer.headers["braid-quarantined"] == "4"
    assert taking.ids() == ["1"]
    reasons = taking.rows("select message_id, reason from activation.quarantined_events order by reason")
    assert [(id_, reason.partition(":")[0]) for id_, reason in reasons] == [
        ("2", "event"),
        (None, "the message is no JSON object"),
        ("3", "timestamp"),
        (None, "type"),
    ]


def test_another_event_with_the_same_id_is_not_swallowed(taking):
    taking.post("/v1/batch", {"batch": [track("1", context={"try": 1})]})
    taking.post("/v1/batch", {"batch": [track("1", context={"try": 2}), track("1", event="Bought")]})
    assert taking.rows("select payload ->> 'event' from activation.events") == [("Seen",)]
    assert taking.rows("select payload ->> 'event', reason from activation.quarantined_events") == [
        ("Bought", "messageId: an earlier event has it and says something else")
    ]


def test_what_postgres_cannot_hold_is_kept_as_it_can_be(taking):
    body = '{"batch":[%s,{"type":"track","messageId":"%s","userId":"u","event":"a\\u0000b","properties":{"n":1e999}}]}'
    url, auth = f"{taking.url}/v1/batch", (taking.key, "")
    answer = httpx.post(url, content=body % (json.dumps(track("1")), "2\\u0000"), auth=auth)
    assert answer.status_code == 200
    assert taking.ids() == ["1"]
    kept = taking.rows("select message_id, payload ->> 'event', payload #>> '{properties,n}', reason from "
                       "activation.quarantined_events")  # fmt: skip
    assert kept == [("2", "ab", "inf", "a number is NaN or infinite, or a text has half a character")]


def test_one_row_that_the_database_refuses_takes_no_other_with_it(taking, connection):
    """Whatever Postgres will not hold that we did not think of: here, a value that a trigger forbids."""
    with connection.transaction():
        connection.execute(
            "create function refuse() returns trigger language plpgsql as "
            "$$ begin raise exception using errcode = 'data_exception'; end $$"
        )
        connection.execute(
            "create trigger refuse before insert on activation.events for each row "
            "when (new.payload ->> 'event' = 'devil') execute function refuse()"
        )
    batch = [track(str(n), event="devil" if n == 7 else "Seen") for n in range(20)]
    assert taking.post("/v1/batch", {"batch": batch}).status_code == 200
    assert len(taking.ids()) == 19
    ((message_id, reason),) = taking.rows("select message_id, reason from activation.quarantined_events")
    assert (message_id, reason) == ("7", "the database cannot hold it (DataException)")


def test_the_clock_of_the_device_is_corrected(taking):
    said = track("1", timestamp="2001-01-01T00:00:00Z")
    taking.post("/v1/track", {**said, "sentAt": "2001-01-01T00:01:00Z"})
    ((late,),) = taking.rows("select extract(epoch from received_at - occurred_at) from activation.events")
    assert late == 60


def test_requests_at_once_are_each_answered_when_their_own_rows_are_there(taking):
    with httpx.Client(base_url=taking.url, auth=(taking.key, "")) as client, ThreadPoolExecutor(16) as threads:

        def send(number: int) -> bool:
            ids = [f"{number:03}-{n:02}" for n in range(20)]
            # Each batch shares half of its events with the next one, as retries to two workers do.
            shared = [f"{number + 1:03}-{n:02}" for n in range(10)]
            answer = client.post("/v1/batch", json={"batch": [track(id_) for id_ in (*ids, *shared)]})
            assert answer.status_code == 200
            there = taking.rows(f"select count(*) from activation.events where message_id like '{number:03}-%'")
            return there == [(20,)]

        assert all(threads.map(send, range(40)))
    assert len(taking.ids()) == 40 * 20 + 10


def test_while_the_database_is_away_clients_are_told_to_come_back(taking):
    name = taking.warehouse.address.database
    admin = taking.warehouse.address.with_database("postgres").conninfo
    assert taking.post("/v1/track", track("1")).status_code == 200
    with psycopg.connect(admin, autocommit=True) as connection:
        database = sql.Identifier(name)
        connection.execute(sql.SQL("alter database {} allow_connections false").format(database))
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
        answer = taking.post("/v1/track", track("2"), timeout=20)
        connection.execute(sql.SQL("alter database {} allow_connections true").format(database))
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    answers = [taking.post("/v1/track", track("2"), timeout=20) for _ in range(5)]
    assert answers[-1].status_code == 200
    assert taking.ids() == ["1", "2"]


def test_the_writer_is_of_the_role_that_can_change_nothing(taking):
    taking.post("/v1/track", track("1"))
    granted = taking.rows(
        "select table_name, privilege_type from information_schema.table_privileges "
        "where grantee = 'braid_api' and table_name like '%events' order by 1, 2"
    )
    assert {privilege for _, privilege in granted} == {"INSERT", "SELECT"}


def test_a_reader_does_not_pass_by_a_writer_that_is_late(taking, connection):
    """A sequence is drawn before the commit: the row of a slow writer appears below rows that are already read."""
    from activation.events.store import EVENTS_LOCK
    from orchestration.sources.events import load_events

    insert = (
        "insert into activation.events (key_id, message_id, type, occurred_at, received_at, payload) "
        "values ('k', %s, 'track', now(), now(), '{}')"
    )
    taking.post("/v1/track", track("first"))
    connection.execute(f"select pg_advisory_xact_lock_shared({EVENTS_LOCK})")
    connection.execute(insert, ["slow"])
    taking.post("/v1/track", track("quick"))
    reading = threading.Thread(target=load_events, args=[taking.warehouse])
    reading.start()
    reading.join(0.5)
    assert reading.is_alive(), "the reader went past a writer that has not committed"
    connection.commit()
    reading.join(20)
    load_events(taking.warehouse)
    read = taking.rows("select native_id from raw_events.interactions order by cursor_value")
    assert [row[0] for row in read] == ["first", "slow", "quick"]
