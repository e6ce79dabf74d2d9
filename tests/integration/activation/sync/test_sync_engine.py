"""The engine against a tool in memory: what is sent, in which order, and what is remembered of it."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest

from activation.database import ActivationError
from activation.publish import publish
from activation.sync.block import SyncBlock
from activation.sync.destination import DestinationError
from activation.sync.engine import SyncHeldBack, run_sync
from activation.sync.erasure import pending_erasures, request_erasure
from activation.sync.history import dead_letters, pause, request_replay, resume, syncs
from activation.sync.planning import plan_sync
from activation.sync.verification import verify
from tests.integration.activation.sync.pretend_tool import PretendTool

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
NEWSLETTER = SyncBlock.model_validate(
    {
        "name": "newsletter",
        "destination": "pretend",
        "model": "segment:vip",
        "mode": "mirror",
        "channel": "email",
        "purpose": "marketing",
        "mapping": {"value": "metrics.lifetime_value", "persona": "persona.name", "vip": "in_segment.vip"},
    }
)


def newsletter(**changes) -> SyncBlock:
    return SyncBlock.model_validate(NEWSLETTER.model_dump() | changes)


def published(world) -> None:
    publish(world.connection, "run", AS_OF)


def agreed(world, customer_id: str, **more) -> None:
    world.customer(
        customer_id,
        email=more.pop("email", f"{customer_id}@mail.org"),
        segments=more.pop("segments", ["vip"]),
        records=[f"shopify:customer:{customer_id}"],
        consent=more.pop("consent", {"email": "granted"}),
        **more,
    )


def state(world) -> list[tuple]:
    return world.rows("select key, in_doubt, held, remote_id from activation.deliveries order by key")


@pytest.fixture
def three(world):
    for customer_id in ("c1", "c2", "c3"):
        agreed(world, customer_id)
    agreed(world, "c4", consent={"email": "denied"})
    agreed(world, "c5", segments=[])
    published(world)
    return world


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


def test_a_cap_holds_back_all_but_what_people_withdraw(world) -> None:
    block = newsletter(cap={"from_rows": 2})
    for number in range(10):
        agreed(world, f"c{number}")
    published(world)
    tool = PretendTool()
    run_sync(world.connection, block, tool)
    world.execute("delete from segments.segment_memberships where customer_id in ('c1', 'c2', 'c3')")
    world.execute("update golden.consents set state = 'denied' where customer_id in ('c4', 'c5', 'c6')")
    agreed(world, "c99")
    published(world)
    plan = plan_sync(world.connection, block)
    assert (plan.removed, plan.withdrawn, plan.added) == (3, 3, 1)
    assert plan.broken_caps == (
        "it would take back 3 of the 10 rows that the destination holds (30%, and the cap is 20%)",
    )
    with pytest.raises(SyncHeldBack, match=r"take back 3 of the 10.*--confirm"):
        run_sync(world.connection, block, tool)
    assert set(tool.people) == {f"c{number}@mail.org" for number in (0, 1, 2, 3, 7, 8, 9)}
    assert syncs(world.connection, "newsletter")[0].status == "held_back"
    run_sync(world.connection, block, tool, confirmed=True)
    assert set(tool.people) == {f"c{number}@mail.org" for number in (0, 7, 8, 9, 99)}


def test_an_address_that_may_no_longer_be_used_goes_though_the_cap_holds_changes(world) -> None:
    cap = {"changed": 0.1, "from_rows": 1}
    block = newsletter(cap=cap)
    for number in range(4):
        agreed(world, f"c{number}")
    published(world)
    tool = PretendTool()
    run_sync(world.connection, block, tool)
    for statement in (
        "update golden.contact_points set value = 'new@mail.org', match_key = 'new@mail.org' where customer_id = 'c1'",
        "update golden.customers set email = 'new@mail.org' where customer_id = 'c1'",
        "update marts.customer_metrics set lifetime_value = 7 where customer_id = 'c2'",
    ):
        world.execute(statement)
    published(world)
    with pytest.raises(SyncHeldBack):
        run_sync(world.connection, block, tool)
    assert set(tool.people) == {"c0@mail.org", "new@mail.org", "c2@mail.org", "c3@mail.org"}
    assert tool.people["c2@mail.org"]["value"] == 10.5


def test_a_paused_sync_sends_what_people_withdraw_and_nothing_else(three) -> None:
    tool = PretendTool()
    run_sync(three.connection, NEWSLETTER, tool)
    three.execute("update golden.consents set state = 'denied' where customer_id = 'c2'")
    agreed(three, "c8")
    published(three)
    assert pause(three.connection, "newsletter", "Grace", "the campaign runs")
    assert not pause(three.connection, "newsletter", "Grace", None)
    with pytest.raises(SyncHeldBack, match=r"paused by Grace: 1 rows wait"):
        run_sync(three.connection, NEWSLETTER, tool)
    assert set(tool.people) == {"c1@mail.org", "c3@mail.org"}
    assert resume(three.connection, "newsletter")
    run_sync(three.connection, NEWSLETTER, tool)
    assert set(tool.people) == {"c1@mail.org", "c3@mail.org", "c8@mail.org"}


def test_a_rejected_row_is_found_in_its_batch_waits_and_is_replayed(three) -> None:
    tool = PretendTool(refused={"c2"})
    report = run_sync(three.connection, NEWSLETTER, tool)
    assert (report.acknowledged, report.rejected) == (2, 1)
    (letter,) = dead_letters(three.connection, "newsletter")
    assert (letter.key, letter.change, letter.attempts) == ("c2", "added", 1)
    assert letter.reason == "422: something in it is not right"
    assert [row[0] for row in state(three)] == ["c1", "c3"]
    tool.calls.clear()
    report = run_sync(three.connection, NEWSLETTER, tool)
    assert (report.sent, report.plan.held, tool.calls) == (0, 1, [])
    tool.refused.clear()
    assert request_replay(three.connection, "newsletter", ["c2"]) == 1
    assert run_sync(three.connection, NEWSLETTER, tool).acknowledged == 1
    assert dead_letters(three.connection, "newsletter") == []


def test_accepted_and_not_applied_is_sent_again_and_then_a_dead_letter(three) -> None:
    tool = PretendTool(trouble=lambda where: "ignore" if where == "before" else None)
    report = run_sync(three.connection, NEWSLETTER, tool)
    assert (report.acknowledged, report.rejected) == (0, 3)
    assert {letter.reason for letter in dead_letters(three.connection, "newsletter")} == {
        "accepted, and not applied, 3 times"
    }
    assert tool.calls.count("deliver") == 3
    tool.trouble = lambda _: None
    request_replay(three.connection, "newsletter")
    run_sync(three.connection, NEWSLETTER, tool)
    assert len(tool.people) == 3


def test_a_tool_that_is_down_is_one_clear_error_and_what_was_done_is_done(three) -> None:
    tool = PretendTool(batch_size=2)
    answers = iter([None, None, None, "down"])
    tool.trouble = lambda where: next(answers, None)
    with pytest.raises(DestinationError, match=r"2 of 3 rows were settled before; the next sync sends the rest"):
        run_sync(three.connection, NEWSLETTER, tool)
    (past,) = syncs(three.connection, "newsletter")
    assert (past.status, past.outcome["acknowledged"]) == ("failed", 2)
    assert [row[:2] for row in state(three)] == [("c1", False), ("c2", False), ("c3", True)]
    tool.trouble = lambda _: None
    tool.writes.clear()
    run_sync(three.connection, NEWSLETTER, tool)
    assert tool.writes == [("put", "c3@mail.org")]


def test_rows_hold_the_fates_and_the_history_no_person(three) -> None:
    run_sync(three.connection, NEWSLETTER, PretendTool(refused={"c2"}))
    rows = three.rows("select key, change, fate, reason from activation.sync_rows order by key")
    assert rows[1] == ("c2", "added", "rejected", "422: something in it is not right")
    assert {fate for _, _, fate, _ in rows} == {"acknowledged", "rejected"}
    (past,) = syncs(three.connection, "newsletter")
    assert past.plan["added"] == 3
    assert "mail.org" not in str(past)


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


@pytest.mark.parametrize("ids", [False, True])
def test_a_refused_new_address_does_not_keep_the_old_one_that_may_no_longer_be_used(three, ids) -> None:
    tool = PretendTool(ids=ids)
    run_sync(three.connection, NEWSLETTER, tool)
    for statement in (
        "update golden.contact_points set value = 'new@mail.org', match_key = 'new@mail.org' where customer_id = 'c1'",
        "update golden.customers set email = 'new@mail.org' where customer_id = 'c1'",
    ):
        three.execute(statement)
    published(three)
    tool.refused = {"c1"}
    run_sync(three.connection, NEWSLETTER, tool)
    assert set(tool.people) == {"c2@mail.org", "c3@mail.org"}
    (letter,) = dead_letters(three.connection, "newsletter")
    assert letter.key == "c1"
    assert run_sync(three.connection, NEWSLETTER, tool).plan.held == 1
    tool.refused = set()
    request_replay(three.connection, "newsletter")
    run_sync(three.connection, NEWSLETTER, tool)
    assert set(tool.people) == {"new@mail.org", "c2@mail.org", "c3@mail.org"}


def test_an_erased_person_goes_first_whatever_the_mode_and_the_rest_of_a_family_stays(world) -> None:
    for customer_id in ("c1", "c2", "c3"):
        agreed(world, customer_id, email="family@mail.org" if customer_id != "c3" else "c3@mail.org")
    published(world)
    block = newsletter(mode="upsert", cap={"removed": 0, "from_rows": 0})
    tool = PretendTool()
    run_sync(world.connection, block, tool)
    with world.connection.transaction():
        assert request_erasure(world.connection, ["c1", "c3"]) == [("newsletter", "c1"), ("newsletter", "c3")]
    pause(world.connection, "newsletter", "Grace", None)
    run_sync(world.connection, block, tool)
    assert set(tool.people) == {"family@mail.org"}
    assert [row.erased for row in tool.last] == [True]
    assert pending_erasures(world.connection) == []
    told = world.rows("select key, customer_id from activation.sync_rows where change = 'removed'")
    assert told == [(None, None), (None, None)]
    assert world.rows("select count(*) from activation.sync_rows where customer_id in ('c1', 'c3')") == [(0,)]


def test_a_suppression_during_a_sync_is_honoured_by_the_next_batch(world) -> None:
    for number in range(6):
        agreed(world, f"c{number}")
    published(world)
    tool = PretendTool(batch_size=2)

    def suppress_once(where: str) -> None:
        if where == "before" and len(tool.people) == 2:
            with psycopg.connect(world.connection.info.dsn) as other:
                other.execute(
                    "insert into activation.suppressions (customer_id, reason, added_by) "
                    "values ('c4', 'asked', 'Grace')"
                )

    tool.trouble = suppress_once
    run_sync(world.connection, NEWSLETTER, tool)
    assert set(tool.people) == {f"c{number}@mail.org" for number in (0, 1, 2, 3, 5)}


def test_verify_finds_what_somebody_changed_at_the_tool_and_repair_puts_it_right(three) -> None:
    tool = PretendTool()
    run_sync(three.connection, NEWSLETTER, tool)
    assert verify(three.connection, NEWSLETTER, tool).agreeing == 3
    tool.people["c2@mail.org"]["value"] = 0
    del tool.people["c3@mail.org"]
    found = verify(three.connection, NEWSLETTER, tool)
    assert (found.agreeing, found.differing) == (1, ("c2", "c3"))
    assert run_sync(three.connection, NEWSLETTER, tool).plan.to_send == 0
    verify(three.connection, NEWSLETTER, tool, repair=True)
    run_sync(three.connection, NEWSLETTER, tool)
    assert verify(three.connection, NEWSLETTER, tool).agreeing == 3
    with pytest.raises(ActivationError, match="does not tell what it holds"):
        verify(three.connection, NEWSLETTER, PretendTool(readable=False))


def test_a_segment_that_is_no_longer_published_takes_nobody_back(three) -> None:
    tool = PretendTool()
    run_sync(three.connection, NEWSLETTER, tool)
    three.execute("delete from segments.segment_catalogue where segment = 'vip'")
    published(three)
    with pytest.raises(ActivationError, match=r"segment vip, and no such segment is published.*syncs/newsletter.yml"):
        run_sync(three.connection, NEWSLETTER, tool)
    assert len(tool.people) == 3


def test_nobody_takes_all_back_once_confirmed(three) -> None:
    tool = PretendTool()
    run_sync(three.connection, NEWSLETTER, tool)
    run_sync(three.connection, newsletter(model="nobody"), tool, confirmed=True)
    assert tool.people == {}
    assert state(three) == []
