"""A long run says what it is doing on a terminal, keeps quiet in a log, and knows what took how long."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from identity.commands.stages import Stages


def _console(*, terminal: bool) -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, force_terminal=terminal, width=80), text


def test_stages_are_timed_also_those_that_a_library_begins() -> None:
    console, text = _console(terminal=True)
    with Stages(console) as stages:
        with stages.stage("reading"):
            time.sleep(0.02)
        with stages.stage("resolving"):
            stages.begin("blocking")
            time.sleep(0.02)
            stages.begin("blocking")
    assert list(stages.seconds) == ["reading", "resolving", "blocking"]
    assert stages.seconds["reading"] >= 0.02
    assert stages.seconds["blocking"] >= 0.02
    assert "blocking" in text.getvalue()


def test_a_log_is_left_alone() -> None:
    console, text = _console(terminal=False)
    with Stages(console) as stages, stages.stage("reading"):
        pass
    assert text.getvalue() == ""


def test_what_failed_is_timed_and_the_display_is_gone() -> None:
    console, _ = _console(terminal=True)
    stages = Stages(console)
    with pytest.raises(ValueError, match="no"), stages, stages.stage("reading"):
        raise ValueError("no")
    assert list(stages.seconds) == ["reading"]
