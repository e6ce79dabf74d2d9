"""The made-up world is well-typed, repeatable, and hangs together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from sandbox.generator import generate
from sandbox.world import TABLES, World

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return generate(2000, seed=7, as_of=AS_OF)


def test_holds_every_table_in_its_schema(world):
    assert {name: world[name].schema for name in world.tables} == TABLES
    assert all(world[name].num_rows > 0 for name in TABLES)
    for table in world.tables.values():
        table.validate(full=True)


def test_the_same_seed_gives_the_same_world():
    first, again = generate(300, seed=5), generate(300, seed=5)
    assert all(first[name].equals(again[name]) for name in TABLES)


def test_another_seed_gives_other_people():
    first, other = generate(300, seed=5), generate(300, seed=6)
    assert not any(first[name].equals(other[name]) for name in ("people", "records", "orders", "tickets"))


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("people", "person_id"),
        ("people", "email"),
        ("people", "phone"),
        ("people", "instagram_handle"),
        ("people", "x_handle"),
        ("records", "record_id"),
        ("products", "product_id"),
        ("orders", "order_id"),
        ("orders", "order_name"),
        ("order_lines", "order_line_id"),
        ("checkouts", "checkout_id"),
        ("returns", "return_id"),
        ("tickets", "ticket_id"),
        ("ticket_comments", "comment_id"),
        ("ratings", "rating_id"),
        ("conversations", "conversation_id"),
        ("direct_messages", "message_id"),
        ("media", "media_id"),
        ("comments", "comment_id"),
        ("mentions", "post_id"),
        ("campaigns", "campaign_id"),
        ("campaign_members", "campaign_member_id"),
    ],
)
def test_keys_are_there_and_unique(world, table, key):
    column = world[table][key]
    assert column.null_count == 0
    assert pc.count_distinct(column).as_py() == len(column)


@pytest.mark.parametrize(
    ("table", "column", "parent"),
    [
        ("records", "person_id", "people"),
        ("orders", "record_id", "records"),
        ("order_lines", "order_id", "orders"),
        ("order_lines", "product_id", "products"),
        ("checkouts", "record_id", "records"),
        ("checkout_lines", "checkout_id", "checkouts"),
        ("checkout_lines", "product_id", "products"),
        ("returns", "order_id", "orders"),
        ("tickets", "record_id", "records"),
        ("tickets", "order_id", "orders"),
        ("ticket_comments", "ticket_id", "tickets"),
        ("ticket_comments", "record_id", "records"),
        ("ratings", "ticket_id", "tickets"),
        ("conversations", "record_id", "records"),
        ("direct_messages", "conversation_id", "conversations"),
        ("comments", "media_id", "media"),
        ("mentions", "record_id", "records"),
        ("campaign_members", "campaign_id", "campaigns"),
        ("campaign_members", "record_id", "records"),
    ],
)
def test_references_find_their_row(world, table, column, parent):
    key = column if column in world[parent].column_names else "record_id"
    found = pc.is_in(world[table][column].drop_null(), world[parent][key].combine_chunks())
    assert pc.all(found).as_py()


def test_linked_records_are_of_the_same_person(world):
    records = world["records"]
    person = dict(zip(records["record_id"].to_pylist(), records["person_id"].to_pylist(), strict=True))
    links = records.filter(pc.is_valid(records["linked_record_id"])).to_pylist()
    assert links
    assert all(person[row["linked_record_id"]] == row["person_id"] for row in links)


def test_nothing_happens_after_now_or_before_its_record(world):
    for name, table in world.tables.items():
        for field in table.schema:
            if pa.types.is_timestamp(field.type) and field.name != "due_at":
                latest = pc.max(table[field.name]).as_py()
                assert latest is None or latest <= AS_OF, (name, field.name)
    made = dict(zip(*(world["records"][c].to_pylist() for c in ("record_id", "created_at")), strict=True))
    for name, at in (("orders", "ordered_at"), ("tickets", "created_at"), ("campaign_members", "created_at")):
        rows = zip(world[name]["record_id"].to_pylist(), world[name][at].to_pylist(), strict=True)
        assert all(record is None or made[record] <= moment for record, moment in rows), name


def test_two_years_of_behaviour_at_the_promised_density(world):
    people, records = world["people"].num_rows, world["records"].num_rows
    touchpoints = ("orders", "checkouts", "returns", "ticket_comments", "direct_messages", "comments", "mentions")
    interactions = sum(world[name].num_rows for name in (*touchpoints, "campaign_members", "ratings"))
    assert 3.0 <= records / people <= 4.0
    assert 10 <= interactions / people <= 20
    assert pc.min(world["orders"]["ordered_at"]).as_py() < AS_OF - timedelta(days=690)


def test_money_adds_up(world):
    lines = world["order_lines"]
    paid = lines.append_column("paid", pc.multiply(lines["quantity"], lines["unit_price"]))
    sums = paid.group_by("order_id").aggregate([("paid", "sum")])
    joined = world["orders"].join(sums, "order_id")
    total = pc.subtract(joined["paid_sum"], joined["discount"])
    assert np.allclose(total.to_numpy(), joined["total"].to_numpy(), atol=0.005)


def test_every_persons_phone_is_valid_in_its_country(world):
    for phone, country in zip(*(world["people"][c].to_pylist() for c in ("phone", "country")), strict=True):
        parsed = phonenumbers.parse(phone)
        assert phonenumbers.is_valid_number(parsed), phone
        assert phonenumbers.region_code_for_number(parsed) in {country, "GG", "JE", "IM"}, (phone, country)


def test_every_social_account_was_seen_somewhere(world):
    seen = set()
    for name in ("conversations", "comments", "mentions"):
        seen |= set(world[name]["record_id"].to_pylist())
    accounts = world["records"].filter(pc.is_in(world["records"]["system"], pa.array(["meta", "x"])))
    assert set(accounts["record_id"].to_pylist()) == seen


def test_bad_requests_say_what_to_do():
    with pytest.raises(ValueError, match="ask for 50 or more"):
        generate(3)
    with pytest.raises(ValueError, match="time zone"):
        generate(100, as_of=datetime(2026, 11, 1))  # noqa: DTZ001


def test_a_world_survives_being_saved(world, tmp_path):
    world.save(tmp_path)
    loaded = World.load(tmp_path)
    assert loaded.as_of == world.as_of
    assert all(loaded[name].equals(world[name]) for name in TABLES)
