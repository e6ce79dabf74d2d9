# ruff: noqa: SIM905 - lists of words stay readable as text
"""What reaches a person: e-mail addresses, phone numbers, and names on Instagram and X; shared ones of a family."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow.compute as pc

from sandbox.generator.columns import Text, choose, distinct, flat, join, number, piece, take, where
from sandbox.generator.draw import Flags, chance, stream, weighted
from sandbox.generator.names import family_names, given_names
from sandbox.generator.people import People
from sandbox.generator.phones import landlines, mobiles

# Made-up providers under the reserved top-level domain; the real one is here because its rules on dots matter.
DOMAINS: Final = (
    "gmail.com", "fernpost.example", "bluepine.example", "mailhaven.example", "quickmail.example", "northwire.example",
    "letterbox.example", "sunpost.example", "cobaltmail.example", "parcelnet.example", "inkwell.example",
    "harbourmail.example", "oldoak.example", "skylark.example", "meridian.example",
)  # fmt: skip
DOMAIN_WEIGHTS: Final = (38, 9, 8, 7, 6, 6, 5, 4, 4, 3, 3, 2, 2, 2, 1)
WORK_DOMAINS: Final = (
    "acorn-logistics.example", "bright-dental.example", "civic-library.example", "delta-foundry.example",
    "evergreen-school.example", "foxglove-design.example", "granite-legal.example", "hillside-clinic.example",
)  # fmt: skip
HOBBIES: Final = (
    "knits bakes runs climbs paints reads games sews cooks hikes surfs plants cycles draws films skates rows codes "
    "dances travels"
).split()
ALIAS_STARTS: Final = (
    "pixel lunar velvet cosmic mossy amber neon quiet salty paper golden rusty misty wild tiny stormy honey copper"
).split()
ALIAS_ENDS: Final = "fox otter heron moth pine ember comet badger finch willow wolf lynx raven clover wren hare".split()


@dataclass(frozen=True)
class ContactPoints:
    """One row per person. Phones are national numbers; an e-mail is its local part and its domain."""

    email_local: Text
    email_domain: Text
    is_gmail: Flags
    other_local: Text
    other_domain: Text
    has_other_email: Flags
    family_email: Text  # of the household, whether it uses one or not
    mobile: Text
    former_mobile: Text
    changed_mobile: Flags
    landline: Text  # of the household
    instagram: Text
    x: Text

    @property
    def email(self) -> Text:
        """The main address."""
        return join(self.email_local, "@", self.email_domain)

    @property
    def other_email(self) -> Text:
        """The second address."""
        return join(self.other_local, "@", self.other_domain)


def draw_contact_points(seed: int, people: People) -> ContactPoints:
    """The contact points of every person; no two persons share an e-mail, a mobile or a handle of their own."""
    rng = stream(seed, "contact points")
    size = people.count
    given = take(given_names().address, people.given)
    family = take(family_names().address, people.family)
    year = number(1970 + (people.birth_day / 365.25).astype(np.int64))
    provider = weighted(rng, DOMAIN_WEIGHTS, size)
    domain = take(DOMAINS, provider)
    other_local, other_domain = _other_emails(rng, given, family, size)
    of, offset = people.households.of, int(rng.integers(0, 5_000_000))
    everyone = np.arange(size, dtype=np.int64)
    city = people.home.city
    head_family = take(family, everyone - people.households.member)
    family_local = join(head_family, take(["family", ".home", "s", "household"], of % 4), number(of))
    instagram = distinct(_handles(rng, given, family, year, size))
    x = where(chance(rng, 0.5, size), instagram, _handles(rng, given, family, year, size))
    return ContactPoints(
        email_local=distinct(
            _locals(rng, given, family, year, size), lambda local: join(without_dots(local), "@", domain)
        ),
        email_domain=domain,
        is_gmail=provider == 0,
        other_local=other_local,
        other_domain=other_domain,
        has_other_email=chance(rng, 0.35, size),
        family_email=join(family_local, "@", take(DOMAINS[1:], of % (len(DOMAINS) - 1))),
        mobile=mobiles(people.country, city, everyone, offset),
        former_mobile=mobiles(people.country, people.former_home.city, size + everyone, offset),
        changed_mobile=chance(rng, 0.12, size),
        landline=landlines(people.country, city, 2 * size + of, offset),
        instagram=instagram,
        x=distinct(flat(pc.replace_substring(piece(x, 0, 12), ".", "_"))),
    )


def without_dots(local: Text) -> Text:
    """A local part as Gmail reads it."""
    return flat(pc.replace_substring(local, ".", ""))


def _locals(rng: np.random.Generator, given: Text, family: Text, year: Text, size: int) -> Text:
    short_year, any_number = piece(year, 2, 4), number(rng.integers(1, 999, size))
    return choose(
        weighted(rng, (26, 14, 14, 12, 8, 10, 8, 8), size),
        join(given, ".", family),
        join(given, ".", family, short_year),
        join(piece(given, 0, 1), family),
        join(given, family, any_number),
        join(family, ".", given),
        join(given, "_", piece(family, 0, 1), year),
        _aliases(rng, size),
        join(piece(given, 0, 1), ".", family, any_number),
    )


def _other_emails(rng: np.random.Generator, given: Text, family: Text, size: int) -> tuple[Text, Text]:
    """Addresses at work, or an old one: at domains where nobody has a main address."""
    employer = take(WORK_DOMAINS, rng.integers(0, len(WORK_DOMAINS), size))
    local = where(chance(rng, 0.6, size), join(given, ".", family), join(piece(given, 0, 1), family))
    return distinct(local, lambda some: join(some, "@", employer)), employer


def _aliases(rng: np.random.Generator, size: int) -> Text:
    return join(
        take(ALIAS_STARTS, rng.integers(0, len(ALIAS_STARTS), size)),
        take(ALIAS_ENDS, rng.integers(0, len(ALIAS_ENDS), size)),
        number(rng.integers(1, 9999, size)),
    )


def _handles(rng: np.random.Generator, given: Text, family: Text, year: Text, size: int) -> Text:
    hobby = take(HOBBIES, rng.integers(0, len(HOBBIES), size))
    return choose(
        weighted(rng, (22, 18, 16, 18, 12, 14), size),
        join(given, ".", family),
        join(given, family, piece(year, 2, 4)),
        join(given, "_", hobby, "_", piece(family, 0, 3)),
        _aliases(rng, size),
        join(family, ".", given),
        join(piece(given, 0, 1), family, year),
    )
