"""Records of persons in the systems that export files."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sandbox.generator.columns import Text, blank, flat, join, nothing, take, times
from sandbox.generator.draw import Ints
from sandbox.generator.touch.everyone import Everyone
from sandbox.touch_tables import TOUCH_TABLES

SCHEMA = TOUCH_TABLES["touch_records"]


def written(
    kind: tuple[str, str],
    native_id: Text,
    person: Ints,
    everyone: Everyone,
    seen: tuple[Ints, Ints],
    **columns: Text,
) -> pa.Table:
    """The rows of one kind of record.

    Args:
        kind: system and entity.
        native_id: the system's own id.
        person: whose record it is; -1 of nobody or of several.
        everyone: the people.
        seen: first and last moment, in microseconds.
        columns: what else the system noted.
    """
    system, entity = kind
    size = len(person)
    found: dict[str, pa.Array] = {field.name: columns.get(field.name, nothing(size)) for field in SCHEMA}
    found |= {
        "record_id": join(f"{system}:{entity}:", native_id),
        "system": take([system], np.zeros(size, dtype=np.int64)),
        "entity": take([entity], np.zeros(size, dtype=np.int64)),
        "native_id": native_id,
        "person_id": blank(person < 0, take(everyone.person_id, np.maximum(person, 0))),
        "created_at": times(seen[0]),
        "updated_at": times(seen[1]),
    }
    return pa.table({name: flat(column) for name, column in found.items()}, schema=SCHEMA)


def first_and_last(owner: Ints, owners: int, at: Ints) -> tuple[Ints, Ints]:
    """The first and last of the moments of each owner; every owner has one."""
    first = np.full(owners, np.iinfo(np.int64).max)
    last = np.zeros(owners, dtype=np.int64)
    np.minimum.at(first, owner, at)
    np.maximum.at(last, owner, at)
    return first, last


def sole_user(owner: Ints, owners: int, person: Ints) -> Ints:
    """The one person who used each; -1 where there were several, or nobody known."""
    least, most = first_and_last(owner, owners, person + 1)
    return np.where(least == most, least - 1, -1)
