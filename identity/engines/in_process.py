"""The engine that needs nothing: everything in the DuckDB of the run's state."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from identity.blocking import CountedRule, block, build_blocks
from identity.blocking_rules import BlockingRule
from identity.comparisons import Comparison
from identity.expectation import Patterns
from identity.training import read_patterns
from identity.vectors import VectorBuilder


class InProcess:
    """See `protocol.Engine`."""

    def build_blocks(self, connection: duckdb.DuckDBPyConnection, rules: Sequence[BlockingRule]) -> None:
        """Create `blocks`."""
        build_blocks(connection, rules, features="features", blocks="blocks")

    def compare_blocked(
        self,
        connection: duckdb.DuckDBPyConnection,
        rules: Sequence[CountedRule],
        comparisons: tuple[Comparison, ...],
        *,
        keep_rules: bool,
    ) -> None:
        """Create `vectors`, and leave `pairs`."""
        block(connection, rules)
        keep = "rules" if keep_rules else None
        self.builder(connection, comparisons).build("pairs", "vectors", keep=keep, temporary=False)

    def read_patterns(self, connection: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...]) -> Patterns:
        """Count the patterns of `vectors`."""
        return read_patterns(connection, comparisons, "vectors")

    def builder(self, connection: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...]) -> VectorBuilder:
        """Splink in DuckDB."""
        return VectorBuilder(connection, comparisons)
