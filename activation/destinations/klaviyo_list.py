"""A Klaviyo list: whoever may be contacted is on it with a profile, and nobody else of ours."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from activation.destinations.kind import Account, DestinationKind
from activation.destinations.klaviyo_client import KlaviyoConfig, found_profiles, klaviyo_client, pages
from activation.destinations.klaviyo_fields import IDENTIFIERS, checked_fields, holds, reach, wanted
from activation.destinations.klaviyo_profiles import BATCH_SIZE, CHANNELS, MAX_BYTES, sole
from activation.destinations.klaviyo_upsert import Found, ProfileWriter
from activation.destinations.lost_answers import settled
from activation.sync.block import SyncBlock
from activation.sync.destination import Change, Delivery, DestinationError, Fate, FieldKind, Identity, Outcome

_CHANGED_AT_ONCE: Final = 1_000
"""Profiles in one request of "Add Profiles to List" and "Remove Profiles from List"."""


class KlaviyoListOptions(BaseModel):
    """Options of a block."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    list: str = Field(description="the name of the list; it is created when there is none", min_length=1)


class KlaviyoList:
    """The receiver of `klaviyo_list`."""

    name = "Klaviyo"
    batch_size = BATCH_SIZE
    max_bytes: int | None = MAX_BYTES
    reads_back = True

    def __init__(self, config: KlaviyoConfig, list_name: str) -> None:
        """Prepare a client; no request is made."""
        self._list_name = list_name
        self._list_id: str | None = None
        self._client = klaviyo_client(config)
        self._writer = ProfileWriter(self._client, config)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def remembered(self, identity: Identity, fields: Mapping[str, Any]) -> Identity:  # noqa: ARG002 - of the seam
        """The permitted address."""
        return {kind: value for kind, value in identity.items() if kind in IDENTIFIERS}

    def prepare(self, fields: Mapping[str, FieldKind]) -> None:
        """Create the list when there is none of that name, and check the mapping.

        Raises:
            DestinationError: if several lists have the name, or an attribute is to hold what it cannot.
        """
        checked_fields(fields)
        found = self._lists()
        if not found:
            body = {"data": {"type": "list", "attributes": {"name": self._list_name}}}
            self._client.exchange("POST", "/api/lists", body)
            found = self._lists()
        if len(found) != 1:
            raise DestinationError(
                f"Klaviyo has {len(found)} lists named {self._list_name}; rename all but one, or name another list"
            )
        self._list_id = str(found[0]["id"])

    def _lists(self) -> list[dict[str, Any]]:
        condition = quote(f"equals(name,{json.dumps(self._list_name, ensure_ascii=False)})")
        return list(pages(self._client, f"/api/lists?filter={condition}"))

    @property
    def _path(self) -> str:
        if self._list_id is None:
            self.prepare({})
        return f"/api/lists/{self._list_id}"

    def deliver(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Put up to 1,000 people on the list, each with a profile; take off it who is to leave.

        Raises:
            BatchRejected: if Klaviyo refuses the whole for what is in it.
            DestinationError: if nothing more can be sent now.
        """
        first, later = sole(batch)
        outcomes: list[Outcome] = []
        for rows, send in (
            ([row for row in first if row.erased], self._writer.erase),
            ([row for row in first if row.change is Change.REMOVED and not row.erased], self._leave),
            ([row for row in first if row.change is not Change.REMOVED], self._join),
        ):
            if rows:
                outcomes += settled(self._client, rows, send, self.confirm)
        # A household's address is on the list once, for all who share it.
        known = {row.key: row for row in first}
        by_address = {_address(known[one.key]): one for one in outcomes if known[one.key].identity}
        shared = ((row, by_address[_address(row)]) for row in later)
        return outcomes + [Outcome(row.key, one.fate, one.reason, one.remote_id) for row, one in shared]

    def confirm(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Read the profiles and who of them is on the list."""
        found = self._writer.find(batch)
        members = self._members(found)
        sharing = {row.key for row in sole(batch)[1]}
        return [self._confirmed(row, found[row.key], members, row.key in sharing) for row in batch]

    def _confirmed(self, row: Delivery, found: Found, members: set[str], sharing: bool) -> Outcome:
        profile = found.target
        on_list = [one for one in (found.by_address, found.by_id) if one is not None and one["id"] in members]
        if row.change is Change.REMOVED:
            fits = profile is None if row.erased else not on_list
        else:
            values = {} if sharing else wanted(row, ())
            fits = profile is not None and profile["id"] in members and holds(profile, values, reach(row.identity))
            fits = fits and (found.left is None or found.left["id"] not in members)
        fate = Fate.ACKNOWLEDGED if fits else Fate.UNKNOWN
        return Outcome(row.key, fate, None, None if profile is None else str(profile["id"]))

    def _members(self, found: Mapping[str, Found]) -> set[str]:
        """The ids of the profiles that are on the list; members can be asked for by their address only."""
        profiles = [one for known in found.values() for one in (known.by_address, known.by_id) if one is not None]
        members: set[str] = set()
        for name in IDENTIFIERS.values():
            values = [str(value) for one in profiles if (value := (one.get("attributes") or {}).get(name))]
            hits = found_profiles(self._client, name, values, f"{self._path}/profiles")
            members |= {str(one["id"]) for one in hits.values()}
        return members

    def _join(self, rows: Sequence[Delivery]) -> list[Outcome]:
        written = self._writer.write(rows)
        ids = {one.remote_id for one in written.outcomes if one.fate is Fate.ACKNOWLEDGED and one.remote_id}
        members = self._members(self._writer.find(rows)) if ids else set()
        self._change("POST", sorted(ids - members))
        self._change("DELETE", sorted({str(one["id"]) for one in written.left} & members))
        return written.outcomes

    def _leave(self, rows: Sequence[Delivery]) -> list[Outcome]:
        found = self._writer.find(rows)
        self._change("DELETE", sorted(self._members(found)))
        return [Outcome(row.key, Fate.ACKNOWLEDGED) for row in rows]

    def _change(self, method: str, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), _CHANGED_AT_ONCE):
            named = [{"type": "profile", "id": one} for one in ids[start : start + _CHANGED_AT_ONCE]]
            self._client.exchange(method, f"{self._path}/relationships/profiles", {"data": named}, once=True)


def _address(row: Delivery) -> tuple[tuple[str, str], ...]:
    return tuple((name, value.lower()) for name, value in sorted(reach(row.identity).items()))


def _build(block: SyncBlock, account: Account) -> KlaviyoList:
    options = KlaviyoListOptions.model_validate(block.options)
    return KlaviyoList(KlaviyoConfig.model_validate({**account, "fields": tuple(block.mapping)}), options.list)


def _where(block: SyncBlock) -> dict[str, str]:
    return {"list": KlaviyoListOptions.model_validate(block.options).list}


KIND: Final = DestinationKind(
    name="klaviyo_list",
    account="klaviyo",
    channels=CHANNELS,
    build=_build,
    options=KlaviyoListOptions,
    where=_where,
)
