"""What vendors get wrong, through the whole journey: a named home for each bad row, and never a half-published run."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.end_to_end.conftest import Company

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


def _send(company: Company, what: str, body: dict[str, Any]) -> None:
    httpx.post(f"{company.sandbox_url}/_sandbox/{what}", json=body).raise_for_status()


def _rows(company: Company, query: str) -> list[dict[str, Any]]:
    return company.warehouse.read(query).to_pylist()


def test_bad_rows_are_quarantined_and_the_rest_is_published(small_company: Company) -> None:
    for vendor, stream, row, _ in BAD_RECORDS:
        _send(small_company, "rows", {"vendor": vendor, "stream": stream, "row": row})
    _send(small_company, "rows", {"vendor": "salesforce", "stream": "contacts", "row": BAD_VALUES})
    small_company.braid("run")

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
    assert "ada at lovelace" not in published[0]["document"]
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
