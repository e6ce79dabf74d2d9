"""Calls and texts: after late parcels, for phone tickets, and for all the rest; known by the number that rang."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from sandbox.generator import texts as writing
from sandbox.generator.columns import DAY, HOUR, MINUTE, Text, blank, codes, flat, join, number, take, times, where
from sandbox.generator.draw import Ints, chance, counts, repeat_each, stream, weighted
from sandbox.generator.moments import after, between
from sandbox.generator.phones import international
from sandbox.generator.touch import texts
from sandbox.generator.touch.past import Past, Table, positions
from sandbox.generator.touch.people_records import first_and_last, sole_user, written
from sandbox.generator.touch.surveys import late_orders

QUEUES: Final = ("Service", "Delivery", "Loyalty")
OUTCOMES: Final = ("resolved", "callback", "transferred", "abandoned", "voicemail")
AGENTS: Final = ("Ruth Adeyemi", "Marek Novak", "Chloe Martin", "Sanjay Patel", "Greta Lind", "Omar Farah")
ABOUT_LATE, ABOUT_TICKET, ABOUT_REST = range(3)
_ABANDONED = 3


def draw_contact_centre(seed: int, past: Past) -> tuple[dict[str, Table], pa.Table]:
    """The table calls, and the callers."""
    rng = stream(seed, "contact centre")
    person, about, subject, started = _contacts(rng, past)
    is_text = (about != ABOUT_TICKET) & chance(rng, 0.55, len(person))
    answered = np.flatnonzero(is_text & chance(rng, 0.6, len(person)))
    source = np.r_[np.arange(len(person)), answered]
    moment = np.r_[started, after(rng, started[answered], 0.4, 3)]
    kept = np.flatnonzero(moment < past.now)
    kept = kept[np.argsort(moment[kept], kind="stable")]
    inbound, source, moment = kept < len(person), source[kept], moment[kept]
    size = len(source)
    shown, withheld = _numbers(rng, past, person)
    is_text_row, about_row = is_text[source], about[source]
    withheld_row = (withheld & ~is_text)[source]
    code = codes(shown)[source]
    used = np.unique(code[~withheld_row], return_inverse=True)
    owner = np.full(size, -1, dtype=np.int64)
    owner[~withheld_row] = used[1]
    callers = _callers(past, shown, used[0], owner, person[source], moment)
    outcome = np.where(
        about_row == ABOUT_LATE, weighted(rng, (52, 22, 14, 9, 3), size), weighted(rng, (76, 7, 8, 6, 3), size)
    )
    wait = (rng.exponential(np.where(about_row == ABOUT_LATE, 210, 110), size)).astype(np.int64)
    handle = np.where(outcome >= _ABANDONED, 0, 60 + rng.gamma(2.0, 150, size).astype(np.int64))
    topic = rng.integers(0, len(texts.REASONS), size)
    is_late = about_row == ABOUT_LATE
    order = np.where(is_late & ~is_text_row & (outcome != _ABANDONED) & chance(rng, 0.6, size), subject[source], -1)
    ticket = np.where(about_row == ABOUT_TICKET, subject[source], -1)
    reason = where(is_late, "Delivery", where(about_row == ABOUT_TICKET, "Support", take(texts.REASONS, topic)))
    silent = ~is_text_row & ((outcome >= _ABANDONED) | ~chance(rng, 0.5, size))
    calls = {
        "call_id": join("CC", number(2_000_001 + np.arange(size, dtype=np.int64))),
        "record_id": blank(owner < 0, take(callers["record_id"].combine_chunks(), np.maximum(owner, 0))),
        "kind": take(["call", "sms"], is_text_row.astype(np.int64)),
        "direction": take(["outbound", "inbound"], inbound.astype(np.int64)),
        "number": blank(withheld_row, take(shown, source)),
        "queue": take(QUEUES, np.where(is_late, 1, np.where(topic == 2, 2, 0))),
        "agent": blank(
            np.where(is_text_row, inbound, outcome >= _ABANDONED), take(AGENTS, rng.integers(0, len(AGENTS), size))
        ),
        "reason": blank(is_text_row, reason),
        "outcome": blank(is_text_row, take(OUTCOMES, outcome)),
        "wait_seconds": pa.array(wait, mask=is_text_row),
        "handle_seconds": pa.array(handle, mask=is_text_row),
        "body": blank(silent, _bodies(rng, past, (person, is_text, about, subject, started), source, inbound, topic)),
        "order_id": blank(order < 0, take(past.orders.order_id, np.maximum(order, 0))),
        "ticket_id": blank(ticket < 0, take(past.tables["tickets"]["ticket_id"], np.maximum(ticket, 0))),
        "started_at": times(moment),
    }
    return {"calls": calls}, callers


def _contacts(rng: np.random.Generator, past: Past) -> tuple[Ints, Ints, Ints, Ints]:
    """Who called or wrote about what and when: person, cause, order or ticket (-1: neither), moment."""
    late, delivered = late_orders(past)
    waiting = np.flatnonzero(late & (past.orders.row >= 0) & chance(rng, 0.3, len(late)))
    # They call while they wait: on the way from a week after the order to its delivery.
    due = past.orders.ordered[waiting] + 7 * DAY
    called = due + ((delivered[waiting] - due) * rng.random(len(waiting))).astype(np.int64)
    tickets = past.tables["tickets"]
    by_phone = positions(tickets["channel"], pa.array(["phone"])) == 0
    rung = np.flatnonzero(by_phone & chance(rng, 0.75, len(by_phone)))
    ticket_at = past.times("tickets", "created_at")[rung] - 3 * MINUTE
    count = past.everyone.count
    others, _ = repeat_each(counts(rng, 0.42, count, spread=0.8))
    at = between(rng, past.everyone.joined[others], np.minimum(past.everyone.until[others], past.now - HOUR), 0.8)
    return (
        np.r_[past.records.person[past.orders.row[waiting]], past.records.person[past.rows("tickets")[rung]], others],
        np.repeat([ABOUT_LATE, ABOUT_TICKET, ABOUT_REST], [len(waiting), len(rung), len(others)]),
        np.r_[waiting, rung, np.full(len(others), -1, dtype=np.int64)],
        np.r_[called, ticket_at, at],
    )


def _numbers(rng: np.random.Generator, past: Past, person: Ints) -> tuple[Text, np.ndarray]:
    """The number that the network shows: the mobile, at times the household's landline or one given up since."""
    people, contacts, size = past.people, past.contacts, len(person)
    known = np.minimum(person, people.count - 1)
    is_known, country = person < people.count, people.country[known]
    at_home = is_known & people.households.has_landline[people.households.of[known]] & chance(rng, 0.3, size)
    old = is_known & contacts.changed_mobile[known] & chance(rng, 0.25, size)
    own = where(old, international(country, take(contacts.former_mobile, known)), take(past.everyone.phone, person))
    shown = where(at_home, international(country, take(contacts.landline, known)), own)
    return flat(shown), chance(rng, 0.05, size)


def _callers(past: Past, shown: Text, used: Ints, owner: Ints, person: Ints, moment: Ints) -> pa.Table:
    rows = np.flatnonzero(owner >= 0)
    distinct = flat(shown.dictionary_encode().dictionary)
    native_id = take(distinct, used)
    seen = first_and_last(owner[rows], len(used), moment[rows])
    nobody_else = sole_user(owner[rows], len(used), person[rows])
    return written(("contact_centre", "caller"), native_id, nobody_else, past.everyone, seen, phone=native_id)


def _bodies(
    rng: np.random.Generator,
    past: Past,
    contacts: tuple[Ints, np.ndarray, Ints, Ints, Ints],
    source: Ints,
    inbound: np.ndarray,
    topic: Ints,
) -> Text:
    """A text's words, or the agent's note on a call; about a late order, that order."""
    person, is_text, about, subject, started = contacts
    slots = past.voices.slots(rng, np.minimum(person, past.people.count - 1), started)
    is_late = about == ABOUT_LATE
    is_new = person >= past.people.count
    slots["order"] = where(is_late, take(past.orders.name, np.maximum(subject, 0)), blank(is_new, slots["order"]))
    slots["email"] = take(past.everyone.email, person)
    theirs = where(is_late, writing.say(rng, texts.LATE_SMS, slots), writing.say(rng, texts.SMS, slots))
    ours = take(texts.SMS_REPLIES, rng.integers(0, len(texts.SMS_REPLIES), len(source)))
    late_notes = take(texts.LATE_WRAP_UPS, rng.integers(0, len(texts.LATE_WRAP_UPS), len(source)))
    notes = where(is_late[source], late_notes, take(texts.WRAP_UPS, topic))
    return where(is_text[source], where(inbound, take(theirs, source), ours), notes)
