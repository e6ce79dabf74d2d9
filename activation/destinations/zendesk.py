"""Zendesk: every user that is a known customer carries the customer's id, persona, value, VIP flag and segments.

These are user fields that only agents see, kept for service: no marketing consent is asked for, but the customer's link
strength must reach `minimum_link_strength`, or an agent could be shown another person's history.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from psycopg import sql
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from activation.destinations.vendor_client import RetryPolicy, VendorClient, without_personal_data
from activation.sync.destination import BatchRejected, Change, Delivery, DestinationError, Fate, Outcome

# Zendesk API reference, Users, "Update Many Users": up to 100 users, done by a background job.
_BATCH_SIZE: Final = 100

_FIELDS: Final = {
    "braid_customer_id": ("text", "Braid customer id"),
    "braid_persona": ("text", "Braid persona"),
    "braid_lifetime_value": ("decimal", "Braid lifetime value"),
    "braid_vip": ("checkbox", "Braid VIP"),
    "braid_segments": ("textarea", "Braid segments"),
}
"""User field key -> Zendesk type and title. A textarea has no limit that a list of segments could reach."""

_FIELDS_PATH: Final = "/api/v2/user_fields.json"

_CLEARED: Final[Mapping[str, Any]] = {key: False if kind == "checkbox" else None for key, (kind, _) in _FIELDS.items()}


class ZendeskConfig(BaseModel):
    """Where the Zendesk account is and how patient to be with it; times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(description="https://<subdomain>.zendesk.com")
    email: str
    api_token: SecretStr
    minimum_link_strength: float = Field(default=0.5, ge=0, le=1, description="below it a user's fields are kept clear")
    vip_segment: str = "vip"
    retry: RetryPolicy = RetryPolicy()
    job_timeout: float = Field(default=300, gt=0, description="longest wait for one background job")
    first_poll: float = Field(default=0.1, ge=0, description="first wait between two looks at a job; doubles up to 5 s")


class ZendeskUsers:
    """The destination `zendesk`: user fields, by Zendesk user id."""

    name = "zendesk"
    batch_size = _BATCH_SIZE

    def __init__(self, config: ZendeskConfig) -> None:
        """Prepare a client; no request is made."""
        self._config = config
        self._client = VendorClient(
            "Zendesk",
            config.url.rstrip("/"),
            httpx.BasicAuth(f"{config.email}/token", config.api_token.get_secret_value()),
            "BRAID_ZENDESK__URL, BRAID_ZENDESK__EMAIL and BRAID_ZENDESK__API_TOKEN",
            config.retry,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def desired(self) -> sql.Composed:
        """One row per Zendesk user that belongs to a published customer: its five fields."""
        return sql.SQL("""
            select
                substr(identifier.match_key, length('zendesk:user:') + 1) as key,
                jsonb_build_object(
                    'braid_customer_id', profile.customer_id,
                    'braid_persona', profile.document -> 'persona' ->> 'name',
                    'braid_lifetime_value', round((profile.document -> 'metrics' ->> 'lifetime_value')::numeric, 2),
                    'braid_vip', profile.document -> 'segments' ? {vip},
                    'braid_segments', shown.segments
                ) as payload
            from activation.profile_identifiers as identifier
            inner join activation.profiles as profile on profile.customer_id = identifier.customer_id
            left join (
                select member.customer_id, string_agg(member.segment, ', ' order by member.segment) as segments
                from activation.segment_members as member
                inner join activation.segments as segment on segment.segment = member.segment
                where {name} = any(segment.destinations)
                group by member.customer_id
            ) as shown on shown.customer_id = profile.customer_id
            where identifier.kind = 'record_id'
            and identifier.match_key ~ '^zendesk:user:[0-9]+$'
            and profile.link_strength >= {minimum}
        """).format(
            name=sql.Literal(self.name),
            vip=sql.Literal(self._config.vip_segment),
            minimum=sql.Literal(self._config.minimum_link_strength),
        )

    def removal(self) -> Mapping[str, Any]:
        """The fields of a user that is no longer a known customer."""
        return _CLEARED

    def prepare(self) -> None:
        """Create the user fields that are missing.

        Raises:
            DestinationError: if a field of that key exists with another type, or the fields cannot be created.
        """
        existing = self._existing_fields()
        for key, (kind, title) in _FIELDS.items():
            if key in existing and existing[key] != kind:
                raise DestinationError(
                    f"Zendesk has a user field {key} of type {existing[key]}, and Braid needs {kind}; "
                    "delete that field in Zendesk, Braid creates it again"
                )
            if key in existing:
                continue
            try:
                self._client.request("POST", _FIELDS_PATH, {"user_field": {"key": key, "type": kind, "title": title}})
            except BatchRejected as refusal:
                # A request whose answer was lost may have created it already.
                if self._existing_fields().get(key) != kind:
                    raise DestinationError(f"Zendesk does not create the user field {key}: {refusal}") from None

    def deliver(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Update up to 100 users in one background job and wait for what it says of each.

        Raises:
            BatchRejected: if Zendesk refuses the request for its content.
            DestinationError: if nothing more can be sent now, or the job does not end in time.
        """
        job = self._run_job(batch)
        if job.get("status") != "completed":
            # The rows of a failed job may or may not be written; writing them again does no harm.
            job = self._run_job(batch)
        return read_results(batch, job)

    def _run_job(self, batch: Sequence[Delivery]) -> dict[str, Any]:
        users = [{"id": int(row.key), "user_fields": dict(row.fields)} for row in batch]
        job = _job_of(self._client.request("PUT", "/api/v2/users/update_many.json", {"users": users}))
        pause, deadline = self._config.first_poll, time.monotonic() + self._config.job_timeout
        while job.get("status") in ("queued", "working"):
            if time.monotonic() > deadline:
                raise DestinationError(
                    f"Zendesk's job {job['id']} did not end within {self._config.job_timeout:.0f} s; "
                    "its rows are in doubt and sent again by the next sync"
                )
            time.sleep(pause)
            pause = min(max(pause, 0.05) * 2, 5.0)
            job = _job_of(self._client.request("GET", f"/api/v2/job_statuses/{job['id']}.json"))
        return job

    def _existing_fields(self) -> dict[str, str]:
        found: dict[str, str] = {}
        path: str | None = f"{_FIELDS_PATH}?page[size]=100"
        while path:
            page = self._client.request("GET", path)
            found |= {str(field.get("key")): str(field.get("type")) for field in page.get("user_fields", [])}
            following = (page.get("links") or {}).get("next") if "meta" in page else page.get("next_page")
            if (page.get("meta") or {}).get("has_more") is False:
                following = None
            # Only the query is followed: the credentials go to the configured host and to no other.
            parts = urlsplit(following) if following else None
            path = f"{_FIELDS_PATH}?{parts.query}" if parts else None
        return found


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
