"""Keeping the state in step with the records: what is added, changed or gone, and which components that can touch.

Nothing that a change cannot reach is computed again. A change reaches further than its own record in two ways, both
followed here: an identifier that turns out to be shared (or no longer so) changes the features of all records that
carry it, and a block that grows past the largest that its rule compares takes its pairs with it.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from identity.artifact import FrozenModel
from identity.blocking import CountedRule, block, build_blocks, crossing_blocks
from identity.clustering import NEAR
from identity.components import Labels
from identity.engines.protocol import Engine
from identity.feature_worker import build_features
from identity.prepare import SHARABLE, derive_features, load_features
from identity.scoring import score_vectors
from identity.shared_identifiers import learn_shared
from identity.state import MatchState
from identity.term_frequencies import weigh_rarity
from identity.vectors import VectorBuilder


def rebuild_features(state: MatchState, records: pa.Table, default_region: str) -> pa.Table:
    """Start anew: `records`, `features` and the behaviour of identifiers; returns the identifiers (per contract).

    Reads the temporary table `incoming` of `state.hash_rows`.
    """
    connection = state.connection
    state.clear()
    features = build_features(records, default_region)
    identifiers = features.identifiers
    load_features(connection, features.table)
    connection.execute("""
        create table records as
        select features.record_id, features.rid, incoming.row_hash from features join incoming using (record_id)
    """)
    return identifiers


def rebuild_pairs(state: MatchState, frozen: FrozenModel, engine: Engine) -> None:
    """Make `blocks`, `vectors` and `rarity` from all features, with a frozen model."""
    connection = state.connection
    engine.build_blocks(connection, [counted.rule for counted in frozen.rules])
    engine.compare_blocked(connection, frozen.rules, frozen.model.comparisons, keep_rules=False)
    weigh_rarity(connection, frozen.frequencies)


def keep_chosen(state: MatchState, frozen: FrozenModel) -> None:
    """Bring what learning left (all blocks; vectors with their rules) to the form that runs use, and add `rarity`."""
    connection = state.connection
    numbers = ", ".join(str(counted.number) for counted in frozen.rules)
    connection.execute(f"delete from blocks where rule not in ({numbers})" if numbers else "delete from blocks")
    connection.execute("alter table vectors drop column rules")
    weigh_rarity(connection, frozen.frequencies)


def find_changes(state: MatchState) -> int:
    """Create the temporary table `changes` (`record_id, rid, kind`: added, changed, gone) from `incoming`; its size."""
    state.connection.execute("""
        create or replace temp table changes as
        select coalesce(incoming.record_id, records.record_id) as record_id, records.rid,
            case when records.rid is null then 'added' when incoming.record_id is null then 'gone' else 'changed' end
            as kind
        from incoming full join records using (record_id)
        where incoming.row_hash is distinct from records.row_hash
    """)
    (count,) = state.connection.execute("select count(*) from changes").fetchall()[0]
    return int(count)


def take_in(state: MatchState, frozen: FrozenModel, records: pa.Table) -> pa.Table:
    """Take the `changes` into the state. Leaves the temporary table `seeds` (`rid`): records whose pairs changed.

    Args:
        state: as it was before; afterwards as if made anew from all records.
        frozen: the model that the state was made with.
        records: the added and changed records, per contract.

    Returns:
        The identifiers of `records`, per contract.
    """
    connection = state.connection
    features = build_features(records, frozen.settings.default_region)
    identifiers = features.identifiers
    connection.register("standardised_by_rank", features.table)
    connection.execute("""
        create or replace temp table numbered as
        select record_id, coalesce(rid, row_number() over (partition by kind order by record_id)
            + (select coalesce(max(rid), -1) from records))::integer as rid, kind
        from changes
    """)
    connection.execute("""
        create or replace temp table standardised as
        select numbered.rid, s.* exclude (rid) from standardised_by_rank as s join numbered using (record_id)
    """)
    connection.unregister("standardised_by_rank")
    base = [str(row[0]) for row in connection.execute("describe standardised").fetchall()]
    _learn_touched(connection, {counted.rule.name: counted.number for counted in frozen.rules})
    # Records of an identifier whose class is another now are changed records, with the features that they had.
    as_before = ", ".join(f"every_{name[:-1]} as {name}" if f"{name[:-1]}" in SHARABLE else name for name in base)
    connection.execute(f"""
        insert into standardised by name
        select {as_before} from features semi join turned using (rid) anti join numbered using (rid)
    """)
    connection.execute("""
        create or replace temp table touched as
        select rid from numbered union select rid from turned
    """)
    derive_features(connection, "standardised", "fresh_features")
    rules = frozen.rules
    build_blocks(connection, [counted.rule for counted in rules], features="fresh_features", blocks="fresh_blocks")
    crossing_blocks(connection, rules, blocks="blocks", fresh="fresh_blocks", touched="touched")
    _replace(connection, "features", "fresh_features")
    _replace(connection, "blocks", "fresh_blocks")
    connection.execute("drop table fresh_features")
    connection.execute("drop table fresh_blocks")
    _update_records(connection)
    _update_pairs(connection, frozen)
    return identifiers


def _learn_touched(connection: duckdb.DuckDBPyConnection, rules: dict[str, int]) -> None:
    """Learn anew how the identifiers of changed records behave; `turned` (`rid`): who carries one that turns."""
    connection.execute("create or replace temp table turned (rid integer)")
    for kind, column in SHARABLE.items():
        connection.execute(f"""
            create or replace temp table touched_values as
            select unnest({kind}s) as value from standardised
            union select unnest({column}) from features semi join numbered using (rid)
        """)
        connection.execute(f"""
            create or replace temp table carriers as
            select * from (
                select * exclude (emails, phones), emails as every_email, phones as every_phone from standardised
                union all by name
                select * from features
                where rid not in (select rid from numbered)
                    and rid in ({_carrying(kind, column, rules)})
            )
        """)
        learn_shared(connection, kind, column, features="carriers", behaviour=f"fresh_{kind}_behaviour")
        connection.execute(f"""
            insert into turned
            with turned_values as (
                select value
                from touched_values
                left join {kind}_behaviour as old using (value)
                left join (select * from fresh_{kind}_behaviour) as new using (value)
                where coalesce(old.class, 'personal') <> coalesce(new.class, 'personal')
            )
            select distinct rid from (select rid, unnest({column}) as value from carriers) semi join turned_values
            using (value)
        """)
        connection.execute(f"delete from {kind}_behaviour where value in (select value from touched_values)")
        connection.execute(f"""
            insert into {kind}_behaviour by name
            select * from fresh_{kind}_behaviour where value in (select value from touched_values)
        """)
        connection.execute(f"drop table fresh_{kind}_behaviour")
        connection.execute("drop table carriers")
        connection.execute("drop table touched_values")


def _carrying(kind: str, column: str, rules: dict[str, int]) -> str:
    """SQL: the records that carry one of `touched_values`, from the blocks of the rule on just that where there is one.

    A block is found by a digest: a record more that shares one by chance does no harm, its other values are left out.
    """
    number = rules.get(f"same_{kind}")
    if number is not None:
        return f"select rid from blocks where rule = {number} and key in (select hash(value) from touched_values)"
    return f"""
        select rid from (select rid, unnest({column}) as value from features) semi join touched_values using (value)
    """


def _replace(connection: duckdb.DuckDBPyConnection, table: str, fresh: str) -> None:
    connection.execute(f"delete from {table} where rid in (select rid from touched)")
    connection.execute(f"insert into {table} by name select * from {fresh}")


def _update_records(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("delete from records where rid in (select rid from numbered)")
    connection.execute("""
        insert into records by name
        select record_id, rid, row_hash from numbered join incoming using (record_id) where kind <> 'gone'
    """)


def _update_pairs(connection: duckdb.DuckDBPyConnection, frozen: FrozenModel) -> None:
    """Compare the blocked pairs of touched records, drop those no longer blocked; `seeds` are the records concerned."""
    connection.execute("create or replace temp table seeds as select rid from touched")
    connection.execute("""
        delete from vectors
        where rid_l in (select rid from touched) or rid_r in (select rid from touched)
    """)
    connection.execute("delete from rarity where rid in (select rid from touched)")
    connection.execute(
        "create or replace temp view touched_features as select * from features semi join touched using (rid)"
    )
    weigh_rarity(connection, frozen.frequencies, features="touched_features", rarity="fresh_rarity")
    connection.execute("insert into rarity by name select * from fresh_rarity")
    connection.execute("drop table fresh_rarity")
    block(connection, frozen.rules, touched="touched", pairs="touched_pairs")
    _recheck_crossing(connection, frozen.rules)
    if not connection.execute("select 1 from touched_pairs limit 1").fetchall():
        return
    connection.execute("""
        create or replace temp table near_features as
        select * from features
        where rid in (select rid_l from touched_pairs union select rid_r from touched_pairs)
    """)
    VectorBuilder(connection, frozen.model.comparisons, "near_features").build("touched_pairs", "touched_vectors")
    connection.execute("insert into vectors by name select * from touched_vectors")
    scores = score_vectors(connection, frozen.model, "touched_vectors")
    near = scores.weight >= NEAR
    partners = pa.table({"rid": np.concatenate([scores.left[near], scores.right[near]])})
    connection.register("near_partners", partners)
    connection.execute("insert into seeds select distinct rid from near_partners")
    connection.unregister("near_partners")
    connection.execute("drop table touched_vectors")


def _recheck_crossing(connection: duckdb.DuckDBPyConnection, rules: Sequence[CountedRule]) -> None:
    """Pairs of untouched records in blocks that are compared now and were not, or the other way round."""
    if not connection.execute("select 1 from crossing limit 1").fetchall():
        return
    connection.execute("""
        create or replace temp table crossing_members as
        select distinct rid from blocks semi join crossing using (rule, key) where rid not in (select rid from touched)
    """)
    block(connection, rules, touched="crossing_members", pairs="crossing_pairs")
    connection.execute("""
        delete from crossing_pairs
        where rid_l in (select rid from touched) or rid_r in (select rid from touched)
    """)
    gone = """
        select rid_l, rid_r from vectors
        where (rid_l in (select rid from crossing_members) or rid_r in (select rid from crossing_members))
            and not (rid_l in (select rid from touched) or rid_r in (select rid from touched))
        except select rid_l, rid_r from crossing_pairs
    """
    connection.execute(f"create or replace temp table crossing_gone as {gone}")
    connection.execute("insert into seeds select rid_l from crossing_gone union select rid_r from crossing_gone")
    connection.execute(
        "delete from vectors using crossing_gone as g where vectors.rid_l = g.rid_l and vectors.rid_r = g.rid_r"
    )
    connection.execute("""
        create or replace temp table crossing_new as
        select * from crossing_pairs anti join vectors using (rid_l, rid_r)
    """)
    connection.execute("insert into touched_pairs select * from crossing_new")
    connection.execute("insert into seeds select rid_l from crossing_new union select rid_r from crossing_new")


def find_region(state: MatchState, previous: pa.Table | None) -> int:
    """Create `region` (`rid`): the whole components that the `seeds` are in, and all records of the customers there.

    A customer can hold records of several components when a change was held back or people judged; its id is decided
    with all of them in view. Also creates `scope` (`record_id`): those records and the ones that are gone.
    """
    connection = state.connection
    connection.execute("create or replace temp table region as select distinct rid from seeds")
    if previous is not None:
        connection.register("published", previous.select(["record_id", "customer_id"]))
        connection.execute("create or replace temp table assigned as select record_id, customer_id from published")
        connection.unregister("published")
    size = -1
    while True:
        connection.execute("""
            create or replace temp table region as
            select rid from region
            union select rid from components
            where component in (select component from components semi join region using (rid))
        """)
        if previous is not None:
            connection.execute("""
                create or replace temp table region as
                select rid from region
                union select rid from records join assigned using (record_id)
                where customer_id in (
                    select customer_id from assigned
                    where record_id in (select record_id from records semi join region using (rid))
                        or record_id in (select record_id from changes where kind = 'gone')
                )
            """)
        (count,) = connection.execute("select count(*) from region").fetchall()[0]
        if count == size:
            break
        size = count
    connection.execute("""
        create or replace temp table scope as
        select record_id from records semi join region using (rid)
        union select record_id from changes where kind = 'gone'
    """)
    connection.execute("delete from region where rid not in (select rid from records)")
    return int(size)


def keep_components(state: MatchState, rids: NDArray[np.int32], components: Labels) -> None:
    """Remember the components of the records of the region, as numbers among `rids`."""
    connection = state.connection
    connection.register("fresh_components", pa.table({"rid": rids, "component": rids[components]}))
    if not connection.execute("select 1 from duckdb_tables() where table_name = 'components'").fetchall():
        connection.execute("create table components (rid integer, component integer)")
    connection.execute("delete from components where rid not in (select rid from records)")
    connection.execute("delete from components where rid in (select rid from fresh_components)")
    connection.execute("insert into components select rid, component from fresh_components")
    connection.unregister("fresh_components")
