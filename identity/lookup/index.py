"""What a look-up reads of all records: their block keys as sorted arrays, their features, whose customer each is.

Loaded once into memory, so that the file of the state is free again for the next run.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from identity.artifact import FrozenModel
from identity.blocking import CountedRule
from identity.prepare import SHARABLE

Rids = NDArray[np.int32]
# What one answer looks at, at most. The rules come in the order of how sure they are, so the least sure suffer.
_MOST_CANDIDATES: Final = 2_000


@dataclass(frozen=True)
class Key:
    """One block key of a record: `value` as `blocking.build_blocks` hashes it, and whether the record seeks by it."""

    value: int
    seeks: bool


@dataclass(frozen=True)
class Blocks:
    """The blocks of one rule: `keys` ascending, the record of each, and whether it seeks (null: all do)."""

    rule: CountedRule
    keys: NDArray[np.uint64]
    rids: Rids
    seeks: NDArray[np.bool_] | None

    @property
    def nbytes(self) -> int:
        """Memory in bytes."""
        return self.keys.nbytes + self.rids.nbytes + (self.seeks.nbytes if self.seeks is not None else 0)

    def members(self, key: int) -> Rids:
        """The records that have the key."""
        start, end = self._range(key)
        return self.rids[start:end]

    def met(self, key: Key, without: Rids) -> Rids:
        """The records that one more record with this key would be compared with, were `without` not there."""
        start, end = self._range(key.value)
        there = ~np.isin(self.rids[start:end], without)
        rids = self.rids[start:end][there]
        seeks = self.seeks[start:end][there] if self.seeks is not None else np.ones(len(rids), dtype=np.bool_)
        idle = int((~seeks).sum()) + (not key.seeks)
        count = len(rids) + 1
        # As `blocking` counts: of the pairs of a block, those in which at least one record seeks.
        if count * (count - 1) // 2 - idle * (idle - 1) // 2 > self.rule.most_pairs:
            return rids[:0]
        return rids if key.seeks else rids[seeks]

    def _range(self, key: int) -> tuple[int, int]:
        value = np.uint64(key)
        return int(np.searchsorted(self.keys, value)), int(np.searchsorted(self.keys, value, side="right"))


@dataclass(frozen=True)
class Index:
    """All records. `rids` ascending; `features` and `customers` (a code, -1: not published) by its places.

    `by_id`: places in the order of record ids; `members`: places sorted by customer; `first`: where in it each customer
    starts; `customer_ids` by code; `classes`: per kind of identifier the class of each value that is not personal;
    `apart`: per record those that people judged somebody else.
    """

    rids: Rids
    features: pa.Table
    by_id: Rids
    blocks: tuple[Blocks, ...]
    customers: NDArray[np.int32]
    customer_ids: pa.Array
    members: Rids
    first: NDArray[np.int64]
    classes: dict[str, dict[str, str]]
    apart: dict[str, list[str]]

    @property
    def nbytes(self) -> int:
        """Memory in bytes."""
        arrays = (self.rids, self.by_id, self.customers, self.members, self.first)
        return int(
            self.features.nbytes
            + self.customer_ids.nbytes
            + sum(block.nbytes for block in self.blocks)
            + sum(array.nbytes for array in arrays)
        )

    def places_of(self, record_ids: Iterable[str]) -> Rids:
        """Places of the records that there are among these."""
        ids = self.features["record_id"]
        found = []
        for record_id in record_ids:
            near = bisect_left(self.by_id, record_id, key=lambda place: ids[int(place)].as_py())
            if near < len(self.by_id) and ids[int(self.by_id[near])].as_py() == record_id:
                found.append(self.by_id[near])
        return np.array(found, dtype=np.int32)

    def candidates(self, keys: Sequence[Sequence[Key]], without: Rids) -> Rids:
        """Places of the records that one with these keys (by rule, as in `blocks`) would be compared with."""
        rids = np.empty(0, dtype=np.int32)
        absent = self.rids[without]
        for blocks, own in zip(self.blocks, keys, strict=True):
            rids = np.union1d(rids, np.concatenate([rids[:0], *(blocks.met(key, absent) for key in own)]))
            if len(rids) >= _MOST_CANDIDATES:
                break
        return np.searchsorted(self.rids, rids).astype(np.int32)

    def of_customers(self, codes: NDArray[Any], most: int) -> Rids:
        """Places of the records of customers, at most so many of each."""
        spans = (self.members[self.first[code] : min(self.first[code + 1], self.first[code] + most)] for code in codes)
        return np.concatenate([np.empty(0, dtype=np.int32), *spans])

    def carriers(self, kind: str, key: int, without: Rids) -> Rids:
        """Places of the records that carry an identifier; none where no rule of the model knows."""
        blocks = next((blocks for blocks in self.blocks if blocks.rule.rule.name == f"same_{kind}"), None)
        if blocks is None:
            return without[:0]
        return np.setdiff1d(np.searchsorted(self.rids, blocks.members(key)).astype(np.int32), without)


def load_index(connection: duckdb.DuckDBPyConnection, frozen: FrozenModel, record_customers: pa.Table) -> Index:
    """Read a state (see `identity.state`) and `record_id, customer_id` as they are published."""
    features = connection.sql("select * from features order by rid").to_arrow_table()
    # One column at a time: both forms of the whole table would double the memory for a moment.
    for place, name in enumerate(features.column_names):
        features = features.set_column(place, name, features[name].combine_chunks())
    rids = features["rid"].to_numpy()
    connection.register("published", record_customers.select(["record_id", "customer_id"]))
    found = connection.sql("""
        select f.rid, p.customer_id::text as customer_id
        from features as f left join published as p using (record_id) order by f.rid
    """).to_arrow_table()
    connection.unregister("published")
    encoded = found["customer_id"].combine_chunks().dictionary_encode()
    customers = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
    count = len(encoded.dictionary)
    return Index(
        rids,
        features.drop_columns(["rid"]),
        pc.sort_indices(features["record_id"]).to_numpy().astype(np.int32),
        tuple(_load_blocks(connection, rule) for rule in frozen.rules),
        customers,
        encoded.dictionary,
        np.argsort(customers, kind="stable").astype(np.int32),
        np.searchsorted(np.sort(customers), np.arange(count + 1)),
        {kind: _classes(connection, kind) for kind in SHARABLE},
        _apart(connection),
    )


def _load_blocks(connection: duckdb.DuckDBPyConnection, rule: CountedRule) -> Blocks:
    rows = connection.sql(
        f"select key, rid, seeks from blocks where rule = {rule.number} order by key, rid"
    ).to_arrow_table()
    seeks = None if rule.rule.sought_by is None else rows["seeks"].to_numpy()
    return Blocks(rule, rows["key"].to_numpy(), rows["rid"].to_numpy(), seeks)


def _classes(connection: duckdb.DuckDBPyConnection, kind: str) -> dict[str, str]:
    return dict(connection.execute(f"select value, class from {kind}_behaviour where is_shared").fetchall())


def _apart(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    rows = connection.execute("""
        select record_id_a, list(record_id_b) from judged where verdict = 'different' group by record_id_a
    """)
    return dict(rows.fetchall())
