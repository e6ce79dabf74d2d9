"""The help desk: tickets by e-mail, chat, phone, WhatsApp and web form, their comments, metrics and ratings."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from sandbox.generator import texts
from sandbox.generator.columns import DAY, HOUR, Text, blank, number, take, times, where
from sandbox.generator.draw import Flags, Ints, chance, counts, repeat_each, stream, weighted
from sandbox.generator.moments import active_end, after, between
from sandbox.generator.people import People
from sandbox.generator.record_frame import Records
from sandbox.generator.systems import HELPDESK
from sandbox.generator.voices import Voices

CHANNELS: Final = ("email", "chat", "phone", "whatsapp", "web")
PRIORITIES: Final = ("low", "normal", "high", "urgent")
Table = dict[str, Any]
SOLVED, CLOSED = 4, 5
STATUSES: Final = ("new", "open", "pending", "hold", "solved", "closed")


def draw_support(seed: int, people: People, records: Records, voices: Voices, as_of: int) -> dict[str, Table]:
    """The tables tickets, ticket_comments and ratings."""
    rng = stream(seed, "support")
    desk = records.of_kind(HELPDESK)
    at, _ = repeat_each(counts(rng, 1.9, len(desk), spread=0.9))
    row = desk[at]
    end = active_end(records.created[row], people.active_until[records.person[row]], as_of)
    opened = between(rng, records.created[row], end, 0.8)
    order = np.argsort(opened, kind="stable")
    row, opened = row[order], opened[order]
    size = len(row)
    person = records.person[row]
    spoken, inbound, ticket, spoken_at = _turns(rng, opened, as_of)
    first_reply, replies = _replies(inbound, ticket, spoken_at, size)
    last = np.zeros(size, dtype=np.int64)
    np.maximum.at(last, ticket, spoken_at)
    solved_at = np.minimum(after(rng, last, 15), as_of)
    status = _statuses(rng, opened, solved_at, replies, as_of)
    is_solved = status >= SOLVED
    bought, has_order = voices.order_of(rng, person, opened)
    about_order = has_order & chance(rng, 0.45, size)
    has_deadline = chance(rng, 0.6, size)
    due = opened + rng.choice(np.array([1, 2, 3]), size) * DAY
    ticket_id = number(20_001 + np.arange(size, dtype=np.int64))
    slots = voices.slots(rng, person, opened)
    topic = texts.fitting(rng, slots, texts.SUBJECTS, texts.QUESTIONS)
    tickets = {
        "ticket_id": ticket_id,
        "record_id": take(records.record_id, row),
        "channel": take(CHANNELS, weighted(rng, (34, 24, 14, 12, 16), size)),
        "subject": texts.write(texts.SUBJECTS, topic, slots),
        "status": take(STATUSES, status),
        "priority": take(PRIORITIES, weighted(rng, (15, 60, 18, 7), size)),
        "order_id": blank(~about_order, take(voices.orders.order_id, bought)),
        "reopens": rng.poisson(0.15, size),
        "replies": replies,
        "created_at": times(opened),
        "first_reply_at": times(first_reply, replies == 0),
        "due_at": times(due, ~has_deadline),
        "solved_at": times(solved_at, ~is_solved),
        "updated_at": times(np.where(is_solved, solved_at, last)),
    }
    comments = _comments(rng, records, voices, row, ticket_id, topic, slots, (spoken, inbound, ticket, spoken_at))
    ratings = _ratings(rng, records, row, ticket_id, is_solved, solved_at, as_of)
    return {"tickets": tickets, "ticket_comments": comments, "ratings": ratings}


def _turns(rng: np.random.Generator, opened: Ints, as_of: int) -> tuple[Ints, Flags, Ints, Ints]:
    """Who speaks when: the customer first, then mostly in turn; nothing after now."""
    ticket, turn = repeat_each(1 + counts(rng, 1.9, len(opened), spread=2.0))
    gap = (rng.exponential(9, len(ticket)) + 0.2) * HOUR
    passed = np.cumsum(np.where(turn == 0, 0, gap).astype(np.int64))
    start = np.flatnonzero(turn == 0)
    said_at = opened[ticket] + passed - passed[start][ticket]
    inbound = (turn % 2 == 0) ^ ((turn > 1) & chance(rng, 0.15, len(turn)))
    kept = said_at < as_of
    return turn[kept], inbound[kept], ticket[kept], said_at[kept]


def _replies(inbound: Flags, ticket: Ints, said_at: Ints, size: int) -> tuple[Ints, Ints]:
    first = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(first, ticket[~inbound], said_at[~inbound])
    replies = np.bincount(ticket[~inbound], minlength=size)
    return np.where(replies > 0, first, 0), replies


def _statuses(rng: np.random.Generator, opened: Ints, solved_at: Ints, replies: Ints, as_of: int) -> Ints:
    """Most old tickets are closed, some drag on; recent ones are at every stage."""
    size = len(opened)
    age = as_of - opened
    still_open = np.where(replies == 0, weighted(rng, (70, 30), size), 1 + weighted(rng, (55, 30, 15), size))
    drags_on = chance(rng, np.where(age < 6 * DAY, 0.5, np.where(age < 45 * DAY, 0.14, 0.015)), size)
    drags_on |= (solved_at >= as_of) | ((replies == 0) & (age < 20 * DAY))
    done = np.where(age > 32 * DAY, CLOSED, SOLVED)
    return np.where(drags_on, still_open, done)


def _comments(
    rng: np.random.Generator,
    records: Records,
    voices: Voices,
    row: Ints,
    ticket_id: Any,
    topic: Ints,
    ticket_slots: dict[str, Text],
    turns: tuple[Ints, Flags, Ints, Ints],
) -> Table:
    turn, inbound, ticket, said_at = turns
    size = len(ticket)
    slots = voices.slots(rng, records.person[row[ticket]], said_at)
    asked = {name: take(values, ticket) for name, values in ticket_slots.items()}
    opening = texts.write(texts.QUESTIONS, topic[ticket], asked)
    later = texts.say(rng, texts.FOLLOW_UPS, slots)
    answer = texts.say(rng, texts.ANSWERS, slots)
    body = where(inbound, where(turn == 0, opening, later), answer)
    return {
        "comment_id": number(900_001 + np.arange(size, dtype=np.int64)),
        "ticket_id": take(ticket_id, ticket),
        "record_id": blank(~inbound, take(records.record_id, row[ticket])),
        "body": body,
        "is_public": inbound | chance(rng, 0.93, size),
        "created_at": times(said_at),
    }


def _ratings(
    rng: np.random.Generator, records: Records, row: Ints, ticket_id: Any, is_solved: Flags, solved_at: Ints, as_of: int
) -> Table:
    asked = np.flatnonzero(is_solved & (solved_at < as_of - HOUR) & chance(rng, 0.55, len(row)))
    size = len(asked)
    score = weighted(rng, (48, 16, 36), size)
    offered_at = solved_at[asked]
    answered_at = np.where(score == 2, offered_at, np.minimum(after(rng, offered_at, 20), as_of))
    said = chance(rng, np.array([0.25, 0.6, 0.0])[score], size)
    comment = where(
        score == 0,
        take(texts.PRAISE, rng.integers(0, len(texts.PRAISE), size)),
        take(texts.COMPLAINT, rng.integers(0, len(texts.COMPLAINT), size)),
    )
    return {
        "rating_id": number(500_001 + np.arange(size, dtype=np.int64)),
        "ticket_id": take(ticket_id, asked),
        "record_id": take(records.record_id, row[asked]),
        "score": take(["good", "bad", "offered"], score),
        "comment": blank(~said, comment),
        "created_at": times(offered_at),
        "updated_at": times(answered_at),
    }
