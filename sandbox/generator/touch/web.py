"""Visits to the web shop as web analytics sees them: browsers, of which some turn out to be a customer's.

A third of the visits end in an order or an abandoned checkout that the shop knows too; a browser is anonymous until
somebody signs in, and some families share one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sandbox.generator.columns import DAY, HOUR, MINUTE, SECOND, blank, flat, join, lower, number, take, times
from sandbox.generator.draw import Flags, Ints, chance, counts, repeat_each, spread_numbers, stream, weighted
from sandbox.generator.moments import between
from sandbox.generator.shopping import WEB
from sandbox.generator.systems import INSTAGRAM, SHOP
from sandbox.generator.touch.past import Past, Table, positions
from sandbox.generator.touch.people_records import first_and_last, sole_user, written
from sandbox.generator.touch.web_events import draw_events

BUYS, LEAVES, CLICKS, BROWSES = range(4)
TRAFFIC: Final = (
    ("(direct)", "(none)", None),
    ("google", "organic", None),
    ("google", "cpc", "brand_search"),
    ("bing", "organic", None),
    ("instagram", "social", None),
    ("instagram", "paid_social", "ig_new_shoes"),
    ("instagram", "paid_social", "ig_home_edit"),
    ("instagram", "paid_social", "ig_game_night"),
    ("facebook", "paid_social", "fb_autumn_edit"),
)
_USUAL: Final = (30, 28, 10, 5, 2, 1, 1, 1, 6)
_ON_INSTAGRAM: Final = (20, 14, 4, 2, 16, 12, 10, 8, 2)
DEVICES: Final = ("mobile", "desktop", "tablet")
_SIGNS_IN: Final = np.array([0.72, 0.5, 0.25, 0.1])


@dataclass(frozen=True)
class Visits:
    """One row per session, oldest first; `subject` is the order or the checkout that it ends in, -1 without one."""

    person: Ints
    kind: Ints
    subject: Ints
    started: Ints
    ended: Ints
    traffic: Ints
    user: Ints  # the shop's record that may sign in

    def take(self, rows: Ints) -> Visits:
        """Those sessions."""
        return Visits(**{name: values[rows] for name, values in self.__dict__.items()})


def draw_web(seed: int, past: Past) -> tuple[dict[str, Table], pa.Table]:
    """The tables web_sessions and web_events, and the browsers."""
    rng = stream(seed, "web")
    visits = _visits(rng, past)
    size = len(visits.kind)
    signs_in = (visits.user >= 0) & chance(rng, _SIGNS_IN[visits.kind], size)
    # On the way to the checkout, or remembered from the start.
    late = np.where(visits.kind <= LEAVES, 0.75 * rng.random(size), 0.0)
    signed_in = visits.started + ((visits.ended - visits.started) * late).astype(np.int64)
    client, device, clients = _browsers(rng, past, visits.person)
    first, last = first_and_last(client, clients, visits.started)
    native_id = join(
        number(100_000_000 + spread_numbers(np.arange(clients), 2_047_483_648, 7)), ".", number(first // SECOND)
    )
    owner = sole_user(client, clients, visits.person)
    browsers = written(("ga4", "client"), native_id, owner, past.everyone, (first, last))
    sources, mediums, campaigns = _traffic_names(past)
    sessions = {
        "session_id": np.arange(1, size + 1, dtype=np.int64),
        "record_id": take(browsers["record_id"].combine_chunks(), client),
        "user_id": blank(~signs_in, take(past.records.columns["native_id"], np.maximum(visits.user, 0))),
        "signed_in_at": times(signed_in, ~signs_in),
        "source": take(sources, visits.traffic),
        "medium": take(mediums, visits.traffic),
        "campaign": take(campaigns, visits.traffic),
        "device": take(DEVICES, device),
        "country": take(past.everyone.country, np.maximum(visits.person, 0)),
        "started_at": times(visits.started),
    }
    return {"web_sessions": sessions, "web_events": draw_events(rng, past, visits)}, browsers


def _visits(rng: np.random.Generator, past: Past) -> Visits:
    people, orders, now = past.people, past.orders, past.now
    shop = past.records_of(SHOP)
    bought = np.flatnonzero((orders.channel == WEB) & (orders.row >= 0) & chance(rng, 0.5, len(orders.row)))
    buyer = orders.row[bought]
    checkout_row, left = past.rows("checkouts"), past.times("checkouts", "started_at")
    leaving = np.flatnonzero(chance(rng, 0.62, len(left)))
    clicked = np.flatnonzero(np.asarray(past.tables["campaign_members"]["has_responded"]))
    clicker = past.records.person[past.rows("campaign_members")[clicked]]
    came = past.times("campaign_members", "responded_at")[clicked] + 20 * SECOND
    campaign = positions(
        past.tables["campaign_members"]["campaign_id"].take(pa.array(clicked)), past.tables["campaigns"]["campaign_id"]
    )
    curious, _ = repeat_each(counts(rng, np.where(shop >= 0, 2.2, 1.6), people.count, spread=0.8))
    strangers = people.count // 3
    looked = between(rng, people.joined[curious], np.minimum(people.active_until[curious], now - HOUR), 0.8)
    passed = between(rng, np.full(strangers, now - 730 * DAY), np.full(strangers, now - HOUR))
    person = np.r_[
        past.records.person[buyer],
        past.records.person[checkout_row[leaving]],
        clicker,
        curious,
        np.full(strangers, -1, dtype=np.int64),
    ]
    kind = np.repeat(
        [BUYS, LEAVES, CLICKS, BROWSES], [len(bought), len(leaving), len(clicked), len(curious) + strangers]
    )
    size = len(person)
    length = (rng.uniform(3, 25, size) * MINUTE).astype(np.int64)
    ends = kind <= LEAVES
    point = np.r_[orders.ordered[bought], left[leaving], came, looked, passed]
    none = np.full(size - len(bought) - len(leaving), -1, dtype=np.int64)
    visits = Visits(
        person=person,
        kind=kind,
        subject=np.r_[bought, leaving, none],
        started=np.where(ends, point - length, point),
        ended=np.where(ends, point, np.minimum(point + length, now)),
        traffic=_traffic(rng, past, person, kind, campaign),
        user=np.r_[buyer, checkout_row[leaving], np.where(person >= 0, shop[person], -1)[len(bought) + len(leaving) :]],
    )
    return visits.take(np.argsort(visits.started, kind="stable"))


def _traffic(rng: np.random.Generator, past: Past, person: Ints, kind: Ints, campaign: Ints) -> Ints:
    """Where each visit came from: who follows on Instagram often from there, who clicked a mail from that mail."""
    has_account = past.records_of(INSTAGRAM) >= 0
    follows = (person >= 0) & has_account[person]
    size = len(person)
    traffic = np.where(follows, weighted(rng, _ON_INSTAGRAM, size), weighted(rng, _USUAL, size))
    traffic[kind == CLICKS] = len(TRAFFIC) + campaign
    return traffic


def _traffic_names(past: Past) -> tuple[pa.Array, pa.Array, pa.Array]:
    names = past.tables["campaigns"]["name"]
    mailed = flat(pc.replace_substring(lower(names), " ", "_"))
    source, medium, campaign = (pa.array(part, pa.string()) for part in zip(*TRAFFIC, strict=True))
    return (
        pa.concat_arrays([source, pa.array(["newsletter"] * len(names))]),
        pa.concat_arrays([medium, pa.array(["email"] * len(names))]),
        pa.concat_arrays([campaign, mailed]),
    )


def _browsers(rng: np.random.Generator, past: Past, person: Ints) -> tuple[Ints, Ints, int]:
    """The browser of each visit, its device, and how many browsers there are."""
    people = past.people
    size = len(person)
    known = person >= 0
    of = people.households.of[np.maximum(person, 0)]
    shares = (people.households.size > 1) & chance(rng, 0.16, people.households.count)
    on_tablet: Flags = known & shares[of] & chance(rng, 0.4, size)
    at_desk = chance(rng, 0.4, size).astype(np.int64)
    own = 2 * np.where(known, person, people.count + np.arange(size)) + at_desk
    key = np.where(on_tablet, 2 * (people.count + size) + of, own)
    used, client = np.unique(key, return_inverse=True)
    return client.astype(np.int64), np.where(on_tablet, 2, at_desk), len(used)
