"""What two records can agree on: the shape of a comparison and its levels, and their form for Splink."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Level:
    """One degree of agreement: a condition on `<column>_l` and `<column>_r`, and its words.

    `frequency` names the column whose value's rarity adjusts the weight of this level; `own_share` of a person's
    records carry the value (null: as many as the model finds at this level). `found_by_blocking` says that a
    blocking rule finds every pair that reaches it, so that they can be counted instead of sampled. `chance_of`:
    strangers reach it when they agree by chance in all of these comparisons. `stated`: a system says outright that the
    two are one, which is weighed by how often that is found true (`stated_odds`).
    """

    words: str
    sql: str
    frequency: str | None = None
    own_share: float | None = None
    found_by_blocking: bool = False
    chance_of: tuple[str, ...] = ()
    stated: bool = False


@dataclass(frozen=True)
class Comparison:
    """Levels from best to worst, the last one everything else; `null_sql` says when there is nothing to compare.

    `decided_by`: the comparison makes sense where one of these columns has values to tell apart. `one_sided`: agreeing
    speaks for one person, disagreeing says nothing. `correction_of`: nothing of its own, but how much more often
    strangers agree in all of these than each taken alone would have it. `by_odds`: nothing to compare unless the
    pair reaches a level, so that there are no shares of levels to learn; what is learnt is how often those that do are
    one person (`mention_odds`).
    """

    name: str
    columns: tuple[str, ...]
    null_sql: str
    levels: tuple[Level, ...]
    else_words: str
    decided_by: tuple[str, ...]
    one_sided: bool = False
    correction_of: tuple[str, ...] = ()
    by_odds: bool = False

    @property
    def is_learnt_by_em(self) -> bool:
        """Whether its levels have shares among one person's pairs that expectation maximisation can find."""
        return not self.correction_of and not self.by_odds

    @property
    def level_count(self) -> int:
        """Levels that carry weight, the one for everything else included."""
        return len(self.levels) + 1

    def words_of(self, gamma: int) -> str:
        """The words of a level by its Splink comparison vector value: -1 nothing to compare, 0 everything else."""
        if gamma < 0:
            return "nothing to compare"
        return self.else_words if gamma == 0 else self.levels[len(self.levels) - gamma].words

    def to_splink(self) -> dict[str, Any]:
        """The comparison as Splink's settings dictionary, without probabilities."""
        null = {"sql_condition": self.null_sql, "label_for_charts": "nothing to compare", "is_null_level": True}
        levels = [{"sql_condition": level.sql, "label_for_charts": level.words} for level in self.levels]
        return {
            "output_column_name": self.name,
            "comparison_description": self.name,
            "comparison_levels": [null, *levels, {"sql_condition": "ELSE", "label_for_charts": self.else_words}],
        }


def either_null(column: str) -> str:
    """SQL: one of the two records has no value."""
    return f"{column}_l is null or {column}_r is null"


def letters_off(column: str, most: int) -> str:
    """SQL: two values differ by at most so many letters, swapped neighbours being one (Damerau, 1964).

    A swap is two edits to Levenshtein (1966), who is ten times as fast: he rules out nearly everybody first.
    """
    left, right = f"{column}_l", f"{column}_r"
    return f"(levenshtein({left}, {right}) <= {2 * most} and damerau_levenshtein({left}, {right}) <= {most})"
