"""A small private database in which one record is compared with a few; what it asks again and again is planned once."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from identity.artifact import FrozenModel
from identity.blocking import CountedRule
from identity.comparisons import Comparison
from identity.contract import IDENTITY_RECORDS
from identity.feature_worker import build_features
from identity.lookup.index import Key, Rids
from identity.prepare import SHARABLE, derive_features
from identity.scoring import Scores, score_vectors
from identity.shared_identifiers import learn_shared
from identity.term_frequencies import TermFrequencies
from identity.torn_mentions import Named, by_writers_of_several

Classes = dict[str, dict[str, str]]
"""Per kind of identifier (`prepare.SHARABLE`) the class of each value that is not personal."""


class Workbench:
    """Works on one record at a time; not for several threads at once."""

    def __init__(self, frozen: FrozenModel) -> None:
        """Plan the statements of a model."""
        self._frozen = frozen
        self._connection = duckdb.connect()
        # A hundred rows are no work for several threads, and other look-ups want theirs.
        self._connection.execute("set threads = 1")
        self._connection.execute("set enable_progress_bar = false")
        # Of statements about a hundred rows, more time would go into making them faster than into running them.
        self._connection.execute("pragma disable_optimizer")
        for kind in SHARABLE:
            self._connection.execute(f"create table {kind}_behaviour (value text, is_shared boolean, class text)")
        nobody = build_features(IDENTITY_RECORDS.empty_table(), frozen.settings.default_region).table
        self._derive(nobody, {kind: {} for kind in SHARABLE})
        self._connection.execute("create table local as select * from derived")
        gammas = ", ".join(f"gamma_{comparison.name} tinyint" for comparison in frozen.model.comparisons)
        self._connection.execute("create table pairs (rid_l integer, rid_r integer)")
        self._connection.execute(f"create table vectors (rid_l integer, rid_r integer, {gammas})")
        local = [str(row[0]) for row in self._connection.execute("describe local").fetchall()]
        self._connection.execute(
            f"prepare compare as insert into vectors {vectors_sql(frozen.model.comparisons, local)}"
        )
        if frozen.rules:
            self._connection.execute(f"prepare block as {keys_sql(frozen.rules)}")
        terms = ", ".join(f"md5_number_lower({frequency.column})" for frequency in frozen.frequencies)
        self._connection.execute(f"prepare terms as select {', '.join(filter(None, ['rid', terms]))} from local")

    def standardise(self, record: pa.Table, rid: int) -> pa.Table:
        """The standardised columns of a table of one record, per contract."""
        features = build_features(record, self._frozen.settings.default_region).table
        return features.set_column(0, "rid", pa.array([rid], pa.int32()))

    def hashes(self, values: list[str]) -> list[int]:
        """The values as block keys."""
        rows = self._connection.execute("select hash(value) from (select unnest(?::text[]) as value)", [values])
        return [int(row[0]) for row in rows.fetchall()]

    def learn_classes(self, kind: str, values: list[str], carriers: pa.Table) -> dict[str, str]:
        """What identifiers are, given all the records that carry them (columns of features)."""
        self._connection.register("carriers", carriers)
        learn_shared(self._connection, kind, SHARABLE[kind], features="carriers", behaviour="learnt")
        self._connection.unregister("carriers")
        found = self._connection.execute("select value, class from learnt where list_contains(?, value)", [values])
        return dict(found.fetchall())

    def begin(self, standardised: pa.Table, classes: Classes) -> None:
        """Put records on the empty bench, their features derived given what their shared identifiers are."""
        self._derive(standardised, classes)
        self._connection.execute("truncate local")
        self._connection.execute("insert into local by name select * from derived")

    def keys_of(self, rid: int) -> list[list[Key]]:
        """The block keys of a record on the bench, per rule of the model."""
        if not self._frozen.rules:
            return []
        (row,) = self._connection.execute(f"execute block({rid})").fetchall()
        return [[Key(key["key"], key["seeks"]) for key in keys or ()] for keys in row]

    def add(self, features: pa.Table) -> None:
        """Put records on the bench whose features are known; one that is there already stays as it is."""
        self._connection.register("known", features)
        self._connection.execute("insert into local by name select * from known anti join local using (rid)")
        self._connection.unregister("known")

    def compare(self, left: Rids, right: Rids) -> Scores:
        """Weigh pairs of records on the bench, each with the smaller rid left; in the order of their rids."""
        self._connection.execute("truncate pairs")
        self._connection.execute("truncate vectors")
        self._connection.register("wanted", pa.table({"rid_l": left, "rid_r": right}))
        self._connection.execute("insert into pairs select rid_l, rid_r from wanted")
        self._connection.unregister("wanted")
        self._connection.execute("execute compare")
        self._connection.register("rarity", self.rarity())
        scores = score_vectors(self._connection, self._frozen.model, "vectors")
        self._connection.unregister("rarity")
        return scores

    def writers_of_several(self, rids: Rids, scores: Scores) -> Named | None:
        """What `torn_mentions.by_writers_of_several` finds among records on the bench."""
        return by_writers_of_several(self._connection, rids, scores, self._frozen.model, "local")

    def rarity(self) -> pa.Table:
        """What `term_frequencies.weigh_rarity` makes, for the records on the bench."""
        rows = self._connection.execute("execute terms").fetchnumpy()
        names = list(rows)
        columns: dict[str, Any] = {"rid": rows[names[0]]}
        for name, frequency in zip(names[1:], self._frozen.frequencies, strict=True):
            columns[f"bits_{frequency.column}"] = _bits(frequency, np.ma.asarray(rows[name]))
        return pa.table(columns)

    def values(self, rids: Rids, columns: list[str]) -> pa.Table:
        """Columns of records on the bench, in the order of `rids`."""
        rows = self._connection.sql(f"select rid, {', '.join(columns)} from local").to_arrow_table()
        return rows.take(pc.index_in(pa.array(rids, pa.int32()), value_set=rows["rid"].combine_chunks()))

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()

    def _derive(self, standardised: pa.Table, classes: Classes) -> None:
        for kind in SHARABLE:
            known = classes[kind]
            self._connection.execute(f"truncate {kind}_behaviour")
            if known:
                self._connection.execute(
                    f"insert into {kind}_behaviour select unnest(?::text[]), true, unnest(?::text[])",
                    [list(known), list(known.values())],
                )
        self._connection.register("standardised", standardised)
        derive_features(self._connection, "standardised", "derived")
        self._connection.unregister("standardised")


def vectors_sql(comparisons: tuple[Comparison, ...], columns: list[str]) -> str:
    """SQL: the vector of each pair of `pairs` of records of `local`, as `vectors.VectorBuilder` has Splink make it."""
    sides = ", ".join(f"l.{column} as {column}_l, r.{column} as {column}_r" for column in columns)
    return f"""
        select {", ".join(["rid_l", "rid_r", *map(_gamma, comparisons)])}
        from (select {sides} from pairs join local as l on l.rid = rid_l join local as r on r.rid = rid_r)
    """


def _gamma(comparison: Comparison) -> str:
    best = len(comparison.levels)
    levels = " ".join(f"when {level.sql} then {best - place}" for place, level in enumerate(comparison.levels))
    return f"(case when {comparison.null_sql} then -1 {levels} else 0 end)::tinyint as gamma_{comparison.name}"


def keys_sql(rules: tuple[CountedRule, ...]) -> str:
    """SQL: the keys of record `$1` of `local`, one column per rule, as `blocking.build_blocks` makes them."""
    columns = []
    for place, counted in enumerate(rules):
        rule = counted.rule
        seeks = "true"
        if rule.sought_by is not None:
            seeks = f"({rule.sought_by}) and coalesce(list_contains({rule.seeking_key}, block_key), false)"
        keys = rule.key if rule.many else f"[{rule.key}]"
        columns.append(
            f"list_transform(list_filter({keys}, lambda block_key: block_key is not null), "
            f"lambda block_key: {{'key': hash(block_key), 'seeks': {seeks}}}) as keys_{place}"
        )
    return f"select {', '.join(columns)} from local where rid = $1"


def _bits(frequency: TermFrequencies, keys: np.ma.MaskedArray[Any, Any]) -> NDArray[np.float32]:
    absent = np.ma.getmaskarray(keys)
    values = np.ma.getdata(keys).astype(np.uint64)
    if len(frequency.keys):
        place = np.minimum(np.searchsorted(frequency.keys, values), len(frequency.keys) - 1)
        bits = np.where(frequency.keys[place] == values, frequency.bits[place], frequency.rare)
    else:
        bits = np.full(len(values), frequency.rare)
    return np.where(absent, 0.0, bits).astype(np.float32)
