"""What a long run is doing, while it does it, and how long each stage took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class Stages:
    """A spinner with elapsed time per stage on a terminal, nothing in a log; `seconds` by stage, in order."""

    def __init__(self, console: Console) -> None:
        """Show on `console`."""
        self.seconds: dict[str, float] = {}
        self._progress = Progress(
            SpinnerColumn(finished_text="✓"),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._running: tuple[str, float, TaskID] | None = None

    def __enter__(self) -> Self:
        """Begin to show."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the display away."""
        self._finish()
        self._progress.stop()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Everything within is one stage, unless `begin` divides it."""
        self.begin(name)
        yield
        self._finish()

    def begin(self, name: str) -> None:
        """The stage before is over and this one begins: what a library calls as it goes along."""
        self._finish()
        task = self._progress.add_task(name, total=None)
        self._running = (name, time.perf_counter(), task)

    def _finish(self) -> None:
        if self._running is None:
            return
        name, started, task = self._running
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - started
        self._progress.update(task, total=1, completed=1)
        self._running = None
