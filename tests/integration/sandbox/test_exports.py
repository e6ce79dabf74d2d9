"""The exports are in the vendors' shapes, and Braid's ready mappings read them back as what happened."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pytest

from orchestration.sources.file_mapping import FileMapping, read_mapping
from orchestration.sources.file_payloads import raw_table_sql
from orchestration.sources.file_tables import connect, read
from orchestration.sources.files import paths
from sandbox.generator import generate
from sandbox.stories import DAY_ONE
from sandbox.stories import shop_events as shop
from sandbox.stories import talk_events as talk
from sandbox.stories.tale import Tale, moment
from sandbox.vendors.exports.folder import write_files
from sandbox.world import World


@pytest.fixture(scope="module")
def retailer() -> World:
    return generate(300, seed=7)


@pytest.fixture(scope="module")
def folder(retailer: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("files")
    assert write_files(retailer, written)
    return written


def rows(folder: Path, entry: FileMapping) -> Iterator[dict[str, Any]]:
    """What Braid makes of an entry's files."""
    for path in paths(folder, entry):
        with connect() as connection:
            columns = read(connection, path, entry)
            for row in connection.sql(raw_table_sql(entry, columns)).to_arrow_table().to_pylist():
                assert row["ingest_error"] is None
                yield json.loads(row["payload"])


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in read_mapping(folder).files:
        found[f"{entry.source}.{entry.stream}"] = list(rows(folder, entry))
    return found


def test_every_row_that_happened_is_read(retailer: World, told: dict[str, list[dict[str, Any]]]) -> None:
    events = pc.value_counts(retailer["web_events"]["name"]).to_pylist()
    web = {one["values"]: one["counts"] for one in events}
    shipped = pc.sum(pc.equal(retailer["market_lines"]["status"], "Shipped")).as_py()
    count = {stream: len(some) for stream, some in told.items()}
    assert count == {
        "ga4.sessions": web["session_start"],
        "ga4.product_views": web["view_item"],
        "ga4.cart_additions": web["add_to_cart"],
        "survey.survey_responses": retailer["survey_answers"].num_rows,
        "gladly.customers": pc.sum(pc.equal(retailer["touch_records"]["system"], "gladly")).as_py(),
        "gladly.conversations": retailer["brand_conversations"].num_rows,
        "gladly.messages": count["gladly.messages"],
        "gladly.calls": count["gladly.calls"],
        "gladly.notes": retailer["brand_messages"].num_rows - count["gladly.messages"] - count["gladly.calls"],
        "sprout.social_messages": retailer["social_posts"].num_rows,
        "contact_centre.contacts": retailer["calls"].num_rows,
        "amazon.order_lines": shipped,
        "loyalty.members": retailer["loyalty_status"].num_rows,
        "loyalty.points": retailer["loyalty_points"].num_rows,
        "store.notes": retailer["store_notes"].num_rows,
    }
    assert min(count.values()) > 0


def test_rows_name_the_records_of_the_world(retailer: World, told: dict[str, list[dict[str, Any]]]) -> None:
    known = {one for name in ("records", "touch_records") for one in retailer[name]["record_id"].to_pylist()}
    for stream, some in told.items():
        if stream in {"loyalty.members", "gladly.customers"}:
            named = {f"{row['source']}:{row['entity']}:{row['native_id']}" for row in some}
        else:
            named = {row["record_id"] for row in some if row["record_id"]}
        assert named and named <= known, stream


def test_web_events_tell_what_happened(retailer: World, told: dict[str, list[dict[str, Any]]]) -> None:
    views = {(row["record_id"], row["product_id"], row["occurred_at"][:19]) for row in told["ga4.product_views"]}
    sessions = {row["session_id"]: row for row in retailer["web_sessions"].to_pylist()}
    happened = {
        (sessions[row["session_id"]]["record_id"], row["product_id"], row["occurred_at"].isoformat()[:19])
        for row in retailer["web_events"].to_pylist()
        if row["name"] == "view_item"
    }
    assert views == happened
    visits = told["ga4.sessions"]
    assert {row["utm_source"] for row in visits} == set(retailer["web_sessions"]["source"].to_pylist())
    assert {row["campaign"] for row in visits} == set(retailer["web_sessions"]["campaign"].to_pylist())
    signed = [row for stream in ("sessions", "product_views", "cart_additions") for row in told[f"ga4.{stream}"]
              if row["external_ids"]]  # fmt: skip
    assert 0.1 < len(signed) / (len(visits) + len(views)) < 0.6
    ids = {f"shopify:customer:{one}" for one in retailer["web_sessions"]["user_id"].drop_null().to_pylist()}
    assert {row["external_ids"][0] for row in signed} <= ids


def test_a_line_of_the_export_is_as_bigquery_writes_it(folder: Path) -> None:
    files = sorted((folder / "ga4").iterdir())
    assert len(files) > 20
    lines = [json.loads(line) for line in files[-1].read_text().splitlines()]
    view = next(line for line in lines if line["event_name"] == "view_item")
    assert view["event_timestamp"].isdigit() and len(view["event_timestamp"]) == 16
    assert files[-1].stem == f"events_{view['event_date'][:6]}"
    assert view["items"][0].keys() == {"item_id", "item_name", "item_category", "price", "quantity"}
    keys = {one["key"] for line in lines for one in line["event_params"]}
    assert {"ga_session_id", "page_location", "source", "medium", "campaign", "currency", "value"} <= keys
    assert None not in view.values()


def test_scores_and_consents_and_tiers_come_through(retailer: World, told: dict[str, list[dict[str, Any]]]) -> None:
    scales = {row["rating_scale"] for row in told["survey.survey_responses"]}
    assert scales == {"csat_5", "csat_10", "nps", None}
    members = {row["native_id"]: row for row in told["loyalty.members"]}
    by_record = {row["record_id"]: row for row in retailer["loyalty_status"].to_pylist()}
    for row in retailer["records"].to_pylist():
        if row["system"] == "loyalty":
            member, status = members[row["native_id"]], by_record[row["record_id"]]
            assert member["email_marketing_consent"] == {"granted": True, "denied": False}.get(row["email_consent"])
            assert (member["loyalty_tier"], int(member["loyalty_points"])) == (status["tier"], status["points"])
            assert member["member_since"] == status["member_since"].date().isoformat()
            assert member["former_family_names"] == ([row["former_family_name"]] if row["former_family_name"] else [])
            assert len(member["handles"]) == sum(bool(row[f"{name}_handle"]) for name in ("instagram", "x"))


def test_a_second_export_changes_no_file(retailer: World, folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
    write_files(retailer, folder)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()} == before


def test_a_system_with_nothing_to_tell_has_no_line_in_the_mapping(tmp_path: Path) -> None:
    tale = Tale("t")
    assert not write_files(tale.world(DAY_ONE), tmp_path)
    assert not list(tmp_path.iterdir())
    ann = tale.person("Ann", phone="+12125550101")
    talk.texts(tale, ann.known_to("contact_centre:caller", moment("2026-01-02"), "phone"), moment("2026-01-02"), "Hi")
    ann.known_to("loyalty:member", moment("2026-01-02"), "given_name")
    assert write_files(tale.world(DAY_ONE), tmp_path)
    assert [(entry.source, entry.stream) for entry in read_mapping(tmp_path).files] == [
        ("loyalty", "members"),
        ("contact_centre", "contacts"),
    ]


def test_words_that_would_break_a_line_do_not(tmp_path: Path) -> None:
    tale, odd = Tale("t"), shop.Product("8900000000009", 'A 19" "Slim"\\Fit, new', "Menswear", 10.0)
    tale.happens(moment("2026-01-01"), "products", "9", product_id=odd.product_id, title=odd.title, category="A\tB",
                 price=10.0, sku="S\t1")  # fmt: skip
    ann = tale.person("Ann", email="ann@example.com")
    shop.visits_site(tale, ann.known_to("ga4:client", moment("2026-01-02")), moment("2026-01-02"), views=[odd])
    client = ann.known_to("store:client", moment("2026-01-02"), "email")
    talk.comes_in(tale, client, moment("2026-01-03"), 'Said "maybe",\nthen left.', product=odd)
    buyer = ann.known_to("amazon:buyer", moment("2026-01-03"), "email")
    tale.happens(moment("2026-01-03"), "market_lines", "1", line_id="1", market_order_id="111-1", record_id=buyer,
                 product_id=odd.product_id, quantity=2, unit_price=10.0, status="Shipped",
                 ordered_at=moment("2026-01-03"))  # fmt: skip
    write_files(tale.world(DAY_ONE), tmp_path)
    found = {f"{entry.source}.{entry.stream}": list(rows(tmp_path, entry)) for entry in read_mapping(tmp_path).files}
    assert [row["product_title"] for row in found["ga4.product_views"]] == [odd.title]
    assert [row["body"] for row in found["store.notes"]] == ['Said "maybe",\nthen left.']
    assert [(row["amount"], row["product_id"]) for row in found["amazon.order_lines"]] == [("20", "S 1")]


def test_the_report_of_the_marketplace_is_plain_tabs(folder: Path) -> None:
    options = pa_csv.ParseOptions(delimiter="\t", quote_char=False)
    report = pa_csv.read_csv(folder / "amazon" / "orders.txt", parse_options=options)
    assert report.column_names[:3] == ["amazon-order-id", "merchant-order-id", "shipment-id"]
    assert pc.min(report["item-price"]).as_py() > 0
    assert pc.all(pc.is_null(report["merchant-order-id"])).as_py()
