"""The check at staging: what a load brings of somebody who was erased is taken out of raw before anything reads it.

Whoever is known under another customer is left alone: a couple may come to share a mailbox that one of them was erased
with. What is taken out is counted, and not kept; the vendor still has it, and that is what the count is for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from activation.database import Connection, require_idle, scalar
from activation.privacy.marks import THING, Mark, Naming
from activation.privacy.raw_rows import naming_query, raw_streams
from activation.privacy.raw_streams import RawStream
from activation.privacy.tombstones import TombstoneKey, bury, found_among, require_key, standing

_FETCH: Final = 5_000
# A row that no load brought is looked at every time.
_UNSEEN: Final = """
    not exists (
        select from activation.checked_loads as seen
        where seen.source = %(source)s and seen.stream = %(stream)s and seen.load_id = t._dlt_load_id
    )
"""


@dataclass(frozen=True)
class Withheld:
    """What one check took out: rows by stream and reason."""

    rows: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())


def withhold(connection: Connection, key: TombstoneKey | None, default_region: str) -> Withheld:
    """Take out of raw what new loads brought of erased people, in one transaction.

    Args:
        connection: psycopg, without an open transaction.
        key: that of the tombstones; None is refused when there are any.
        default_region: of phone numbers without a country code.

    Raises:
        ActivationError: if there are tombstones and the key is missing or another one, or a transaction is open.
    """
    require_idle(connection)
    taken: Counter[tuple[str, str]] = Counter()
    with connection.transaction():
        if scalar(connection, "select to_regclass('activation.tombstones')") is None:
            return Withheld()
        usable = require_key(connection, key)
        tombstones = standing(connection)
        if usable is None or not tombstones:
            return Withheld()
        for stream in raw_streams(connection):
            found = _matching(connection, stream, usable, tombstones, default_region)
            for erasure_id, reason, keys, things in found:
                rows = _take_out(connection, stream, keys)
                bury(connection, usable, erasure_id, [Mark(THING, thing) for thing in things])
                tombstones |= {usable.digest(Mark(THING, thing)): erasure_id for thing in things}
                if rows:
                    _count(connection, stream, erasure_id, reason, rows)
                    taken[stream.name, reason] += rows
        note_loads(connection)
    return Withheld(dict(taken))


def note_loads(connection: Connection) -> None:
    """Note that every load of now has been looked at: by the check, or by an erasure, which finds more than it."""
    for stream in raw_streams(connection):
        connection.execute(
            f"insert into activation.checked_loads (source, stream, load_id) "
            f"select distinct %s, %s, _dlt_load_id from {stream.table} where _dlt_load_id is not null "
            "on conflict do nothing",
            [stream.source, stream.stream],
        )


def _matching(
    connection: Connection, stream: RawStream, key: TombstoneKey, tombstones: dict[bytes, str], region: str
) -> list[tuple[str, str, list[str], set[str]]]:
    """Per erasure and reason the keys of rows to take out, and the things that go with them."""
    found: dict[tuple[str, str], tuple[list[str], set[str]]] = {}
    query = (
        f"select r.*, exists (select from identity.record_customers as living "
        f"where living.record_id = r.own or living.record_id = any(r.people)) "
        f"from ({naming_query(stream)} where {_UNSEEN} offset 0) as r"
    )
    with connection.cursor(name="naming") as cursor:
        cursor.itersize = _FETCH
        cursor.execute(query, {"source": stream.source, "stream": stream.stream})
        for *named, is_known in cursor:
            naming = Naming(*named)
            match = found_among(tombstones, key, naming.marks(region))
            if match is None or (is_known and match[1] != THING):
                continue
            keys, things = found.setdefault((match[0], _reason(match[1])), ([], set()))
            keys.append(naming.record_key)
            things |= {naming.thing} if naming.thing else set()
    return [(erasure, reason, keys, things) for (erasure, reason), (keys, things) in found.items()]


def _reason(kind: str) -> str:
    return {"record": "a record of an erased person", "thing": "part of what an erased person did"}.get(
        kind, "an identifier of an erased person"
    )


def _take_out(connection: Connection, stream: RawStream, keys: Sequence[str]) -> int:
    if stream.source == "events":  # the API's own copy, which the raw rows are read from
        connection.execute(
            "delete from activation.events where (key_id, message_id) in "
            "(select split_part(key, ':', 1), substring(key from position(':' in key) + 1) "
            "from unnest(%s::text[]) as key)",
            [list(keys)],
        )
    return connection.execute(f"delete from {stream.table} where record_key = any(%s)", [list(keys)]).rowcount


def _count(connection: Connection, stream: RawStream, erasure_id: str, reason: str, rows: int) -> None:
    connection.execute(
        "insert into activation.withheld_rows (source, stream, erasure_id, reason, rows) values (%s, %s, %s, %s, %s) "
        "on conflict (source, stream, erasure_id, reason) do update "
        "set rows = activation.withheld_rows.rows + excluded.rows, last_at = now()",
        [stream.source, stream.stream, erasure_id, reason, rows],
    )
