"""A told story: its people, the days on which it is looked at, and who is who."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from sandbox.generator import generate
from sandbox.stories.tale import Person, Tale
from sandbox.world import TABLES, World

DAY_ONE: Final = datetime(2026, 11, 1, tzinfo=UTC)
DAY_TWO: Final = datetime(2026, 11, 2, tzinfo=UTC)
DAYS: Final = (DAY_ONE, DAY_TWO)
FILLER: Final = 60
"""People of the sandbox beside a story, for identity to learn from."""


@dataclass(frozen=True)
class Story:
    """What a module of this room tells.

    `told` names what a test asks for: order numbers and ids, codes, products, by short names.
    """

    tale: Tale = field(repr=False)
    told: Mapping[str, str] = field(default_factory=dict)

    @property
    def people(self) -> Mapping[str, Person]:
        """By first name, in lower case."""
        return self.tale.people

    def world(self, day: int = 1) -> World:
        """The story alone, at the start of day 1 or 2."""
        return self.tale.world(DAYS[day - 1])

    def truth(self) -> dict[str, frozenset[str]]:
        """By first name, the ids of the records of each."""
        return {name: frozenset(person.records) for name, person in self.people.items()}


def retailer(stories: Iterable[Story], day: int = 1, *, filler: int = FILLER, seed: int = 7) -> World:
    """The stories and some generated people in one world.

    Args:
        stories: each of another letter.
        day: 1 or 2; the generated people do nothing on the second.
        filler: how many generated people; none when 0.
        seed: of those.

    Raises:
        ValueError: if two of them use one id.
    """
    generated = [generate(filler, seed, DAY_ONE)] if filler else []
    return together([*generated, *(story.world(day) for story in stories)])


_KEYS: Final = {"records": "record_id", "touch_records": "record_id", "orders": "order_name", "people": "person_id"}


def together(worlds: Iterable[World]) -> World:
    """Several worlds as one retailer, whose present is the latest of theirs; products that they share are there once.

    Raises:
        ValueError: if there is no world, or two of them use one id.
    """
    found = list(worlds)
    if not found:
        raise ValueError("no world to put together")
    tables = {name: pa.concat_tables([world[name] for world in found]).combine_chunks() for name in TABLES}
    tables["products"] = (
        tables["products"]
        .group_by("product_id", use_threads=False)
        .aggregate([(name, "first") for name in TABLES["products"].names[1:]])
        .rename_columns(TABLES["products"].names)
        .cast(TABLES["products"])
    )
    for name, key in _KEYS.items():
        column = tables[name][key]
        if pc.count_distinct(column).as_py() != len(column):
            raise ValueError(f"two of the worlds use one {key} in {name}; ask for fewer generated people")
    return World(tables, max(world.as_of for world in found), found[0].seed)
