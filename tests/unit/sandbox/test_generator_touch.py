"""The systems that export files tell of the same people, and what they tell fits what happened to them."""

from __future__ import annotations

import re

import duckdb
import pyarrow.compute as pc
import pytest

from sandbox.generator import generate
from sandbox.records import truth, whole_truth
from sandbox.touch_tables import TOUCH_TABLES

PEOPLE = 2000


@pytest.fixture(scope="module")
def world():
    return generate(PEOPLE, seed=7)


@pytest.fixture(scope="module")
def ask(world):
    connection = duckdb.connect()
    for name, table in world.tables.items():
        connection.register(name, table)
    return lambda query: connection.execute(query).fetchone()[0]


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("touch_records", "record_id"),
        ("web_sessions", "session_id"),
        ("web_events", "event_id"),
        ("survey_answers", "answer_id"),
        ("brand_conversations", "conversation_id"),
        ("brand_messages", "message_id"),
        ("social_posts", "post_id"),
        ("calls", "call_id"),
        ("market_lines", "line_id"),
        ("loyalty_status", "record_id"),
        ("loyalty_points", "movement_id"),
        ("store_notes", "note_id"),
    ],
)
def test_keys_are_there_and_unique(world, table, key):
    column = world[table][key]
    assert column.null_count == 0
    assert pc.count_distinct(column).as_py() == len(column)


@pytest.mark.parametrize(
    ("table", "column", "parent", "key"),
    [
        ("web_sessions", "record_id", "touch_records", "record_id"),
        ("web_sessions", "user_id", "records", "native_id"),
        ("web_events", "session_id", "web_sessions", "session_id"),
        ("web_events", "product_id", "products", "product_id"),
        ("web_events", "order_id", "orders", "order_id"),
        ("survey_answers", "record_id", "touch_records", "record_id"),
        ("survey_answers", "order_id", "orders", "order_id"),
        ("survey_answers", "ticket_id", "tickets", "ticket_id"),
        ("brand_conversations", "record_id", "touch_records", "record_id"),
        ("brand_messages", "conversation_id", "brand_conversations", "conversation_id"),
        ("social_posts", "record_id", "touch_records", "record_id"),
        ("calls", "record_id", "touch_records", "record_id"),
        ("calls", "order_id", "orders", "order_id"),
        ("calls", "ticket_id", "tickets", "ticket_id"),
        ("market_lines", "record_id", "touch_records", "record_id"),
        ("market_lines", "product_id", "products", "product_id"),
        ("loyalty_status", "record_id", "records", "record_id"),
        ("loyalty_points", "record_id", "loyalty_status", "record_id"),
        ("loyalty_points", "order_id", "orders", "order_id"),
        ("store_notes", "record_id", "touch_records", "record_id"),
        ("touch_records", "linked_record_id", "records", "record_id"),
    ],
)
def test_references_find_their_row(world, table, column, parent, key):
    named = world[table][column].drop_null()
    assert len(named) > 0
    assert pc.all(pc.is_in(named, world[parent][key].combine_chunks())).as_py()


def test_two_million_interactions_come_of_57_000_people(world):
    web = world["web_events"]["name"]
    taken = pc.sum(
        pc.invert(pc.is_in(web, pc.unique(web).filter(pc.match_substring_regex(pc.unique(web), "^(beg|pur)"))))
    )
    vendors = (
        "orders", "checkouts", "returns", "ticket_comments", "direct_messages", "comments", "mentions",
        "campaign_members", "ratings",
    )  # fmt: skip
    files = ("survey_answers", "brand_messages", "social_posts", "calls", "market_lines", "loyalty_points")
    all_told = taken.as_py() + sum(world[name].num_rows for name in (*vendors, *files))
    assert 13 <= taken.as_py() / PEOPLE <= 20
    assert all_told / PEOPLE * 57_000 > 2_000_000


def test_a_web_order_that_analytics_saw_follows_its_session_and_its_cart(ask):
    seen = """
        from web_events p join web_sessions s using (session_id) join orders o using (order_id)
        where p.name = 'purchase'"""
    total = ask(f"select count(*) {seen}")
    assert total > 1000
    assert ask(f"select count(*) {seen} and s.started_at < o.ordered_at and p.occurred_at = o.ordered_at") == total
    bought = """
        select o.order_id, l.product_id from web_events p join orders o using (order_id)
        join order_lines l using (order_id) where p.name = 'purchase'"""
    in_cart = """
        select p.order_id, a.product_id from web_events p join web_events a using (session_id)
        where p.name = 'purchase' and a.name = 'add_to_cart' and a.occurred_at <= p.occurred_at"""
    assert ask(f"select count(*) from ({bought} except {in_cart})") == 0


def test_a_cart_comes_before_the_checkout(ask):
    carts = """
        select session_id, min(occurred_at) filter (name = 'add_to_cart') as cart,
            min(occurred_at) filter (name = 'begin_checkout') as checkout,
            min(occurred_at) as first, any_value(started_at) as started
        from web_events join web_sessions using (session_id) group by session_id"""
    assert ask(f"select count(*) from ({carts}) where checkout is not null") > 1000
    assert ask(f"select count(*) from ({carts}) where checkout is not null and (cart is null or cart > checkout)") == 0
    assert ask(f"select count(*) from ({carts}) where first <> started") == 0


def test_who_signs_in_is_the_one_who_browses(ask):
    signed = """
        from web_sessions s join touch_records t using (record_id)
        join records r on r.record_id = 'shopify:customer:' || s.user_id"""
    assert ask(f"select count(*) {signed} where t.person_id is not null and t.person_id <> r.person_id") == 0
    assert ask(f"select count(*) {signed} where s.signed_in_at < s.started_at") == 0
    shared = f"select record_id {signed} group by record_id having count(distinct r.person_id) > 1"
    assert ask(f"select count(*) from ({shared})") >= 10
    assert ask(f"select count(*) from ({shared}) join touch_records using (record_id) where person_id is not null") == 0


def test_many_browsers_stay_anonymous(ask):
    known = "select record_id from web_sessions group by record_id having count(user_id) = 0"
    share = ask(f"select count(*) from ({known})") / ask("select count(distinct record_id) from web_sessions")
    assert 0.4 < share < 0.8


def test_visits_come_from_campaigns(ask):
    assert ask("select count(*) from web_sessions where source = 'instagram' and campaign is not null") > 100
    mailed = """
        select count(*) from web_sessions where medium = 'email'
        and campaign in (select replace(lower(name), ' ', '_') from campaigns)"""
    assert ask(mailed) == ask("select count(*) from campaign_members where has_responded") > 100


def test_calls_follow_late_parcels(ask):
    about = "from calls join orders using (order_id)"
    assert ask(f"select count(*) {about}") > 20
    assert ask(f"select count(*) {about} where started_at < ordered_at + interval 7 day") == 0
    late = "select count(*) from calls where reason = 'Delivery' and started_at is not null"
    assert ask(late) > 50
    tickets = "from calls join tickets using (ticket_id)"
    assert ask(f"select count(*) {tickets} where abs(epoch(started_at) - epoch(created_at)) > 600") == 0


def test_scores_follow_what_happened(ask):
    score = "select avg(a.score) from survey_answers a"
    assert ask(f"{score} join ratings r using (ticket_id) where r.score = 'good'") > 1 + ask(
        f"{score} join ratings r using (ticket_id) where r.score = 'bad'"
    )
    days = "epoch(delivered_at) - epoch(ordered_at)"
    web = f"{score} join orders o using (order_id) where scale = 'csat_5'"
    assert ask(f"{web} and {days} < 5 * 86400") > 0.8 + ask(f"{web} and {days} > 8 * 86400")
    for scale, least, most in (("csat_5", 1, 5), ("csat_10", 1, 10), ("nps", 0, 10)):
        assert ask(f"select min(score) from survey_answers where scale = '{scale}'") >= least
        assert ask(f"select max(score) from survey_answers where scale = '{scale}'") == most
    assert ask("select count(*) from survey_answers where record_id is null") > 50
    assert ask("select count(*) from survey_answers where scale is null and comment is not null and score is null") > 5


def test_posts_sound_like_what_they_say(ask):
    tone = "select avg(sentiment) from social_posts where direction = 'inbound' and body like"
    assert ask(f"{tone} '%😍%'") > 0.6
    assert ask(f"{tone} '%late again%'") < -0.6
    assert ask("select count(*) from social_posts where sentiment not between -1 and 1") == 0
    assert ask("select count(*) from social_posts where type = 'listening'") > 50


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ("brand_messages", "direction = 'inbound'"),
        ("calls", "kind = 'sms' and direction = 'inbound'"),
        ("social_posts", "direction = 'inbound' and type = 'message'"),
    ],
)
def test_about_a_fifth_of_messages_names_an_order_an_email_or_a_phone(world, ask, table, where):
    names = r"regexp_matches(body, '#\d{4,}|@[a-z-]+\.[a-z]|\+\d{9,}')"
    share = ask(f"select avg(case when {names} then 1.0 else 0 end) from {table} where {where}")
    assert 0.08 < share < 0.32
    bodies = " ".join(body for body in world[table]["body"].to_pylist() if body)
    assert "{" not in bodies
    assert set(re.findall(r"#\d+", bodies)) <= set(world["orders"]["order_name"].to_pylist())


def test_who_writes_an_order_number_owns_the_order(ask):
    wrong = r"""
        select count(*) from calls c join touch_records t using (record_id)
        join orders o on o.order_name = regexp_extract(c.body, '#\d+') join records r on r.record_id = o.record_id
        where t.person_id is not null and r.person_id <> t.person_id"""
    assert ask(wrong) == 0


def test_some_customers_are_known_to_one_of_the_new_systems_only(world, ask):
    for system in ("gladly", "amazon"):
        of_system = f"select count(distinct person_id) from touch_records where system = '{system}'"
        assert ask(f"{of_system} and person_id not in (select person_id from people)") > 30
        assert ask(f"{of_system} and person_id in (select person_id from people)") > 100
    assert ask("select count(*) from touch_records where email like '%@marketplace.amazon.com'") > 100
    assert ask("select count(*) from touch_records where system = 'amazon' and email not like '%amazon.com'") > 50


def test_a_landline_is_nobodys(ask):
    several = """
        select count(*) from touch_records where system = 'contact_centre' and person_id is null"""
    assert ask(several) > 3
    assert ask("select count(*) from calls where record_id is null and number is null and kind = 'call'") > 3


def test_points_add_up(ask):
    off = """
        select count(*) from loyalty_status s left join (select record_id, sum(points) as moved from loyalty_points
        group by record_id) p using (record_id) where s.points <> coalesce(p.moved, 0) or s.points < 0"""
    assert ask(off) == 0
    assert ask("select count(*) from loyalty_points where points < 0") > 50
    assert ask("select count(*) from loyalty_status where member_since < timestamptz '2016-11-01'") > 10
    assert ask("select count(distinct tier) from loyalty_status") == 4
    earned = """
        from loyalty_points p join orders o using (order_id) join records r on r.record_id = o.record_id
        join records m on m.record_id = p.record_id"""
    assert ask(f"select count(*) {earned} where m.person_id <> r.person_id or p.moved_at <> o.ordered_at") == 0


def test_the_truth_covers_both_and_names_nobody_for_what_several_use(world):
    whole = whole_truth(world)
    assert whole.slice(0, world["records"].num_rows).equals(truth(world))
    assert whole["person_id"].null_count == 0
    assert pc.count_distinct(whole["record_id"]).as_py() == whole.num_rows
    touch = world["touch_records"]
    assert whole.num_rows == world["records"].num_rows + touch.num_rows - touch["person_id"].null_count


def test_only_tables_of_touch_have_come_on_top(world):
    assert set(TOUCH_TABLES) < set(world.tables)
