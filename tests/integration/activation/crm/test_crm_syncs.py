"""Every CRM and marketing tool through the real engine: what it holds, what is taken back, what is erased."""

from __future__ import annotations

import pytest

from activation.sync.engine import run_sync
from activation.sync.erasure import pending_erasures, request_erasure
from tests.integration.activation.crm.crm_tools import (
    CASES,
    EIGHT,
    LATER,
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_tool_holds_what_is_published_and_each_row_is_written_once(eight, tools, move_on, case) -> None:
    receiver = tools.receiver(case)
    report = run_sync(eight.connection, case.block, receiver)
    assert (report.acknowledged, report.rejected, report.unknown) == (8, 0, 0)
    assert tools.holds(case) == case.wanted(EIGHT)
    assert tools.most_written(case) == 1
    asked = tools.asked(case)
    assert run_sync(eight.connection, case.block, receiver).sent == 0
    assert tools.asked(case) == asked, "nothing changed, so nothing is asked"
    move_on()
    report = run_sync(eight.connection, case.block, receiver)
    assert (report.rejected, report.unknown) == (0, 0)
    assert tools.holds(case) == case.wanted(LATER)
    assert tools.most_written(case) == 2
    receiver.close()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_whoever_is_erased_is_deleted_at_the_vendor(eight, tools, case) -> None:
    run_sync(eight.connection, case.block, tools.receiver(case))
    with eight.connection.transaction():
        request_erasure(eight.connection, ["c3"])
    eight.execute("delete from activation.profiles where customer_id = 'c3'")
    run_sync(eight.connection, case.block, tools.receiver(case))
    assert pending_erasures(eight.connection) == []
    left = {key: one for key, one in EIGHT.items() if key != "c3"}
    assert tools.holds(case) == case.wanted(left)
    assert "p3@mail.org" not in str(tools.held(case))
