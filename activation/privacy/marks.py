"""The marks of a row: every way in which it names a person, normalised as matching normalises it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from identity.standardise.email import standardise_email
from identity.standardise.phone import region_of, standardise_phone

RECORD, THING, EMAIL, PHONE = "record", "thing", "email", "phone"


@dataclass(frozen=True, order=True)
class Mark:
    """One way to know a person or a thing of theirs: `kind` (record, thing, email, phone, a platform) and `value`."""

    kind: str
    value: str = field(repr=False)


@dataclass(frozen=True)
class Naming:
    """Whom a raw row names, per `raw_streams`; lists may be null and may hold nulls."""

    record_key: str
    own: str | None
    people: Sequence[str | None] | None
    links: Sequence[str | None] | None
    emails: Sequence[str | None] | None
    phones: Sequence[str | None] | None
    handles: Sequence[str | None] | None
    country: str | None
    thing: str | None
    part_of: str | None
    interaction: str | None

    def marks(self, default_region: str) -> frozenset[Mark]:
        """Every mark of the row; a phone without a country code is read in its country and in the default one."""
        found = {Mark(RECORD, record) for record in (self.own, *_said(self.people), *_said(self.links)) if record}
        found |= {Mark(THING, self.part_of)} if self.part_of else set()
        found |= {mark for email in _said(self.emails) if (mark := email_mark(email))}
        found |= {mark for handle in _said(self.handles) if (mark := handle_mark(handle))}
        phones = _said(self.phones)
        if phones:
            regions = {default_region, _region(self.country) or default_region}
            found |= {mark for phone in phones for region in regions if (mark := phone_mark(phone, region))}
        return frozenset(found)


def _said(values: Sequence[str | None] | None) -> list[str]:
    return [value for value in values or () if value]


@lru_cache(maxsize=65_536)
def email_mark(raw: str) -> Mark | None:
    """The mark of an e-mail address as written; None when there is nothing to compare."""
    key = standardise_email(raw).match_key
    return Mark(EMAIL, key) if key else None


@lru_cache(maxsize=65_536)
def phone_mark(raw: str, region: str) -> Mark | None:
    """The mark of a phone number as written, read in `region` when it has no country code; None when it is none."""
    key = standardise_phone(raw, region).match_key
    return Mark(PHONE, key) if key else None


def handle_mark(raw: str) -> Mark | None:
    """The mark of a handle written as `platform:name`; without a platform its kind is `handle`."""
    platform, colon, name = raw.partition(":")
    key = (name if colon else platform).rpartition(":")[2].strip().lstrip("@").lower()
    return Mark(platform.strip().lower() if colon else "handle", key) if key else None


def contact_marks(identifiers: Iterable[tuple[str, str | None]]) -> frozenset[Mark]:
    """The marks of identifiers as identity keeps them: pairs of kind and match key."""
    return frozenset(Mark(kind, key) for kind, key in identifiers if key)


@lru_cache(maxsize=1024)
def _region(country: str | None) -> str | None:
    return region_of(country)
