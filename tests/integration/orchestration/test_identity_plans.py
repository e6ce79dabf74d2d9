"""Identity changes are planned, then applied: what waits, what is held, who decides, and what a killed run leaves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from dagster import AssetCheckEvaluation, AssetCheckSeverity, ExecuteInProcessResult

from orchestration import identity_run
from orchestration.identity_store import IdentityStore

if TYPE_CHECKING:
    from tests.integration.orchestration.conftest import IdentityRoom

PLANNED = "planned_changes_are_applied"


def check(result: ExecuteInProcessResult, name: str = PLANNED) -> AssetCheckEvaluation:
    (found,) = [done for done in result.get_asset_check_evaluations() if done.check_name == name]
    return found


def state(room: IdentityRoom) -> dict[str, list[dict[str, Any]]]:
    """Everything that others read of identity."""
    tables = ("record_customers", "edges", "edge_patterns", "identifiers", "customer_ledger")
    return {table: room.warehouse.read(f"select * from identity.{table} order by 1, 2").to_pylist() for table in tables}


def planned(room: IdentityRoom, *arguments: str) -> dict[str, Any]:
    told = room.braid("plan", "--json", *arguments)
    assert told.exit_code == 0, told.stderr
    answer: dict[str, Any] = json.loads(told.stdout)
    return answer


def bridge(room: IdentityRoom, number: int = 0, other: int = 1) -> None:
    """Let the two records of one person become those of another: their customers merge."""
    with room.warehouse.connect() as connection:
        names = ", ".join(
            f"{column} = o.{column}"
            for column in (
                "full_name",
                "given_name",
                "family_name",
                "emails",
                "phones",
                "birth_date",
                "street",
                "postcode",
            )
        )
        connection.execute(
            f"update identity.identity_records as r set {names} from identity.identity_records as o "
            "where r.native_id = %s and o.native_id = %s and o.source = r.source",
            (str(number), str(other)),
        )


def test_the_first_run_applies_its_plan_and_counts_the_customers_it_made(busy_room: IdentityRoom) -> None:
    plan = busy_room.store.plans.latest()
    assert plan is not None
    assert (plan.state, plan.base_run_id, plan.summary["changes_created"]) == ("applied", None, 40)
    assert len(busy_room.store.plans.changes(plan.plan_id)) == 0


def test_a_run_by_hand_publishes_nothing_until_it_is_applied(busy_room: IdentityRoom) -> None:
    before = state(busy_room)
    busy_room.add_person(50, "shopify:customer", "zendesk:user")
    waiting = busy_room.run(identity_apply="manual")
    assert not waiting.success
    told = check(waiting)
    assert (told.passed, told.severity) == (False, AssetCheckSeverity.ERROR)
    assert "braid identity apply" in (told.description or "")
    assert state(busy_room) == before
    plan = busy_room.store.plans.latest()
    assert plan is not None
    assert plan.state == "proposed"

    again = busy_room.run(identity_apply="manual")
    assert not check(again).passed
    assert busy_room.store.plans.latest() == plan

    applied = busy_room.braid("apply", "--by", "ada")
    assert applied.exit_code == 0, applied.stderr
    assert frozenset({"shopify:customer:50", "zendesk:user:50"}) in busy_room.groups()
    assert busy_room.run(identity_apply="manual").success
    rows = busy_room.warehouse.read("select state, applied_by from identity.plans order by made_at").to_pylist()
    assert rows == [{"state": "applied", "applied_by": "bounds"}, {"state": "applied", "applied_by": "ada"}]


def test_a_plan_shows_and_changes_nothing(busy_room: IdentityRoom) -> None:
    before = state(busy_room)
    bridge(busy_room)
    plan = planned(busy_room)
    (change,) = plan["changes"]
    assert (change["kind"], change["held"], change["records"], change["customers_merged"]) == ("merged", False, 4, 1)
    sides = [sorted(record for records in change[side].values() for record in records) for side in ("before", "after")]
    assert sides[0] == sides[1]
    assert state(busy_room) == before
    shown = busy_room.braid("plan")
    assert shown.exit_code == 0
    assert change["change_id"] in shown.output
    assert "braid identity apply" in shown.output


def test_the_same_plan_twice_is_one_plan(busy_room: IdentityRoom) -> None:
    bridge(busy_room)
    first, second = planned(busy_room), planned(busy_room)
    assert first["plan"]["plan_id"] == second["plan"]["plan_id"]
    assert [c["change_id"] for c in first["changes"]] == [c["change_id"] for c in second["changes"]]


def test_nothing_to_plan_and_nothing_to_apply_are_said(room: IdentityRoom) -> None:
    with room.warehouse.connect() as connection:
        connection.execute("alter table identity.identity_records rename to elsewhere")
    assert "there are no records yet" in room.braid("plan").stderr
    with room.warehouse.connect() as connection:
        connection.execute("alter table identity.elsewhere rename to identity_records")
    assert "there is no plan yet" in room.braid("apply").stderr
    assert "there is no plan plan_x" in room.braid("apply", "plan_x").stderr
    assert room.run().success
    assert "Nothing has changed" in room.braid("plan").output


def test_a_plan_of_other_input_is_refused(busy_room: IdentityRoom) -> None:
    busy_room.add_person(50, "shopify:customer")
    plan_id = planned(busy_room)["plan"]["plan_id"]
    busy_room.add_person(51, "shopify:customer")
    refused = busy_room.braid("apply", plan_id)
    assert refused.exit_code == 1
    assert "made from other input" in refused.stderr
    assert "braid identity plan" in refused.stderr
    assert "shopify:customer:50" not in busy_room.customers()


def test_a_plan_is_refused_once_another_run_was_published(busy_room: IdentityRoom) -> None:
    busy_room.add_person(50, "shopify:customer")
    plan_id = planned(busy_room)["plan"]["plan_id"]
    assert busy_room.run().success
    refused = busy_room.braid("apply", plan_id)
    assert refused.exit_code == 1
    assert "was applied on" in refused.stderr
    busy_room.add_person(51, "shopify:customer")
    older = planned(busy_room)["plan"]["plan_id"]
    busy_room.add_person(52, "shopify:customer")
    planned(busy_room)
    assert "superseded" in busy_room.braid("apply", older).stderr


def test_a_held_change_stays_back_until_it_is_released(busy_room: IdentityRoom) -> None:
    before = busy_room.groups()
    bridge(busy_room)
    (change,) = planned(busy_room)["changes"]
    held = busy_room.braid("hold", change["change_id"], "--why", "they are siblings", "--by", "ada")
    assert held.exit_code == 0, held.stderr
    busy_room.add_person(50, "shopify:customer")
    result = busy_room.run()
    assert result.success
    told = check(result)
    assert (told.passed, told.severity, told.metadata["held"].value) == (False, AssetCheckSeverity.WARN, 1)
    assert "siblings" not in str(told.metadata)
    assert busy_room.groups() == before | {frozenset({"shopify:customer:50"})}

    # Nobody touches the two again, and the change is still there to be released.
    busy_room.add_person(51, "shopify:customer")
    assert not check(busy_room.run()).passed
    shown = busy_room.braid("plan")
    assert change["change_id"] in shown.output
    released = busy_room.braid("release", change["change_id"], "--why", "they are one after all")
    assert released.exit_code == 0, released.stderr
    result = busy_room.run()
    assert check(result).passed
    assert {"shopify:customer:0", "zendesk:user:0", "shopify:customer:1", "zendesk:user:1"} in busy_room.groups()


def test_a_customer_can_be_held(busy_room: IdentityRoom) -> None:
    before = busy_room.groups()
    customer = busy_room.customers()["shopify:customer:0"]
    assert busy_room.braid("hold", customer, "--why", "court case").exit_code == 0
    bridge(busy_room)
    assert busy_room.run().success
    assert busy_room.groups() == before
    assert busy_room.braid("release", customer, "--why", "settled").exit_code == 0
    assert busy_room.run().success
    assert len(busy_room.groups()) == len(before) - 1


def test_a_decision_about_nothing_is_refused(busy_room: IdentityRoom) -> None:
    assert "no change, customer or plan" in busy_room.braid("hold", "chg_none", "--why", "x").stderr
    assert "was ever issued" in busy_room.braid("hold", "cus_none", "--why", "x").stderr
    assert busy_room.braid("hold", "chg_none").exit_code == 2
    customer = busy_room.customers()["shopify:customer:0"]
    assert "who decided and why" in busy_room.braid("hold", customer, "--why", "  ").stderr
    bridge(busy_room)
    (change,) = planned(busy_room)["changes"]
    assert busy_room.braid("apply").exit_code == 0
    late = busy_room.braid("hold", change["change_id"], "--why", "too late")
    assert late.exit_code == 1
    assert "is live already" in late.stderr
    assert "unmerge" in late.stderr


def test_too_many_merges_at_once_hold_them_all_and_block(busy_room: IdentityRoom) -> None:
    before = busy_room.groups()
    for number in (0, 2, 4):
        bridge(busy_room, number, number + 1)
    result = busy_room.run(identity_bound={"merges_always_allowed": 1})
    told = check(result)
    assert not result.success
    assert (told.passed, told.severity, told.metadata["held"].value) == (False, AssetCheckSeverity.ERROR, 3)
    assert busy_room.groups() == before
    plan = busy_room.store.plans.latest()
    assert plan is not None
    assert busy_room.braid("release", plan.plan_id, "--why", "an old system was joined").exit_code == 0
    result = busy_room.run(identity_bound={"merges_always_allowed": 1})
    assert result.success
    assert check(result).passed
    assert len(busy_room.groups()) == len(before) - 3


def test_two_of_what_a_person_has_once_are_held(busy_room: IdentityRoom) -> None:
    busy_room.add_person(0, "loyalty:member")
    busy_room.add_person(1, "loyalty:member")
    assert busy_room.run().success
    bridge(busy_room)
    result = busy_room.run(identity_strong_ids=frozenset({"loyalty:member"}))
    assert result.success
    assert "strong_ids_per_source" in str(check(result).metadata["held_changes"].value)
    assert len(busy_room.groups()) == 40


def test_an_opted_out_person_does_not_become_reachable_unasked(busy_room: IdentityRoom) -> None:
    with busy_room.warehouse.connect() as connection:
        connection.execute(
            "create schema golden; create table golden.consent_statements (record_id text, channel text, state text)"
        )
        connection.execute(
            "insert into golden.consent_statements values ('shopify:customer:0', 'email', 'denied'), "
            "('zendesk:user:0', 'email', 'granted')"
        )
    busy_room.braid("judge", "shopify:customer:0", "zendesk:user:0", "different", "--why", "namesakes")
    before = busy_room.groups()
    result = busy_room.run()
    assert "newly_reachable" in str(check(result).metadata["held_changes"].value)
    assert busy_room.groups() == before
    (change,) = planned(busy_room)["changes"]
    assert busy_room.braid("release", change["change_id"], "--why", "she is not the one who opted out").exit_code == 0
    assert busy_room.run().success
    assert len(busy_room.groups()) == len(before) + 1


def test_a_run_killed_between_plan_and_publication_leaves_what_was_live(
    busy_room: IdentityRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(busy_room)
    bridge(busy_room)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("orchestration.assets.identity.publish", killed)
        assert not busy_room.run().success
    assert state(busy_room) == before
    proposed = busy_room.store.plans.latest()
    assert proposed is not None
    assert proposed.state == "proposed"
    assert busy_room.run().success
    applied = busy_room.store.plans.latest()
    assert applied is not None
    assert (applied.plan_id, applied.state) == (proposed.plan_id, "applied")
    assert len(busy_room.groups()) == 39


def test_a_run_killed_while_it_publishes_leaves_what_was_live(
    busy_room: IdentityRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(busy_room)
    bridge(busy_room)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("orchestration.identity_plans.PlanStore.applied", killed)
        assert not busy_room.run().success
    assert state(busy_room) == before
    assert busy_room.run().success
    assert len(busy_room.groups()) == 39


def test_a_new_model_is_a_plan_first(busy_room: IdentityRoom) -> None:
    live = busy_room.store.last_publication()
    assert "Nothing has changed" in busy_room.braid("plan").output
    for number in range(60, 80):
        busy_room.add_person(number, "shopify:customer", "zendesk:user")
    assert busy_room.run().success
    assert busy_room.store.last_publication().model_id == live.model_id

    plan = planned(busy_room, "--new-model")["plan"]
    assert plan["model_id"] != live.model_id
    assert busy_room.store.last_publication().model_id == live.model_id
    if plan["state"] == "proposed":
        assert busy_room.braid("apply").exit_code == 0
        assert busy_room.store.last_publication().model_id == plan["model_id"]


def test_a_changed_bound_is_looked_at_again(busy_room: IdentityRoom) -> None:
    store = IdentityStore(busy_room.warehouse)
    from orchestration.settings import Settings

    given = {"database_url": busy_room.warehouse.address.conninfo}
    assert identity_run.read_inputs(store, Settings(**given)).is_published
    assert not identity_run.read_inputs(store, Settings(**given, identity_bound={"newly_reachable": 3})).is_published
    assert not identity_run.read_inputs(store, Settings(**given, default_region="DE")).is_published
