"""What a record's person can say of themselves in a message: an order, an e-mail, a phone, a name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sandbox.generator.columns import Text, blank, take
from sandbox.generator.contact_points import ContactPoints
from sandbox.generator.draw import Flags, Ints
from sandbox.generator.names import given_names
from sandbox.generator.people import People
from sandbox.generator.phones import international
from sandbox.generator.products import Catalogue
from sandbox.generator.record_frame import Records
from sandbox.generator.shopping import Orders


@dataclass(frozen=True)
class Voices:
    """Looks up, by person, what fills the slots of a text."""

    email: Text
    phone: Text
    given: Text
    title: Text
    orders: Orders
    order_starts: Ints
    order_counts: Ints
    orders_by_person: Ints

    def order_of(self, rng: np.random.Generator, person: Ints, before: Ints) -> tuple[Ints, Flags]:
        """An order of each person, and whether there is one that was placed before the moment given."""
        count = self.order_counts[person]
        drawn = self.order_starts[person] + (count * rng.random(len(person))).astype(np.int64)
        order = self.orders_by_person[np.minimum(drawn, max(len(self.orders_by_person) - 1, 0))]
        return order, (count > 0) & (self.orders.ordered[order] < before)

    def slots(self, rng: np.random.Generator, person: Ints, before: Ints) -> dict[str, Text]:
        """Fillings for `texts.write`."""
        order, there = self.order_of(rng, person, before)
        return {
            "order": blank(~there, take(self.orders.name, order)),
            "email": take(self.email, person),
            "phone": take(self.phone, person),
            "name": take(self.given, person),
            "item": take(self.title, rng.integers(0, len(self.title), len(person))),
        }


def voices(people: People, contacts: ContactPoints, records: Records, orders: Orders, catalogue: Catalogue) -> Voices:
    """The voices of all people."""
    owned = np.flatnonzero(orders.row >= 0)
    person = records.person[orders.row[owned]]
    count = np.bincount(person, minlength=people.count)
    return Voices(
        email=contacts.email,
        phone=international(people.country, contacts.mobile),
        given=take(given_names().latin, people.given),
        title=catalogue.columns["title"],
        orders=orders,
        order_starts=np.cumsum(count) - count,
        order_counts=count,
        orders_by_person=owned[np.argsort(person, kind="stable")],
    )
