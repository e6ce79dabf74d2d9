"""Comparison vectors by Splink: for each pair the level that each comparison reaches."""

from __future__ import annotations

from typing import Any, Final

import duckdb
from splink import DuckDBAPI, Linker

from identity.comparisons import Comparison

_SCALE: Final = 30


class VectorBuilder:
    """Runs Splink's comparisons over tables of pairs (`rid_l`, `rid_r`) of a table of features."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, comparisons: tuple[Comparison, ...], features: str = "features"
    ) -> None:
        """Hand the table `features` to Splink; `comparisons` must name columns that exist."""
        self._connection = connection
        self._comparisons = comparisons
        self._api = DuckDBAPI(connection=connection)
        self._linker = Linker(self._api.register(features), splink_settings(comparisons), log_level=None)

    def build(self, pairs: str, vectors: str, *, keep: str | None = None, temporary: bool = True) -> None:
        """Create the table `vectors` (`rid_l, rid_r, gamma_<comparison> ...`) from the table `pairs`.

        `keep` names a column of `pairs` to carry along.
        """
        self._connection.execute(f"""
            create or replace temp view {pairs}_to_compare as
            select '0' as match_key, rid_l as join_key_l, rid_r as join_key_r from {pairs}
        """)
        registered = self._api.register(f"{pairs}_to_compare")
        self._linker.table_management.register_blocked_pairs_for_predict(registered)
        scored = self._linker.inference.predict(warning_mode="never")
        gammas = ", ".join(
            f"(mw_{comparison.name} - 1)::tinyint as gamma_{comparison.name}" for comparison in self._comparisons
        )
        kept, join = (f", {keep}", f"join {pairs} using (rid_l, rid_r)") if keep else ("", "")
        self._connection.execute(f"""
            create or replace {"temp" if temporary else ""} table {vectors} as
            select rid_l, rid_r, {gammas} {kept} from {scored.physical_name} {join}
        """)
        scored.drop_table_from_database_and_remove_from_cache()


def splink_settings(comparisons: tuple[Comparison, ...]) -> dict[str, Any]:
    """Splink's settings for `comparisons`, before training.

    Splink hands out the match weight of the level that a pair reaches, not the level. Here level g weighs g + 1, and
    nothing to compare weighs 0, as Splink has it: so the weights are the vector.
    """
    numbered = [comparison.to_splink() for comparison in comparisons]
    for comparison, settings in zip(comparisons, numbered, strict=True):
        for place, level in enumerate(settings["comparison_levels"][1:]):
            level["m_probability"] = 2.0 ** (comparison.level_count - place - _SCALE)
            level["u_probability"] = 2.0**-_SCALE
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "rid",
        "comparisons": numbered,
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
    }
