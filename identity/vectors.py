"""Comparison vectors by Splink: for each pair the level that each comparison reaches.

Splink turns the comparisons into SQL; that SQL runs here in one pass over the pairs. Its `predict` would write the
pairs out twice on the way and cost half a second however few they are.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import duckdb
from splink import SettingsCreator

from identity.comparisons import Comparison


class VectorBuilder:
    """Runs Splink's comparisons over tables of pairs (`rid_l`, `rid_r`) of a table of features."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...], features: str = "features"
    ) -> None:
        """`comparisons` must name columns that the table `features` has."""
        self._connection = connection
        self._comparisons = comparisons
        self._features = features

    def build(self, pairs: str, vectors: str, *, keep: str | None = None, temporary: bool = True) -> None:
        """Create the table `vectors` (`rid_l, rid_r, gamma_<comparison> ...`) from the table `pairs`.

        `keep` names a column of `pairs` to carry along.
        """
        kept = f", {keep}" if keep else ""
        columns, levels = splink_sql(self._comparisons)
        values = "".join(f", l.{column} as {column}_l, r.{column} as {column}_r" for column in columns)
        self._connection.execute(f"""
            create or replace {"temp" if temporary else ""} table {vectors} as
            select rid_l, rid_r, {", ".join(levels)} {kept}
            from (
                select p.rid_l, p.rid_r {kept} {values}
                from {pairs} as p
                join {self._features} as l on l.rid = p.rid_l
                join {self._features} as r on r.rid = p.rid_r
            )
        """)


@cache
def splink_sql(comparisons: tuple[Comparison, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What Splink makes of the comparisons: the columns that they read, and an expression per comparison.

    An expression reads `<column>_l` and `<column>_r` and is called `gamma_<comparison>`: -1 where there is nothing to
    compare, 0 for everything else, and so on to the best level.
    """
    settings = SettingsCreator.from_path_or_dict(splink_settings(comparisons)).get_settings("duckdb")
    columns: dict[str, None] = {}
    levels = []
    for comparison in settings.comparisons:
        columns |= {column.input_name: None for column in comparison._input_columns_used_by_case_statement}
        expression, _, name = comparison._case_statement.rpartition(" as ")
        levels.append(f"({expression})::tinyint as {name}")
    return tuple(columns), tuple(levels)


def splink_settings(comparisons: tuple[Comparison, ...]) -> dict[str, Any]:
    """Splink's settings for `comparisons`, before training."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "rid",
        "comparisons": [comparison.to_splink() for comparison in comparisons],
        "blocking_rules_to_generate_predictions": [],
    }
