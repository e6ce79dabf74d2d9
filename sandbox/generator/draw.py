"""Seeded draws: one independent stream of random numbers per concern.

A stream depends on the seed and on its own name only, so that a change to one concern leaves the others' world alone.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def stream(seed: int, concern: str) -> np.random.Generator:
    """The random numbers of one concern."""
    return np.random.default_rng([seed, zlib.crc32(concern.encode())])


def chance(rng: np.random.Generator, probability: float | Floats, size: int) -> Flags:
    """True with the given probability (one for all, or one per row)."""
    return rng.random(size) < probability


def weighted(rng: np.random.Generator, weights: Sequence[float], size: int) -> Ints:
    """Positions 0..len(weights)-1, drawn in proportion to the weights."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    return np.searchsorted(edges / edges[-1], rng.random(size), side="right").astype(np.int64)


def weighted_by(rng: np.random.Generator, table: Floats, row: Ints) -> Ints:
    """For each row of `row`, a column of `table` drawn in proportion to that row's weights."""
    edges = np.cumsum(table, axis=1)
    edges = edges / edges[:, -1:]
    return np.asarray((rng.random(len(row))[:, None] >= edges[row]).sum(axis=1), dtype=np.int64)


def skewed(rng: np.random.Generator, sizes: Ints | int, skew: float, size: int) -> Ints:
    """Ranks below `sizes`, low ranks more often: a power law in the manner of Zipf; `skew` 1 is even."""
    return (np.asarray(sizes) * rng.random(size) ** skew).astype(np.int64)


def counts(rng: np.random.Generator, mean: float | Floats, size: int, spread: float = 1.2) -> Ints:
    """Counts of events, overdispersed as behaviour is (gamma-mixed Poisson; smaller `spread` is more uneven)."""
    return rng.poisson(rng.gamma(spread, np.broadcast_to(np.asarray(mean) / spread, (size,)))).astype(np.int64)


def repeat_each(times: Ints) -> tuple[Ints, Ints]:
    """Unfold counts: the position of the parent of each child, and the child's number within its parent."""
    parent = np.repeat(np.arange(len(times), dtype=np.int64), times)
    first = np.cumsum(times) - times
    return parent, np.arange(len(parent), dtype=np.int64) - first[parent]


def spread_numbers(indices: Ints, space: int, offset: int) -> Ints:
    """Different numbers below `space` for different indices below `space`, in no visible order."""
    multiplier = 6_364_137
    while np.gcd(multiplier, space) != 1:
        multiplier += 2
    return (indices * multiplier + offset) % space
