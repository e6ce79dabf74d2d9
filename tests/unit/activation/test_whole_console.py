"""What is printed into a pipe is whole; a window and `COLUMNS` are heeded."""

from __future__ import annotations

import io

import pytest
from rich.table import Table

from activation.commands.whole_console import WholeConsole


def _printed(console: WholeConsole) -> str:
    table = Table("destinations", "still sent by", box=None)
    table.add_row("pending: " + ", ".join(f"newsletter_klaviyo_{number}" for number in range(8)), "shopify")
    console.print(table)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_pipe_gets_every_cell_whole_on_one_line() -> None:
    heading, row = _printed(WholeConsole(file=io.StringIO())).splitlines()
    assert "newsletter_klaviyo_7" in row
    assert row.rstrip().endswith("shopify")
    assert heading.rstrip().endswith("still sent by")


def test_what_a_person_asks_for_is_done_in_a_pipe_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    for console in (WholeConsole(file=io.StringIO()), WholeConsole(file=io.StringIO(), width=60)):
        assert max(len(line) for line in _printed(console).splitlines()) <= 60


def test_a_window_is_as_wide_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    console = WholeConsole(file=io.StringIO(), force_terminal=True, color_system=None)
    monkeypatch.setenv("COLUMNS", "70")
    assert console.width == 70
