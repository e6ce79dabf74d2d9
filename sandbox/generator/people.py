"""The people themselves: names, sexes, birth dates, families, namesakes, twins, and how long each stays a customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sandbox.generator.columns import DAY, occurrence
from sandbox.generator.draw import Flags, Ints, chance, skewed, stream
from sandbox.generator.households import SIZE_WEIGHTS, Households, draw_households
from sandbox.generator.names import MAN, family_names, given_names
from sandbox.generator.places import Addresses, draw_addresses

GIVEN_SKEW, FAMILY_SKEW = 1.8, 2.0


@dataclass(frozen=True)
class People:
    """One row per person; names are positions in the name pools, moments are microseconds, days are since 1970."""

    count: int
    households: Households
    gender: Ints
    culture: Ints
    country: Ints
    given: Ints
    family: Ints
    former_family: Ints  # -1: none
    birth_day: Ints
    home: Addresses
    former_home: Addresses
    moved: Flags
    joined: Ints
    active_until: Ints


def draw_people(seed: int, count: int, as_of: int) -> People:
    """That many people, in households.

    Args:
        seed: of the world.
        count: how many.
        as_of: the world's last moment, in microseconds since 1970.
    """
    households = draw_households(seed, count)
    rng = stream(seed, "people")
    of, member = households.of, households.member
    culture, country = households.culture[of], households.country[of]
    gender = _genders(rng, member)
    birth_day, is_twin = _birth_days(rng, households, as_of // DAY)
    given = _given_names(rng, households, gender, birth_day, is_twin, culture)
    family, former = _families(rng, households, gender)
    home, former_home = households.home.take(of), households.former_home.take(of)
    joined, active_until = _customer_life(rng, count, as_of)
    people = People(
        count=count,
        households=households,
        gender=gender,
        culture=culture,
        country=country,
        given=given,
        family=family,
        former_family=former,
        birth_day=birth_day,
        home=home,
        former_home=former_home,
        moved=households.moved[of],
        joined=joined,
        active_until=active_until,
    )
    return _with_namesakes(rng, people)


def _genders(rng: np.random.Generator, member: Ints) -> Ints:
    gender = rng.integers(0, 2, len(member))
    partner = np.flatnonzero(member == 1)
    mixed = chance(rng, 0.93, len(partner))
    gender[partner] = np.where(mixed, 1 - gender[partner - 1], gender[partner - 1])
    return gender


def _birth_days(rng: np.random.Generator, households: Households, today: int) -> tuple[Ints, Flags]:
    """Birth dates that suit a family, and who is the twin of the member before."""
    of, member = households.of, households.member
    head_age = (365.25 * rng.uniform(24, 78, households.count)).astype(np.int64)[of]
    partner_age = head_age + (365.25 * rng.normal(0, 4, len(of))).astype(np.int64)
    child_age = head_age - (365.25 * rng.uniform(21, 34, len(of))).astype(np.int64)
    age = np.where(member == 0, head_age, np.where(member == 1, partner_age, child_age))
    lodger_age = (365.25 * rng.uniform(18, 40, len(of))).astype(np.int64)
    age = np.where(age < 16 * 366, lodger_age, age)
    born = today - age
    twin = np.flatnonzero((member >= 3) & chance(rng, 0.08, len(of)))
    born[twin] = born[twin - 1]
    is_twin = np.zeros(len(of), dtype=bool)
    is_twin[twin] = True
    return born, is_twin


def _given_names(
    rng: np.random.Generator, households: Households, gender: Ints, birth_day: Ints, is_twin: Flags, culture: Ints
) -> Ints:
    """Given names: different within a household, but for the sons who are named after their father."""
    pool, of, member = given_names(), households.of, households.member
    given = pool.draw(rng, culture, gender, GIVEN_SKEW)
    head = np.arange(len(given)) - member
    is_son = (member == 2) & (gender == MAN) & (gender[head] == MAN) & (birth_day - birth_day[head] > 18 * 365)
    named_after_father = is_son & ~is_twin & chance(rng, 0.04, len(given))
    given = np.where(named_after_father, given[head], given)
    for _ in SIZE_WEIGHTS:
        repeated = occurrence(of * (int(pool.sizes.sum()) + 1) + given)
        clash = np.flatnonzero((repeated > 0) & ~named_after_father)
        if not len(clash):
            break
        group = culture[clash] * 2 + gender[clash]
        given[clash] = pool.starts[group] + (given[clash] - pool.starts[group] + 1) % pool.sizes[group]
    return given


def _families(rng: np.random.Generator, households: Households, gender: Ints) -> tuple[Ints, Ints]:
    """Family names by household; some partners keep their own, some women had another before."""
    of, size = households.of, len(gender)
    pool = family_names()
    ranks = skewed(rng, pool.sizes[households.culture * 2], FAMILY_SKEW, households.count)
    culture = households.culture[of]
    own = skewed(rng, pool.sizes[culture * 2], FAMILY_SKEW, size)
    keeps_own = (households.member == 1) & chance(rng, 0.2, size)
    rank = np.where(keeps_own, own, ranks[of])
    start = pool.starts[culture * 2 + gender]
    before = skewed(rng, pool.sizes[culture * 2], FAMILY_SKEW, size)
    changed = (gender != MAN) & (households.member <= 1) & ~keeps_own & (before != rank) & chance(rng, 0.22, size)
    return start + rank, np.where(changed, start + before, -1)


def _customer_life(rng: np.random.Generator, count: int, as_of: int) -> tuple[Ints, Ints]:
    """When each became a customer, and until when each was active (two in three still are)."""
    days_ago = np.where(chance(rng, 0.16, count), rng.uniform(2, 80, count), rng.uniform(60, 725, count))
    joined = as_of - (days_ago * DAY).astype(np.int64)
    left = joined + ((as_of - joined) * rng.uniform(0.05, 0.9, count)).astype(np.int64)
    return joined, np.where(chance(rng, 0.65, count), as_of, left)


def _with_namesakes(rng: np.random.Generator, people: People) -> People:
    """Let one in fourteen of those who live alone share the whole name, and half of them the city, of a stranger."""
    alone = np.flatnonzero((people.households.size[people.households.of] == 1) & (people.former_family < 0))
    pairs = len(alone) // 14
    drawn = rng.permutation(alone)[: 2 * pairs]
    model, namesake = drawn[:pairs], drawn[pairs:]
    changed: dict[str, Ints] = {}
    for name in ("given", "family", "gender", "culture"):
        column = getattr(people, name).copy()
        column[namesake] = column[model]
        changed[name] = column
    same_place = chance(rng, 0.6, pairs)
    moving, to = namesake[same_place], model[same_place]
    country, city = people.country.copy(), people.home.city.copy()
    country[moving], city[moving] = country[to], city[to]
    home = _replaced(rng, people.home, moving, country, city)
    former_home = _replaced(rng, people.former_home, moving, country, city)
    return People(**{**people.__dict__, **changed, "country": country, "home": home, "former_home": former_home})


def _replaced(rng: np.random.Generator, homes: Addresses, rows: Ints, country: Ints, city: Ints) -> Addresses:
    """The addresses with new ones for some rows."""
    fresh = draw_addresses(rng, country[rows], city[rows])
    return homes.replace(rows, fresh)
