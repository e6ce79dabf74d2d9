"""When things happen in the life of a record."""

from __future__ import annotations

import numpy as np

from sandbox.generator.columns import HOUR
from sandbox.generator.draw import Floats, Ints


def between(rng: np.random.Generator, start: Ints, end: Ints, lean: float = 1.0) -> Ints:
    """A moment between two; `lean` below 1 leans towards the end, above 1 towards the start."""
    return start + ((end - start) * rng.random(len(start)) ** lean).astype(np.int64)


def after(rng: np.random.Generator, start: Ints, mean_hours: float | Floats, least_minutes: float = 2.0) -> Ints:
    """A moment some time after another: at least some minutes, exponential beyond."""
    wait = rng.exponential(np.broadcast_to(np.asarray(mean_hours, dtype=float), (len(start),)))
    waited = ((wait + least_minutes / 60) * HOUR).astype(np.int64)
    return np.asarray(start + waited, dtype=np.int64)


def active_end(created: Ints, active_until: Ints, as_of: int) -> Ints:
    """Until when a record sees events: its person's active time, but never before it was made."""
    least = created + (as_of - created) // 20
    return np.asarray(np.minimum(np.maximum(active_until, least), as_of), dtype=np.int64)
