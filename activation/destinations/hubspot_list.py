"""A HubSpot list: whoever may be contacted is on it as a contact, and nobody else of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from activation.destinations.hubspot_batch import BATCH
from activation.destinations.hubspot_client import HubSpotConfig, hubspot_client
from activation.destinations.hubspot_contacts import CHANNELS
from activation.destinations.hubspot_properties import contact_properties
from activation.destinations.hubspot_upsert import REACH, ContactWriter, Found, contacts_of
from activation.destinations.kind import Account, DestinationKind
from activation.destinations.lost_answers import settled
from activation.destinations.vendor_client import Refused
from activation.sync.block import SyncBlock
from activation.sync.destination import Change, Delivery, DestinationError, Fate, FieldKind, Identity, Outcome

_CONTACTS: Final = "0-1"
"""HubSpot's object type id of contacts."""

_NOT_KEPT: Final = "HubSpot accepted the contact, twice, and does not have it"


class HubSpotListOptions(BaseModel):
    """Options of a block."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    list: str = Field(description="the name of the list; it is created when there is none", min_length=1)


class HubSpotList:
    """The receiver of `hubspot_list`."""

    name = "HubSpot"
    batch_size = BATCH
    max_bytes: int | None = None
    reads_back = True

    def __init__(self, config: HubSpotConfig, list_name: str) -> None:
        """Prepare a client; no request is made."""
        self._list_name = list_name
        self._list_id: str | None = None
        self._client = hubspot_client(config)
        self._writer = ContactWriter(self._client, config.fields)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def remembered(self, identity: Identity, fields: Mapping[str, Any]) -> Identity:  # noqa: ARG002 - of the seam
        """The permitted address."""
        return {kind: value for kind, value in identity.items() if kind in REACH}

    def prepare(self, fields: Mapping[str, FieldKind]) -> None:
        """Create the properties and the list that are missing.

        Raises:
            DestinationError: if a property or the list is there as something else, or cannot be created.
        """
        contact_properties(self._client, {name: kind for name, kind in fields.items() if name not in REACH})
        self._writer.kinds = fields
        self._list_id = self._found_list()

    def _found_list(self) -> str:
        named = quote(self._list_name, safe="")
        try:
            found = self._client.request("GET", f"/crm/v3/lists/object-type-id/{_CONTACTS}/name/{named}")
        except Refused as refusal:
            if refusal.status != 404:
                raise
            body = {"name": self._list_name, "objectTypeId": _CONTACTS, "processingType": "MANUAL"}
            found = self._client.request("POST", "/crm/v3/lists", body)
        held = found.get("list") or found
        if held.get("processingType") not in ("MANUAL", "SNAPSHOT"):
            raise DestinationError(
                f"HubSpot's list {self._list_name} fills itself ({held.get('processingType')}), so that nobody can be "
                "put on it; name another list"
            )
        return str(held["listId"])

    def deliver(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Put up to 100 people on the list, each as a contact; take off it who is to leave.

        Raises:
            BatchRejected: if HubSpot refuses the batch for what is in it.
            DestinationError: if nothing more can be sent now.
        """
        outcomes: list[Outcome] = []
        for rows, send in (
            ([row for row in batch if row.erased], self._writer.erase),
            ([row for row in batch if row.change is Change.REMOVED and not row.erased], self._leave),
            ([row for row in batch if row.change is not Change.REMOVED], self._join),
        ):
            if rows:
                outcomes += settled(self._client, rows, send, self.confirm)
        return outcomes

    def confirm(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Read the contacts and who of them is on the list."""
        found = self._writer.find(batch)
        members = self._members(found)
        return [self._confirmed(row, found[row.key], members) for row in batch]

    def _confirmed(self, row: Delivery, found: Found, members: set[str]) -> Outcome:
        contact = found.target
        there = contacts_of(found)
        if row.change is Change.REMOVED:
            fits = not there if row.erased else not any(str(one["id"]) in members for one in there)
        else:
            fits = contact is not None and str(contact["id"]) in members and self._writer.holds(row, contact)
            fits = fits and (found.left is None or str(found.left["id"]) not in members)
        fate = Fate.ACKNOWLEDGED if fits else Fate.UNKNOWN
        return Outcome(row.key, fate, None, None if contact is None else str(contact["id"]))

    def _members(self, found: Mapping[str, Found]) -> set[str]:
        """The ids of the contacts that are on the list."""
        ids = sorted({str(one["id"]) for known in found.values() for one in contacts_of(known)})
        return self._on_list(ids)

    def _on_list(self, ids: Sequence[str]) -> set[str]:
        members: set[str] = set()
        for start in range(0, len(ids), BATCH):
            inputs = [{"objectTypeId": _CONTACTS, "recordId": one} for one in ids[start : start + BATCH]]
            answer = self._client.request("POST", "/crm/v3/lists/records/memberships/batch/read", {"inputs": inputs})
            for record in answer.get("results") or []:
                lists = {str(one.get("listId")) for one in record.get("recordListMemberships") or []}
                if self._list_id in lists:
                    members.add(str(record.get("recordId")))
        return members

    def _join(self, rows: Sequence[Delivery]) -> list[Outcome]:
        outcomes, missing = self._joined(rows)
        # Contacts that HubSpot took and does not have are written once more.
        again, lost = self._joined([row for row in rows if row.key in missing]) if missing else ([], set())
        known = {one.key: one for one in (*outcomes, *again)}
        return [*(one for one in known.values() if one.key not in lost),
                *(Outcome(key, Fate.REJECTED, _NOT_KEPT) for key in lost)]  # fmt: skip

    def _joined(self, rows: Sequence[Delivery]) -> tuple[list[Outcome], set[str]]:
        """What became of the rows, and the keys of those whose contacts HubSpot does not know after all."""
        written = self._writer.write(rows)
        ids = {one.remote_id for one in written.outcomes if one.fate is Fate.ACKNOWLEDGED and one.remote_id}
        members = self._on_list(sorted({*ids, *(str(one["id"]) for one in written.left)}))
        missing = self._change("add", sorted(ids - members))
        self._change("remove", sorted({str(one["id"]) for one in written.left} & members))
        return written.outcomes, {one.key for one in written.outcomes if one.remote_id in missing}

    def _leave(self, rows: Sequence[Delivery]) -> list[Outcome]:
        self._change("remove", sorted(self._members(self._writer.find(rows))))
        return [Outcome(row.key, Fate.ACKNOWLEDGED) for row in rows]

    def _change(self, action: str, ids: Sequence[str]) -> set[str]:
        """Add or remove contacts; the ids of those who are to be added and are not there."""
        if not ids:
            return set()
        path = f"/crm/v3/lists/{self._list_id}/memberships/{action}"
        answer = self._client.request("PUT", path, list(ids), once=True)
        return {str(one) for one in answer.get("recordIdsMissing") or []} if action == "add" else set()


def _build(block: SyncBlock, account: Account) -> HubSpotList:
    options = HubSpotListOptions.model_validate(block.options)
    return HubSpotList(HubSpotConfig.model_validate({**account, "fields": tuple(block.mapping)}), options.list)


def _where(block: SyncBlock) -> dict[str, str]:
    return {"list": HubSpotListOptions.model_validate(block.options).list}


KIND: Final = DestinationKind(
    name="hubspot_list",
    account="hubspot",
    channels=CHANNELS,
    build=_build,
    options=HubSpotListOptions,
    where=_where,
)
