"""The whole world, concern by concern."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import pyarrow as pa

from sandbox.generator.campaigns import draw_campaigns
from sandbox.generator.columns import Text, blank, dates, join, number, take
from sandbox.generator.contact_points import ContactPoints, draw_contact_points
from sandbox.generator.names import family_names, given_names
from sandbox.generator.people import People, draw_people
from sandbox.generator.phones import international
from sandbox.generator.places import COUNTRIES, gazetteer
from sandbox.generator.products import draw_catalogue
from sandbox.generator.record_frame import Records, draw_records, record_table
from sandbox.generator.shopping import draw_checkouts, draw_orders, draw_returns, draw_tastes
from sandbox.generator.social import Sightings, draw_social
from sandbox.generator.support import draw_support
from sandbox.generator.systems import INSTAGRAM, MESSENGER
from sandbox.generator.touch.build import draw_touch
from sandbox.generator.touch.everyone import draw_everyone
from sandbox.generator.touch.past import Past
from sandbox.generator.voices import voices
from sandbox.world import TABLES, World

AS_OF: Final = datetime(2026, 11, 1, tzinfo=UTC)
Columns = dict[str, Any]


def generate(people: int = 2000, seed: int = 7, as_of: datetime = AS_OF) -> World:
    """Make up a retailer, its customers and two years of what they did.

    Args:
        people: how many people; about 3.5 source records and 37 interactions come with each.
        seed: the same seed gives the same world.
        as_of: the last moment of the world, with a time zone.

    Raises:
        ValueError: if there are too few people for households and namesakes, or `as_of` has no time zone.
    """
    if people < 50:
        raise ValueError(f"a retailer with {people} customers has no families and namesakes; ask for 50 or more")
    if as_of.tzinfo is None:
        raise ValueError("as_of has no time zone; give it one, such as datetime.timezone.utc")
    now = int(as_of.timestamp()) * 1_000_000
    folk = draw_people(seed, people, now)
    contacts = draw_contact_points(seed, folk)
    records = draw_records(seed, folk, contacts, now)
    catalogue = draw_catalogue(seed, now)
    tastes = draw_tastes(seed, people)
    orders = draw_orders(seed, folk, tastes, records, catalogue, now)
    checkouts, checkout_lines = draw_checkouts(seed, folk, tastes, records, orders, catalogue, now)
    returns = draw_returns(seed, orders, now)
    speakers = voices(folk, contacts, records, orders, catalogue)
    social, seen = draw_social(seed, folk, records, speakers, now)
    campaigns, campaign_members = draw_campaigns(seed, records, now)
    person_id = join("P", number(np.arange(1, people + 1), 7))
    columns: dict[str, Columns] = {
        "people": _people(folk, contacts, person_id),
        "products": catalogue.columns,
        "orders": orders.columns,
        "order_lines": orders.lines,
        "checkouts": checkouts,
        "checkout_lines": checkout_lines,
        "returns": returns,
        "campaigns": campaigns,
        "campaign_members": campaign_members,
        **draw_support(seed, folk, records, speakers, now),
        **social,
    }
    past = Past(
        everyone=draw_everyone(seed, folk, contacts, person_id, now),
        people=folk,
        contacts=contacts,
        records=records,
        tastes=tastes,
        catalogue=catalogue,
        orders=orders,
        voices=speakers,
        tables=columns,
        now=now,
    )
    touch, touch_records = draw_touch(seed, past)
    tables = {name: _table(name, some) for name, some in (columns | touch).items()}
    tables["touch_records"] = touch_records
    tables["records"] = record_table(_as_seen(records, seen), TABLES["records"], person_id)
    return World({name: tables[name] for name in TABLES}, as_of, seed)


def _table(name: str, columns: Columns) -> pa.Table:
    schema = TABLES[name]
    if set(columns) != set(schema.names):
        raise ValueError(f"the generator made {sorted(columns)} for {name}; the world holds {schema.names}")
    return pa.table([pa.array(columns[field.name], type=field.type) for field in schema], schema=schema)


def _as_seen(records: Records, seen: Sightings) -> Records:
    """Meta tells no dates of an account: it exists from when it was first seen to when it was last seen."""
    of_meta = np.isin(records.kind, (INSTAGRAM, MESSENGER)) & (seen.last > 0)
    return replace(
        records,
        created=np.where(of_meta, seen.first, records.created),
        updated=np.where(of_meta, seen.last, records.updated),
    )


def _people(people: People, contacts: ContactPoints, person_id: Text) -> Columns:
    cities, names = gazetteer(), family_names()
    return {
        "person_id": person_id,
        "household_id": join("H", number(people.households.of + 1, 7)),
        "given_name": take(given_names().latin, people.given),
        "family_name": take(names.latin, people.family),
        "former_family_name": blank(people.former_family < 0, take(names.latin, np.maximum(people.former_family, 0))),
        "birth_date": dates(people.birth_day),
        "email": contacts.email,
        "phone": international(people.country, contacts.mobile),
        "instagram_handle": contacts.instagram,
        "x_handle": contacts.x,
        "street": people.home.street,
        "city": take(cities.name, people.home.city),
        "region": take(cities.region, people.home.city),
        "postcode": people.home.postcode,
        "country": take(COUNTRIES, people.country),
    }
