"""The ledger of customer ids: which ids live, what a former id stands for, at any moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from identity.columns import Column, one_array

Ints: TypeAlias = "NDArray[np.int64]"
Bools: TypeAlias = "NDArray[np.bool_]"

# The last of these in the life of an id says what it is; a split, a move or a loss is no turn in the life of an id.
_TURNS: Final = {"minted": "living", "revived": "living", "merged": "merged", "retired": "retired", "erased": "erased"}
_STATES: Final = ("living", "merged", "retired", "erased")
# Events by which records of one id came to another, and whether it is the row's own id that they came from.
_GIVES: Final = {"merged": True, "moved": True, "split": False}


@dataclass(frozen=True)
class ResolvedId:
    """What an id once issued stands for at a moment.

    `customer_id` is the id to use: the id itself (`living`), where its merges lead (`redirected`), or null (`retired`:
    every record is gone; `erased`: for ever). `siblings` are the other living ids that records of it may have gone to
    by splits and moves, sorted.
    """

    customer_id: str | None
    status: Literal["living", "redirected", "retired", "erased"]
    siblings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Issued:
    """Every id issued so far, in the order of issue; arrays of the same length.

    `state`: living, merged, retired or erased; `successor`: where the merges of an id lead, as a place in
    `customer_ids`: its own place where it was not merged.
    """

    customer_ids: pa.StringArray
    state: NDArray[np.str_]
    successor: Ints

    def places(self, customer_ids: Column) -> Ints:
        """The place of each id; -1 for one that was never issued."""
        return places_of(customer_ids, self.customer_ids)


def places_of(values: Column, among: pa.Array) -> Ints:
    """The place of each text among others; -1 where it does not occur or is null."""
    found = pc.index_in(one_array(values).cast(pa.string()), value_set=among, skip_nulls=True)
    return np.asarray(pc.fill_null(found, -1), dtype=np.int64)


def replay(ledger: pa.Table | None, as_of: datetime | None = None) -> Issued:
    """What became of every id issued so far, told from the ledger alone.

    Args:
        ledger: per `contract.CUSTOMER_LEDGER`, oldest event first; null before the first run.
        as_of: leave out what happened later.

    Raises:
        ValueError: if `as_of` has no time zone.
    """
    if ledger is None:
        return Issued(pa.array([], pa.string()), np.array([], dtype="U7"), np.array([], dtype=np.int64))
    if as_of is not None:
        ledger = ledger.filter(pc.less_equal(ledger["occurred_at"], _moment(ledger, as_of)))
    turns = ledger.filter(pc.is_in(ledger["event"], pa.array(list(_TURNS))))
    own = one_array(turns["customer_id"]).cast(pa.string()).dictionary_encode()
    ids, codes = own.dictionary, own.indices.to_numpy(zero_copy_only=False)
    last = np.zeros(len(ids), dtype=np.int64)
    np.maximum.at(last, codes, np.arange(len(turns)))
    final = turns.take(pa.array(last))
    state = np.asarray(pc.index_in(final["event"], value_set=pa.array(list(_TURNS))))
    states = np.array([_STATES.index(name) for name in _TURNS.values()])[state]
    successor = np.where(states == _STATES.index("merged"), places_of(final["related_customer_id"], ids), -1)
    successor = np.where(successor < 0, np.arange(len(ids)), successor)
    # A merge leads to an id that lived at the time, so the chains end.
    while not np.array_equal(successor, further := successor[successor]):
        successor = further
    return Issued(ids, np.array(_STATES)[states], successor)


def living_ids(ledger: pa.Table | None, as_of: datetime | None = None) -> set[str]:
    """The ids that customers have now, or had at `as_of`."""
    issued = replay(ledger, as_of)
    return set(issued.customer_ids.filter(pa.array(issued.state == "living")).to_pylist())


def resolve_id(ledger: pa.Table | LedgerIndex, customer_id: str, as_of: datetime | None = None) -> ResolvedId:
    """What an id stands for today, or stood for at `as_of`.

    Merges are followed to their end. Splits from the id, moves away from it, and what befell so whoever its records had
    come to by then make the siblings: a record of the id may be in any of them.

    Args:
        ledger: per `contract.CUSTOMER_LEDGER`, oldest event first, or the index of it, which is worth making for more
            than one question.
        customer_id: an id that was issued at any time.
        as_of: a moment with a time zone; null is now.

    Raises:
        KeyError: if the id had not been issued by then.
        ValueError: if `as_of` has no time zone.
    """
    return (ledger if isinstance(ledger, LedgerIndex) else LedgerIndex(ledger)).resolve(customer_id, as_of)


class LedgerIndex:
    """The ledger prepared for many questions: a second to make from a million events, microseconds to ask."""

    def __init__(self, ledger: pa.Table) -> None:
        """Index the ledger, per `contract.CUSTOMER_LEDGER`, oldest event first."""
        self._ledger = ledger
        own = one_array(ledger["customer_id"]).cast(pa.string()).dictionary_encode()
        self._ids = own.dictionary.to_pylist()
        self._places = {customer_id: place for place, customer_id in enumerate(self._ids)}
        self._own = own.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        self._related = places_of(ledger["related_customer_id"], own.dictionary)
        self._event = one_array(ledger["event"]).to_numpy(zero_copy_only=False)
        self._time = one_array(ledger["occurred_at"]).cast(pa.int64()).to_numpy()
        turns = np.flatnonzero(np.isin(self._event, list(_TURNS)))
        self._turns = _Rows(turns, self._own[turns], len(self._ids))
        gives = np.array([_GIVES.get(event, False) for event in self._event], dtype=np.bool_)
        self._target = np.where(gives, self._related, self._own)
        source = np.where(gives, self._own, self._related)
        links = np.flatnonzero(np.isin(self._event, list(_GIVES)) & (source >= 0))
        self._links = _Rows(links, source[links], len(self._ids))

    def resolve(self, customer_id: str, as_of: datetime | None = None) -> ResolvedId:
        """What an id stands for: see `resolve_id`."""
        until = None if as_of is None else _moment(self._ledger, as_of).cast(pa.int64()).as_py()
        place = self._places.get(customer_id)
        if place is None or self._last_turn(place, until) is None:
            when = "" if as_of is None else f" by {as_of.isoformat()}"
            raise KeyError(f"customer id {customer_id} was never issued{when}")
        current, state = self._follow_merges(place, until)
        if state == "erased":
            return ResolvedId(None, "erased")
        reached = (other for other in self._reached(place, until) if other != current)
        siblings = tuple(sorted(self._ids[other] for other in reached if self._state(other, until) == "living"))
        if state != "living":
            return ResolvedId(None, "retired", siblings)
        return ResolvedId(self._ids[current], "living" if current == place else "redirected", siblings)

    def _seen(self, rows: Ints, until: int | None) -> Ints:
        return rows if until is None else rows[self._time[rows] <= until]

    def _last_turn(self, place: int, until: int | None) -> int | None:
        rows = self._seen(self._turns.of(place), until)
        return int(rows[-1]) if len(rows) else None

    def _state(self, place: int, until: int | None) -> str | None:
        row = self._last_turn(place, until)
        return None if row is None else _TURNS[self._event[row]]

    def _follow_merges(self, place: int, until: int | None) -> tuple[int, str | None]:
        seen: set[int] = set()
        while place not in seen:
            seen.add(place)
            row = self._last_turn(place, until)
            if row is None or _TURNS[self._event[row]] != "merged":
                break
            place = int(self._related[row])
        return place, self._state(place, until)

    def _reached(self, place: int, until: int | None) -> dict[int, int]:
        """Every id that records of this one may have come to, with the event that first brought them there.

        What happened to an id before they came is no matter of theirs; that also ends every circle.
        """
        reached = {place: -1}
        waiting = [place]
        while waiting:
            one = waiting.pop()
            rows = self._seen(self._links.of(one), until)
            for row in rows[rows > reached[one]]:
                target = int(self._target[row])
                if row < reached.get(target, len(self._event)):
                    reached[target] = int(row)
                    waiting.append(target)
        return reached


class _Rows:
    """The rows of each key, in their order."""

    def __init__(self, rows: Ints, keys: Ints, count: int) -> None:
        order = np.argsort(keys, kind="stable")
        self._rows = rows[order]
        self._starts = np.searchsorted(keys[order], np.arange(count + 1))

    def of(self, key: int) -> Ints:
        return self._rows[self._starts[key] : self._starts[key + 1]]


def _moment(ledger: pa.Table, as_of: datetime) -> Any:
    if as_of.tzinfo is None:
        raise ValueError(f"as_of is {as_of.isoformat()} without a time zone; give it one, for instance +00:00")
    return pa.scalar(as_of, ledger.schema.field("occurred_at").type)
