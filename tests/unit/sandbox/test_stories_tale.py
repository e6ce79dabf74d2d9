"""A tale is a world by hand: what had happened by a day, with ids of its own."""

from __future__ import annotations

from datetime import datetime

import pyarrow.compute as pc
import pytest

from sandbox.generator import generate
from sandbox.records import identity_records
from sandbox.stories import DAY_ONE, DAY_TWO, STORIES, retailer, together
from sandbox.stories import shop_events as shop
from sandbox.stories import talk_events as talk
from sandbox.stories.tale import Tale, TaleError, later, moment
from sandbox.world import TABLES


def test_a_world_of_a_day_holds_what_had_happened_by_then():
    tale = Tale("t")
    ann = tale.person("Ann", family_name="Ode", email="ann@example.com")
    account = ann.known_to("shopify:customer", moment("2026-01-01"), "given_name", "email", email_consent="granted")
    bought = moment("2026-03-01", "10:00")
    order = shop.buys(
        tale, account, bought, [shop.GAME], shipped=later(bought, days=1), delivered=later(bought, days=3)
    )
    assert tale.world(moment("2025-12-31"))["records"].num_rows == 0
    assert tale.world(later(bought, minutes=-1))["orders"].num_rows == 0
    (fresh,) = tale.world(later(bought, hours=1))["orders"].to_pylist()
    assert (fresh["fulfilment_status"], fresh["delivered_at"], fresh["updated_at"]) == ("UNFULFILLED", None, bought)
    (done,) = tale.world(later(bought, days=9))["orders"].to_pylist()
    assert (done["fulfilment_status"], done["delivered_at"]) == ("FULFILLED", later(bought, days=3))
    assert done["updated_at"] == later(bought, days=3)
    assert done["order_name"] == order.name
    (record,) = tale.world(bought)["records"].to_pylist()
    assert record["record_id"] == account
    assert (record["person_id"], record["given_name"], record["email_consent"]) == ("S-t-ann", "Ann", "granted")


def test_a_ticket_lives_through_its_turns():
    tale = Tale("t")
    ann = tale.person("Ann")
    user = ann.known_to("zendesk:user", moment("2026-01-01"), full_name="Ann")
    opened = moment("2026-02-01", "09:00")
    talk.asks_for_help(
        tale, user, opened, [("customer", "Hello?"), ("agent", "Hello!"), ("customer", "Thanks")],
        channel="chat", subject="Hello", solved=later(opened, days=1), score="good",
    )  # fmt: skip
    seen = [tale.world(later(opened, minutes=minutes))["tickets"].to_pylist()[0] for minutes in (1, 5, 9, 2000)]
    assert [row["status"] for row in seen] == ["new", "pending", "open", "solved"]
    assert [row["replies"] for row in seen] == [0, 1, 1, 1]
    assert seen[0]["first_reply_at"] is None
    assert seen[1]["first_reply_at"] == later(opened, minutes=4)
    assert tale.world(later(opened, days=2))["ratings"]["score"].to_pylist() == ["good"]


def test_what_a_tale_cannot_mean_is_said():
    tale = Tale("t")
    ann = tale.person("Ann")
    with pytest.raises(TaleError, match="told already"):
        tale.person("Ann")
    with pytest.raises(TaleError, match="no trait"):
        tale.person("Bo", shoe_size=40)
    with pytest.raises(TaleError, match="says no email"):
        ann.known_to("shopify:customer", moment("2026-01-01"), "email")
    with pytest.raises(TaleError, match="no system knows a shopify:till"):
        ann.known_to("shopify:till", moment("2026-01-01"))
    with pytest.raises(TaleError, match="no column shoe_size"):
        ann.known_to("shopify:customer", moment("2026-01-01"), shoe_size=40)
    with pytest.raises(TaleError, match="no time zone"):
        ann.known_to("shopify:customer", datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(TaleError, match="cannot sign in"):
        shop.visits_site(tale, "ga4:client:1", moment("2026-01-01"), signed_in="loyalty:member:1")
    with pytest.raises(TaleError, match="a letter"):
        Tale("ab")


@pytest.mark.parametrize("letter", STORIES)
def test_a_story_is_whole(letter):
    story = STORIES[letter]()
    for day, as_of in ((1, DAY_ONE), (2, DAY_TWO)):
        world = story.world(day)
        assert world.as_of == as_of
        assert {name: table.schema for name, table in world.tables.items()} == TABLES
        known = set(world["records"]["record_id"].to_pylist()) | set(world["touch_records"]["record_id"].to_pylist())
        assert set().union(*story.truth().values()) == known
        for table in ("orders", "checkouts", "calls", "store_notes", "web_sessions", "tickets", "mentions"):
            assert set(world[table]["record_id"].drop_null().to_pylist()) <= known
        assert set(world["order_lines"]["product_id"].to_pylist()) <= set(world["products"]["product_id"].to_pylist())


def test_the_second_day_brings_what_the_stories_say():
    by_day = {letter: [tell().world(day) for day in (1, 2)] for letter, tell in STORIES.items()}
    orders = {letter: [world["orders"].num_rows for world in worlds] for letter, worlds in by_day.items()}
    assert orders["b"] == [2, 3]
    assert orders["e"] == [0, 1]
    assert [world["calls"].num_rows for world in by_day["d"]] == [2, 3]
    statuses = [world["tickets"]["status"].to_pylist() for world in by_day["c"]]
    assert statuses == [["open"], ["solved"]]


def test_stories_and_generated_people_share_one_retailer():
    stories = [tell() for tell in STORIES.values()]
    world, generated = retailer(stories, day=2), generate(60, 7, DAY_ONE)
    assert world.as_of == DAY_TWO
    assert world["people"].num_rows == generated["people"].num_rows + sum(len(story.people) for story in stories)
    assert pc.count_distinct(world["products"]["product_id"]).as_py() == world["products"].num_rows
    assert identity_records(world).num_rows == world["records"].num_rows
    assert retailer(stories, filler=0)["people"].num_rows == sum(len(story.people) for story in stories)


def test_two_worlds_with_one_id_are_refused():
    with pytest.raises(ValueError, match="one record_id in records"):
        retailer([STORIES["a"](), STORIES["a"]()], filler=0)
    with pytest.raises(ValueError, match="no world"):
        together([])
