"""The raw rows that are a person's: those that name them, and those that hang on a thing of theirs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from activation.database import Connection, scalar
from activation.privacy.marks import EMAIL, PHONE, RECORD, THING, Mark, Naming
from activation.privacy.raw_streams import RAW_STREAMS, RawStream
from activation.privacy.subject import Subject

_TAIL: Final = 7
"""Last digits that two spellings of a phone number share."""

_NOBODY_ELSE: Final = """
    not exists (
        select from identity.record_customers as living
        where (living.record_id = r.own or living.record_id = any(r.people)) and living.record_id <> all(%(records)s)
    )
"""
NAMED: Final = "own, people, links, emails, phones, handles, country, thing, part_of, interaction"


@dataclass
class FoundRows:
    """What was found of a person in raw.

    Attributes:
        keys: stream -> record keys.
        things: tickets, orders and conversations of theirs.
        interactions: ids of their touchpoints.
        named: records of nobody that these rows name: a browser before they signed in.
    """

    keys: dict[str, list[str]] = field(default_factory=dict)
    things: set[str] = field(default_factory=set)
    interactions: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)

    def parameters(self) -> dict[str, Any]:
        """The parameters of the registry's conditions that raw rows give."""
        return {
            "row_keys": [f"{stream}/{key}" for stream, keys in self.keys.items() for key in keys],
            "interactions": sorted(self.interactions),
            "named": sorted(self.named),
        }


def naming_query(stream: RawStream) -> str:
    """Whom each row of a stream names: columns `record_key` and `NAMED`; over the raw table as `t`."""
    names = NAMED.split(", ")
    return f"select t.record_key, {', '.join(f'{getattr(stream, name)} as {name}' for name in names)} " + (
        f"from {stream.table} as t"
    )


def raw_streams(connection: Connection) -> list[RawStream]:
    """The registered streams whose table exists."""
    return [
        stream for stream in RAW_STREAMS if scalar(connection, "select to_regclass(%s)", [stream.table]) is not None
    ]


def find_rows(connection: Connection, subject: Subject, default_region: str) -> FoundRows:
    """Every raw row that is the person's.

    A row is theirs when it names a record of theirs, or hangs on a thing of theirs. One that only carries a contact
    point of theirs, or points to a record of theirs, is theirs unless it belongs to somebody else who is known.

    Args:
        connection: psycopg.
        subject: whom to look for.
        default_region: of phone numbers without a country code.
    """
    found = FoundRows()
    own = set(subject.record_ids)
    for stream in raw_streams(connection):
        query, values = _candidates(stream, subject, found.things)
        for *named, nobody_else in connection.execute(query, values):
            naming = Naming(*named)
            people = {person for person in (naming.own, *(naming.people or ())) if person}
            direct = bool(people & own) or naming.part_of in found.things
            if direct or (nobody_else and naming.marks(default_region) & subject.marks):
                _take(found, stream, naming, people - own if nobody_else else set())
    return found


def _take(found: FoundRows, stream: RawStream, naming: Naming, strangers: Collection[str]) -> None:
    found.keys.setdefault(stream.name, []).append(naming.record_key)
    found.things |= {naming.thing} if naming.thing else set()
    found.interactions |= {naming.interaction} if naming.interaction else set()
    found.named |= set(strangers)


def _candidates(stream: RawStream, subject: Subject, things: Collection[str]) -> tuple[str, dict[str, Any]]:
    """Rows that may be theirs: SQL narrows down by what any spelling shares, `Naming.marks` decides."""
    conditions = {
        "own": "{} = any(%(records)s)",
        "people": "{} && %(records)s",
        "links": "{} && %(records)s",
        "part_of": "{} = any(%(things)s)",
        "emails": "exists (select from unnest({}) as e where translate(lower(e), '.', '') like any(%(addresses)s))",
        "phones": (
            "exists (select from unnest({}) as p "
            f"where right(regexp_replace(p, '[^0-9]', '', 'g'), {_TAIL}) = any(%(tails)s))"
        ),
        "handles": "exists (select from unnest({}) as h where lower(h) like any(%(handles)s))",
    }
    # Only what is asked is read of each payload; whom a row names in full is read of those that are found.
    told = [
        text.replace("{}", getattr(stream, name))
        for name, text in conditions.items()
        if not getattr(stream, name).startswith("null::")
    ]
    return (
        f"select r.*, {_NOBODY_ELSE} from ({naming_query(stream)} where {' or '.join(told)} offset 0) as r",
        {
            "records": list(subject.record_ids),
            "things": list(things),
            "addresses": [_loosely(mark.value) for mark in _of(subject, EMAIL)],
            "tails": ["".join(filter(str.isdigit, m.value))[-_TAIL:] for m in _of(subject, PHONE)],
            "handles": [f"%{_like(m.value)}" for m in subject.contacts if m.kind not in (EMAIL, PHONE, RECORD, THING)],
        },
    )


def _of(subject: Subject, kind: str) -> list[Mark]:
    return sorted(mark for mark in subject.contacts if mark.kind == kind)


def _loosely(address: str) -> str:
    """A pattern for every spelling of an address without its dots: plus tags, `(at)`, Google's two domains."""
    local, _, domain = address.replace(".", "").partition("@")
    return f"%{_like(local)}%{'g%mailcom' if domain == 'gmailcom' else _like(domain)}%"


def _like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
