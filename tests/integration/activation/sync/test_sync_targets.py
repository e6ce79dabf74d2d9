"""A sync whose target was changed under the same name: people stay where they were sent, so they are not let go of."""

from __future__ import annotations

import pytest

from activation.database import ActivationError
from activation.sync.block import SyncBlock
from activation.sync.destination import DestinationError
from activation.sync.engine import run_sync
from activation.sync.erasure import pending_erasures, request_erasure
from activation.sync.forgetting import forget, held_of, remembered_names
from activation.sync.history import dead_letters, syncs
from activation.sync.planning import plan_sync
from activation.sync.target import TargetChanged
from activation.sync.verification import verify
from tests.integration.activation.sync.newsletter import newsletter, published, state
from tests.integration.activation.sync.pretend_tool import Killed, PretendTool

EVERYBODY = {"c1@mail.org", "c2@mail.org", "c3@mail.org"}


def to(place: str, **changes) -> SyncBlock:
    return newsletter(options={"list": place}, **changes)


def test_who_was_sent_to_one_list_is_not_believed_to_be_on_another(three) -> None:
    first, second = PretendTool(), PretendTool()
    run_sync(three.connection, to("first"), first)
    three.execute("update golden.consents set state = 'denied' where customer_id = 'c2'")
    published(three)
    with pytest.raises(ActivationError, match=r"list: second.*3 rows.*list: first"):
        run_sync(three.connection, to("second"), second)
    with pytest.raises(ActivationError, match="withdraw"):
        plan_sync(three.connection, to("second"))
    assert second.calls == [], "nothing is sent, and nobody is taken back from a list that never had them"
    run_sync(three.connection, to("first"), first)
    assert set(first.people) == {"c1@mail.org", "c3@mail.org"}, "with the old target put back, the withdrawal goes out"


@pytest.mark.parametrize("changes", [{"destination": "other"}, {"key": "record:shopify:customer"}])
def test_another_kind_or_key_is_another_target(three, changes) -> None:
    run_sync(three.connection, to("first"), PretendTool())
    with pytest.raises(TargetChanged):
        run_sync(three.connection, to("first", **changes), PretendTool(), confirmed=True)


def test_what_changes_only_how_rows_go_is_no_other_target(three) -> None:
    tool = PretendTool()
    run_sync(three.connection, to("first"), tool)
    report = run_sync(three.connection, to("first", mapping={"value": "metrics.lifetime_value"}), tool)
    assert report.plan.changed == 3


def test_what_was_sent_and_never_answered_may_be_there_as_well(three) -> None:
    with pytest.raises(Killed):
        run_sync(three.connection, to("first"), PretendTool(trouble=lambda where: "kill" * (where == "after")))
    with pytest.raises(TargetChanged, match="3 of them in doubt"):
        run_sync(three.connection, to("second"), PretendTool())


def test_after_everything_was_taken_back_the_new_target_is_adopted(three) -> None:
    first, second = PretendTool(refused={"c3"}), PretendTool()
    run_sync(three.connection, to("first"), first)
    assert len(dead_letters(three.connection, "newsletter")) == 1
    assert len(first.people) == 2
    run_sync(three.connection, to("first", model="nobody"), first, confirmed=True)
    assert first.people == {}
    assert plan_sync(three.connection, to("second")).added == 3
    assert run_sync(three.connection, to("second"), second).acknowledged == 3
    assert set(second.people) == EVERYBODY, "what the first refused is no reason not to send it to the second"
    with pytest.raises(TargetChanged):
        run_sync(three.connection, to("first"), first)


def test_what_the_former_target_refused_does_not_wait_at_the_new_one(three) -> None:
    first, second = PretendTool(refused={"c1", "c2", "c3"}), PretendTool()
    run_sync(three.connection, to("first"), first)
    assert (len(dead_letters(three.connection, "newsletter")), state(three)) == (3, [])
    assert plan_sync(three.connection, to("first")).held == 3
    assert plan_sync(three.connection, to("second")).added == 3
    with pytest.raises(DestinationError):
        run_sync(three.connection, to("second"), PretendTool(trouble=lambda where: "down" * (where == "before")))
    run_sync(three.connection, to("second"), second)
    assert set(second.people) == EVERYBODY


def test_a_warehouse_that_remembers_no_target_adopts_the_declared_one(three) -> None:
    tool = PretendTool()
    run_sync(three.connection, to("first"), tool)
    three.execute("delete from activation.sync_targets")  # as the migration finds it
    plan_sync(three.connection, to("first"))
    assert three.rows("select count(*) from activation.sync_targets") == [(0,)], "a plan writes nothing"
    tool.calls.clear()
    assert run_sync(three.connection, to("first"), tool).sent == 0
    assert tool.calls == []
    with pytest.raises(TargetChanged):
        run_sync(three.connection, to("second"), PretendTool())


def test_rows_are_not_read_back_from_where_they_were_never_sent(three) -> None:
    run_sync(three.connection, to("first"), PretendTool())
    with pytest.raises(TargetChanged):
        verify(three.connection, to("second"), PretendTool(), repair=True)
    assert not any(in_doubt for _, in_doubt, _, _ in state(three))


def test_an_erasure_waits_for_the_target_that_holds_the_person(three) -> None:
    first, second = PretendTool(), PretendTool()
    run_sync(three.connection, to("first"), first)
    with three.connection.transaction():
        request_erasure(three.connection, ["c2"])
    with pytest.raises(TargetChanged, match="1 of them asked to be forgotten"):
        run_sync(three.connection, to("second"), second)
    with three.connection.transaction():
        assert [row.key for row in pending_erasures(three.connection)] == ["c2"]
    run_sync(three.connection, to("first"), first)
    assert set(first.people) == {"c1@mail.org", "c3@mail.org"}
    with three.connection.transaction():
        assert pending_erasures(three.connection) == []


def test_a_forgotten_sync_begins_anew_and_the_history_says_who_did_it(three) -> None:
    first, second = PretendTool(), PretendTool()
    run_sync(three.connection, to("first"), first)
    assert remembered_names(three.connection) == ["newsletter"]
    assert held_of(three.connection, "newsletter").rows == 3
    forget(three.connection, "newsletter", "Grace")
    assert (set(first.people), state(three), remembered_names(three.connection)) == (EVERYBODY, [], [])
    told = syncs(three.connection, "newsletter")[0]
    assert (told.status, told.plan["forgotten"]) == ("forgotten", 3)
    assert told.problem == ("Grace let go of 3 rows in pretend (key: customer_id, list: first); nobody was taken back")
    assert told.started_at is not None and told.finished_at is not None
    assert len(syncs(three.connection, "newsletter")) == 2, "what went before stays told"
    run_sync(three.connection, to("second"), second)
    assert set(second.people) == EVERYBODY
    with pytest.raises(ActivationError, match="nothing to forget"):
        forget(three.connection, "newsletters", "Grace")


def test_a_sync_that_runs_is_not_forgotten_under_it(three, warehouse, monkeypatch) -> None:
    run_sync(three.connection, to("first"), PretendTool())
    monkeypatch.setattr("activation.database.PATIENCE", 1)
    with warehouse.connect(autocommit=True) as other:
        other.execute("select pg_advisory_lock(hashtextextended('braid activation sync of newsletter', 0))")
        with pytest.raises(ActivationError, match="already running"):
            forget(three.connection, "newsletter", "Grace")
    assert len(state(three)) == 3
