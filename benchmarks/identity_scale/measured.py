"""What a child process measures of itself."""

from __future__ import annotations

import resource
import time


class Steps:
    """Seconds between the steps that a run tells of."""

    def __init__(self) -> None:
        """Start the clock."""
        self.started = self._last = time.perf_counter()
        self._name = "starting"
        self.steps: list[tuple[str, float]] = []

    def __call__(self, name: str) -> None:
        """A step begins."""
        now = time.perf_counter()
        self.steps.append((self._name, now - self._last))
        self._name, self._last = name, now

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.perf_counter() - self.started


def peak_gib() -> float:
    """The largest resident set of this process, and of its largest child beside it."""
    own, child = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return (own.ru_maxrss + child.ru_maxrss) / 1024**2
