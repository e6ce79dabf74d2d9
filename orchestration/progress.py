"""A person's view of a running job: one line when a step begins, one when it ends."""

from __future__ import annotations

import logging
import time
from typing import Any

from dagster import DagsterEventType, InitLoggerContext, LoggerDefinition
from rich.console import Console
from rich.status import Status

_STAGES = {
    "prepare": "staging: every raw row typed or quarantined; identity_records",
    "identity": "identity: who is who",
    "identity_checks": "identity: checks before anything is published",
    "serve": "golden, marts, segments",
}


class ProgressHandler(logging.Handler):
    """Turns Dagster's step events into lines; failures carry Dagster's own message."""

    def __init__(self, console: Console) -> None:
        """Write to this console."""
        super().__init__()
        self._console = console
        self._began: dict[str, float] = {}
        self._spinner: Status | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Print step starts, ends and failures; stay silent about all else."""
        meta: dict[str, Any] = getattr(record, "dagster_meta", {})
        event = meta.get("dagster_event")
        step = meta.get("step_key")
        if event is None or not step:
            return
        words = _STAGES.get(step, step.replace("__", ": ").replace("_", " "))
        if event.event_type is DagsterEventType.STEP_START:
            self._start(step, words)
        elif event.event_type is DagsterEventType.STEP_SUCCESS:
            self._end(f"  [green]✓[/] {words} [dim]{self._seconds(step)}[/]")
        elif event.event_type is DagsterEventType.STEP_FAILURE:
            self._end(f"  [red]✗[/] {words} [dim]{self._seconds(step)}[/]")
        elif event.event_type is DagsterEventType.STEP_SKIPPED:
            self._end(f"  [dim]- {words}: skipped[/]")

    def _start(self, step: str, words: str) -> None:
        self._began[step] = time.monotonic()
        if self._console.is_terminal:
            self._spinner = self._console.status(words)
            self._spinner.start()
        else:
            self._console.print(f"  … {words}", highlight=False)

    def _end(self, line: str) -> None:
        if self._spinner is not None:
            self._spinner.stop()
            self._spinner = None
        self._console.print(line, highlight=False)

    def _seconds(self, step: str) -> str:
        return f"{time.monotonic() - self._began.get(step, time.monotonic()):.1f} s"


def _open(_: InitLoggerContext) -> logging.Logger:
    line_logger = logging.Logger("braid.progress", level=logging.DEBUG)
    line_logger.addHandler(ProgressHandler(Console(soft_wrap=True)))
    return line_logger


progress_logger = LoggerDefinition(_open, description="One line a step, for a terminal.")
"""A logger that no other handler hears."""
