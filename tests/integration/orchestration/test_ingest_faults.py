"""Bad weather at the vendors: what heals is retried, what does not is one clear error, and no table changes halfway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from orchestration.settings import Settings
from orchestration.sources.client import Patience
from orchestration.sources.errors import SourceError
from orchestration.sources.load import load
from orchestration.warehouse import Warehouse
from sandbox.generator import generate
from sandbox.serve import Sandbox, serve

HASTE = Patience(attempts=3, backoff=0.01, longest_wait=1.5, timeout=2)
SECRETS = (
    "shpat_sandbox",
    "salesforce-sandbox-secret",
    "zendesk-sandbox-token",
    "EAASandboxPageToken",
    "AAAAsandboxBearer",
)

# Where a fault strikes each vendor: part of the request, and the stream that an error must name.
PLACES = {
    "salesforce": ("FROM+Lead", "leads"),
    "shopify": ("orders(", "orders"),
    "zendesk": ("incremental/tickets", "tickets"),
    "meta": ("/media", "comments"),
    "x": ("/2/dm_events", "direct_messages"),
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with serve(generate(60, seed=5), tmp_path_factory.mktemp("state")) as running:
        yield running


@pytest.fixture
def settings(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    yield Settings(home=tmp_path / "home")
    httpx.delete(f"{sandbox.url}/_sandbox/faults")


def fault(sandbox: Sandbox, vendor: str, **what) -> None:
    httpx.post(f"{sandbox.url}/_sandbox/faults", json={"vendor": vendor, **what}).raise_for_status()


def counts(warehouse: Warehouse, source: str) -> dict[str, int]:
    tables = warehouse.read(
        "select table_name from information_schema.tables where table_schema = $1", (f"raw_{source}",)
    )
    names = [name for name in tables["table_name"].to_pylist() if not name.startswith("_dlt")]
    return {
        name: warehouse.read(f'select count(*) as n from "raw_{source}"."{name}"')["n"][0].as_py() for name in names
    }


@pytest.mark.parametrize("source", PLACES)
def test_what_heals_is_retried(source, sandbox, settings, warehouse):
    place, stream = PLACES[source]
    for what in (
        {"kind": "status", "status": 500},
        {"kind": "status", "status": 429, "retry_after": 1},
        {"kind": "reset"},
        {"kind": "truncate"},
    ):
        fault(sandbox, source, path=place, **what)
    report = load(source, settings, warehouse, replace(HASTE, attempts=5))
    expected = len(sandbox.vendors.by_name[source].streams[stream])
    assert {one.stream: one.rows_loaded for one in report.streams}[stream] == expected
    faults = httpx.get(f"{sandbox.url}/_sandbox/faults").json()["faults"]
    assert [one["times"] for one in faults] == [0, 0, 0, 0], "every fault must have struck"


def test_a_throttled_answer_in_a_200_is_retried(sandbox, settings, warehouse):
    error = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}
    fault(sandbox, "shopify", path="products(", kind="mutate", mutate={"set": error, "unset": ["data"]}, times=2)
    report = load("shopify", settings, warehouse, HASTE)
    assert {one.stream: one.rows_loaded for one in report.streams}["products"] > 0


@pytest.mark.parametrize("source", PLACES)
@pytest.mark.parametrize(
    ("what", "said"),
    [
        ({"kind": "status", "status": 401}, "HTTP 40[01]"),
        ({"kind": "status", "status": 500}, "HTTP 500"),
        ({"kind": "truncate"}, "cut off"),
        ({"kind": "reset"}, "reset"),
    ],
    ids=["401", "500-stays", "cut-off-stays", "reset-stays"],
)
def test_what_does_not_heal_is_one_error_and_no_half_load(source, what, said, sandbox, settings, warehouse):
    place, stream = PLACES[source]
    fault(sandbox, source, path=place, times=-1, **what)
    with pytest.raises(SourceError, match=f"^{source}.{stream}: .*{said}") as caught:
        load(source, settings, warehouse, HASTE)
    message = str(caught.value)
    assert "BRAID_" in message or "later" in message
    assert not any(secret in message for secret in SECRETS)
    assert caught.value.__cause__ is None and caught.value.__context__ is None, "dlt's errors repeat rows and URLs"
    assert counts(warehouse, source) == {}

    httpx.delete(f"{sandbox.url}/_sandbox/faults")
    load(source, settings, warehouse, HASTE)
    assert counts(warehouse, source)[stream] == len(sandbox.vendors.by_name[source].streams[stream])


def test_a_fault_in_the_second_load_leaves_the_first(sandbox, settings, warehouse):
    load("zendesk", settings, warehouse, HASTE)
    before = counts(warehouse, "zendesk")
    user = next(iter(sandbox.vendors.by_name["zendesk"].streams["users"]))
    httpx.post(
        f"{sandbox.url}/_sandbox/rows",
        json={"vendor": "zendesk", "stream": "users", "key": user.key, "set": {"name": "Renamed"}},
    ).raise_for_status()
    fault(sandbox, "zendesk", path="satisfaction_ratings", kind="status", status=500, times=-1)
    with pytest.raises(SourceError, match="satisfaction_ratings"):
        load("zendesk", settings, warehouse, HASTE)
    assert counts(warehouse, "zendesk") == before

    httpx.delete(f"{sandbox.url}/_sandbox/faults")
    load("zendesk", settings, warehouse, HASTE)
    found = warehouse.read("select payload->>'name' as name from raw_zendesk.users where record_key = $1", (user.key,))
    assert found["name"].to_pylist() == ["Renamed"], "the cursor of the failed load must not count"


def test_wrong_credentials_of_the_token_endpoint(settings, warehouse):
    wrong = settings.salesforce.model_copy(update={"client_id": "wrong"})
    with pytest.raises(SourceError, match=r"^salesforce\.\w+: HTTP 400.*BRAID_SALESFORCE__CLIENT_ID"):
        load("salesforce", settings.model_copy(update={"salesforce": wrong}), warehouse, HASTE)


def test_a_field_that_the_organisation_does_not_have(sandbox, settings, warehouse):
    refusal = "No such column 'Loyalty_Number__c' on entity 'Contact'. Ask ada@example.com, +1 202 555 0100"
    from starlette.responses import JSONResponse

    vendor = sandbox.vendors.by_name["salesforce"]
    plain = vendor.failure
    vendor.failure = lambda status, retry_after=None: JSONResponse(
        [{"errorCode": "INVALID_FIELD", "message": refusal}], status
    )
    try:
        fault(sandbox, "salesforce", path="FROM+Contact", kind="status", status=400, times=-1)
        with pytest.raises(SourceError, match="INVALID_FIELD: No such column 'Loyalty_Number__c'") as caught:
            load("salesforce", settings, warehouse, HASTE)
    finally:
        vendor.failure = plain
    assert "ada@" not in str(caught.value) and "555" not in str(caught.value)


def test_an_unreachable_vendor(settings, warehouse):
    gone = settings.x.model_copy(update={"url": "http://127.0.0.1:9"})
    with pytest.raises(SourceError, match=r"^x\.mentions: the connection failed.*BRAID_X__URL"):
        load("x", settings.model_copy(update={"x": gone}), warehouse, HASTE)
