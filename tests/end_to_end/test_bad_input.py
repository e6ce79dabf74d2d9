"""What vendors get wrong, through the whole journey: a named home for each bad row, and never a half-published run."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from orchestration.warehouse import Warehouse
from tests.end_to_end.conftest import Company, company
from tests.integration.dbt_project.conftest import database

pytestmark = pytest.mark.slow


def _order(number: str, *, amount: str = "10.00", created: str = "2026-10-31T10:00:00Z") -> dict[str, Any]:
    return {
        "legacyResourceId": number,
        "createdAt": created,
        "updatedAt": "2026-10-31T10:00:00Z",
        "totalPriceSet": {"shopMoney": {"amount": amount, "currencyCode": "USD"}},
    }


# (vendor, stream, the vendor's row as sent, what the quarantine says of it)
BAD_RECORDS: list[tuple[str, str, dict[str, Any], str]] = [
    ("shopify", "customers", {"firstName": "Ada", "updatedAt": "2026-10-31T10:00:00Z"}, "no id"),
    ("shopify", "orders", _order("990001", amount="a lot"), "amount"),
    ("shopify", "orders", _order("990002", created="2025-02-30T10:00:00Z"), "createdAt"),
]
BAD_VALUES = {
    "Id": "003BADVALUES",
    "FirstName": "Ada",
    "LastName": "Lovelace",
    "Email": "ada at lovelace",
    "Phone": "+1 99",
    "Birthdate": "1990-02-31",
    "Favourite_Colour__c": "green",
    "CreatedDate": "2026-10-31T10:00:00.000+0000",
    "SystemModstamp": "2026-10-31T10:00:00.000+0000",
}


GA4_EVENT = {
    "event_date": "20261031",
    "event_timestamp": "1793440800000000",
    "event_name": "session_start",
    "event_params": [{"key": "ga_session_id", "value": {"int_value": "77"}}],
    "user_pseudo_id": "BAD.1",
    "platform": "WEB",
}
# (file, what is added to it): the good row of each file must come through beside the bad ones.
BAD_LINES: list[tuple[str, list[str]]] = [
    (
        "ga4/events_202610.jsonl",
        [
            json.dumps(GA4_EVENT),
            json.dumps({**GA4_EVENT, "user_pseudo_id": "BAD.2", "event_timestamp": "soon"}),
            json.dumps({**GA4_EVENT, "user_pseudo_id": "BAD.3", "event_name": "scroll"}),
            '{"event_name": "session_start", "event_timest',
        ],
    ),
    (
        "survey/responses.csv",
        [
            "BADS1,2026-10-31T10:00:00Z,Store exit,store,store,CSAT 1-5,4,,,bad.survey@letterbox.example,,,",
            "BADS2,2025-02-30T10:00:00Z,Store exit,store,store,CSAT 1-5,4,,,,,,",
            "BADS3,2026-10-31T10:00:00Z,Store exit,store,store,CSAT 1-5,lots,,,,,,",
            "BADS4,2026-10-31T10:00:00Z,Store exit,store,store,stars,4,,,,,,",
        ],
    ),
]
BAD_MEMBERS: list[dict[str, str]] = [
    {
        "member_number": "BADM1",
        "first_name": "Ada",
        "email": "bad.member@letterbox.example",
        "birth_date": "1990-02-31",
    },
    {"member_number": "", "first_name": "Nobody", "email": "no.number@letterbox.example"},
    {"member_number": "BADM2", "first_name": "Bo", "email": "bo at letterbox", "points_balance": "many"},
]
BAD_IN_FILES = {
    ("interactions", "record", "occurred_at"): 2,
    ("interactions", "record", "not a JSON object"): 1,
    ("interactions", "value", "rating"): 1,
    ("interactions", "value", "rating_scale"): 1,
    ("people", "record", "no id"): 1,
    ("people", "value", "birth_date"): 1,
    ("people", "value", "loyalty_points"): 1,
}


def _append(company: Company) -> None:
    """Bad rows beside good ones, in the vendors' own files."""
    for name, lines in BAD_LINES:
        with (company.files / name).open("a", newline="\n") as file:
            file.write("\n".join(lines) + "\n")
    members = company.files / "loyalty" / "members.csv"
    with members.open(newline="") as file:
        header = next(csv.reader(file))
    with members.open("a", newline="") as file:
        csv.DictWriter(file, header, restval="").writerows(BAD_MEMBERS)


def _send(company: Company, what: str, body: dict[str, Any]) -> None:
    httpx.post(f"{company.sandbox_url}/_sandbox/{what}", json=body).raise_for_status()


def _rows(company: Company, query: str) -> list[dict[str, Any]]:
    return company.warehouse.read(query).to_pylist()


def _serves_nothing_that_reaches_nobody(company: Company, document: str, *values: str) -> None:
    """What is no address or number is shown to whoever mends it, as that, and serves for nothing else."""
    profile = json.loads(document)
    shown = {point["value"]: point for point in profile.pop("contact_points") if point["value"] in values}
    assert shown.keys() == set(values)
    for point in shown.values():
        assert (point["type"], point["is_primary"], point["is_verified"]) == ("unreachable", False, False)
        assert point["unreachable_reason"]
    assert not any(value in json.dumps(profile) for value in values)
    found = _rows(company, "select match_key as value from activation.profile_identifiers")
    assert not {row["value"] for row in found} & set(values), "nobody is found by it"
    written = "".join(path.read_text() for path in Path(company.home, "outbox").iterdir())
    assert not any(value in written for value in values)


@dataclass(frozen=True)
class AfterRun:
    """A company after its one run, and what the run printed."""

    company: Company
    output: str


@pytest.fixture(scope="module")
def after_bad_input(postgres: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AfterRun]:
    """A company whose vendors and files hold bad rows; tests only look at it."""
    home = tmp_path_factory.mktemp("bad_input") / "braid"
    with (
        database(postgres, f"bad_input_{os.getpid()}") as warehouse,
        company(home, warehouse, people=150, seed=3) as opened,
    ):
        for vendor, stream, row, _ in BAD_RECORDS:
            _send(opened, "rows", {"vendor": vendor, "stream": stream, "row": row})
        _send(opened, "rows", {"vendor": "salesforce", "stream": "contacts", "row": BAD_VALUES})
        _append(opened)
        yield AfterRun(opened, opened.braid("run"))


def test_bad_rows_are_quarantined_and_the_rest_is_published(after_bad_input: AfterRun) -> None:
    small_company = after_bad_input.company
    for vendor, stream, _, reason in BAD_RECORDS:
        found = _rows(
            small_company,
            f"select reason, payload from staging.quarantine "
            f"where source = '{vendor}' and stream = '{stream}' and scope = 'record'",
        )
        assert any(reason in row["reason"] for row in found), (vendor, stream, found)
        assert all(row["payload"] for row in found)
    values = _rows(
        small_company,
        "select field from staging.quarantine where record_key = '003BADVALUES' and scope = 'value'",
    )
    assert values == [{"field": "birth_date"}]
    rejected = _rows(
        small_company,
        "select kind from identity.rejected_identifiers where record_id = 'salesforce:contact:003BADVALUES' order by 1",
    )
    assert rejected == [{"kind": "email"}, {"kind": "phone"}]
    published = _rows(
        small_company,
        "select document from activation.profiles as p join identity.record_customers using (customer_id) "
        "where record_id = 'salesforce:contact:003BADVALUES'",
    )
    assert len(published) == 1
    _serves_nothing_that_reaches_nobody(small_company, published[0]["document"], "ada at lovelace", "+1 99")
    unbalanced = _rows(
        small_company, "select * from staging.stream_counts where raw_rows <> staged_rows + quarantined_rows"
    )
    assert unbalanced == []


def test_a_refused_source_publishes_nothing_and_says_why_once(small_company: Company) -> None:
    small_company.braid("run")
    before = small_company.state("golden", "marts", "segments", "activation")
    _send(
        small_company,
        "rows",
        {"vendor": "salesforce", "stream": "contacts", "row": {**BAD_VALUES, "Email": "ada@lovelace.example"}},
    )
    _send(
        small_company, "faults", {"vendor": "shopify", "path": "graphql", "kind": "status", "status": 401, "times": -1}
    )
    process = small_company.start("run")
    output, _ = process.communicate(timeout=600)
    assert process.returncode == 1
    assert output.count("HTTP 401") == 1, output
    assert "BRAID_SHOPIFY__ACCESS_TOKEN" in output
    assert small_company.environment["BRAID_SHOPIFY__ACCESS_TOKEN"] not in output
    assert small_company.state("golden", "marts", "segments", "activation") == before

    httpx.delete(f"{small_company.sandbox_url}/_sandbox/faults").raise_for_status()
    for fault in (
        {"vendor": "shopify", "path": "graphql", "kind": "status", "status": 429, "retry_after": 1, "times": 1},
        {"vendor": "salesforce", "path": "query", "kind": "status", "status": 500, "times": 1},
        {"vendor": "zendesk", "path": "users", "kind": "reset", "times": 1},
        {"vendor": "meta", "path": "conversations", "kind": "truncate", "times": 1},
    ):
        _send(small_company, "faults", fault)
    small_company.braid("run")
    assert small_company.state("golden", "marts", "segments", "activation") != before


def test_bad_rows_of_files_are_quarantined_and_the_rest_is_published(after_bad_input: AfterRun) -> None:
    small_company, output = after_bad_input.company, after_bad_input.output
    found = _rows(
        small_company,
        """
        select stream, scope, coalesce(field, reason) as what, count(*)::int as n
        from staging.quarantine
        where source = 'files'
        group by 1, 2, 3
        """,
    )
    assert {(row["stream"], row["scope"], row["what"]): row["n"] for row in found} == BAD_IN_FILES
    assert _rows(small_company, "select 1 from staging.quarantine where payload is null or reason is null") == []
    kept = _rows(
        small_company,
        "select record_id, interaction_id from staging.stg_files__interactions "
        "where interaction_id like 'survey:response:BADS%' or record_id = 'ga4:client:BAD.1' order by interaction_id",
    )
    assert [row["interaction_id"].split(":")[2] for row in kept if row["interaction_id"].startswith("survey")] == [
        "BADS1",
        "BADS3",
        "BADS4",
    ]
    assert sum(row["record_id"] == "ga4:client:BAD.1" for row in kept) == 1
    members = _rows(
        small_company,
        "select document from golden.profiles as p join identity.record_customers using (customer_id) "
        "where record_id in ('loyalty:member:BADM1', 'loyalty:member:BADM2') order by record_id",
    )
    assert len(members) == 2
    _serves_nothing_that_reaches_nobody(small_company, members[1]["document"], "bo at letterbox")
    unbalanced = _rows(
        small_company, "select * from staging.stream_counts where raw_rows <> staged_rows + quarantined_rows"
    )
    assert unbalanced == []
    assert "staging.quarantine" in output, "the summary tells where bad rows are"
    assert "letterbox.example" not in output
