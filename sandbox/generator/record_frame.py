"""Every record of a person in some system: what it holds, when it was made, what it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from sandbox.generator.columns import DAY, Text, blank, choose, dates, join, number, take, times, where
from sandbox.generator.contact_points import ContactPoints
from sandbox.generator.draw import Flags, Ints, chance, stream
from sandbox.generator.people import People
from sandbox.generator.places import LANGUAGES
from sandbox.generator.record_contacts import has, write_addresses, write_emails, write_handles, write_phones
from sandbox.generator.record_names import write_names
from sandbox.generator.systems import (
    CONTACT,
    HELPDESK,
    KINDS,
    LEAD,
    LOYALTY,
    SHOP,
    X,
    draw_systems,
    probability,
)

EMPLOYERS: Final = ("Acorn Logistics", "Bright Dental", "Civic Library", "Delta Foundry", "Foxglove Design")


@dataclass(frozen=True)
class Records:
    """One row per record, kind by kind and oldest first; moments in microseconds."""

    person: Ints
    kind: Ints
    created: Ints
    updated: Ints
    record_id: Text
    columns: dict[str, pa.Array]

    def of_kind(self, *kinds: int) -> Ints:
        """The rows of those kinds."""
        return np.flatnonzero(np.isin(self.kind, kinds))


def draw_records(seed: int, people: People, contacts: ContactPoints, as_of: int) -> Records:
    """The records of every person in every system that knows them."""
    known = draw_systems(seed, people.count)
    rng = stream(seed, "records")
    person, kind, created = _rows(rng, people, known, as_of)
    size = len(person)
    idle = chance(rng, 0.4, size)
    updated = np.where(idle, created, created + ((as_of - created) * rng.random(size) ** 1.5).astype(np.int64))
    native_id = _native_ids(rng, kind)
    record_id = join(_prefix(kind), native_id)
    names = write_names(seed, people, contacts, person, kind)
    address = write_addresses(seed, people, person, kind)
    email, is_own = write_emails(seed, people, contacts, person, kind)
    phone, mobile = write_phones(seed, people, contacts, person, kind, is_own, has(address["country"]))
    username, instagram, x = write_handles(seed, contacts, known, person, kind)
    email_consent, sms_consent = _consents(rng, people.count, person, kind)
    columns = {
        "native_id": native_id,
        "given_name": names.given,
        "family_name": names.family,
        "former_family_name": names.former_family,
        "full_name": names.full,
        "email": email,
        "phone": phone,
        "mobile_phone": mobile,
        "username": username,
        "instagram_handle": instagram,
        "x_handle": x,
        "linked_record_id": _links(rng, people.count, person, kind, record_id),
        "birth_date": _birth_dates(rng, people.birth_day[person], kind),
        "company": blank(
            ~((kind == LEAD) & chance(rng, 0.25, size)), take(EMPLOYERS, rng.integers(0, len(EMPLOYERS), size))
        ),
        "loyalty_number": _loyalty_numbers(rng, people.count, person, kind, native_id),
        "language": blank(~chance(rng, probability("language", kind), size), take(LANGUAGES, people.country[person])),
        "email_consent": email_consent,
        "sms_consent": sms_consent,
        "is_verified": pa.array(chance(rng, probability("verified", kind), size)),
        **address,
    }
    return Records(person, kind, created, updated, record_id, columns)


def _rows(rng: np.random.Generator, people: People, known: Flags, as_of: int) -> tuple[Ints, Ints, Ints]:
    person, kind = (some.astype(np.int64) for some in np.nonzero(known))
    waited = rng.exponential(probability("delay_days", kind) * DAY).astype(np.int64)
    joined = people.joined[person]
    created = joined + np.minimum(waited, ((as_of - joined) * rng.uniform(0.02, 0.9, len(person))).astype(np.int64))
    account_age = (rng.uniform(100, 3500, len(person)) * DAY).astype(np.int64)
    created = np.where(kind == X, joined - account_age, created)
    order = np.lexsort((created, kind))
    return person[order], kind[order], created[order]


def _native_ids(rng: np.random.Generator, kind: Ints) -> Text:
    """Ids in the manner of each vendor, growing with time but for accounts of Meta."""
    size = len(kind)
    step = np.cumsum(rng.integers(1, 9, size))
    scrambled = rng.permutation(size).astype(np.int64) * 7_919_003 + rng.integers(0, 7_919_003, size)
    # The suffix is Salesforce's check: the only capital letter of the first 15 is their fourth.
    salesforce = join(where(kind == CONTACT, "003Hs", "00QHs"), number(step, 10), where(kind == CONTACT, "IAA", "MAA"))
    return choose(
        np.array([0, 0, 1, 1, 2, 3, 4, 5, 6])[kind],
        salesforce,
        number(6_100_000_000_000 + step * 32_768),
        number(360_000_000_000 + step * 20),
        number(17_841_400_000_000_000 + scrambled),
        number(7_200_000_000_000_000 + scrambled),
        number(1_100_000_000_000_000_000 + step * 4_194_304),
        join("BR", number(step, 9)),
    )


def _prefix(kind: Ints) -> Text:
    return take([f"{system}:{entity}:" for system, entity in KINDS], kind)


def _row_of(people: int, person: Ints, rows: Ints) -> Ints:
    """Each person's row among `rows`, -1 without one."""
    found = np.full(people, -1, dtype=np.int64)
    found[person[rows]] = rows
    return found


def _links(rng: np.random.Generator, people: int, person: Ints, kind: Ints, record_id: Text) -> Text:
    """What a record says of its counterpart elsewhere: the shop's customer; for a converted lead, the contact."""
    shop = _row_of(people, person, np.flatnonzero(kind == SHOP))[person]
    contact = _row_of(people, person, np.flatnonzero(kind == CONTACT))[person]
    target = np.where(kind == LEAD, contact, shop)
    rate = np.select([kind == CONTACT, kind == LEAD, kind == HELPDESK], [0.4, 0.3, 0.35], 0.0)
    linked = (target >= 0) & chance(rng, rate, len(kind))
    return blank(~linked, take(record_id, np.maximum(target, 0)))


def _loyalty_numbers(rng: np.random.Generator, people: int, person: Ints, kind: Ints, native_id: Text) -> Text:
    member = _row_of(people, person, np.flatnonzero(kind == LOYALTY))[person]
    noted = (member >= 0) & chance(rng, probability("loyalty_number", kind), len(kind))
    return blank(~noted, take(native_id, np.maximum(member, 0)))


def _birth_dates(rng: np.random.Generator, birth_day: Ints, kind: Ints) -> pa.Array:
    """Birth dates: some with day and month exchanged where that is a date, some a digit off."""
    size = len(birth_day)
    date = birth_day.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    year = date.astype("datetime64[Y]")
    day_number = (date - month).astype(np.int64)
    month_number = (month - year).astype(np.int64)
    exchanged = (year.astype("datetime64[M]") + np.minimum(day_number, 11)).astype("datetime64[D]") + month_number
    swap = (day_number < 12) & chance(rng, 0.03, size)
    written = np.where(swap, exchanged, date).astype(np.int64)
    off = rng.choice(np.array([-3653, -10, -1, 1, 10, 3652]), size)
    written = np.where(chance(rng, 0.012, size), written + off, written)
    return dates(written, ~chance(rng, probability("birth_date", kind), size))


def _consents(rng: np.random.Generator, people: int, person: Ints, kind: Ints) -> tuple[Text, Text]:
    """What a person wants, as each system knows it; now and then somebody opts out in one system only."""
    size = len(person)
    words = ["granted", "denied"]
    known = probability("consent_known", kind)
    both = []
    for refusing in (0.14, 0.3):
        wish = chance(rng, refusing, people)[person]
        one_system_only = chance(rng, 0.035, size)
        both.append(blank(~chance(rng, known, size), take(words, (wish | one_system_only).astype(np.int64))))
    return both[0], both[1]


def record_table(records: Records, schema: pa.Schema, person_id: Text) -> pa.Table:
    """The table `records` of the world."""
    columns = {
        **records.columns,
        "record_id": records.record_id,
        "system": take([system for system, _ in KINDS], records.kind),
        "entity": take([entity for _, entity in KINDS], records.kind),
        "person_id": take(person_id, records.person),
        "created_at": times(records.created),
        "updated_at": times(records.updated),
    }
    return pa.table({field.name: columns[field.name] for field in schema}, schema=schema)
