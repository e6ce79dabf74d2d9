"""A world written by hand: people, what each system noted of them, and dated events.

Everything that happens is a moment and a change of a row; the world of a day is what had happened by then. So the same
tale gives the world of one day and of the next, for the same look-alikes to serve.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pyarrow as pa

from sandbox.world import TABLES, World

Columns = dict[str, Any]
_OLD: Final = datetime(2010, 1, 1, tzinfo=UTC)
_NATIVE: Final[dict[str, str]] = {
    "salesforce:contact": "003Hs9{0:09d}IAA",
    "salesforce:lead": "00QHs9{0:09d}MAA",
    "shopify:customer": "69{0:011d}",
    "zendesk:user": "39{0:010d}",
    "meta:instagram_user": "1799{0:013d}",
    "meta:messenger_user": "79{0:014d}",
    "x:user": "19{0:017d}",
    "loyalty:member": "BR9{0:08d}",
    "ga4:client": "9{0:09d}.1700000000",
    "survey:respondent": "R9{0:06d}",
    "gladly:customer": "g9{0:06d}",
    "amazon:buyer": "m9{0:09d}@marketplace.amazon.com",
    "store:client": "K9{0:06d}",
}
"""The form of a native id that no generated record has. Callers and profiles are known by what they show."""
_BY_WHAT_THEY_SHOW: Final = {"contact_centre:caller": "{phone}", "sprout:profile": "{platform}/{username}"}
_ACCOUNTS: Final = {"meta:instagram_user": "instagram_handle", "x:user": "x_handle"}


class TaleError(ValueError):
    """The tale contradicts itself; the message says where."""


@dataclass(frozen=True)
class Happening:
    """From `at` on, the row `key` of `table` has these columns."""

    at: datetime
    table: str
    key: str
    columns: Columns


@dataclass(frozen=True)
class Person:
    """Somebody in a tale; `records` are the ids of what the systems know of them, in the order in which it was told."""

    tale: Tale = field(repr=False, compare=False)
    person_id: str
    traits: Columns = field(repr=False, compare=False)
    records: list[str] = field(default_factory=list, compare=False)

    def known_to(self, kind: str, since: datetime, *traits: str, **noted: Any) -> str:
        """A record of this person in a system; returns its record_id.

        Args:
            kind: `<system>:<entity>`, as in `sandbox.world` and `sandbox.touch_tables`.
            since: when the system came to know them.
            traits: which of the person's traits it notes, as they are.
            noted: columns of the record that it notes in its own way.
        """
        return self.tale.record(self, kind, since, {name: self.trait(name) for name in traits} | noted)

    def trait(self, name: str) -> Any:
        """One trait.

        Raises:
            TaleError: if the tale does not say.
        """
        if name not in self.traits:
            raise TaleError(f"the tale says no {name} of {self.person_id}; it says {', '.join(self.traits)}")
        return self.traits[name]


class Tale:
    """A growing world. Ids of different letters never meet, nor those of a generated world."""

    def __init__(self, letter: str) -> None:
        """Begin the tale of that letter, `a` to `z`."""
        if len(letter) != 1 or not "a" <= letter <= "z":
            raise TaleError(f"a tale is known by a letter from a to z, not {letter!r}")
        self.letter = letter
        self.people: dict[str, Person] = {}
        self._base = (ord(letter) - ord("a") + 1) * 1000
        self._made: dict[str, int] = {}
        self._happenings: list[Happening] = []

    def person(self, name: str, **traits: Any) -> Person:
        """Somebody new; traits are columns of the table `people`, `given_name` is the name unless said otherwise.

        Raises:
            TaleError: if the tale has somebody of that name, or a trait is no column of people.
        """
        key = name.lower()
        unknown = set(traits) - set(TABLES["people"].names)
        if key in self.people or unknown:
            raise TaleError(f"{name}: told already" if key in self.people else f"{name}: no trait {sorted(unknown)}")
        told = {"given_name": name, "country": "US", **traits}
        person = Person(self, f"S-{self.letter}-{key}", told)
        self.people[key] = person
        row = {"person_id": person.person_id, "household_id": f"H-{self.letter}-{key}", **told}
        self.happens(_OLD, "people", person.person_id, **row)
        return person

    def record(self, person: Person | None, kind: str, since: datetime, noted: Columns) -> str:
        """A record in a system, of somebody or of nobody in particular; returns its record_id."""
        system, entity = kind.split(":")
        table = "records" if system in {"salesforce", "shopify", "zendesk", "meta", "x", "loyalty"} else "touch_records"
        if kind in _BY_WHAT_THEY_SHOW:
            native_id = _BY_WHAT_THEY_SHOW[kind].format(**noted)
        elif kind in _NATIVE:
            native_id = _NATIVE[kind].format(self.number(kind))
        else:
            raise TaleError(f"no system knows a {kind}; there are {', '.join((*_NATIVE, *_BY_WHAT_THEY_SHOW))}")
        if kind in _ACCOUNTS and person is not None:
            noted = {"username": person.traits.get(_ACCOUNTS[kind])} | noted
        record_id = f"{kind}:{native_id}"
        row = {"record_id": record_id, "system": system, "entity": entity, "native_id": native_id, "created_at": since}
        if kind == "loyalty:member":
            row["loyalty_number"] = native_id
        if person is not None:
            person.records.append(record_id)
            row["person_id"] = person.person_id
        self.happens(since, table, record_id, **row, **noted)
        return record_id

    def happens(self, at: datetime, table: str, key: str, **columns: Any) -> None:
        """A row comes to be, or changes: from that moment on it has these columns.

        Raises:
            TaleError: if the moment has no time zone, or the table has no such column.
        """
        unknown = set(columns) - set(TABLES[table].names)
        if unknown:
            raise TaleError(f"{table} has no column {', '.join(sorted(unknown))}; it has {TABLES[table].names}")
        if at.tzinfo is None:
            raise TaleError(f"{table} {key}: the moment {at} has no time zone")
        self._happenings.append(Happening(at, table, key, columns))

    def number(self, what: str) -> int:
        """The next number of that kind, one of this tale's own."""
        self._made[what] = self._made.get(what, 0) + 1
        return self._base + self._made[what]

    def world(self, as_of: datetime) -> World:
        """What the retailer's systems know at that moment."""
        held: dict[str, dict[str, Columns]] = {name: {} for name in TABLES}
        for one in sorted(self._happenings, key=lambda happening: happening.at):
            if one.at > as_of:
                break
            row = held[one.table].setdefault(one.key, {})
            row.update(one.columns)
            if "updated_at" in TABLES[one.table].names:
                row["updated_at"] = one.at
        tables = {
            name: pa.Table.from_pylist(list(held[name].values()), schema=schema) for name, schema in TABLES.items()
        }
        return World(tables, as_of, seed=0)


def moment(day: date | str, clock: str = "12:00") -> datetime:
    """A day and a time of day, in UTC: `moment("2026-10-22", "18:40")`."""
    text = day if isinstance(day, str) else day.isoformat()
    return datetime.fromisoformat(f"{text}T{clock}").replace(tzinfo=UTC)


def later(at: datetime, *, days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
    """Some time after."""
    return at + timedelta(days=days, hours=hours, minutes=minutes)
