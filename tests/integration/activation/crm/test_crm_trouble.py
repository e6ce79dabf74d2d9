"""Syncs to CRM and marketing tools while these misbehave, or the sync is killed: the end is the same, nothing twice."""

from __future__ import annotations

import time

import pytest

from activation.sync.destination import DestinationError
from activation.sync.engine import run_sync
from activation.sync.history import dead_letters, request_replay
from tests.integration.activation.crm.crm_tools import (
    CASES,
    EIGHT,
    HUBSPOT_CONTACTS,
    HUBSPOT_LIST,
    KLAVIYO_LIST,
    KLAVIYO_PROFILES,
    LATER,
    SALESFORCE,
    SALESFORCE_RECORDS,
    ZENDESK,
    await_writes,
    start_sync,
)

FAULTS = {
    "429": {"kind": "status", "status": 429, "retry_after": 0},
    "500": {"kind": "status", "status": 500},
    "reset": {"kind": "reset"},
    "lost answer": {"kind": "after_apply"},
    "cut off": {"kind": "truncate"},
}


@pytest.mark.parametrize("trouble", FAULTS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_that_passes_changes_nothing_and_nothing_is_written_twice(eight, tools, move_on, case, trouble) -> None:
    """The fault strikes once each of all that the sync asks for."""
    receiver = tools.receiver(case)
    for path in case.paths:
        tools.fault(case, path=path, **FAULTS[trouble])
    assert run_sync(eight.connection, case.block, receiver).acknowledged == 8
    assert tools.holds(case) == case.wanted(EIGHT)
    assert tools.most_written(case) == 1
    tools.clear_faults()
    move_on()
    for path in case.paths:
        tools.fault(case, path=path, **FAULTS[trouble])
    report = run_sync(eight.connection, case.block, receiver)
    assert (report.rejected, report.unknown) == (0, 0)
    assert tools.holds(case) == case.wanted(LATER)
    assert tools.most_written(case) == 2
    receiver.close()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_tool_that_asks_to_wait_is_waited_for(eight, tools, case) -> None:
    tools.fault(case, "status", path=case.writes[0], status=503, retry_after=1)
    assert run_sync(eight.connection, case.block, tools.receiver(case)).acknowledged == 8
    assert tools.holds(case) == case.wanted(EIGHT)
    assert tools.most_written(case) == 1


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_write_that_takes_longer_than_we_listen_is_not_made_twice(eight, tools, case) -> None:
    tools.fault(case, "slow", path=case.writes[0], seconds=1.3)
    assert run_sync(eight.connection, case.block, tools.receiver(case)).acknowledged == 8
    # The slow request is done by now, whether or not anybody waited for it.
    time.sleep(0.6)
    assert tools.holds(case) == case.wanted(EIGHT)
    assert tools.most_written(case) == 1


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_accepted_and_not_applied_is_found_and_sent_again(eight, tools, case) -> None:
    tools.fault(case, "ignore", path=case.writes[0])
    assert run_sync(eight.connection, case.block, tools.receiver(case)).acknowledged == 8
    assert tools.holds(case) == case.wanted(EIGHT)
    assert tools.most_written(case) == 1


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_never_applied_is_a_dead_letter_that_says_so(eight, tools, case) -> None:
    for path in case.writes:
        tools.fault(case, "ignore", path=path, times=-1)
    report = run_sync(eight.connection, case.block, tools.receiver(case))
    assert report.acknowledged == 0
    if report.rejected:
        assert {"not" in letter.reason for letter in dead_letters(eight.connection, case.block.name)} == {True}
    tools.clear_faults()
    request_replay(eight.connection, case.block.name)
    run_sync(eight.connection, case.block, tools.receiver(case))
    assert tools.holds(case) == case.wanted(EIGHT)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_some_rows_of_a_batch_fail_and_the_others_arrive(eight, tools, case) -> None:
    tools.fault(case, "partial", path=case.writes[0], rows=[1, 4])
    report = run_sync(eight.connection, case.block, tools.receiver(case))
    assert report.acknowledged == 6
    # A locked row of Salesforce's passes; what the others refuse waits for a person.
    expected = (0, 2) if case in (SALESFORCE, SALESFORCE_RECORDS) else (2, 0)
    assert (report.rejected, report.unknown) == expected
    for letter in dead_letters(eight.connection, case.block.name):
        assert "@" not in letter.reason and letter.reason
    request_replay(eight.connection, case.block.name)
    run_sync(eight.connection, case.block, tools.receiver(case))
    assert tools.holds(case) == case.wanted(EIGHT)
    assert tools.most_written(case) == 1


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_tool_that_stays_down_is_one_clear_error_and_the_next_sync_ends_right(eight, tools, move_on, case) -> None:
    for path in case.writes:
        tools.fault(case, "status", path=path, status=500, times=-1)
    with pytest.raises(DestinationError, match=r"did not recover.*0 of 8 rows"):
        run_sync(eight.connection, case.block, tools.receiver(case))
    tools.clear_faults()
    tools.restart()
    move_on()
    run_sync(eight.connection, case.block, tools.receiver(case))
    assert tools.holds(case) == case.wanted(LATER)
    assert tools.most_written(case) == 1


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_tool_that_restarts_between_syncs_keeps_what_it_holds(eight, tools, move_on, case) -> None:
    """The receiver keeps its connections and its session, which the restarted tool does not know."""
    receiver = tools.receiver(case)
    run_sync(eight.connection, case.block, receiver)
    tools.restart()
    assert tools.holds(case) == case.wanted(EIGHT)
    move_on()
    run_sync(eight.connection, case.block, receiver)
    assert tools.holds(case) == case.wanted(LATER)
    assert tools.most_written(case) == 2
    receiver.close()


@pytest.mark.parametrize("writes", [1, 3])
@pytest.mark.parametrize("case", [ZENDESK, SALESFORCE, KLAVIYO_LIST, HUBSPOT_LIST], ids=str)
def test_a_killed_sync_is_taken_up_and_nothing_is_sent_twice(eight, warehouse, tools, case, writes) -> None:
    """kill -9 while the first or third write is on its way; it may be carried out or not."""
    for path in case.writes:
        tools.fault(case, "slow", path=path, seconds=0.3, times=-1)
    process = start_sync(warehouse.address.conninfo, case, tools, batch_size=3)
    await_writes(tools, case, writes)
    process.kill()
    process.wait(10)
    # What was on its way is carried out although nobody listens any more.
    time.sleep(0.5)
    tools.clear_faults()
    run_sync(eight.connection, case.block, tools.receiver(case))
    assert tools.holds(case) == case.wanted(EIGHT)
    assert tools.most_written(case) == 1
    assert run_sync(eight.connection, case.block, tools.receiver(case)).sent == 0


@pytest.mark.parametrize("case", CASES, ids=str)
def test_refused_credentials_name_the_settings_and_keep_the_secret(eight, tools, case) -> None:
    secret = {
        "zendesk": "api_token",
        "salesforce": "client_secret",
        "klaviyo": "api_key",
        "hubspot": "access_token",
    }[case.account]
    receiver = tools.receiver(case, **{secret: "s3cret-of-mine"})
    with pytest.raises(DestinationError, match=f"BRAID_{case.account.upper()}__") as refused:
        run_sync(eight.connection, case.block, receiver)
    assert "s3cret" not in str(refused.value)
    assert tools.most_written(case) == 0


@pytest.mark.parametrize("case", [KLAVIYO_PROFILES, HUBSPOT_CONTACTS, SALESFORCE], ids=str)
def test_a_spent_allowance_is_waited_for_or_said(eight, tools, case) -> None:
    """Klaviyo and HubSpot refill within seconds; Salesforce's allowance is that of a day."""
    tools.fault(case, "status", path=case.writes[0], status=403 if case is SALESFORCE else 429, retry_after=3600)
    if case is SALESFORCE:
        with pytest.raises(DestinationError, match="takes no more requests for now"):
            run_sync(eight.connection, case.block, tools.receiver(case))
    else:
        with pytest.raises(DestinationError, match="asks to wait 3600 s"):
            run_sync(eight.connection, case.block, tools.receiver(case))
    run_sync(eight.connection, case.block, tools.receiver(case))
    assert tools.holds(case) == case.wanted(EIGHT)
    assert tools.most_written(case) == 1
