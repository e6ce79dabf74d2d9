"""The Zendesk sync in trouble, over real HTTP: faults, refusals, kills, and what each of them ends in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from activation.database import ActivationError
from activation.destinations.zendesk_users import ZendeskUsers, ZendeskUsersConfig
from activation.publish import publish
from activation.sync.destination import DestinationError
from activation.sync.engine import run_sync
from activation.sync.history import request_replay
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


def in_doubt(world) -> list[str]:
    return [key for (key,) in world.rows("select key from activation.deliveries where in_doubt order by key")]


@pytest.mark.parametrize("path", ["user_fields", "update_many", "job_statuses"])
def test_429_and_500_that_heal_are_retried(world, users, help_desk, zendesk, fault, path) -> None:
    method = {"user_fields": "GET", "update_many": "PUT", "job_statuses": "GET"}[path]
    help_desk.faults = [
        fault(method, path, 429, {"Retry-After": "0"}),
        fault(method, path, 503),
    ]
    assert run_sync(world.connection, DESK, zendesk).acknowledged == 3
    assert all(one.times == 0 for one in help_desk.faults)


def test_500_for_ever_is_one_clear_error_and_keeps_what_was_done(world, users, help_desk, zendesk, fault) -> None:
    zendesk.batch_size = 2
    help_desk.faults = [fault("PUT", "update_many", 0, times=0), fault("PUT", "update_many", 500, times=0)]
    run_first = fault("PUT", "update_many", 500, times=99)
    original = help_desk.start_job

    def first_batch_then_down(batch):
        help_desk.faults.append(run_first)
        return original(batch)

    help_desk.start_job = first_batch_then_down
    with pytest.raises(DestinationError, match=r"Zendesk did not recover: answered 500.*2 of 3 rows"):
        run_sync(world.connection, DESK, zendesk)
    assert in_doubt(world) == ["3"]
    help_desk.faults, help_desk.start_job = [], original
    assert run_sync(world.connection, DESK, zendesk).acknowledged == 1, "only the rest is sent"
    assert in_doubt(world) == []


def test_a_reset_connection_is_retried(world, users, help_desk, zendesk, fault) -> None:
    help_desk.faults = [fault("PUT", "update_many", lose_answer=True), fault("POST", "user_fields", lose_answer=True)]
    assert run_sync(world.connection, DESK, zendesk).acknowledged == 3
    assert help_desk.users[1]["braid_customer_id"] == "c1"


def test_an_unreachable_help_desk_is_one_clear_error(world, users) -> None:
    config = ZendeskUsersConfig.model_validate(
        {
            "url": "http://127.0.0.1:9",
            "email": "a",
            "api_token": "b",
            "retry": {"attempts": 2, "first_wait": 0.01},
        }
    )
    with pytest.raises(DestinationError, match=r"Zendesk did not recover: no answer \(ConnectError\)"):
        run_sync(world.connection, DESK, ZendeskUsers(config))


def test_a_long_retry_after_is_not_waited_for(world, users, help_desk, zendesk, fault) -> None:
    help_desk.faults = [fault("PUT", "update_many", 429, {"Retry-After": "3600"})]
    with pytest.raises(DestinationError, match="asks to wait 3600 s"):
        run_sync(world.connection, DESK, zendesk)


def test_401_names_the_destination_and_the_settings_and_keeps_the_secret(world, users, help_desk, serve) -> None:
    config = {"url": f"{serve(help_desk)}/desk", "email": "bot@shop.example", "api_token": "wrong-token"}
    with pytest.raises(DestinationError, match=r"Zendesk .*401.*BRAID_ZENDESK__API_TOKEN") as failure:
        run_sync(world.connection, DESK, ZendeskUsers(ZendeskUsersConfig.model_validate(config)))
    assert "wrong-token" not in str(failure.value)
    assert help_desk.writes == 0
    assert len(help_desk.requests) == 1, "a refusal is not retried"


def test_a_rejected_row_is_a_dead_letter_and_waits(world, users, help_desk, zendesk) -> None:
    help_desk.refused = {2: "Email: u2@mail.com is already being used by 'Ada L', call +47 912 34 567"}
    report = run_sync(world.connection, DESK, zendesk)
    assert (report.acknowledged, report.rejected) == (2, 1)
    ((key, reason, attempts),) = dead_letters(world)
    assert (key, attempts) == ("2", 1)
    assert reason.startswith("UserUpdateError Email: <e-mail> is already being used")
    assert "Ada" not in reason
    assert "912" not in reason

    help_desk.requests.clear()
    report = run_sync(world.connection, DESK, zendesk)
    assert (report.sent, report.plan.held) == (0, 1), "the same payload would be rejected again"
    assert help_desk.requests == []

    publish_again(world, 77)
    assert run_sync(world.connection, DESK, zendesk).rejected == 1
    assert dead_letters(world)[0][2] == 2

    help_desk.refused = {}
    assert request_replay(world.connection, DESK.name) == 1
    assert run_sync(world.connection, DESK, zendesk).acknowledged == 1
    assert dead_letters(world) == []
    assert help_desk.users[2]["braid_lifetime_value"] == 77


def test_a_dead_letter_that_nobody_wants_any_more_goes(world, users, help_desk, zendesk) -> None:
    help_desk.refused = {2: "no"}
    run_sync(world.connection, DESK, zendesk)
    world.execute("delete from golden.customers where customer_id = 'c2'")
    publish(world.connection, "r2", AS_OF)
    run_sync(world.connection, DESK, zendesk)
    assert dead_letters(world) == []


def test_a_rejected_change_leaves_the_old_value_known(world, users, help_desk, zendesk) -> None:
    run_sync(world.connection, DESK, zendesk)
    help_desk.refused = {2: "no"}
    publish_again(world, 50)
    run_sync(world.connection, DESK, zendesk)
    publish_again(world, 10.5)
    assert plan_sync(world.connection, DESK).to_send == 0, "the help desk still holds the old value"


def test_a_batch_refused_for_one_row_is_halved_until_the_row_stands_alone(
    world, users, help_desk, zendesk, fault
) -> None:
    original = help_desk.answer

    def refuse_two(request, body):
        if request.method == "PUT" and b'"id":2,' in body.replace(b" ", b""):
            from starlette.responses import JSONResponse

            return JSONResponse({"error": "RecordInvalid", "description": "u2@mail.com is odd"}, 422)
        return original(request, body)

    help_desk.answer = refuse_two
    report = run_sync(world.connection, DESK, zendesk)
    assert (report.acknowledged, report.rejected) == (2, 1)
    assert dead_letters(world) == [("2", "422: RecordInvalid <e-mail> is odd", 1)]


def test_a_failed_job_is_run_once_more(world, users, help_desk, zendesk) -> None:
    help_desk.failing_jobs = 1
    assert run_sync(world.connection, DESK, zendesk).acknowledged == 3


def test_a_job_that_fails_twice_is_dead_letters(world, users, help_desk, zendesk) -> None:
    help_desk.failing_jobs = 2
    assert run_sync(world.connection, DESK, zendesk).rejected == 3
    assert {reason for _, reason, _ in dead_letters(world)} == {"job failed: worker crashed on <e-mail>"}


def test_a_row_without_a_result_is_in_doubt_and_looked_up(world, users, help_desk, zendesk) -> None:
    help_desk.silent_about = {3}
    report = run_sync(world.connection, DESK, zendesk)
    assert (report.acknowledged, report.unknown) == (2, 1)
    assert in_doubt(world) == ["3"]
    help_desk.silent_about, help_desk.batches = set(), []
    report = run_sync(world.connection, DESK, zendesk)
    assert (report.confirmed, report.sent, help_desk.batches) == (1, 0, []), "Zendesk has it: it is not sent again"


class Killed(BaseException):
    """Stands for kill -9: nothing of ours runs after it but the database's own rollback."""


def test_a_kill_between_send_and_acknowledgement_heals(world, warehouse, users, help_desk, zendesk) -> None:
    deliver = zendesk.deliver

    def send_and_die(batch):
        deliver(batch)
        raise Killed

    zendesk.deliver = send_and_die
    with pytest.raises(Killed), warehouse.connect() as dying:
        run_sync(dying, DESK, zendesk)
    assert help_desk.users[2]["braid_lifetime_value"] == 10.5, "the help desk has it, and we do not know"
    assert in_doubt(world) == ["1", "2", "3"]
    zendesk.deliver = deliver
    assert run_sync(world.connection, DESK, zendesk).acknowledged == 3
    assert run_sync(world.connection, DESK, zendesk).sent == 0


def test_a_change_taken_back_after_a_kill_is_sent_all_the_same(world, warehouse, users, help_desk, zendesk) -> None:
    """Acknowledged 10.5, sent 50, killed, back to 10.5: the hashes agree, and the help desk holds 50."""
    run_sync(world.connection, DESK, zendesk)
    publish_again(world, 50)
    deliver = zendesk.deliver

    def send_and_die(batch):
        deliver(batch)
        raise Killed

    zendesk.deliver = send_and_die
    with pytest.raises(Killed), warehouse.connect() as dying:
        run_sync(dying, DESK, zendesk)
    zendesk.deliver = deliver
    publish_again(world, 10.5)
    run_sync(world.connection, DESK, zendesk)
    assert help_desk.users[2]["braid_lifetime_value"] == 10.5


def test_a_customer_lost_after_a_kill_is_cleared(world, warehouse, users, help_desk, zendesk) -> None:
    deliver = zendesk.deliver

    def send_and_die(batch):
        deliver(batch)
        raise Killed

    zendesk.deliver = send_and_die
    with pytest.raises(Killed), warehouse.connect() as dying:
        run_sync(dying, DESK, zendesk)
    zendesk.deliver = deliver
    world.execute("delete from golden.customers where customer_id = 'c3'")
    publish(world.connection, "r2", AS_OF)
    run_sync(world.connection, DESK, zendesk)
    assert help_desk.users[3] == CLEARED


def test_two_syncs_of_one_destination_do_not_run_at_once(world, warehouse, users, zendesk, monkeypatch) -> None:
    with warehouse.connect() as other:
        other.execute("select pg_advisory_lock(hashtextextended('braid activation sync of desk', 0))")
        other.commit()
        monkeypatch.setattr("activation.database.PATIENCE", 0.05)
        with pytest.raises(ActivationError, match="already running"):
            run_sync(world.connection, DESK, zendesk)
    monkeypatch.undo()
    assert run_sync(world.connection, DESK, zendesk).acknowledged == 3


def test_a_field_of_another_type_is_named(world, users, help_desk, zendesk) -> None:
    help_desk.fields = {"braid_vip": {"key": "braid_vip", "type": "text"}}
    with pytest.raises(DestinationError, match="braid_vip of type text"):
        run_sync(world.connection, DESK, zendesk)
    assert help_desk.batches == []
