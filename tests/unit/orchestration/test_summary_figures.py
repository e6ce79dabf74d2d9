"""How the summary writes numbers and tables."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from orchestration.summary.figures import NOTHING, Column, count, duration, numbers, sentence, share, table


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (None, NOTHING),
        (0, "0 min"),
        (59, "59 min"),
        (60, "1.0 h"),
        (Decimal("2879"), "48.0 h"),
        (2880, "2.0 d"),
        (10_080, "7.0 d"),
    ],
)
def test_durations_are_told_in_the_unit_a_person_would_choose(minutes: float | None, said: str) -> None:
    assert duration(minutes) == said


@pytest.mark.parametrize(
    ("part", "said"),
    [(None, NOTHING), (0, "0 %"), (Decimal("0.004"), "0.4 %"), (0.01, "1 %"), (0.335, "34 %"), (1, "100 %")],
)
def test_a_small_share_is_not_told_as_none(part: float | None, said: str) -> None:
    assert share(part) == said


def test_no_number_is_not_zero() -> None:
    assert (count(None), count(0), count(1_234_567)) == (NOTHING, "0", "1,234,567")


def test_a_sentence_has_its_figures_in_bold() -> None:
    written = sentence("**12** of them, **3 %**")
    assert written.plain == "12 of them, 3 %"
    assert [written.plain[span.start : span.end] for span in written.spans if span.style == "bold"] == ["12", "3 %"]


def _lines(width: int, cell: str) -> list[str]:
    console = Console(width=width, record=True, file=None, force_terminal=False)
    drawn = table(
        [Column("channel", "words"), *numbers("touchpoints"), Column("of which", "words", shrinks=True)],
        [["instagram", "45,661", cell], ["web", "1", "visit"]],
    )
    with console.capture() as captured:
        console.print(drawn)
    return captured.get().splitlines()


def test_only_the_column_that_may_shrink_gives_way() -> None:
    header, first, second = _lines(34, "product view 17,279, visit 9,351, add to cart 7,318")
    assert header.startswith("channel    touchpoints  ")
    assert first.startswith("instagram       45,661  pro")
    assert first.rstrip().endswith("…")
    assert second.startswith("web                  1  visit")


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), max_size=40), st.integers(40, 200))
def test_a_row_stays_one_line_and_within_the_terminal(cell: str, width: int) -> None:
    lines = _lines(width, cell)
    assert len(lines) == 3
