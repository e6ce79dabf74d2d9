"""The rows of an open plan as deliveries, batch by batch under the limits of the vendor."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from activation.database import Connection
from activation.sync.destination import Change, Delivery, Identity, Receiver
from activation.sync.difference import REMOVAL_HASH
from activation.sync.shared import digests, split

_PAGE: Final = 5000
_OVERHEAD: Final = 200
"""Bytes that a vendor's own words around one row may take, beside its identity and fields."""


@dataclass(frozen=True)
class Before:
    """What was remembered of a row before it was sent: what it is held as, and the digests of what it is known by."""

    held: Sequence[Identity]
    claims: Sequence[str]


@dataclass(frozen=True)
class Row:
    """One row to send, with what the engine remembers of it.

    Attributes:
        delivery: what the receiver gets.
        customer_id: whose row it is; None for one that was delivered by an earlier version of Braid.
        fingerprint: of what the payload is made of; None when removed.
        in_doubt: it was sent before, and its fate is not known.
        heirs: key -> the identities that this row gives up and that key is to hold.
        withdrawn: what it takes back is the person's own word.
        keeps_letter: the tool refused what was to come instead; that it takes this back settles no dead letter.
        needs_sending: False for a removal of what others go on holding: it is only forgotten.
        addresses: the addresses that it is sent with, as the gate let them through.
        before: what was remembered when it was marked as in doubt; None: nothing.
    """

    delivery: Delivery
    customer_id: str | None
    fingerprint: str | None
    in_doubt: bool
    heirs: tuple[tuple[str, Identity], ...] = ()
    withdrawn: bool = False
    keeps_letter: bool = False
    needs_sending: bool = True
    addresses: tuple[str, ...] = ()
    before: Before | None = None

    @property
    def key(self) -> str:
        """The key of the delivery."""
        return self.delivery.key

    @property
    def is_removal(self) -> bool:
        """Whether something is taken back, and nothing sent."""
        return self.delivery.change is Change.REMOVED


def batches(
    connection: Connection, name: str, receiver: Receiver, *, only_withdrawn: bool = False
) -> Iterator[list[Row]]:
    """The rows to send of the open plan in their order; commits between batches are welcome.

    A batch holds either removals or none, and no more rows and bytes than the receiver takes at once.
    """
    kept_by_others = _kept_by_others(connection, name)
    batch: list[Row] = []
    size = 0
    for row, weight in _rows(connection, receiver, kept_by_others, only_withdrawn=only_withdrawn):
        too_heavy = receiver.max_bytes is not None and size + weight > receiver.max_bytes
        if batch and (len(batch) >= receiver.batch_size or too_heavy or batch[0].is_removal != row.is_removal):
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += weight
    if batch:
        yield batch


def taken_back_instead(row: Row) -> Row:
    """The removal of a row whose new form the tool refused, and whose former address may no longer be used."""
    delivery = replace(
        row.delivery, change=Change.REMOVED, identity={}, fields={}, payload_hash=REMOVAL_HASH, idempotency_key=""
    )
    return replace(
        row,
        delivery=delivery,
        fingerprint=None,
        keeps_letter=True,
        needs_sending=bool(delivery.held) or delivery.remote_id is not None,
    )


def standing(connection: Connection, receiver: Receiver) -> Iterator[list[Delivery]]:
    """The rows that are held as they should be, of a plan of every row; in the batches in which they would be sent."""
    batch: list[Delivery] = []
    for row, _ in _rows(connection, receiver, frozenset(), only_withdrawn=False, states=("same",)):
        batch.append(row.delivery)
        if len(batch) >= receiver.batch_size:
            yield batch
            batch = []
    if batch:
        yield batch


_MOVING: Final = ("added", "changed", "removed")


def _rows(
    connection: Connection,
    receiver: Receiver,
    kept_by_others: Collection[str],
    *,
    only_withdrawn: bool,
    states: Sequence[str] = _MOVING,
) -> Iterator[tuple[Row, int]]:
    last = 0
    while True:
        with connection.transaction():
            page = connection.execute(
                "select position, key, customer_id, state, identity, fields, payload_hash, fingerprint::text, "
                "in_doubt, held, remote_id, erased, withdrawn from pg_temp.sync_plan "
                "where position > %s and not waits and state = any(%s::text[]) "
                "and (withdrawn or not %s) order by position limit %s",
                [last, list(states), only_withdrawn, _PAGE],
            ).fetchall()
            shared = _shared(connection, [entry[1] for entry in page])
        if not page:
            return
        last = page[-1][0]
        for entry in page:
            row = _row(receiver, entry[1:], shared.get(entry[1], {}), kept_by_others)
            yield row, _OVERHEAD + len(json.dumps([row.delivery.identity, row.delivery.fields], default=list))


def _row(
    receiver: Receiver, entry: Sequence[Any], shared: dict[str, str | None], kept_by_others: Collection[str]
) -> Row:
    key, customer_id, state, identity, fields, payload_hash, fingerprint, in_doubt, held, remote_id, *flags = entry
    erased, withdrawn = flags
    change = Change.CHANGED if state == "same" else Change(state)
    known_by = {} if change is Change.REMOVED else receiver.remembered(identity, fields)
    own = frozenset(digests(known_by))
    given_up, _ = split(held, own | shared.keys())
    heirs = tuple(
        (heir, identity)
        for digest, heir in sorted(shared.items())
        if heir is not None and digest not in own
        for identity in split(held, {digest})[1]
    )
    # Known by the same address, two keys are one to the vendor: what stays for the one is not touched for the other.
    stays = {digest for digest, heir in shared.items() if heir is None}
    others_stay = key in kept_by_others or (remote_id is not None and bool(stays - own))
    delivery = Delivery(
        key=key,
        change=change,
        identity=known_by,
        fields=fields or {},
        payload_hash=payload_hash,
        held=given_up,
        remote_id=None if others_stay else remote_id,
        erased=erased,
    )
    all_is_shared = bool(held) and not given_up and remote_id is None
    return Row(
        delivery=delivery,
        customer_id=customer_id,
        fingerprint=fingerprint,
        in_doubt=in_doubt,
        heirs=heirs,
        withdrawn=withdrawn,
        addresses=_addresses(identity or {}),
        needs_sending=not (change is Change.REMOVED and (all_is_shared or others_stay)),
    )


def _addresses(identity: Identity) -> tuple[str, ...]:
    values = [identity[kind] for kind in ("email", "phone") if kind in identity]
    return tuple(one for value in values for one in ((value,) if isinstance(value, str) else value))


def _shared(connection: Connection, keys: Sequence[str]) -> dict[str, dict[str, str | None]]:
    """Key -> digest of what others are to hold -> the heir, if one is to be told."""
    found: dict[str, dict[str, str | None]] = {}
    for key, digest, heir in connection.execute(
        "select key, digest, heir from pg_temp.sync_shared where key = any(%s::text[])", [list(keys)]
    ):
        found.setdefault(key, {})[digest] = heir
    return found


def _kept_by_others(connection: Connection, name: str) -> frozenset[str]:
    """Keys to be removed or changed whose vendor's id is that of another key which stays."""
    with connection.transaction():
        return frozenset(
            key
            for (key,) in connection.execute(
                "select planned.key from pg_temp.sync_plan as planned "
                "where planned.state in ('removed', 'changed') and planned.remote_id is not null and exists ("
                "  select from activation.deliveries as other "
                "  where other.destination = %s and other.remote_id = planned.remote_id and other.key <> planned.key "
                "  and not exists (select from pg_temp.sync_plan as also "
                "    where also.key = other.key and also.state = 'removed'))",
                [name],
            )
        )
