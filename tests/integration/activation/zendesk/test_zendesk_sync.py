"""The Zendesk sync over real HTTP: what is sent, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime

from activation.publish import publish
from activation.sync.engine import run_sync
from activation.sync.planning import plan_sync
from tests.integration.activation.zendesk.desk import DESK

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
CLEARED = {
    "braid_customer_id": None,
    "braid_persona": None,
    "braid_lifetime_value": None,
    "braid_vip": False,
    "braid_segments": None,
}


def publish_again(world, value: float, customer_id: str = "c2") -> None:
    world.execute("update marts.customer_metrics set lifetime_value = %s where customer_id = %s", [value, customer_id])
    publish(world.connection, "next", AS_OF)


def dead_letters(world) -> list[tuple]:
    return world.rows("select key, reason, attempts from activation.dead_letters order by key")


def test_every_known_user_gets_its_fields(world, users, help_desk, zendesk) -> None:
    report = run_sync(world.connection, DESK, zendesk)
    assert (report.plan.added, report.acknowledged, report.rejected, report.unknown) == (3, 3, 0, 0)
    assert help_desk.users[1] == {
        "braid_customer_id": "c1",
        "braid_persona": "loyalist",
        "braid_lifetime_value": 10.5,
        "braid_vip": True,
        "braid_segments": "unhappy_recently, vip",
    }, "cross_sell does not name zendesk among its destinations"
    assert help_desk.users[2]["braid_vip"] is False
    assert help_desk.users[2]["braid_segments"] is None
    assert help_desk.users[4] == {}
    assert {key: made["type"] for key, made in help_desk.fields.items()} == {
        "braid_customer_id": "text",
        "braid_persona": "text",
        "braid_lifetime_value": "decimal",
        "braid_vip": "checkbox",
        "braid_segments": "textarea",
    }


def test_the_second_sync_makes_no_request_at_all(world, users, help_desk, zendesk) -> None:
    run_sync(world.connection, DESK, zendesk)
    help_desk.requests.clear()
    publish(world.connection, "r2", AS_OF)
    report = run_sync(world.connection, DESK, zendesk)
    assert (report.sent, report.plan.unchanged) == (0, 3)
    assert help_desk.requests == []


def test_only_the_changed_user_is_sent(world, users, help_desk, zendesk) -> None:
    run_sync(world.connection, DESK, zendesk)
    help_desk.batches.clear()
    publish_again(world, 99)
    assert plan_sync(world.connection, DESK).changed == 1
    run_sync(world.connection, DESK, zendesk)
    assert help_desk.batches == [[2]]
    assert help_desk.users[2]["braid_lifetime_value"] == 99


def test_a_plan_sends_and_writes_nothing(world, users, help_desk, zendesk) -> None:
    assert plan_sync(world.connection, DESK).added == 3
    assert help_desk.requests == []
    assert world.rows("select * from activation.deliveries") == []


def test_batches_hold_at_most_a_hundred(world, help_desk, zendesk) -> None:
    records = [f"zendesk:user:{number}" for number in range(1, 251)]
    world.customer("c1", records=records)
    help_desk.users = {number: {} for number in range(1, 251)}
    publish(world.connection, "r1", AS_OF)
    assert run_sync(world.connection, DESK, zendesk).acknowledged == 250
    assert [len(batch) for batch in help_desk.batches] == [100, 100, 50]


def test_a_merged_customer_moves_and_a_lost_one_is_cleared(world, users, help_desk, zendesk) -> None:
    run_sync(world.connection, DESK, zendesk)
    world.move("c2", "c1")
    world.execute("delete from golden.customers where customer_id = 'c3'")
    publish(world.connection, "r2", AS_OF)
    report = run_sync(world.connection, DESK, zendesk)
    assert (report.plan.changed, report.plan.removed) == (1, 1)
    assert help_desk.users[2]["braid_customer_id"] == "c1"
    assert help_desk.users[3] == CLEARED
    assert run_sync(world.connection, DESK, zendesk).plan.to_send == 0


def test_a_weak_link_is_not_shown_to_agents(world, users, help_desk, zendesk) -> None:
    run_sync(world.connection, DESK, zendesk)
    world.execute("update golden.customers set link_strength = 0.4 where customer_id = 'c1'")
    publish(world.connection, "r2", AS_OF)
    run_sync(world.connection, DESK, zendesk)
    assert help_desk.users[1] == CLEARED


def test_a_user_that_the_help_desk_no_longer_has_needs_no_clearing(world, users, help_desk, zendesk) -> None:
    run_sync(world.connection, DESK, zendesk)
    del help_desk.users[3]
    world.execute("delete from golden.customers where customer_id = 'c3'")
    publish(world.connection, "r2", AS_OF)
    report = run_sync(world.connection, DESK, zendesk)
    assert (report.acknowledged, report.rejected) == (1, 0)
    assert dead_letters(world) == []
