"""Zendesk's background jobs: waiting for one to end, and what it says of each row."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from activation.destinations.vendor_client import VendorClient, without_personal_data
from activation.sync.destination import Change, Delivery, DestinationError, Fate, Outcome


def finished_job(client: VendorClient, started: Mapping[str, Any], first_poll: float, timeout: float) -> dict[str, Any]:
    """The job of an answer with `job_status`, when it has ended; asked for with growing pauses, up to 5 s.

    Raises:
        DestinationError: if it does not end within `timeout` seconds.
    """
    job = _job_of(started)
    pause, deadline = first_poll, time.monotonic() + timeout
    while job.get("status") in ("queued", "working"):
        if time.monotonic() > deadline:
            raise DestinationError(
                f"Zendesk's job {job['id']} did not end within {timeout:.0f} s; "
                "its rows are in doubt and looked up by the next sync"
            )
        time.sleep(pause)
        pause = min(max(pause, 0.05) * 2, 5.0)
        job = _job_of(client.request("GET", f"/api/v2/job_statuses/{job['id']}.json"))
    return job


def _job_of(body: Mapping[str, Any]) -> dict[str, Any]:
    job = body.get("job_status")
    if not isinstance(job, dict) or not job.get("id"):
        raise DestinationError(
            "Zendesk answered without a job_status; check that BRAID_ZENDESK__URL is a Zendesk account"
        )
    return job


def read_results(batch: Sequence[Delivery], job: Mapping[str, Any]) -> list[Outcome]:
    """The fate of each row from a finished job.

    In a job that failed as a whole, a row without a result is rejected with the job's message; in one that completed,
    its fate is unknown.
    """
    by_key = {row.key: row for row in batch}
    outcomes: dict[str, Outcome] = {}
    results = job.get("results")
    for result in results if isinstance(results, list) else []:
        if not isinstance(result, dict):
            continue
        row = _row_of(batch, by_key, result)
        if row is not None:
            outcomes[row.key] = _outcome(row, result)
    if job.get("status") != "completed":
        reason = without_personal_data(f"job {job.get('status')}: {job.get('message') or 'no message'}")
        outcomes = {key: Outcome(key, Fate.REJECTED, reason) for key in by_key} | outcomes
    return list(outcomes.values())


def _row_of(batch: Sequence[Delivery], by_key: Mapping[str, Delivery], result: Mapping[str, Any]) -> Delivery | None:
    """The row that a result speaks of: by `index`, its place in the request, or by `id`.

    A failed row may carry its place as `id`, without an `index`: accounts have been seen to answer so.
    """
    place, named = result.get("index"), result.get("id")
    if isinstance(place, int) and 0 <= place < len(batch):
        return batch[place]
    if str(named) in by_key:
        return by_key[str(named)]
    if result.get("error") and isinstance(named, int) and 0 <= named < len(batch):
        return batch[named]
    return None


def _outcome(row: Delivery, result: Mapping[str, Any]) -> Outcome:
    error = result.get("error") or result.get("errors")
    if not error and result.get("success") is not False and str(result.get("status")).lower() != "failed":
        return Outcome(row.key, Fate.ACKNOWLEDGED)
    said = f"{error or 'Failed'} {result.get('details') or ''}".strip()
    # A user that Zendesk no longer has holds nothing of ours.
    if row.change is Change.REMOVED and "notfound" in said.lower().replace(" ", "").replace("_", ""):
        return Outcome(row.key, Fate.ACKNOWLEDGED)
    return Outcome(row.key, Fate.REJECTED, without_personal_data(said))
