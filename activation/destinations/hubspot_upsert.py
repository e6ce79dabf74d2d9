"""Writing HubSpot contacts: the customer's own, or the one that has the address already, found before it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from activation.destinations.hubspot_batch import Contact, erase_contact, read_contacts, write_contacts
from activation.destinations.hubspot_client import CUSTOMER_ID
from activation.destinations.hubspot_properties import as_sent, same
from activation.destinations.vendor_client import VendorClient
from activation.sync.destination import Change, Delivery, Fate, FieldKind, Outcome

REACH: Final[tuple[str, ...]] = ("email", "phone")
_TAKEN: Final = "its e-mail address is that of a contact of another customer"


@dataclass(frozen=True)
class Found:
    """The contacts that a row may mean: the customer's own, and the one with the address."""

    own: Contact | None
    by_email: Contact | None

    @property
    def target(self) -> Contact | None:
        """Where the row is to be: HubSpot keeps one contact per e-mail address."""
        return self.by_email or self.own

    @property
    def left(self) -> Contact | None:
        """The contact that the row moves away from, when another one has its new address."""
        if self.own is None or self.by_email is None or self.own["id"] == self.by_email["id"]:
            return None
        return self.own


@dataclass
class Written:
    """What became of the rows, and the contacts that rows moved away from."""

    outcomes: list[Outcome] = field(default_factory=list)
    left: list[Contact] = field(default_factory=list)


class ContactWriter:
    """Finds, writes, clears and deletes the contacts of rows."""

    def __init__(self, client: VendorClient, ours: Sequence[str]) -> None:
        """Write with that client; `ours` are the properties that are mapped. No request is made."""
        self._client = client
        self._ours = tuple(name for name in ours if name != "email")
        self.kinds: Mapping[str, FieldKind] = {}

    def find(self, rows: Sequence[Delivery]) -> dict[str, Found]:
        """The contacts of each row, by its key."""
        names = sorted({*self._ours, *self.kinds, CUSTOMER_ID, *REACH})
        own = read_contacts(self._client, [row.key for row in rows], names, CUSTOMER_ID)
        by_id = read_contacts(self._client, [row.remote_id for row in rows if row.remote_id], names)
        emails = [address for row in rows for address in _emails(row)]
        by_email = read_contacts(self._client, emails, names, "email")
        found = {}
        for row in rows:
            hits = (by_email.get(address.lower()) for address in _emails(row))
            known = own.get(row.key.lower()) or by_id.get((row.remote_id or "").lower())
            found[row.key] = Found(known, next((hit for hit in hits if hit is not None), None))
        return found

    def holds(self, row: Delivery, contact: Contact) -> bool:
        """Whether a contact carries exactly what the row asks, the customer id and the address included."""
        held = contact.get("properties") or {}
        if any(str(held.get(n) or "").lower() != v.lower() for n, v in _reach(row).items()):
            return False
        if (held.get(CUSTOMER_ID) or "") != row.key:
            return False
        return all(same(self.kinds.get(n), v, held.get(n)) for n, v in row.fields.items() if n not in _reach(row))

    def is_clear(self, contact: Contact) -> bool:
        """Whether a contact holds nothing of ours."""
        held = contact.get("properties") or {}
        return not any(held.get(name) for name in (*self._ours, CUSTOMER_ID))

    def write(self, rows: Sequence[Delivery]) -> Written:
        """Bring each row's contact to what it should hold; one that holds it already is not written."""
        written = Written()
        found = self.find(rows)
        updates: dict[str, dict[str, Any]] = {}
        upserts: dict[str, dict[str, Any]] = {}
        for row in rows:
            known = found[row.key]
            owner = ((known.by_email or {}).get("properties") or {}).get(CUSTOMER_ID)
            if owner and owner != row.key:
                written.outcomes.append(Outcome(row.key, Fate.REJECTED, _TAKEN))
                continue
            if known.left is not None:
                written.left.append(known.left)
            target = known.target
            if target is not None and self.holds(row, target):
                written.outcomes.append(Outcome(row.key, Fate.ACKNOWLEDGED, None, str(target["id"])))
            elif target is not None:
                updates[row.key] = {"id": target["id"], "properties": _properties(row)}
            else:
                upserts[row.key] = {"id": row.key, "idProperty": CUSTOMER_ID, "properties": _properties(row)}
        # The customer id is unique: it must leave the one contact before it comes to the other.
        self.clear(written.left)
        for action, inputs in (("update", updates), ("upsert", upserts)):
            if inputs:
                written.outcomes += self._sent(action, inputs)
        return written

    def clear(self, contacts: Sequence[Contact]) -> None:
        """Empty our properties of those contacts, and leave the rest of them alone."""
        empty = dict.fromkeys((*self._ours, CUSTOMER_ID), "")
        inputs = {str(one["id"]): {"id": one["id"], "properties": empty} for one in contacts if not self.is_clear(one)}
        if inputs:
            write_contacts(self._client, "update", inputs)

    def _sent(self, action: str, inputs: Mapping[str, Mapping[str, Any]]) -> list[Outcome]:
        answer = write_contacts(self._client, action, inputs)
        outcomes = []
        for key in inputs:
            if key in answer.ids:
                outcomes.append(Outcome(key, Fate.ACKNOWLEDGED, None, answer.ids[key]))
            elif key in answer.reasons and key not in answer.passing:
                outcomes.append(Outcome(key, Fate.REJECTED, answer.reasons[key]))
            else:
                outcomes.append(Outcome(key, Fate.UNKNOWN))
        return outcomes

    def erase(self, rows: Sequence[Delivery]) -> list[Outcome]:
        """Delete for good the contacts of those rows that are there; an unknown address is left alone.

        HubSpot would put it on a list of addresses that may never be used again.
        """
        found = self.find(rows)
        for row in rows:
            for contact in contacts_of(found[row.key]):
                erase_contact(self._client, str(contact["id"]))
        return [Outcome(row.key, Fate.ACKNOWLEDGED) for row in rows]


def contacts_of(found: Found) -> list[Contact]:
    """Each of the contacts once."""
    return list({str(one["id"]): one for one in (found.own, found.by_email) if one is not None}.values())


def _reach(row: Delivery) -> dict[str, str]:
    return {name: value for name, value in row.identity.items() if name in REACH and isinstance(value, str)}


def _emails(row: Delivery) -> list[str]:
    """What a row is looked for by: its address, or, when it is taken back, all that HubSpot may know it by."""
    identities = row.held if row.change is Change.REMOVED else (row.identity,)
    return [value for one in identities if isinstance(value := one.get("email"), str)]


def _properties(row: Delivery) -> dict[str, str]:
    return {**{name: as_sent(value) for name, value in row.fields.items()}, **_reach(row), CUSTOMER_ID: row.key}
