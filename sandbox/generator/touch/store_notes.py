"""What clerks note of visits: who came, what they tried on, and which discount code they were given."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sandbox.generator import texts as writing
from sandbox.generator.columns import DAY, HOUR, blank, join, number, take, times, where
from sandbox.generator.draw import chance, counts, repeat_each, stream
from sandbox.generator.moments import between
from sandbox.generator.shopping import CODES, LOCATIONS
from sandbox.generator.systems import LOYALTY
from sandbox.generator.touch import texts
from sandbox.generator.touch.past import Past, Table
from sandbox.generator.touch.people_records import first_and_last, written

CLERKS = ("Amira", "Ben", "Carla", "Dmitri", "Esra", "Finn")


def draw_store_notes(seed: int, past: Past) -> tuple[dict[str, Table], pa.Table]:
    """The table store_notes, and the clerks' clients."""
    rng = stream(seed, "store notes")
    people, now = past.people, past.now
    who = np.flatnonzero(chance(rng, 0.07, people.count))
    at, _ = repeat_each(1 + counts(rng, 0.9, len(who)))
    person = who[at]
    came = between(rng, people.joined[person], np.minimum(people.active_until[person], now - DAY), 0.8) // HOUR * HOUR
    order = np.argsort(came, kind="stable")
    at, person, came = at[order], person[order], came[order]
    size = len(at)
    member = past.records_of(LOYALTY)[who]
    by_card = (member >= 0) & chance(rng, 0.7, len(who))
    clients = written(
        ("store", "client"),
        join("K", number(30_001 + np.arange(len(who), dtype=np.int64))),
        who,
        past.everyone,
        first_and_last(at, len(who), came),
        given_name=take(past.everyone.given, who),
        full_name=join(take(past.everyone.given, who), " ", take(past.everyone.family, who)),
        email=blank(~chance(rng, 0.6, len(who)), take(past.everyone.email, who)),
        phone=blank(by_card & ~chance(rng, 0.4, len(who)), take(past.everyone.phone, who)),
        linked_record_id=blank(~by_card, take(past.records.record_id, np.maximum(member, 0))),
    )
    gives = chance(rng, 0.25, size)
    product = past.catalogue.draw(rng, past.tastes.category[person])
    slots = past.voices.slots(rng, person, came) | {"item": take(past.voices.title, product)}
    store = np.where(chance(rng, 0.85, size), person % len(LOCATIONS), rng.integers(0, len(LOCATIONS), size))
    notes, codes = writing.say(rng, texts.NOTES, slots), writing.say(rng, texts.CODE_NOTES, slots)
    return {
        "store_notes": {
            "note_id": join("SV", number(np.arange(1, size + 1), 7)),
            "record_id": take(clients["record_id"].combine_chunks(), at),
            "kind": take(["visit", "code"], gives.astype(np.int64)),
            "store": take(LOCATIONS, store),
            "clerk": take(CLERKS, store),
            "note": where(gives, codes, notes),
            "code": blank(~gives, take(CODES, rng.integers(0, len(CODES), size))),
            "product_id": take(past.catalogue.product_id, product),
            "noted_at": times(came),
        }
    }, clients
