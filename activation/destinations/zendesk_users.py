"""Zendesk: fields of users that the help desk has already, by Zendesk's own user id; seen by agents only.

After "Update Many Users" (up to 100 in a background job), "Job Statuses", "User Fields", "Show Many Users", "Delete
User" and "Permanently Delete User" of Zendesk's API reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from activation.destinations.kind import Account, DestinationKind
from activation.destinations.lost_answers import settled
from activation.destinations.vendor_client import Refused, RetryPolicy, VendorClient
from activation.destinations.zendesk_fields import as_sent, same, user_fields
from activation.destinations.zendesk_jobs import finished_job, read_results
from activation.sync.block import Channel, SyncBlock
from activation.sync.destination import Change, Delivery, Fate, FieldKind, Identity, Outcome

_BATCH_SIZE: Final = 100


class ZendeskUsersConfig(BaseModel):
    """Where the Zendesk account is, whose fields these are, and how patient to be; times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(description="https://<subdomain>.zendesk.com")
    email: str
    api_token: SecretStr
    fields: tuple[str, ...] = Field(
        (), description="the user fields that are Braid's: cleared when a row is taken back"
    )
    retry: RetryPolicy = RetryPolicy()
    job_timeout: float = Field(default=300, gt=0, description="longest wait for one background job")
    first_poll: float = Field(default=0.1, ge=0, description="first wait between two looks at a job; doubles up to 5 s")


class ZendeskUsers:
    """The receiver of `zendesk_users`."""

    name = "Zendesk"
    batch_size = _BATCH_SIZE
    max_bytes: int | None = None
    reads_back = True

    def __init__(self, config: ZendeskUsersConfig) -> None:
        """Prepare a client; no request is made."""
        self._config = config
        self._kinds: Mapping[str, FieldKind] = {}
        self._client = VendorClient(
            self.name,
            config.url.rstrip("/"),
            httpx.BasicAuth(f"{config.email}/token", config.api_token.get_secret_value()),
            "BRAID_ZENDESK__URL, BRAID_ZENDESK__EMAIL and BRAID_ZENDESK__API_TOKEN",
            config.retry,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def remembered(self, identity: Identity, fields: Mapping[str, Any]) -> Identity:  # noqa: ARG002 - of the seam
        """Nothing: the key is Zendesk's own user id, and it takes a row back."""
        return {}

    def prepare(self, fields: Mapping[str, FieldKind]) -> None:
        """Create the user fields that are missing.

        Raises:
            DestinationError: if a field of that key exists with another type, or the fields cannot be created.
        """
        user_fields(self._client, fields)
        self._kinds = fields

    def deliver(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Update up to 100 users in one background job and wait for what it says of each; delete who is erased.

        Raises:
            BatchRejected: if Zendesk refuses the request for its content.
            DestinationError: if nothing more can be sent now, or the job does not end in time.
        """
        erased = [row for row in batch if row.erased]
        updated = [row for row in batch if not row.erased]
        outcomes = settled(self._client, updated, self._update, self.confirm) if updated else []
        return outcomes + [self._delete(row) for row in erased]

    def confirm(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Read the users; a user that Zendesk no longer has holds nothing of ours."""
        ids = ",".join(row.key for row in batch)
        shown = self._client.request("GET", f"/api/v2/users/show_many.json?ids={ids}").get("users") or []
        users = {str(user.get("id")): user for user in shown if isinstance(user, dict)}
        return [
            Outcome(row.key, Fate.ACKNOWLEDGED if self._holds(row, users.get(row.key)) else Fate.UNKNOWN)
            for row in batch
        ]

    def _holds(self, row: Delivery, user: Mapping[str, Any] | None) -> bool:
        gone = user is None or user.get("active") is False
        if row.erased:
            return gone and self._is_erased(row.key)
        if gone:
            return row.change is Change.REMOVED
        held = (user or {}).get("user_fields") or {}
        return all(same(self._kinds.get(name), value, held.get(name)) for name, value in self._wanted(row).items())

    def _wanted(self, row: Delivery) -> dict[str, Any]:
        values = dict.fromkeys(self._config.fields) if row.change is Change.REMOVED else row.fields
        return {name: as_sent(self._kinds.get(name), value) for name, value in values.items()}

    def _update(self, batch: Sequence[Delivery]) -> list[Outcome]:
        job = self._run_job(batch)
        if job.get("status") == "completed":
            return read_results(batch, job)
        # The rows of a failed job may or may not be written.
        held = {one.key: one for one in self.confirm(batch) if one.fate is Fate.ACKNOWLEDGED}
        rest = [row for row in batch if row.key not in held]
        return [*held.values(), *(read_results(rest, self._run_job(rest)) if rest else [])]

    def _run_job(self, batch: Sequence[Delivery]) -> Mapping[str, Any]:
        users = [{"id": int(row.key), "user_fields": self._wanted(row)} for row in batch]
        started = self._client.request("PUT", "/api/v2/users/update_many.json", {"users": users}, once=True)
        return finished_job(self._client, started, self._config.first_poll, self._config.job_timeout)

    def _delete(self, row: Delivery) -> Outcome:
        """Delete a user, then for good; both may be asked twice without harm."""
        for path in (f"/api/v2/users/{row.key}.json", f"/api/v2/deleted_users/{row.key}.json"):
            try:
                self._client.exchange("DELETE", path)
            except Refused as refusal:
                if refusal.status != 404:
                    return Outcome(row.key, Fate.REJECTED, str(refusal))
        return Outcome(row.key, Fate.ACKNOWLEDGED)

    def _is_erased(self, user_id: str) -> bool:
        try:
            body = self._client.request("GET", f"/api/v2/deleted_users/{user_id}.json")
        except Refused as refusal:
            return refusal.status == 404
        return "permanently" in str((body.get("deleted_user") or {}).get("name", "")).lower()


def _build(block: SyncBlock, account: Account) -> ZendeskUsers:
    return ZendeskUsers(ZendeskUsersConfig.model_validate({**account, "fields": tuple(block.mapping)}))


KIND: Final = DestinationKind(
    name="zendesk_users",
    account="zendesk",
    channels=frozenset({Channel.NONE}),
    build=_build,
    keys=("record:zendesk:user",),
)
"""User fields are for service, on users that the help desk has already: no permission of a channel is asked."""
