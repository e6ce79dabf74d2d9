"""A tool in memory that receives as a vendor does, and misbehaves on request."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from activation.sync.destination import (
    BatchRejected,
    Change,
    Delivery,
    DestinationError,
    Fate,
    FieldKind,
    Identity,
    Outcome,
)


class Killed(BaseException):
    """The process is gone: nothing in Braid may catch this."""


@dataclass
class PretendTool:
    """A set of people by address, each with fields; what an ad platform or a mailing list is.

    `by` is what it knows people by: `email` (one address, one person, whatever the key), or `record_id` (a record that
    is its own, which it never adds). `ids` gives each row a vendor's id of its own.
    """

    by: str = "email"
    readable: bool = True
    ids: bool = False
    batch_size: int = 3
    max_bytes: int | None = None
    name: str = "Pretend"
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    trouble: Callable[[str], str | None] = lambda _: None
    writes: list[tuple[str, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    applied: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    named: int = 0
    prepared: Mapping[str, FieldKind] | None = None
    last: tuple[Delivery, ...] = ()

    @property
    def reads_back(self) -> bool:
        return self.readable

    def remembered(self, identity: Identity, fields: Mapping[str, Any]) -> Identity:
        if self.by == "record_id":
            return {}
        return {kind: value for kind, value in identity.items() if kind in ("email", "phone")}

    def prepare(self, fields: Mapping[str, FieldKind]) -> None:
        self.calls.append("prepare")
        self.prepared = fields

    def close(self) -> None:
        """Nothing is open."""

    def confirm(self, batch: Sequence[Delivery]) -> list[Outcome]:
        self.calls.append("confirm")
        self._strike("confirm")
        fates = []
        for row in batch:
            fate = Fate.ACKNOWLEDGED if self.readable and self._is_so(row) else Fate.UNKNOWN
            fates.append(Outcome(row.key, fate, remote_id=self._id_of(row)))
        return fates

    def deliver(self, batch: Sequence[Delivery]) -> list[Outcome]:
        self.calls.append("deliver")
        assert len(batch) <= self.batch_size
        assert len({row.key for row in batch}) == len(batch)
        self.last = tuple(batch)
        outcome = self._strike("before")
        if any(row.key in self.refused for row in batch if row.change is not Change.REMOVED):
            raise BatchRejected("422: something in it is not right")
        if outcome != "ignore":
            for row in batch:
                self._apply(row)
        if outcome == "half":
            return [Outcome(row.key, Fate.ACKNOWLEDGED, remote_id=self._id_of(row)) for row in batch[::2]]
        self._strike("after")
        return [Outcome(row.key, Fate.ACKNOWLEDGED, remote_id=self._id_of(row)) for row in batch]

    def _strike(self, where: str) -> str | None:
        what = self.trouble(where)
        if what == "kill":
            raise Killed
        if what == "down":
            raise DestinationError("Pretend did not recover: answered 500")
        return what

    def _address(self, row: Delivery, identity: Identity) -> str:
        return row.key if self.by == "record_id" else str(identity["email"])

    def _id_of(self, row: Delivery) -> str | None:
        if not self.ids or row.change is Change.REMOVED:
            return None
        return self._holder(self._address(row, row.identity))

    def _holder(self, address: str) -> str | None:
        return next((known for known, held in self.addresses.items() if held == address), None)

    def _apply(self, row: Delivery) -> None:
        assert row.idempotency_key
        if not self.readable and self.applied.get(row.idempotency_key) == row.payload_hash:
            return  # a tool that cannot be read knows a request that comes again by its idempotency key
        self.applied[row.idempotency_key] = row.payload_hash
        for address in self._taken_back(row):
            if self.people.pop(address, None) is not None:
                self.writes.append(("take back", address))
            self.addresses.pop(self._holder(address) or "", None)
        if row.change is not Change.REMOVED:
            address = self._address(row, row.identity)
            if self.ids:
                self._named(row, address)
            self.people[address] = dict(row.fields)
            self.writes.append(("put", address))

    def _named(self, row: Delivery, address: str) -> None:
        """Its own id holds the address: the row's, that of whoever has the address already, or a new one."""
        own = row.remote_id if row.remote_id in self.addresses else self._holder(address)
        if own is None:
            self.named += 1
            own = f"person {self.named}"
        other = self._holder(address)
        if other not in (None, own):
            del self.addresses[str(other)]
        former = self.addresses.get(own, address)
        if former != address and self.people.pop(former, None) is not None:
            self.writes.append(("take back", former))
        self.addresses[own] = address

    def _taken_back(self, row: Delivery) -> set[str]:
        if self.by == "record_id":
            return {row.key} if row.change is Change.REMOVED else set()
        addresses = {str(identity["email"]) for identity in row.held if "email" in identity}
        if row.change is Change.REMOVED and row.remote_id in self.addresses:
            addresses.add(self.addresses[row.remote_id])
        return addresses

    def _is_so(self, row: Delivery) -> bool:
        if any(address in self.people for address in self._taken_back(row)):
            return False
        if row.change is Change.REMOVED:
            return True
        address = self._address(row, row.identity)
        if self.addresses.get(row.remote_id or "", address) != address:
            return False
        return self.people.get(address) == json.loads(json.dumps(dict(row.fields)))


def misbehaving(seed: int, share: float, kinds: Sequence[str]) -> Callable[[str], str | None]:
    """Trouble by chance: in `share` of the calls, one of `kinds`."""
    chance = random.Random(seed)

    def trouble(where: str) -> str | None:
        if chance.random() >= share:
            return None
        kind = chance.choice(list(kinds))
        return None if where != "before" and kind in ("ignore", "half") else kind

    return trouble
