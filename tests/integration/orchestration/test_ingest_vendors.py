"""Every stream of every vendor, from the look-alikes into raw tables: whole, once, and again when it changed."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from orchestration.settings import Settings
from orchestration.sources.client import Patience
from orchestration.sources.errors import SourceError
from orchestration.sources.load import LoadReport, configured_sources, load
from orchestration.sources.streams import STREAMS
from orchestration.warehouse import Warehouse
from sandbox.generator import generate
from sandbox.serve import Sandbox, serve

HASTE = Patience(attempts=3, backoff=0.01, longest_wait=1, timeout=5)
VENDORS = ("salesforce", "shopify", "zendesk", "meta", "x")
_numbers = itertools.count()

NEW_ROWS = [
    (
        "salesforce",
        "contacts",
        {"Id": "003NEW", "LastName": "New", "SystemModstamp": "2026-11-02T00:00:00.000+0000"},
    ),
    (
        "shopify",
        "customers",
        {"id": "gid://shopify/Customer/77", "legacyResourceId": "77", "updatedAt": "2026-11-02T00:00:00Z"},
    ),
    ("zendesk", "users", {"id": 77, "name": "New", "updated_at": "2026-11-02T00:00:00Z"}),
    ("zendesk", "satisfaction_ratings", {"id": 78, "updated_at": "2026-11-02T00:00:00Z"}),
    ("meta", "conversations", {"id": "t_77", "updated_time": "2026-11-02T00:00:00+0000"}),
    ("x", "mentions", {"id": "77", "text": "hi", "created_at": "2026-11-02T00:00:00.000Z"}),
]


@pytest.fixture(scope="module")
def world():
    return generate(60, seed=5)


@pytest.fixture
def sandbox(world, tmp_path: Path) -> Iterator[Sandbox]:
    with serve(world, tmp_path / "state") as running:
        yield running


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    return Settings(home=tmp_path / "home")


def admin(sandbox: Sandbox, path: str, **sent) -> None:
    httpx.post(f"{sandbox.url}/_sandbox/{path}", json=sent).raise_for_status()


def loaded(report: LoadReport) -> dict[str, int]:
    return {stream.stream: stream.rows_loaded for stream in report.streams}


def count(warehouse: Warehouse, source: str, stream: str) -> int:
    return warehouse.read(f'select count(*) as n from "raw_{source}"."{stream}"')["n"][0].as_py()


def row(warehouse: Warehouse, source: str, stream: str, where: str):
    found = warehouse.read(
        "select record_key, native_id, payload::text as payload, ingest_error "
        f'from "raw_{source}"."{stream}" where {where}'
    )
    return found.to_pylist()


def test_every_configured_source_is_known(settings: Settings):
    assert configured_sources(settings) == (*VENDORS, "events")
    assert configured_sources(Settings(home=settings.home, x=None)) == (*VENDORS[:-1], "events")


@pytest.mark.parametrize("source", VENDORS)
def test_all_rows_once_and_nothing_the_second_time(source, sandbox, settings, warehouse):
    first = load(source, settings, warehouse, HASTE)
    served = {name: len(sandbox.vendors.by_name[source].streams[name]) for name in STREAMS[source]}
    if source == "x":
        served["users"] = loaded(first)["users"]  # of all users, those that are named by a post or message
    assert loaded(first) == served
    assert all(rows > 0 for rows in loaded(first).values())
    assert sum(stream.rows_with_error for stream in first.streams) == 0

    second = load(source, settings, warehouse, HASTE)
    assert second.rows_loaded == 0
    assert {name: count(warehouse, source, name) for name in served} == served


@pytest.mark.parametrize(
    ("source", "stream", "new"), NEW_ROWS, ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_new_row_is_fetched_alone(source, stream, new, sandbox, settings, warehouse):
    load(source, settings, warehouse, HASTE)
    admin(sandbox, "rows", vendor=source, stream=stream, row=new, at="2026-11-02T00:00:00Z")
    again = load(source, settings, warehouse, HASTE)
    assert loaded(again)[stream] == 1


def test_a_changed_row_replaces_the_old_one(sandbox, settings, warehouse):
    load("zendesk", settings, warehouse, HASTE)
    user = next(iter(sandbox.vendors.by_name["zendesk"].streams["users"]))
    before = count(warehouse, "zendesk", "users")
    admin(sandbox, "rows", vendor="zendesk", stream="users", key=user.key, set={"name": "Renamed"})
    load("zendesk", settings, warehouse, HASTE)
    assert count(warehouse, "zendesk", "users") == before
    (found,) = row(warehouse, "zendesk", "users", f"record_key = '{user.key}' and payload->>'name' = 'Renamed'")
    assert found["native_id"] == user.key


def test_an_old_conversation_with_a_new_message(sandbox, settings, warehouse):
    load("meta", settings, warehouse, HASTE)
    talk = next(iter(sandbox.vendors.by_name["meta"].streams["conversations"]))
    message = {"id": "m_new", "created_time": "2026-11-02T00:00:00+0000", "message": "hi", "from": {"id": "1"}}
    admin(
        sandbox,
        "rows",
        vendor="meta",
        stream="conversations",
        key=talk.key,
        set={"updated_time": "2026-11-02T00:00:00+0000"},
        at="2026-11-02T00:00:00Z",
    )
    admin(sandbox, "rows", vendor="meta", stream="messages", row=message, parent=talk.key, at="2026-11-02T00:00:00Z")
    report = load("meta", settings, warehouse, HASTE)
    assert loaded(report)["messages"] == 1
    (found,) = row(warehouse, "meta", "messages", "record_key = 'm_new'")
    assert f'"conversation_id": "{talk.key}"' in found["payload"]
    assert f'"platform": "{talk.payload["platform"]}"' in found["payload"]


def test_what_the_payloads_are_given(settings, warehouse):
    load("meta", settings, warehouse, HASTE)
    load("shopify", settings, warehouse, HASTE)
    assert row(warehouse, "meta", "comments", "payload->>'media_id' is null") == []
    assert row(warehouse, "meta", "conversations", "payload ? 'messages' or not payload ? 'platform'") == []
    assert row(warehouse, "shopify", "customers", "native_id !~ '^\\d+$'") == []
    assert row(warehouse, "shopify", "abandoned_checkouts", "native_id !~ '^\\d+$'") == []
    orphans = (
        "select count(*) as n from raw_shopify.returns r left join raw_shopify.orders o "
        "on o.record_key = r.payload #>> '{order,legacyResourceId}' where o.record_key is null"
    )
    assert warehouse.read(orphans)["n"][0].as_py() == 0


def test_a_source_that_is_not_configured_says_so(warehouse, tmp_path):
    with pytest.raises(SourceError, match=r"^x: it is not configured. Set BRAID_X"):
        load("x", Settings(home=tmp_path, x=None), warehouse)


BAD_ROWS = [
    # source, stream, what is served, expected ingest_error
    (
        "salesforce",
        "contacts",
        {"LastName": "No id", "SystemModstamp": "2026-11-02T00:00:00.000+0000"},
        "no id",
    ),
    (
        "salesforce",
        "contacts",
        {"Id": {"a": 1}, "SystemModstamp": 5},
        "the id is neither text nor a whole number",
    ),
    (
        "salesforce",
        "contacts",
        {"Id": "003X", "Email": 5, "Birthdate": "1990-02-31", "SystemModstamp": "never"},
        None,
    ),
    ("shopify", "customers", {"firstName": "No id", "updatedAt": "2026-11-02T00:00:00Z"}, "no id"),
    (
        "shopify",
        "orders",
        {"id": "gid://shopify/Order/99", "lineItems": "none", "returns": [1], "updatedAt": 3},
        None,
    ),
    ("zendesk", "users", {"name": "No id"}, "no id"),
    (
        "zendesk",
        "users",
        {"id": 99, "email": ["x"], "updated_at": "2026-13-45T00:00:00Z", "new_field": {"a": 1}},
        None,
    ),
    ("zendesk", "ticket_comments", {"id": 5, "child_events": "none"}, None),
    ("x", "mentions", {"id": "99", "text": "a\x00b", "created_at": "2999-01-01T00:00:00.000Z"}, None),
]


@pytest.mark.parametrize(
    ("source", "stream", "bad", "reason"), BAD_ROWS, ids=[f"{b[1]}-{i}" for i, b in enumerate(BAD_ROWS)]
)
def test_a_bad_row_is_kept_with_its_reason_and_stops_nothing(source, stream, bad, reason, sandbox, settings, warehouse):
    good = len(sandbox.vendors.by_name[source].streams[stream])
    key = f"bad-{next(_numbers)}"
    admin(sandbox, "rows", vendor=source, stream=stream, key=key, row=bad, at="2026-11-02T00:00:00Z")
    report = load(source, settings, warehouse, HASTE)
    assert loaded(report)[stream] == good + 1
    errors = row(warehouse, source, stream, "ingest_error is not null")
    assert [one["ingest_error"] for one in errors] == ([reason] if reason else [])
    if reason:
        assert errors[0]["native_id"] is None and errors[0]["record_key"].startswith("missing:")

    # The next load goes on from the good rows: a bad cursor has carried nothing away.
    load(source, settings, warehouse, HASTE)
    assert count(warehouse, source, stream) == good + 1
