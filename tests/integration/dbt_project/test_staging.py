"""Staging and identity records over hand-made raw rows: each has a typed home or a reason, and the counts reconcile."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from identity.contract import IDENTITY_RECORDS
from orchestration.warehouse import Warehouse


def quarantine(warehouse: Warehouse, source: str, stream: str) -> set[tuple[str, str, str | None]]:
    rows = warehouse.read(
        "select record_key, scope, field from staging.quarantine where source = $1 and stream = $2", (source, stream)
    ).to_pylist()
    return {(row["record_key"].split(":")[0], row["scope"], row["field"]) for row in rows}


def one(warehouse: Warehouse, query: str, *parameters: object) -> dict[str, Any]:
    rows = warehouse.read(query, parameters).to_pylist()
    assert len(rows) == 1, rows
    return rows[0]


def test_bad_contacts_are_quarantined_by_row_or_by_value(staged: Warehouse) -> None:
    assert quarantine(staged, "salesforce", "contacts") == {
        ("birth", "value", "birth_date"),
        ("name", "value", "given_name"),
        ("name", "value", "email"),
        ("created", "value", "created_at"),
        ("missing", "record", None),
    }
    rows = staged.read(
        "select reason, payload::text as payload from staging.quarantine where record_key like 'missing%'"
    )
    assert sorted(rows["reason"].to_pylist()) == ["not a JSON object", "the record has no id"]
    assert any("cut off" in payload for payload in rows["payload"].to_pylist())


def test_a_left_out_value_is_null_and_the_person_stays(staged: Warehouse) -> None:
    row = one(staged, "select * from staging.stg_salesforce__contacts where contact_id = 'name'")
    assert row["record_id"] == "salesforce:contact:name"
    assert row["given_name"] is None
    assert row["email"] is None


def test_bad_orders_and_lines_are_quarantined(staged: Warehouse) -> None:
    assert quarantine(staged, "shopify", "orders") == {
        ("2", "value", "line_items[2]"),
        ("2", "value", "line_items[3]"),
        ("3", "value", "shopify_customer_id"),
        ("4", "record", "created_at"),
        ("5", "record", "total_amount"),
    }
    lines = staged.read("select order_line_id from staging.stg_shopify__order_lines order by 1")
    assert lines["order_line_id"].to_pylist() == ["1", "2", "3"]
    channels = staged.read("select channel from staging.stg_shopify__orders order by order_id")
    assert channels["channel"].to_pylist() == ["store", "instagram", "web"]


def test_bad_rows_of_the_other_vendors_are_quarantined(staged: Warehouse) -> None:
    assert quarantine(staged, "zendesk", "users") == {("4", "record", "role")}
    assert quarantine(staged, "zendesk", "user_identities") == {("4", "record", "value")}
    assert quarantine(staged, "zendesk", "tickets") == {("2", "record", "requester_id")}
    assert quarantine(staged, "meta", "conversations") == {("t2", "record", "participant_ids")}
    assert quarantine(staged, "x", "direct_messages") == {("2", "record", "event_type")}


def test_reasons_never_repeat_the_value(staged: Warehouse) -> None:
    reasons = " ".join(staged.read("select reason from staging.quarantine")["reason"].to_pylist())
    for value in ("2025-02-30", "a@example.com", "yesterday", "robot", "two"):
        assert value not in reasons


def test_who_wrote_and_which_side_is_the_customer(staged: Warehouse) -> None:
    comments = staged.read("select direction, record_id, channel from staging.stg_zendesk__ticket_comments order by 1")
    assert comments.to_pylist() == [
        {"direction": "inbound", "record_id": "zendesk:user:1", "channel": "chat"},
        {"direction": "outbound", "record_id": None, "channel": "chat"},
    ]
    messages = staged.read("select direction, record_id from staging.stg_meta__messages order by message_id")
    assert messages.to_pylist() == [
        {"direction": "inbound", "record_id": "meta:instagram_user:9"},
        {"direction": "outbound", "record_id": "meta:instagram_user:9"},
    ]
    direct = one(staged, "select direction, record_id from staging.stg_x__direct_messages")
    assert direct == {"direction": "outbound", "record_id": "x:user:9"}


def test_identity_records_are_the_customers_and_nobody_else(staged: Warehouse) -> None:
    records = staged.read("select record_id from identity.identity_records")
    assert sorted(records["record_id"].to_pylist()) == [
        "meta:instagram_user:9",
        "salesforce:contact:birth",
        "salesforce:contact:created",
        "salesforce:contact:good",
        "salesforce:contact:name",
        "salesforce:lead:lead",
        "x:user:9",
        "zendesk:user:1",
        "zendesk:user:5",
    ]


def test_a_contact_as_identity_reads_it(staged: Warehouse) -> None:
    row = one(staged, "select * from identity.identity_records where record_id = 'salesforce:contact:good'")
    assert row["full_name"] == "Ada Lovelace"
    assert row["former_family_names"] == ["Byron"]
    assert row["phones"] == ["1"]
    assert row["handles"] == ["instagram:ada.l"]
    assert row["external_ids"] == ["shopify:customer:7"]
    assert row["country"] == "GB"
    assert str(row["birth_date"]) == "2000-02-29"
    assert row["updated_at"].isoformat() == "2025-02-01T10:00:00+00:00"
    lead = one(staged, "select * from identity.identity_records where record_id = 'salesforce:lead:lead'")
    assert lead["external_ids"] == ["salesforce:contact:good"]
    assert lead["country"] == "US"


def test_the_echo_of_our_own_sync_moves_no_help_desk_user(staged: Warehouse) -> None:
    row = one(staged, "select * from identity.identity_records where record_id = 'zendesk:user:1'")
    assert row["emails"] == ["a.l@example.com", "ada@example.com"]
    assert row["handles"] == ["x:adal"]
    assert row["external_ids"] == ["shopify:customer:7"]
    assert row["language"] == "en"
    # The identities' moment; the user's own updated_at, which our sync moves, is later (decision 0003).
    assert row["updated_at"].isoformat() == "2025-04-01T00:00:00+00:00"
    bare = one(staged, "select external_ids from identity.identity_records where record_id = 'zendesk:user:5'")
    assert bare["external_ids"] == ["shopify:customer:9"]


def test_identity_records_have_the_columns_of_the_contract(staged: Warehouse) -> None:
    table = staged.read("select * from identity.identity_records")
    assert table.column_names == IDENTITY_RECORDS.names
    assert [field.type for field in table.schema] == [field.type for field in IDENTITY_RECORDS]


def test_staging_models_have_the_columns_of_the_architecture_page(staged: Warehouse) -> None:
    page = (Path(__file__).parents[3] / "docs" / "architecture.md").read_text()
    rows = re.findall(r"^\| `(stg_\w+)` \| (.*) \|$", page, re.MULTILINE)
    assert len(rows) == 31
    for model, cell in rows:
        said = re.sub(r"\([^()]*\)", "", cell)
        found = staged.read(f"select * from staging.{model} limit 0").column_names
        assert found == [re.split(r"[ (]", name.strip())[0] for name in said.split(",")], model


def test_counts_reconcile_and_an_absent_source_reads_as_empty(staged: Warehouse) -> None:
    counts = staged.read("select * from staging.stream_counts").to_pylist()
    assert len(counts) == 25
    by_stream = {(row["source"], row["stream"]): row for row in counts}
    assert by_stream["salesforce", "contacts"] == {
        "source": "salesforce",
        "stream": "contacts",
        "raw_rows": 7,
        "staged_rows": 5,
        "quarantined_rows": 2,
    }
    assert by_stream["files", "people"]["raw_rows"] == 0


def test_a_row_that_vanishes_between_raw_and_staging_fails_the_build(
    staged: Warehouse, dbt: Callable[..., Any]
) -> None:
    """The reconciliation reads raw itself: deleting a fit row from a base model must turn it red."""
    with staged.connect() as connection:
        connection.execute("delete from staging.base_x__users where record_key = '9'")
        connection.execute(
            "update staging.stream_counts set staged_rows = (select count(*) from staging.stg_x__users) "
            "where source = 'x' and stream = 'users'"
        )
    try:
        done = dbt(staged, "test", "--select", "every_raw_row_is_staged_or_quarantined")
        assert done.returncode == 1
        assert "FAIL 1 every_raw_row_is_staged_or_quarantined" in done.stdout
    finally:
        assert dbt(staged, "build", "--select", "base_x__users+", "--exclude", "identity_records+").returncode == 0


def test_the_casting_rules_hold(warehouse: Warehouse, dbt: Callable[..., Any]) -> None:
    done = dbt(warehouse, "test", "--select", "models/staging,test_type:unit")
    assert done.returncode == 0, done.stdout
    assert "5 unit tests" in done.stdout
