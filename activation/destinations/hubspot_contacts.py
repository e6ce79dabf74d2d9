"""HubSpot contacts: properties of whoever may be contacted, by the customer id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from activation.destinations.hubspot_batch import BATCH
from activation.destinations.hubspot_client import HubSpotConfig, hubspot_client
from activation.destinations.hubspot_properties import contact_properties
from activation.destinations.hubspot_upsert import REACH, ContactWriter, contacts_of
from activation.destinations.kind import Account, DestinationKind
from activation.destinations.lost_answers import settled
from activation.sync.block import Channel, SyncBlock
from activation.sync.destination import Change, Delivery, Fate, FieldKind, Identity, Outcome

CHANNELS: Final = frozenset({Channel.EMAIL, Channel.SMS, Channel.PHONE, Channel.WHATSAPP})


class HubSpotContacts:
    """The receiver of `hubspot_contacts`."""

    name = "HubSpot"
    batch_size = BATCH
    max_bytes: int | None = None
    reads_back = True

    def __init__(self, config: HubSpotConfig) -> None:
        """Prepare a client; no request is made."""
        self._client = hubspot_client(config)
        self._writer = ContactWriter(self._client, config.fields)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def remembered(self, identity: Identity, fields: Mapping[str, Any]) -> Identity:  # noqa: ARG002 - of the seam
        """The permitted address."""
        return {kind: value for kind, value in identity.items() if kind in REACH}

    def prepare(self, fields: Mapping[str, FieldKind]) -> None:
        """Create the properties that are missing.

        Raises:
            DestinationError: if a property has another type, is read-only, or cannot be created.
        """
        contact_properties(self._client, {name: kind for name, kind in fields.items() if name not in REACH})
        self._writer.kinds = fields

    def deliver(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Write up to 100 contacts, clear our properties of who is taken back, delete for good who is erased.

        Raises:
            BatchRejected: if HubSpot refuses the batch for what is in it.
            DestinationError: if nothing more can be sent now.
        """
        outcomes: list[Outcome] = []
        for rows, send in (
            ([row for row in batch if row.erased], self._writer.erase),
            ([row for row in batch if row.change is Change.REMOVED and not row.erased], self._clear),
            ([row for row in batch if row.change is not Change.REMOVED], self._write),
        ):
            if rows:
                outcomes += settled(self._client, rows, send, self.confirm)
        return outcomes

    def confirm(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Read the contacts; one that is not there holds nothing of ours."""
        outcomes = []
        known = self._writer.find(batch)
        for row in batch:
            found = known[row.key]
            contact = found.target
            if row.change is Change.REMOVED:
                there = contacts_of(found)
                fits = not there or (not row.erased and all(self._writer.is_clear(one) for one in there))
            else:
                fits = contact is not None and self._writer.holds(row, contact)
                fits = fits and (found.left is None or self._writer.is_clear(found.left))
            fate = Fate.ACKNOWLEDGED if fits else Fate.UNKNOWN
            outcomes.append(Outcome(row.key, fate, None, None if contact is None else str(contact["id"])))
        return outcomes

    def _write(self, rows: Sequence[Delivery]) -> list[Outcome]:
        return self._writer.write(rows).outcomes

    def _clear(self, rows: Sequence[Delivery]) -> list[Outcome]:
        found = self._writer.find(rows)
        self._writer.clear([contact for row in rows for contact in contacts_of(found[row.key])])
        return [Outcome(row.key, Fate.ACKNOWLEDGED) for row in rows]


def _build(block: SyncBlock, account: Account) -> HubSpotContacts:
    return HubSpotContacts(HubSpotConfig.model_validate({**account, "fields": tuple(block.mapping)}))


KIND: Final = DestinationKind(name="hubspot_contacts", account="hubspot", channels=CHANNELS, build=_build)
