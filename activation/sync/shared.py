"""What several rows of a destination are known by: taken back from the one, it would be missing from the other.

A family shares a mailbox and both are in the audience; a merged customer's address is now the survivor's; two customers
swap numbers. The vendor knows one address, and we two keys: it is not taken back while another key is to hold it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from activation.database import Connection, scalar
from activation.sync.destination import Identity, Receiver

_CHUNK: Final = 5000


def digests(identity: Identity) -> list[str]:
    """One digest per value of an identity; the SQL below makes the same."""
    return sorted({_digest(kind, value) for kind, value in _values(identity)})


def split(held: Collection[Identity], others: Collection[str]) -> tuple[tuple[Identity, ...], tuple[Identity, ...]]:
    """Identities without the values whose digests are in `others`, and these alone; what is empty is left out."""
    return _picked(held, lambda digest: digest not in others), _picked(held, lambda digest: digest in others)


def _picked(held: Collection[Identity], wanted: Callable[[str], bool]) -> tuple[Identity, ...]:
    picked: list[Identity] = []
    for identity in held:
        kept: dict[str, Any] = {}
        for kind, value in identity.items():
            if isinstance(value, str):
                if wanted(_digest(kind, value)):
                    kept[kind] = value
            elif some := [one for one in value if wanted(_digest(kind, one))]:
                kept[kind] = some
        if kept and kept not in picked:
            picked.append(kept)
    return tuple(picked)


def find_shared(connection: Connection, name: str, receiver: Receiver) -> None:
    """Make the temporary table `sync_shared` (key, digest, heir): what a row gives up, and another key is to hold.

    Rows that stay count with what they are known by. Rows of the plan count with what they are to be known by, and are
    named as heirs: until their own fate is known, nobody else remembers that the destination holds it.

    A change that takes back an address which may no longer be used becomes a withdrawal in `sync_plan`: no cap holds
    it.
    """
    with connection.transaction():
        connection.execute("create temporary table sync_shared (key text not null, digest text not null, heir text)")
        given_up = scalar(
            connection,
            "select exists (select from pg_temp.sync_plan where (held <> '[]' or claims <> '{}') and not waits "
            "and state in ('added', 'changed', 'removed'))",
        )
        if not given_up:
            return
        connection.execute(
            "create temporary table sync_claims (key text not null, digest text not null) on commit drop"
        )
        gives_up = bool(scalar(connection, "select exists (select from pg_temp.sync_plan where state = 'removed')"))
        for chunk in _chunks(connection):
            gives_up = gives_up or any(row.lost(receiver) for row in chunk)
            claims = [(row.key, digest) for row in chunk for digest in row.claims(receiver)]
            connection.execute(
                "insert into pg_temp.sync_claims select * from unnest(%s::text[], %s::text[])",
                [[key for key, _ in claims], [digest for _, digest in claims]],
            )
            connection.execute(
                "update pg_temp.sync_plan set withdrawn = true where key = any(%s::text[])",
                [[row.key for row in chunk if row.withdraws(receiver)]],
            )
        if not gives_up:
            return
        connection.execute(_SHARED, {"name": name})
        connection.execute("create index on pg_temp.sync_shared (key)")


@dataclass(frozen=True)
class _Planned:
    """A row of the plan that is to be held."""

    key: str
    identity: Identity
    fields: Mapping[str, Any]
    addresses: Sequence[str]
    former: Sequence[str]

    def claims(self, receiver: Receiver) -> list[str]:
        return digests(receiver.remembered(self.identity, self.fields))

    def lost(self, receiver: Receiver) -> set[str]:
        """What it was known by, and is not to be."""
        return set(self.former).difference(self.claims(receiver))

    def withdraws(self, receiver: Receiver) -> bool:
        """Whether it was known by something that none of the addresses that may be used would give it."""
        lost = self.lost(receiver)
        if not lost or not self.addresses:
            return False
        for address in self.addresses:
            kind = "email" if "@" in address else "phone"
            alone = [address] if isinstance(self.identity.get(kind), list) else address
            lost.difference_update(digests(receiver.remembered({**self.identity, kind: alone}, self.fields)))
        return bool(lost)


def _chunks(connection: Connection) -> Iterator[list[_Planned]]:
    last = 0
    while True:
        rows = connection.execute(
            "select position, key, identity, fields, addresses, claims from pg_temp.sync_plan "
            "where position > %s and not waits and state in ('added', 'changed') order by position limit %s",
            [last, _CHUNK],
        ).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        yield [_Planned(*row[1:]) for row in rows]


# A row that waits for its dead letter to be replayed is not sent: it goes on holding what it holds, and no more.
_SHARED: Final = """
    insert into pg_temp.sync_shared
    with given_up as (
        select planned.key, md5(member.key || chr(31) || atom.value) as digest
        from pg_temp.sync_plan as planned
        cross join jsonb_array_elements(planned.held) as identity
        cross join jsonb_each(identity.value) as member
        cross join lateral jsonb_array_elements_text(
            case when jsonb_typeof(member.value) = 'array' then member.value else jsonb_build_array(member.value) end
        ) as atom (value)
        where planned.state in ('added', 'changed', 'removed') and not planned.waits
        union
        -- With the vendor's own id, digests are all that is remembered of what the row is known by.
        select planned.key, digest
        from pg_temp.sync_plan as planned
        cross join unnest(planned.claims) as digest
        where planned.remote_id is not null and planned.state in ('changed', 'removed') and not planned.waits
    ),
    claimed as (
        select key, digest, key as heir from pg_temp.sync_claims
        union all
        select delivered.key, digest, null
        from activation.deliveries as delivered
        cross join unnest(delivered.claims) as digest
        where delivered.destination = %(name)s
        and not exists (
            select from pg_temp.sync_plan as planned
            where planned.key = delivered.key
            and planned.state in ('added', 'changed', 'removed') and not planned.waits
        )
    )
    -- Where a row that stays holds it already, there is nothing to hand on.
    select given_up.key, given_up.digest, case when bool_and(claimed.heir is not null) then min(claimed.heir) end
    from given_up
    inner join claimed on claimed.digest = given_up.digest and claimed.key <> given_up.key
    group by given_up.key, given_up.digest
"""


def _values(identity: Identity) -> Iterator[tuple[str, str]]:
    for kind, value in identity.items():
        for one in (value,) if isinstance(value, str) else value:
            yield kind, one


def _digest(kind: str, value: str) -> str:
    return hashlib.md5(f"{kind}\x1f{value}".encode(), usedforsecurity=False).hexdigest()
