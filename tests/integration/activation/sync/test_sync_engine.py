"""The engine against a tool in memory: what is sent, in which order, and what is remembered of it."""

from __future__ import annotations

import pytest

from activation.sync.block import SyncBlock
from activation.sync.engine import run_sync
from activation.sync.history import syncs
from activation.sync.planning import plan_sync
from tests.integration.activation.sync.newsletter import NEWSLETTER, agreed, newsletter, published, state
from tests.integration.activation.sync.pretend_tool import PretendTool


def test_who_is_permitted_is_sent_with_fields(three) -> None:
    tool = PretendTool()
    report = run_sync(three.connection, NEWSLETTER, tool)
    assert (report.plan.added, report.acknowledged, report.sent) == (3, 3, 3)
    assert tool.people == {
        f"c{number}@mail.org": {"value": 10.5, "persona": "loyalist", "vip": True} for number in (1, 2, 3)
    }
    assert report.plan.left_out == {"consent_denied": 1}
    assert {name: str(kind) for name, kind in tool.prepared.items()} == {
        "value": "number",
        "persona": "text",
        "vip": "boolean",
    }
    assert state(three)[0] == ("c1", False, [{"email": "c1@mail.org"}], None)


def test_a_second_sync_asks_the_tool_for_nothing_and_writes_nothing(three) -> None:
    tool = PretendTool()
    run_sync(three.connection, NEWSLETTER, tool)
    tool.calls.clear()
    published(three)
    report = run_sync(three.connection, NEWSLETTER, tool)
    assert (report.sent, report.plan.unchanged) == (0, 3)
    assert tool.calls == []
    assert len(syncs(three.connection, "newsletter")) == 1


def test_a_profile_that_changed_elsewhere_makes_no_row(three) -> None:
    tool = PretendTool()
    run_sync(three.connection, NEWSLETTER, tool)
    three.execute("update golden.customers set city = 'Bergen' where customer_id = 'c2'")
    published(three)
    tool.calls.clear()
    plan = plan_sync(three.connection, NEWSLETTER)
    assert (plan.to_send, plan.unchanged) == (0, 3)
    run_sync(three.connection, NEWSLETTER, tool)
    assert tool.calls == []


def test_only_what_changed_is_sent(three) -> None:
    tool = PretendTool()
    run_sync(three.connection, NEWSLETTER, tool)
    three.execute("update marts.customer_metrics set lifetime_value = 99 where customer_id = 'c2'")
    published(three)
    tool.writes.clear()
    report = run_sync(three.connection, NEWSLETTER, tool)
    assert (report.plan.changed, report.plan.unchanged) == (1, 2)
    assert tool.writes == [("put", "c2@mail.org")]


@pytest.mark.parametrize("ids", [False, True])
def test_a_changed_address_takes_the_former_one_back(three, ids) -> None:
    tool = PretendTool(ids=ids)
    run_sync(three.connection, NEWSLETTER, tool)
    for table in ("golden.customers", "golden.contact_points"):
        column = "email" if table == "golden.customers" else "value"
        three.execute(f"update {table} set {column} = 'new@mail.org' where customer_id = 'c2'")
    three.execute("update golden.contact_points set match_key = 'new@mail.org' where customer_id = 'c2'")
    published(three)
    run_sync(three.connection, NEWSLETTER, tool)
    assert set(tool.people) == {"c1@mail.org", "new@mail.org", "c3@mail.org"}


def test_with_the_vendors_id_no_address_is_kept(three) -> None:
    run_sync(three.connection, NEWSLETTER, PretendTool(ids=True))
    assert state(three)[0] == ("c1", False, [], "person 1")


@pytest.mark.parametrize(("mode", "left"), [("mirror", {"c1", "c3"}), ("upsert", {"c1", "c2", "c3"})])
def test_who_leaves_the_segment(three, mode, left) -> None:
    block = newsletter(mode=mode)
    tool = PretendTool()
    run_sync(three.connection, block, tool)
    three.execute("delete from segments.segment_memberships where customer_id = 'c2'")
    published(three)
    run_sync(three.connection, block, tool)
    assert set(tool.people) == {f"{name}@mail.org" for name in left}


@pytest.mark.parametrize("mode", ["mirror", "upsert", "append"])
def test_who_withdraws_is_taken_back_in_every_mode_also_after_leaving(three, mode) -> None:
    block = newsletter(mode=mode)
    tool = PretendTool()
    run_sync(three.connection, block, tool)
    three.execute("delete from segments.segment_memberships where customer_id = 'c3'")
    published(three)
    run_sync(three.connection, block, tool)
    three.execute("update golden.consents set state = 'denied' where customer_id in ('c2', 'c3')")
    published(three)
    run_sync(three.connection, block, tool)
    assert set(tool.people) == {"c1@mail.org"}
    assert [row[0] for row in state(three)] == ["c1"]


def test_append_sends_once_per_entry(three) -> None:
    block = newsletter(mode="append")
    tool = PretendTool()
    run_sync(three.connection, block, tool)
    three.execute("update marts.customer_metrics set lifetime_value = 99 where customer_id = 'c2'")
    published(three)
    assert run_sync(three.connection, block, tool).sent == 0, "a change is no entry"
    three.execute("delete from segments.segment_memberships where customer_id = 'c2'")
    published(three)
    assert run_sync(three.connection, block, tool).sent == 0
    three.insert("segments.segment_memberships", ("vip", "c2", "{}"))
    published(three)
    tool.writes.clear()
    run_sync(three.connection, block, tool)
    assert tool.writes == [("put", "c2@mail.org")]
    assert run_sync(three.connection, block, tool).sent == 0


def test_a_merge_sends_the_survivor_and_retires_the_loser(three) -> None:
    tool = PretendTool()
    run_sync(three.connection, NEWSLETTER, tool)
    three.move("c2", "c1")
    three.execute("update marts.customer_metrics set lifetime_value = 21 where customer_id = 'c1'")
    published(three)
    run_sync(three.connection, NEWSLETTER, tool)
    assert set(tool.people) == {"c1@mail.org", "c3@mail.org"}
    assert tool.people["c1@mail.org"]["value"] == 21


def test_a_survivor_who_takes_over_the_losers_address_keeps_it(three) -> None:
    tool = PretendTool()
    run_sync(three.connection, NEWSLETTER, tool)
    three.move("c2", "c1")
    three.execute("update golden.customers set email = 'c2@mail.org' where customer_id = 'c1'")
    three.execute("update golden.contact_points set value = 'c2@mail.org', match_key = 'c2@mail.org' "
                  "where customer_id = 'c1'")  # fmt: skip
    published(three)
    run_sync(three.connection, NEWSLETTER, tool)
    assert set(tool.people) == {"c2@mail.org", "c3@mail.org"}
    assert run_sync(three.connection, NEWSLETTER, tool).plan.to_send == 0


def test_a_split_sends_both(three) -> None:
    tool = PretendTool()
    run_sync(three.connection, NEWSLETTER, tool)
    agreed(three, "c9", email="sibling@mail.org")
    published(three)
    run_sync(three.connection, NEWSLETTER, tool)
    assert set(tool.people) == {"c1@mail.org", "c2@mail.org", "c3@mail.org", "sibling@mail.org"}


def test_a_family_mailbox_stays_while_one_of_them_is_to_hold_it(world) -> None:
    for customer_id in ("c1", "c2"):
        agreed(world, customer_id, email="family@mail.org")
    published(world)
    tool = PretendTool()
    run_sync(world.connection, NEWSLETTER, tool)
    world.execute("delete from segments.segment_memberships where customer_id = 'c1'")
    published(world)
    report = run_sync(world.connection, NEWSLETTER, tool)
    assert (report.plan.removed, set(tool.people)) == (1, {"family@mail.org"})
    assert [row[0] for row in state(world)] == ["c2"]
    world.execute("delete from segments.segment_memberships")
    published(world)
    run_sync(world.connection, NEWSLETTER, tool)
    assert tool.people == {}


def test_swapped_addresses_end_with_both(world) -> None:
    agreed(world, "c1", email="a@mail.org")
    agreed(world, "c2", email="b@mail.org")
    published(world)
    tool = PretendTool(batch_size=1)
    run_sync(world.connection, NEWSLETTER, tool)
    for table, columns in (("golden.customers", ["email"]), ("golden.contact_points", ["value", "match_key"])):
        for column in columns:
            world.execute(
                f"update {table} set {column} = case {column} when 'a@mail.org' then 'b@mail.org' else 'a@mail.org' end"
            )
    published(world)
    run_sync(world.connection, NEWSLETTER, tool)
    assert set(tool.people) == {"a@mail.org", "b@mail.org"}


def test_records_as_keys_follow_their_customer(world) -> None:
    block = SyncBlock.model_validate(
        {
            "name": "desk", "destination": "pretend", "model": "customers", "key": "record:zendesk:user",
            "channel": "none", "purpose": "service", "mapping": {"braid": "customer_id"},
        }
    )  # fmt: skip
    for number in (1, 2, 3):
        world.customer(f"c{number}", records=[f"zendesk:user:{number}", f"shopify:customer:{number}"])
    published(world)
    tool = PretendTool(by="record_id")
    run_sync(world.connection, block, tool)
    assert tool.people == {str(number): {"braid": f"c{number}"} for number in (1, 2, 3)}
    world.move("c2", "c1")
    published(world)
    run_sync(world.connection, block, tool)
    assert tool.people == {"1": {"braid": "c1"}, "2": {"braid": "c1"}, "3": {"braid": "c3"}}
    world.execute("update identity.record_customers set customer_id = 'c8' where record_id = 'zendesk:user:2'")
    world.customer("c8")
    published(world)
    run_sync(world.connection, block, tool)
    assert tool.people["2"] == {"braid": "c8"}
    assert state(world)[0] == ("1", False, [], None)


def test_batches_stay_under_rows_and_bytes(world) -> None:
    for number in range(10):
        agreed(world, f"c{number}")
    published(world)
    tool = PretendTool(batch_size=4)
    run_sync(world.connection, NEWSLETTER, tool)
    assert tool.calls.count("deliver") == 3
    world.execute("update marts.customer_metrics set lifetime_value = 1")
    published(world)
    tool.calls.clear()
    tool.max_bytes = 600
    run_sync(world.connection, NEWSLETTER, tool)
    assert tool.calls.count("deliver") == 5
