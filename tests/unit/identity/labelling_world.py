"""A small retailer, resolved, with its near misses scored: what samples are drawn from in tests."""

from __future__ import annotations

from functools import lru_cache

from benchmarks.labelling_coverage import World, make_world
from sandbox.generator import generate
from sandbox.records import identity_records, truth


@lru_cache
def small_world(people: int = 300, seed: int = 5) -> World:
    """Resolved once per session."""
    made = generate(people=people, seed=seed)
    return make_world(identity_records(made), truth(made))
