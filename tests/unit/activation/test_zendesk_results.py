"""A finished job's results, in the shapes that Zendesk documents and that accounts have been seen to answer."""

from __future__ import annotations

from activation.destinations.zendesk_jobs import read_results
from activation.sync.destination import Change, Delivery, Fate

BATCH = [Delivery(key, Change.CHANGED, {}, {}, "h") for key in ("701", "702", "703")]


def fates(job, batch=BATCH) -> dict[str, Fate]:
    return {outcome.key: outcome.fate for outcome in read_results(batch, job)}


def test_results_by_id() -> None:
    results = [{"id": int(row.key), "action": "update", "status": "Updated", "success": True} for row in BATCH]
    assert set(fates({"status": "completed", "results": results}).values()) == {Fate.ACKNOWLEDGED}


def test_results_by_index_and_a_failure_that_carries_its_place_as_id() -> None:
    results = [
        {"index": 0, "id": 701, "status": "Updated", "success": True},
        {"index": 1, "error": "UserUpdateError", "details": "no", "success": False},
        {"id": 2, "error": "UserUpdateError", "details": "no", "status": "Failed"},
    ]
    assert fates({"status": "completed", "results": results}) == {
        "701": Fate.ACKNOWLEDGED,
        "702": Fate.REJECTED,
        "703": Fate.REJECTED,
    }


def test_a_failure_without_an_error_is_a_failure() -> None:
    for result in ({"id": 701, "success": False}, {"id": 701, "status": "Failed"}, {"id": 701, "errors": "x"}):
        assert fates({"status": "completed", "results": [result]}) == {"701": Fate.REJECTED}


def test_what_is_not_mentioned_is_not_made_up() -> None:
    for results in (None, [], "odd", [None, 3], [{"id": 999, "success": True}], [{"success": True}]):
        assert fates({"status": "completed", "results": results}) == {}


def test_a_failed_job_keeps_the_rows_that_it_did() -> None:
    job = {"status": "failed", "message": "gone", "results": [{"id": 702, "status": "Updated", "success": True}]}
    assert fates(job) == {"701": Fate.REJECTED, "702": Fate.ACKNOWLEDGED, "703": Fate.REJECTED}


def test_only_a_removal_is_done_when_the_user_is_gone() -> None:
    result = {"index": 0, "error": "RecordNotFound"}
    job = {"status": "completed", "results": [result]}
    assert fates(job) == {"701": Fate.REJECTED}
    assert fates(job, [Delivery("701", Change.REMOVED, {}, {}, "h")]) == {"701": Fate.ACKNOWLEDGED}
