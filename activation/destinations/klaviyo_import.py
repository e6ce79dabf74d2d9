"""Klaviyo's bulk import of profiles: a job that is waited for, and what it says of the rows that failed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from activation.destinations.klaviyo_client import KlaviyoConfig, pages
from activation.destinations.vendor_client import VendorClient, without_personal_data
from activation.sync.destination import DestinationError

_PATH = "/api/profile-bulk-import-jobs"


def imported(client: VendorClient, config: KlaviyoConfig, profiles: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Create or update profiles in one job ("Bulk Import Profiles": up to 10,000, 5 MB; a null clears nothing).

    Returns:
        The reason, without personal data, by the address (lower case) of each profile that Klaviyo did not take.

    Raises:
        BatchRejected: if Klaviyo refuses the request for its content.
        AnswerLost: if whether the job was taken is not known.
        DestinationError: if the job does not end in time.
    """
    body = {
        "data": {
            "type": "profile-bulk-import-job",
            "attributes": {"profiles": {"data": [{"type": "profile", "attributes": one} for one in profiles]}},
        }
    }
    job = client.request("POST", _PATH, body, once=True)["data"]
    pause, deadline = config.first_poll, time.monotonic() + config.job_timeout
    while (status := (job.get("attributes") or {}).get("status")) in ("queued", "processing"):
        if time.monotonic() > deadline:
            raise DestinationError(
                f"Klaviyo's import {job['id']} did not end within {config.job_timeout:.0f} s; "
                "its rows are in doubt and looked up by the next sync"
            )
        time.sleep(pause)
        pause = min(max(pause, 0.05) * 2, 10.0)
        job = client.request("GET", f"{_PATH}/{job['id']}")["data"]
    if status == "cancelled":
        raise DestinationError(f"Klaviyo's import {job['id']} was cancelled; run the sync again")
    if not (job.get("attributes") or {}).get("failed_count"):
        return {}
    return _failures(client, str(job["id"]))


def _failures(client: VendorClient, job_id: str) -> dict[str, str]:
    reasons: dict[str, str] = {}
    for error in pages(client, f"{_PATH}/{job_id}/import-errors?page[size]=100"):
        said = error.get("attributes") or {}
        sent = said.get("original_payload") or {}
        sent = sent.get("attributes") or sent
        address = sent.get("email") or sent.get("phone_number")
        if address:
            what = f"{said.get('title') or said.get('code')}: {said.get('detail') or 'no detail'}"
            reasons[str(address).lower()] = without_personal_data(what)
    return reasons
