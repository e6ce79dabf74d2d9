"""What an engine does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import duckdb

from identity.blocking import CountedRule
from identity.blocking_rules import BlockingRule
from identity.comparisons import Comparison
from identity.expectation import Patterns
from identity.vectors import VectorBuilder


class EngineError(RuntimeError):
    """The engine cannot work: what it needs is missing, or it failed; the message says what, and what to do next."""


class Engine(Protocol):
    """The heavy part of a run. All tables are those of `identity.state`, in the connection given."""

    def build_blocks(self, connection: duckdb.DuckDBPyConnection, rules: Sequence[BlockingRule]) -> None:
        """Create `blocks` (`rule, key, rid, seeks`) from `features`. Comes first: it shows the engine the features."""

    def compare_blocked(
        self,
        connection: duckdb.DuckDBPyConnection,
        rules: Sequence[CountedRule],
        comparisons: tuple[Comparison, ...],
        *,
        keep_rules: bool,
    ) -> None:
        """Create `vectors` (`rid_l, rid_r, gamma_<comparison> ...`) of all pairs that share a block of `build_blocks`.

        `keep_rules` adds `rules`, whose bit i is set when rule number i found the pair.
        """

    def read_patterns(self, connection: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...]) -> Patterns:
        """Count the agreement patterns of the `vectors` of `compare_blocked`, which must have kept their rules."""

    def builder(self, connection: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...]) -> VectorBuilder:
        """Compares other pairs of `features`."""
