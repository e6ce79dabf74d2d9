"""The engine that runs on Spark: it does the shuffles, joins and counts, and its tasks compare in DuckDB.

Driver and tasks exchange Parquet in a folder, so that neither pairs nor what was compared in them ever pass through the
driver's memory as a whole. What comes back to it are block keys and comparison vectors, a few bytes each, which
clustering and later runs need there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property, partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb
import numpy as np

from identity.blocking import CountedRule
from identity.blocking_rules import BlockingRule
from identity.comparisons import Comparison
from identity.engines.chunks import Chunks
from identity.engines.spark_session import open_session
from identity.engines.spark_tasks import FROM_SIGNED, columns_compared, compare, comparison_query, find_keys
from identity.expectation import Patterns
from identity.vectors import VectorBuilder

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Below this many pairs to compare, Spark would spend longer on starting its tasks than DuckDB on all of them.
_FEWEST_PAIRS: Final = 200_000
# Small enough that a few thousand records make more than one task's worth.
_ROW_GROUP: Final = 8_192
_BLOCKS: Final = "rule int, key bigint, rid int, seeks boolean"
# As in `blocking`: of n records of which s seek, the pairs in which at least one seeks.
_PAIRS: Final = "(n * (n - 1) div 2 - (n - s) * (n - s - 1) div 2)"


@contextmanager
def open_spark(fewest_pairs: int = _FEWEST_PAIRS) -> Iterator[SparkEngine]:
    """The engine; its session begins with the first work that is Spark's, which a small change never is.

    Fewer pairs than `fewest_pairs` are compared in this process. Any method raises `EngineError` if pyspark or
    Java is missing, or Spark does not start.
    """
    with ExitStack() as stack:
        yield SparkEngine(stack, fewest_pairs)


class SparkEngine:
    """See `protocol.Engine`."""

    def __init__(self, stack: ExitStack, fewest_pairs: int) -> None:
        """Use `open_spark`; what is started ends with the stack."""
        self._stack = stack
        self._fewest_pairs = fewest_pairs
        self._numbers = count()
        self._features: Path | None = None
        self._blocks: Path | None = None
        self._vectors: Path | None = None

    @cached_property
    def _opened(self) -> tuple[SparkSession, Path]:
        return self._stack.enter_context(open_session())

    @property
    def _session(self) -> SparkSession:
        return self._opened[0]

    def build_blocks(self, connection: duckdb.DuckDBPyConnection, rules: Sequence[BlockingRule]) -> None:
        """Create `blocks`: keys are found in tasks."""
        self._features = None
        sql = " ".join(part for rule in rules for part in (rule.key, rule.sought_by, rule.seeking_key) if part)
        features = self._shown(connection)
        wanted = ["rid", *sorted(set(re.findall(r"\w+", sql)) & set(features.columns) - {"rid"})]
        names = tuple(rule.name for rule in rules)
        keys = features.select(wanted).mapInArrow(partial(find_keys, rules=names), _BLOCKS)
        self._blocks = self._written(keys)
        connection.execute(f"""
            create or replace table blocks as
            select rule::utinyint as rule, {FROM_SIGNED} as key, rid, seeks from {_parquet(self._blocks)}
        """)

    def compare_blocked(
        self,
        connection: duckdb.DuckDBPyConnection,
        rules: Sequence[CountedRule],
        comparisons: tuple[Comparison, ...],
        *,
        keep_rules: bool,
    ) -> None:
        """Create `vectors`: blocks are joined, and pairs compared, in tasks."""
        self._vectors = self._compared(connection, self._pairs(rules), comparisons, "rules")
        kept = "*" if keep_rules else "* exclude (rules)"
        connection.execute(f"create or replace table vectors as select {kept} from {_parquet(self._vectors)}")

    def _pairs(self, rules: Sequence[CountedRule]) -> DataFrame:
        """`rid_l < rid_r, rules` of the records that share a block which is not too large for its rule."""
        rows = [(counted.number, counted.most_pairs, counted.rule.sought_by is not None) for counted in rules]
        limits = self._session.createDataFrame(rows, "rule int, most bigint, is_sought boolean")
        return self._session.sql(
            f"""
            with sized as (
                select rule, key, rid, seeks, most, is_sought, count(*) over (partition by rule, key) as n,
                    count_if(seeks) over (partition by rule, key) as s
                from {{blocks}} join {{limits}} using (rule)
            ),
            kept as (select * from sized where n > 1 and s > 0 and {_PAIRS} <= most)
            select least(a.rid, b.rid) as rid_l, greatest(a.rid, b.rid) as rid_r,
                bit_or(shiftleft(1L, a.rule)) as rules
            from kept as a join kept as b on a.rule = b.rule and a.key = b.key and a.rid < b.rid
                and (not a.is_sought or a.seeks or b.seeks)
            group by 1, 2
            """,
            blocks=self._session.read.schema(_BLOCKS).parquet(str(self._blocks)),
            limits=limits,
        )

    def read_patterns(self, connection: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...]) -> Patterns:
        """Count the patterns where the vectors lie."""
        names = [f"gamma_{comparison.name}" for comparison in comparisons]
        columns = [*names, "rules"]
        vectors = self._session.read.parquet(str(self._vectors))
        counted = self._written(vectors.groupBy(*columns).count())
        listed = ", ".join(columns)
        rows = connection.sql(f"select {listed}, count from {_parquet(counted)} order by {listed}").to_arrow_table()
        return Patterns(
            np.column_stack([rows[name].to_numpy().astype(np.int64) for name in names]),
            rows["count"].to_numpy().astype(np.float64),
            rows["rules"].to_numpy().astype(np.int64),
        )

    def builder(self, connection: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...]) -> VectorBuilder:
        """Few pairs are compared in this process, many in tasks."""
        return _SparkVectorBuilder(self, connection, comparisons)

    def compare_pairs(
        self,
        connection: duckdb.DuckDBPyConnection,
        pairs: str,
        comparisons: tuple[Comparison, ...],
        vectors: str,
        *,
        keep: str | None,
        temporary: bool,
    ) -> bool:
        """Create the table `vectors` from the table `pairs`, unless those are too few to be worth it (False)."""
        (size,) = connection.execute(f"select count(*) from {pairs}").fetchall()[0]
        if size < self._fewest_pairs:
            return False
        kept = f", {keep}" if keep else ""
        shown = self._exported(connection, f"select rid_l, rid_r{kept} from {pairs}")
        compared = self._compared(connection, self._session.read.parquet(str(shown)), comparisons, keep)
        connection.execute(
            f"create or replace {'temp' if temporary else ''} table {vectors} as select * from {_parquet(compared)}"
        )
        return True

    def _compared(
        self,
        connection: duckdb.DuckDBPyConnection,
        pairs: DataFrame,
        comparisons: tuple[Comparison, ...],
        keep: str | None,
    ) -> Path:
        columns = columns_compared(comparisons)
        query = comparison_query(comparisons, columns, keep)
        kept = [keep] if keep else []
        schema = ", ".join(
            [
                "rid_l int, rid_r int",
                *(f"gamma_{comparison.name} tinyint" for comparison in comparisons),
                *(f"{name} {pairs.schema[name].dataType.simpleString()}" for name in kept),
            ]
        )
        (rids,) = connection.execute("select coalesce(max(rid), -1) + 1 from features").fetchall()[0]
        chunks = Chunks.of(rids, self._session.sparkContext.defaultParallelism)
        meeting = pairs.selectExpr("*", chunks.meeting()).groupBy("meeting")
        present = self._shown(connection).selectExpr("rid", *columns, chunks.every_meeting()).groupBy("meeting")
        return self._written(meeting.cogroup(present).applyInArrow(partial(compare, query=query), schema))

    def _shown(self, connection: duckdb.DuckDBPyConnection) -> DataFrame:
        """The features, as they were when `build_blocks` showed them, or now."""
        if self._features is None:
            self._features = self._exported(connection, "select * from features")
        return self._session.read.parquet(str(self._features))

    def _exported(self, connection: duckdb.DuckDBPyConnection, query: str) -> Path:
        path = self._next().with_suffix(".parquet")
        connection.execute(f"copy ({query}) to '{path}' (format parquet, row_group_size {_ROW_GROUP})")
        return path

    def _written(self, rows: DataFrame) -> Path:
        path = self._next()
        rows.write.parquet(str(path))
        return path

    def _next(self) -> Path:
        return self._opened[1] / f"table_{next(self._numbers)}"


def _parquet(folder: Path) -> str:
    return f"read_parquet('{folder}/*.parquet')"


class _SparkVectorBuilder(VectorBuilder):
    """As in process, but many pairs at once go to Spark."""

    def __init__(
        self, engine: SparkEngine, connection: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...]
    ) -> None:
        super().__init__(connection, comparisons)
        self._engine = engine

    def build(self, pairs: str, vectors: str, *, keep: str | None = None, temporary: bool = True) -> None:
        """See `VectorBuilder.build`."""
        done = self._engine.compare_pairs(
            self._connection, pairs, self._comparisons, vectors, keep=keep, temporary=temporary
        )
        if not done:
            super().build(pairs, vectors, keep=keep, temporary=temporary)
