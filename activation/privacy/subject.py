"""The person that an export or an erasure is about: ids, records, and what is theirs alone of their contact points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from activation.database import ActivationError, Connection
from activation.privacy.ledger import ledger_of
from activation.privacy.marks import RECORD, Mark
from identity.ledger import replay


class NobodyFound(ActivationError):
    """No person is known under what was given."""


class AlreadyErased(ActivationError):
    """The customer id belonged to somebody who was erased."""


@dataclass(frozen=True)
class Subject:
    """A customer, or some of their records.

    Attributes:
        customer_id: the id that lives.
        customer_ids: it, and every id that was merged into it.
        record_ids: their records that are meant.
        contacts: their e-mails, phones and handles that no record of anybody else has.
        shared: how many of their contact points somebody else has too.
        whole: whether all of the customer is meant.
    """

    customer_id: str
    customer_ids: tuple[str, ...]
    record_ids: tuple[str, ...] = field(repr=False)
    contacts: frozenset[Mark] = field(repr=False)
    shared: int
    whole: bool

    @property
    def marks(self) -> frozenset[Mark]:
        """What a row that is theirs names."""
        return self.contacts | {Mark(RECORD, record) for record in self.record_ids}


def find_subject(connection: Connection, customer_id: str, record_ids: Sequence[str] | None = None) -> Subject:
    """The person behind any customer id that was ever issued.

    Args:
        connection: psycopg.
        customer_id: one that was merged away stands for the one that lives.
        record_ids: only these records of theirs; all of them make the whole customer.

    Raises:
        NobodyFound: if the id was never issued, or a record is not theirs.
        AlreadyErased: if they were erased.
    """
    head, ids = _ids(connection, customer_id)
    own = [
        row[0]
        for row in connection.execute(
            "select record_id from identity.record_customers where customer_id = any(%s) order by record_id", [ids]
        )
    ]
    if record_ids is not None:
        strangers = sorted(set(record_ids) - set(own))
        if strangers:
            raise NobodyFound(
                f"customer {head} has no record {', '.join(strangers)}; `braid identity why {head}` lists those it has"
            )
    meant = own if record_ids is None else sorted(set(record_ids))
    contacts, shared = _contacts(connection, meant)
    return Subject(head, tuple(ids), tuple(meant), contacts, shared, whole=meant == own)


def _ids(connection: Connection, customer_id: str) -> tuple[str, list[str]]:
    numbered = ledger_of(connection, [customer_id])
    issued = replay(numbered.events)
    place = int(issued.places(pa.array([customer_id], pa.string()))[0])
    if place < 0:
        raise NobodyFound(
            f"no customer {customer_id} was ever known here; `braid identity who` finds a customer by an e-mail, a "
            "phone or a handle"
        )
    head = int(issued.successor[place])
    if issued.state[head] == "erased":
        raise AlreadyErased(f"customer {customer_id} was erased; `braid privacy list` shows when")
    names: list[str] = issued.customer_ids.to_pylist()
    same = np.flatnonzero(issued.successor == head).tolist()
    return names[head], [names[head], *sorted(names[other] for other in same if other != head)]


def _contacts(connection: Connection, record_ids: Sequence[str]) -> tuple[frozenset[Mark], int]:
    """What only these records carry, and how many of their identifiers somebody else carries too."""
    rows = connection.execute(
        """
        with own as (
            select distinct kind, match_key
            from identity.identifiers
            where record_id = any(%(records)s) and match_key is not null
        )
        select
            own.kind,
            own.match_key,
            exists (
                select from identity.identifiers as others
                where others.match_key = own.match_key and others.kind = own.kind
                    and others.record_id <> all(%(records)s)
            )
        from own
        """,
        {"records": list(record_ids)},
    ).fetchall()
    alone = frozenset(Mark(kind, key) for kind, key, shared in rows if not shared)
    return alone, len(rows) - len(alone)


def parameters(subject: Subject) -> dict[str, Any]:
    """The parameters of the registry's conditions that the person alone gives; `raw_rows` gives the others."""
    return {
        "customers": list(subject.customer_ids),
        "records": list(subject.record_ids),
        "natives": [record.split(":", 2)[-1] for record in subject.record_ids],
        "contacts": sorted(f"{mark.kind}:{mark.value}" for mark in subject.contacts),
    }
