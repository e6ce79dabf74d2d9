"""The people of the world and, after them, newcomers: customers whom only the second brand or the marketplace knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from sandbox.generator.columns import DAY, Text, flat, join, number, piece, take
from sandbox.generator.contact_points import ContactPoints
from sandbox.generator.draw import Ints, stream, weighted
from sandbox.generator.names import family_names, given_names
from sandbox.generator.people import FAMILY_SKEW, GIVEN_SKEW, People
from sandbox.generator.phones import international, mobiles
from sandbox.generator.places import COUNTRIES, COUNTRY_WEIGHTS, draw_addresses, draw_cultures, gazetteer

SHARE_OF_NEWCOMERS: Final = 0.1
_DOMAINS: Final = ("pinepost.example", "hearthmail.example", "cedarbox.example")


@dataclass(frozen=True)
class Everyone:
    """One row per person, then one per newcomer (from row `known` on); moments in microseconds."""

    known: int
    count: int
    person_id: Text
    given: Text
    family: Text
    email: Text
    phone: Text
    instagram: Text
    x: Text
    street: Text
    city: Text
    region: Text
    postcode: Text
    country: Text
    joined: Ints
    until: Ints


def draw_everyone(seed: int, people: People, contacts: ContactPoints, person_id: Text, now: int) -> Everyone:
    """The people as they are, and the newcomers."""
    rng = stream(seed, "newcomers")
    size = max(int(SHARE_OF_NEWCOMERS * people.count), 4)
    country = weighted(rng, COUNTRY_WEIGHTS, size)
    culture, gender = draw_cultures(rng, country), rng.integers(0, 2, size)
    cities, names, families = gazetteer(), given_names(), family_names()
    given = names.draw(rng, culture, gender, GIVEN_SKEW)
    family = families.draw(rng, culture, gender, FAMILY_SKEW)
    home = draw_addresses(rng, country, cities.draw(rng, country))
    each = np.arange(size, dtype=np.int64)
    # Owners of numbers start behind everybody's mobiles, former mobiles and landlines.
    mobile = mobiles(country, home.city, 3 * people.count + each, int(rng.integers(0, 5_000_000)))
    short, long = take(names.address, given), take(families.address, family)
    handle = join(short, "_", piece(long, 0, 4), number(each))
    joined = now - (rng.uniform(20, 725, size) * DAY).astype(np.int64)
    old, new = people.home, home

    def both(first: Text, second: Text) -> Text:
        return flat(pa.concat_arrays([first, second]))

    city, at = np.r_[old.city, new.city], np.r_[people.country, country]
    return Everyone(
        known=people.count,
        count=people.count + size,
        person_id=both(person_id, join("N", number(each + 1, 7))),
        given=take(names.latin, np.r_[people.given, given]),
        family=take(families.latin, np.r_[people.family, family]),
        email=both(contacts.email, join(short, ".", long, number(each), "@", take(_DOMAINS, each % len(_DOMAINS)))),
        phone=both(international(people.country, contacts.mobile), international(country, mobile)),
        instagram=both(contacts.instagram, handle),
        x=both(contacts.x, handle),
        street=both(old.street, new.street),
        city=take(cities.name, city),
        region=take(cities.region, city),
        postcode=both(old.postcode, new.postcode),
        country=take(COUNTRIES, at),
        joined=np.r_[people.joined, joined],
        until=np.r_[people.active_until, np.full(size, now)],
    )
