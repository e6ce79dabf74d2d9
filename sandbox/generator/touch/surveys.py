"""Answers to surveys: after web and store orders and solved tickets, and once a year in general.

Scores follow what happened: a late parcel, a return, how a ticket was rated and how long it took.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from sandbox.generator import texts as writing
from sandbox.generator.columns import DAY, Text, blank, choose, join, number, take, times, where
from sandbox.generator.draw import Flags, Floats, Ints, chance, stream
from sandbox.generator.moments import after, between
from sandbox.generator.shopping import STORE
from sandbox.generator.systems import SHOP
from sandbox.generator.touch import texts
from sandbox.generator.touch.past import Past, Table, positions, whole
from sandbox.generator.touch.people_records import first_and_last, written

TOUCHPOINTS: Final = ("web", "store", "support", "relationship")
ONLINE, IN_STORE, SUPPORT, RELATION = range(4)
SCALES: Final = ("csat_5", "csat_10", "csat_5", "nps")
LATE: Final = 8 * DAY
"""An order that takes longer to arrive is late."""


def late_orders(past: Past) -> tuple[Flags, Ints]:
    """Which orders arrived late, and when each was delivered (0: not yet)."""
    delivered = past.times("orders", "delivered_at")
    return delivered - past.orders.ordered > LATE, delivered


def draw_surveys(seed: int, past: Past) -> tuple[dict[str, Table], pa.Table]:
    """The table survey_answers, and who answered."""
    rng = stream(seed, "surveys")
    mood = rng.normal(0, 0.6, past.everyone.count)
    late, delivered = late_orders(past)
    kind, person, subject, answered, level = (
        np.concatenate(parts)
        for parts in zip(
            _of_orders(rng, past, mood, late, delivered),
            _of_tickets(rng, past, mood),
            _of_relations(rng, past, mood),
            strict=True,
        )
    )
    kept = np.flatnonzero(answered < past.now)
    kept = kept[np.argsort(answered[kept], kind="stable")]
    kind, person, subject, answered, level = (part[kept] for part in (kind, person, subject, answered, level))
    size = len(kind)
    noisy = np.clip(level + rng.normal(0, 0.17, size), 0, 1)
    score = np.rint(np.select([kind == IN_STORE, kind == RELATION], [1 + 9 * noisy, 10 * noisy], 1 + 4 * noisy))
    slots = past.voices.slots(rng, np.clip(person, 0, past.people.count - 1), answered)
    slots["order"] = blank(person < 0, slots["order"])
    tone = np.digitize(noisy, [0.4, 0.75])
    said = [writing.say(rng, some, slots) for some in (texts.LOW, texts.MIDDLE, texts.HIGH)]
    named = np.flatnonzero(person >= 0)
    who, which = np.unique(person[named], return_inverse=True)
    respondents = _respondents(rng, past, who, first_and_last(which, len(who), answered[named]))
    record = np.full(size, -1, dtype=np.int64)
    record[named] = which
    of_order, of_ticket = kind <= IN_STORE, kind == SUPPORT
    comments = chance(rng, 0.35, size)
    only_words = comments & chance(rng, 0.06, size)
    answers = {
        "answer_id": join("SR", number(np.arange(1, size + 1), 8)),
        "record_id": _at(respondents["record_id"].combine_chunks(), record),
        "touchpoint": take(TOUCHPOINTS, kind),
        "scale": blank(only_words, take(SCALES, kind)),
        "score": pa.array(score.astype(np.int64), mask=only_words),
        "comment": blank(~comments, choose(tone, *said)),
        "order_id": _at(past.orders.order_id, np.where(of_order & (person >= 0), subject, -1)),
        "ticket_id": _at(past.tables["tickets"]["ticket_id"], np.where(of_ticket, subject, -1)),
        "answered_at": times(answered),
    }
    return {"survey_answers": answers}, respondents


def _at(column: Text, position: Ints) -> Text:
    return blank(position < 0, take(column, np.maximum(position, 0)))


def _of_orders(
    rng: np.random.Generator, past: Past, mood: Floats, late: Flags, delivered: Ints
) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    orders = past.orders
    in_store = orders.channel == STORE
    asked = np.flatnonzero((delivered > 0) & (in_store | (orders.row >= 0)) & chance(rng, 0.1, len(in_store)))
    row, in_store = orders.row[asked], in_store[asked]
    person = np.where(row >= 0, past.records.person[row], -1)
    returned = np.isin(asked, positions(past.tables["returns"]["order_id"], orders.order_id))
    level = 0.82 + 0.12 * np.where(person >= 0, mood[person], 0) - 0.35 * late[asked] - 0.2 * returned
    # Some answer the tablet at the door of the store without saying who they are.
    nameless = in_store & chance(rng, 0.3, len(asked))
    answered = after(rng, delivered[asked], 20, 30)
    kind = np.where(in_store, IN_STORE, ONLINE)
    return kind, np.where(nameless, -1, person), asked, answered, level


def _of_tickets(rng: np.random.Generator, past: Past, mood: Floats) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    tickets, ratings = past.tables["tickets"], past.tables["ratings"]
    rated = positions(ratings["ticket_id"], tickets["ticket_id"])
    verdict = positions(ratings["score"], pa.array(["bad", "offered", "good"]))
    chosen = np.flatnonzero(chance(rng, 0.3, len(rated)))
    ticket, verdict = rated[chosen], verdict[chosen]
    person = past.records.person[past.rows("tickets")[ticket]]
    solved = whole(tickets["solved_at"])[ticket]
    days = (solved - whole(tickets["created_at"])[ticket]) / DAY
    level = 0.2 + 0.36 * verdict + 0.08 * mood[person] - 0.02 * np.minimum(days, 6)
    return np.full(len(ticket), SUPPORT), person, ticket, after(rng, solved, 12, 20), level


def _of_relations(rng: np.random.Generator, past: Past, mood: Floats) -> tuple[Ints, Ints, Ints, Ints, Floats]:
    people = past.people
    person = np.flatnonzero(chance(rng, 0.3, people.count))
    answered = between(rng, people.joined[person], people.active_until[person], 0.7)
    level = 0.78 + 0.24 * mood[person]
    return np.full(len(person), RELATION), person, np.full(len(person), -1), answered, level


def _respondents(rng: np.random.Generator, past: Past, who: Ints, seen: tuple[Ints, Ints]) -> pa.Table:
    """Everybody who said who they are: by e-mail, few by phone, some by their number in the shop."""
    size = len(who)
    other = chance(rng, 0.1, size)
    mail = take(past.everyone.email, who)
    by_phone = chance(rng, 0.15, size)
    shop = past.records_of(SHOP)[who]
    named = (shop >= 0) & chance(rng, 0.3, size)
    return written(
        ("survey", "respondent"),
        join("R", number(np.arange(1, size + 1), 7)),
        who,
        past.everyone,
        seen,
        email=blank(by_phone, where(other, take(past.contacts.other_email, who), mail)),
        phone=blank(~by_phone & ~chance(rng, 0.1, size), take(past.everyone.phone, who)),
        linked_record_id=blank(~named, take(past.records.record_id, np.maximum(shop, 0))),
    )
