"""Households: who lives together, where, and where they lived before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sandbox.generator.draw import Flags, Ints, chance, repeat_each, stream, weighted
from sandbox.generator.places import (
    COUNTRY_WEIGHTS,
    Addresses,
    draw_addresses,
    draw_cultures,
    gazetteer,
)

SIZE_WEIGHTS = (40, 27, 15, 13, 5)


@dataclass(frozen=True)
class Households:
    """One row per household; `of` and `member` are per person: the household, and the place in it (0 is the head)."""

    count: int
    of: Ints
    member: Ints
    size: Ints
    country: Ints
    culture: Ints
    home: Addresses
    former_home: Addresses
    moved: Flags
    has_landline: Flags
    has_family_email: Flags


def draw_households(seed: int, people: int) -> Households:
    """Households for exactly that many people."""
    rng = stream(seed, "households")
    drawn = 1 + weighted(rng, SIZE_WEIGHTS, people)
    size = drawn[: int(np.searchsorted(np.cumsum(drawn), people)) + 1].copy()
    size[-1] -= size.sum() - people
    count = len(size)
    of, member = repeat_each(size)
    country = weighted(rng, COUNTRY_WEIGHTS, count)
    culture = draw_cultures(rng, country)
    city = gazetteer().draw(rng, country)
    moved_city = np.where(chance(rng, 0.4, count), gazetteer().draw(rng, country), city)
    return Households(
        count=count,
        of=of,
        member=member,
        size=size,
        country=country,
        culture=culture,
        home=draw_addresses(rng, country, city),
        former_home=draw_addresses(rng, country, moved_city),
        moved=chance(rng, 0.25, count),
        has_landline=chance(rng, 0.35, count),
        has_family_email=chance(rng, 0.15, count) & (size > 1),
    )
