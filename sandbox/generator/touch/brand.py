"""The help desk of the retailer's second brand: customers of both brands, and some of that brand alone."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from sandbox.generator import texts as writing
from sandbox.generator.columns import DAY, HOUR, Text, blank, flat, join, number, take, times, where
from sandbox.generator.draw import Ints, chance, counts, repeat_each, stream, weighted
from sandbox.generator.moments import after, between
from sandbox.generator.systems import SHOP
from sandbox.generator.touch import texts
from sandbox.generator.touch.past import Past, Table
from sandbox.generator.touch.people_records import written

CHANNELS: Final = ("EMAIL", "CHAT", "SMS", "PHONE_CALL")
TEAMS: Final = ("Hearth care", "Hearth care", "Hearth care", "Phone desk")
AGENTS: Final = ("Ines Duarte", "Tom Whitlock", "Priya Raman", "Jonas Ek", "Leila Haddad")


def draw_brand(seed: int, past: Past) -> tuple[dict[str, Table], pa.Table]:
    """The tables brand_conversations and brand_messages, and the desk's customers."""
    rng = stream(seed, "second brand")
    everyone, now = past.everyone, past.now
    is_new = np.arange(everyone.count) >= everyone.known
    who = np.flatnonzero(chance(rng, np.where(is_new, 0.7, 0.2), everyone.count))
    at, _ = repeat_each(1 + counts(rng, 0.35, len(who), spread=0.8))
    person = who[at]
    opened = between(rng, everyone.joined[person], np.minimum(everyone.until[person], now - HOUR), 0.8)
    order = np.argsort(opened, kind="stable")
    at, person, opened = at[order], person[order], opened[order]
    size = len(at)
    conversation, turn = repeat_each(1 + counts(rng, 1.7, size, spread=2.0))
    gap = np.where(turn == 0, 0, (rng.exponential(4, len(turn)) + 0.1) * HOUR).astype(np.int64)
    passed = np.cumsum(gap)
    sent = opened[conversation] + passed - passed[np.flatnonzero(turn == 0)][conversation]
    kept = sent < now
    conversation, turn, sent = conversation[kept], turn[kept], sent[kept]
    last = np.zeros(size, dtype=np.int64)
    np.maximum.at(last, conversation, sent)
    first = np.full(len(who), np.iinfo(np.int64).max)
    latest = np.zeros(len(who), dtype=np.int64)
    np.minimum.at(first, at, opened)
    np.maximum.at(latest, at, last)
    customers = _customers(rng, past, who, (first, latest))
    closed = after(rng, last, 20, 30)
    is_open = (closed >= now) | ((now - opened < 30 * DAY) & chance(rng, 0.12, size))
    slots = _slots(rng, past, person)
    topic = writing.fitting(rng, slots, texts.BRAND_QUESTIONS)
    channel = weighted(rng, (40, 34, 14, 12), size)
    agent = rng.integers(0, len(AGENTS), size)
    conversation_id = join("c", number(40_000_001 + np.arange(size, dtype=np.int64)))
    inbound = turn % 2 == 0
    asked = take(writing.write(texts.BRAND_QUESTIONS, topic, slots), conversation)
    more = {name: take(values, conversation) for name, values in slots.items()}
    later, answer = (writing.say(rng, some, more) for some in (texts.BRAND_LATER, texts.BRAND_ANSWERS))
    return {
        "brand_conversations": {
            "conversation_id": conversation_id,
            "record_id": take(customers["record_id"].combine_chunks(), at),
            "channel": take(CHANNELS, channel),
            "topic": take(texts.BRAND_TOPICS, topic),
            "team": take(TEAMS, channel),
            "agent": take(AGENTS, agent),
            "status": take(["CLOSED", "OPEN"], is_open.astype(np.int64)),
            "created_at": times(opened),
            "closed_at": times(closed, is_open),
        },
        "brand_messages": {
            "message_id": join("i", number(80_000_001 + np.arange(len(turn), dtype=np.int64))),
            "conversation_id": take(conversation_id, conversation),
            "direction": take(["outbound", "inbound"], inbound.astype(np.int64)),
            "body": where(inbound, where(turn == 0, asked, later), answer),
            "sent_at": times(sent),
        },
    }, customers


def _slots(rng: np.random.Generator, past: Past, person: Ints) -> dict[str, Text]:
    """As everybody can fill them; the second brand's orders have no number that the shop knows."""
    size = len(person)
    return {
        "order": pa.nulls(size, pa.string()),
        "email": take(past.everyone.email, person),
        "phone": take(past.everyone.phone, person),
        "name": take(past.everyone.given, person),
        "item": take(past.voices.title, rng.integers(0, len(past.voices.title), size)),
    }


def _customers(rng: np.random.Generator, past: Past, who: Ints, seen: tuple[Ints, Ints]) -> pa.Table:
    everyone, size = past.everyone, len(who)
    shop = np.r_[past.records_of(SHOP), np.full(everyone.count - everyone.known, -1, dtype=np.int64)][who]
    linked = (shop >= 0) & chance(rng, 0.3, size)
    has_email = chance(rng, 0.9, size)
    full = join(take(everyone.given, who), " ", take(everyone.family, who))
    given_only = chance(rng, 0.07, size)
    return written(
        ("gladly", "customer"),
        join("g", number(7_000_001 + np.arange(size, dtype=np.int64) * 3)),
        who,
        everyone,
        seen,
        full_name=where(given_only, take(everyone.given, who), full),
        email=blank(~has_email, take(everyone.email, who)),
        phone=blank(has_email & ~chance(rng, 0.5, size), take(everyone.phone, who)),
        linked_record_id=flat(blank(~linked, take(past.records.record_id, np.maximum(shop, 0)))),
        street=take(everyone.street, who),
        city=take(everyone.city, who),
        postcode=take(everyone.postcode, who),
        country=take(everyone.country, who),
    )
