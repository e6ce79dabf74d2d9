"""The e-mails, phones, handles and addresses of a person as one system wrote them down."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow.compute as pc

from sandbox.generator.columns import Text, blank, choose, flat, join, lower, missing, piece, take, where
from sandbox.generator.contact_points import ContactPoints, without_dots
from sandbox.generator.draw import Flags, Ints, chance, stream, weighted
from sandbox.generator.people import People
from sandbox.generator.phones import JUNK, disguised, international
from sandbox.generator.places import COUNTRIES, gazetteer
from sandbox.generator.systems import CONTACT, HELPDESK, INSTAGRAM, LEAD, LOYALTY, SHOP, TILL, X, probability
from sandbox.generator.typing_errors import mistype

REACHABLE: Final = (CONTACT, LEAD, SHOP, TILL, HELPDESK, LOYALTY)
JUNK_EMAILS: Final = ("test@test.com", "noemail@example.com", "none@none.com", "no@email.com")


def write_emails(seed: int, people: People, contacts: ContactPoints, person: Ints, kind: Ints) -> tuple[Text, Flags]:
    """The e-mail of each record, and whether it is the person's main one in some spelling of it."""
    rng = stream(seed, "record e-mails")
    size = len(person)
    local, domain = take(contacts.email_local, person), take(contacts.email_domain, person)
    gmail = contacts.is_gmail[person]
    dotted = gmail & chance(rng, 0.08, size)
    respelt = where(chance(rng, 0.5, size), without_dots(local), join(piece(local, 0, 3), ".", piece(local, 3)))
    local = where(dotted, respelt, local)
    tag = take(["shop", "orders", "braid", "news", "games"], rng.integers(0, 5, size))
    local = where(gmail & chance(rng, 0.06, size), join(local, "+", tag), local)
    domain = where(gmail & chance(rng, 0.03, size), "googlemail.com", domain)
    email = join(local, "@", domain)
    other = contacts.has_other_email[person] & chance(rng, 0.11, size)
    email = where(other, take(contacts.other_email, person), email)
    of = people.households.of[person]
    shared = people.households.has_family_email[of] & chance(rng, 0.13, size)
    email = where(shared, take(contacts.family_email, person), email)
    email = choose(weighted(rng, (93, 4, 3), size), email, flat(pc.utf8_upper(email)), flat(pc.utf8_capitalize(email)))
    email = mistype(rng, email, chance(rng, 0.006, size))
    junk = chance(rng, 0.008, size)
    email = where(junk, take(JUNK_EMAILS, weighted(rng, (7, 2, 1, 1), size)), email)
    known = chance(rng, probability("email", kind), size)
    return blank(~known, email), known & ~other & ~shared & ~junk


def write_phones(
    seed: int,
    people: People,
    contacts: ContactPoints,
    person: Ints,
    kind: Ints,
    has_own_email: Flags,
    has_country: Flags,
) -> tuple[Text, Text]:
    """The phone and the mobile phone of each record.

    Who gives no e-mail, or not the main one, mostly gives a phone: a record needs a way to reach somebody."""
    rng = stream(seed, "record phones")
    size = len(person)
    of, country = people.households.of[person], people.country[person]
    old = contacts.changed_mobile[person] & chance(rng, 0.3, size)
    mobile = where(old, take(contacts.former_mobile, person), take(contacts.mobile, person))
    asked = ~has_own_email & np.isin(kind, REACHABLE) & chance(rng, 0.94, size)
    fixed = ~asked & people.households.has_landline[of] & chance(rng, probability("landline", kind), size)
    national = where(fixed, take(contacts.landline, person), mobile)
    clean = chance(rng, probability("clean_phone", kind), size) | ~has_country
    phone = where(clean, international(country, national), disguised(rng, country, national))
    phone = where(chance(rng, 0.012, size), take(JUNK, rng.integers(0, len(JUNK), size)), phone)
    known = chance(rng, probability("phone", kind), size) | asked
    has_mobile = chance(rng, probability("mobile", kind), size)
    written_mobile = where(has_country, disguised(rng, country, mobile), international(country, mobile))
    return blank(~known, phone), blank(~has_mobile, written_mobile)


def write_handles(
    seed: int, contacts: ContactPoints, known: Flags, person: Ints, kind: Ints
) -> tuple[Text, Text, Text]:
    """The name of a social account itself, and the Instagram and X names that other systems noted."""
    rng = stream(seed, "record handles")
    instagram, x = take(contacts.instagram, person), take(contacts.x, person)
    username = where(kind == INSTAGRAM, instagram, blank(kind != X, x))
    noted_instagram = _noted(rng, known[:, INSTAGRAM], known, person, kind, ((CONTACT, 0.7), (LOYALTY, 0.6)))
    noted_x = _noted(rng, known[:, X], known, person, kind, ((HELPDESK, 0.7), (CONTACT, 0.5), (LOYALTY, 0.35)))
    return (
        username,
        blank(~noted_instagram, _as_noted(rng, instagram)),
        blank(~noted_x, where(kind == HELPDESK, x, _as_noted(rng, x))),
    )


def _noted(
    rng: np.random.Generator,
    has_account: Flags,
    known: Flags,
    person: Ints,
    kind: Ints,
    by: tuple[tuple[int, float], ...],
) -> Flags:
    """Which records note a handle. Of people with an account, few have it noted nowhere."""
    noted = np.zeros(len(person), dtype=bool)
    for system, share in by:
        rate = np.where(has_account[person], share, share / 6)
        noted |= (kind == system) & chance(rng, rate, len(person))
    anywhere = np.zeros(len(known), dtype=bool)
    anywhere[person[noted]] = True
    asked = has_account & ~anywhere & chance(rng, 0.97, len(known))
    for system, _ in by:
        noted |= (kind == system) & asked[person]
        asked = asked & ~known[:, system]
    return noted


def _as_noted(rng: np.random.Generator, handle: Text) -> Text:
    return choose(weighted(rng, (82, 14, 4), len(handle)), handle, join("@", handle), flat(pc.utf8_capitalize(handle)))


def write_addresses(seed: int, people: People, person: Ints, kind: Ints) -> dict[str, Text]:
    """Street, city, region, postcode and country of each record; X notes a town only."""
    rng = stream(seed, "record addresses")
    size = len(person)
    moved = people.moved[person] & chance(rng, 0.4, size)
    homes = [home.take(person) for home in (people.home, people.former_home)]
    new, old = homes
    street = where(moved, old.street, new.street)
    short = where(moved, old.short_street, new.short_street)
    street = where(chance(rng, 0.35, size), short, street)
    street = mistype(rng, street, chance(rng, 0.03, size))
    street = choose(weighted(rng, (93, 4, 3), size), street, flat(pc.utf8_upper(street)), lower(street))
    postcode = where(moved, old.postcode, new.postcode)
    city_at = np.where(moved, old.city, new.city)
    city = mistype(rng, take(gazetteer().name, city_at), chance(rng, 0.015, size))
    absent = ~chance(rng, probability("address", kind), size)
    town_only = (kind == X) & chance(rng, 0.4, size)
    british = people.country[person] == COUNTRIES.index("GB")
    postcode = where(british & chance(rng, 0.15, size), flat(pc.replace_substring(postcode, " ", "")), postcode)
    return {
        "street": blank(absent | chance(rng, 0.05, size), street),
        "city": blank(absent & ~town_only, city),
        "region": blank(absent | chance(rng, 0.1, size), take(gazetteer().region, city_at)),
        "postcode": blank(absent | chance(rng, 0.05, size), postcode),
        "country": blank(absent, take(COUNTRIES, people.country[person])),
    }


def has(column: Text) -> Flags:
    """Where the column has something."""
    return ~missing(column)
