"""The engine in trouble: caps and pauses, refusals, a tool that is down, what people withdraw in the middle of it."""

from __future__ import annotations

import psycopg
import pytest

from activation.database import ActivationError
from activation.sync.destination import DestinationError
from activation.sync.engine import SyncHeldBack, run_sync
from activation.sync.erasure import pending_erasures, request_erasure
from activation.sync.history import dead_letters, pause, request_replay, resume, syncs
from activation.sync.planning import plan_sync
from activation.sync.verification import verify
from tests.integration.activation.sync.newsletter import NEWSLETTER, agreed, newsletter, published, state
from tests.integration.activation.sync.pretend_tool import PretendTool


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
