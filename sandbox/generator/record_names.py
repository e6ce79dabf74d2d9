"""The name of a person as one system wrote it down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from sandbox.generator.columns import Text, blank, choose, flat, holds, join, join_present, lower, piece, take, where
from sandbox.generator.contact_points import ContactPoints
from sandbox.generator.draw import Flags, Ints, chance, stream, weighted
from sandbox.generator.names import CULTURES, family_names, given_names, nicknames
from sandbox.generator.people import People
from sandbox.generator.systems import CONTACT, HELPDESK, INSTAGRAM, ONE_NAME_FIELD, SOCIAL, X, probability
from sandbox.generator.typing_errors import mistype


@dataclass(frozen=True)
class WrittenNames:
    """One row per record; either the two parts or the full name."""

    given: Text
    family: Text
    former_family: Text
    full: Text


def write_names(seed: int, people: People, contacts: ContactPoints, person: Ints, kind: Ints) -> WrittenNames:
    """Every record's name, with the errors and habits of its system."""
    rng = stream(seed, "record names")
    size = len(person)
    has_script = np.isin(
        people.culture[person], [CULTURES.index(c) for c in ("greek", "russian", "arabic", "chinese", "japanese")]
    )
    native = has_script & chance(rng, probability("native_script", kind), size)
    plain = chance(rng, 0.35, size)
    form = np.where(native, 2, plain.astype(np.int64))
    former = people.former_family[person]
    has_former = former >= 0
    uses_former = has_former & chance(rng, 0.33, size)
    family = _family(rng, np.where(uses_former, former, people.family[person]), form)
    given = _given(rng, people.given[person], form, kind, native)
    typo = probability("typo", kind) * ~native
    given = mistype(rng, given, chance(rng, typo, size))
    family = mistype(rng, family, chance(rng, typo, size))
    given, family = _cased(rng, given), _cased(rng, family)
    swapped = chance(rng, 0.012, size) & ~np.isin(kind, SOCIAL)
    given, family = where(swapped, family, given), where(swapped, given, family)
    given = blank(chance(rng, probability("given_missing", kind), size), given)
    family = blank(chance(rng, probability("family_missing", kind), size), family)
    noted = has_former & ~uses_former & (kind == CONTACT) & chance(rng, 0.55, size)
    former_family = blank(~noted, take(family_names().latin, np.maximum(former, 0)))
    one_field = np.isin(kind, ONE_NAME_FIELD)
    full = blank(~one_field, _full(rng, given, family, kind, native, contacts, person))
    return WrittenNames(blank(one_field, given), blank(one_field, family), former_family, full)


def _family(rng: np.random.Generator, family: Ints, form: Ints) -> Text:
    pool = family_names()
    written = choose(form, *(take(some, family) for some in (pool.latin, pool.plain, pool.native)))
    first_only = chance(rng, 0.2, len(family))
    return where(first_only, flat(pc.replace_substring_regex(written, " .*", "")), written)


def _given(rng: np.random.Generator, given: Ints, form: Ints, kind: Ints, native: Flags) -> Text:
    pool, short = given_names(), nicknames()
    size = len(given)
    written = choose(form, *(take(some, given) for some in (pool.latin, pool.plain, pool.native)))
    by_nickname = ~native & (short.sizes[given] > 0) & chance(rng, probability("nickname", kind), size)
    written = where(by_nickname, short.draw(rng, given), written)
    initial = ~native & ~np.isin(kind, SOCIAL) & chance(rng, 0.02, size)
    dotted = where(chance(rng, 0.5, size), ".", "")
    written = where(initial, join(piece(written, 0, 1), dotted), written)
    middle = ~native & ~initial & chance(rng, 0.025, size)
    return where(middle, join(written, " ", take(list("ABCDEFGHJKLMNPRST"), rng.integers(0, 17, size)), "."), written)


def _cased(rng: np.random.Generator, column: Text) -> Text:
    style = weighted(rng, (94, 3, 3), len(column))
    return choose(style, column, flat(pc.utf8_upper(column)), lower(column))


def _full(
    rng: np.random.Generator,
    given: Text,
    family: Text,
    kind: Ints,
    native: Flags,
    contacts: ContactPoints,
    person: Ints,
) -> Text:
    """One field: the habits of the help desk's agents and of people naming their own accounts."""
    size = len(kind)
    spaced = join_present(given, family)
    east_asian = native & holds(pc.match_substring_regex(spaced, r"^\p{Han}"))
    whole = where(east_asian, join_present(family, given), spaced)
    handle = where(kind == X, take(contacts.x, person), take(contacts.instagram, person))
    from_address = flat(pc.utf8_title(take(contacts.email_local, person)))
    agent = choose(weighted(rng, (86, 4, 5, 5), size), whole, join(family, ", ", given), given, from_address)
    own = choose(
        weighted(rng, (62, 14, 9, 8, 7), size),
        whole,
        given,
        handle,
        join(given, " ", piece(family, 0, 1)),
        join(whole, " ✨"),
    )
    social = where(np.isin(kind, (INSTAGRAM, X)), own, whole)
    return where(kind == HELPDESK, agent, social)
