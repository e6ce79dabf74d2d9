"""Orders on the marketplace, as its report tells them: one line per item, mostly under an anonymised e-mail."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from sandbox.generator.columns import DAY, HOUR, Text, blank, join, money, number, piece, take, times, where
from sandbox.generator.draw import chance, counts, repeat_each, spread_numbers, stream, weighted
from sandbox.generator.moments import after, between
from sandbox.generator.products import CATEGORIES
from sandbox.generator.touch.past import Past, Table
from sandbox.generator.touch.people_records import first_and_last, written

STATUSES: Final = ("Shipped", "Pending", "Cancelled")


def draw_marketplace(seed: int, past: Past) -> tuple[dict[str, Table], pa.Table]:
    """The table market_lines, and the buyers."""
    rng = stream(seed, "marketplace")
    everyone, now = past.everyone, past.now
    is_new = np.arange(everyone.count) >= everyone.known
    who = np.flatnonzero(chance(rng, np.where(is_new, 0.55, 0.16), everyone.count))
    at, _ = repeat_each(1 + counts(rng, 1.2, len(who)))
    person = who[at]
    bought = between(rng, everyone.joined[person], np.minimum(everyone.until[person], now - HOUR), 0.8)
    order = np.argsort(bought, kind="stable")
    at, person, bought = at[order], person[order], bought[order]
    size = len(at)
    buyers = _buyers(rng, past, who, first_and_last(at, len(who), bought))
    key = spread_numbers(np.arange(size, dtype=np.int64), 10_000_000, 3)
    order_id = join(
        take(["111", "112", "113", "114"], key % 4), "-", number(key, 7), "-", number(key * 7 % 10_000_000, 7)
    )
    status = np.where(now - bought < 2 * DAY, 1, np.where(chance(rng, 0.03, size), 2, 0))
    updated = np.minimum(after(rng, bought, 24, 60), now)
    line_of, _ = repeat_each(1 + weighted(rng, (80, 16, 4), size))
    lines = len(line_of)
    favourite = past.tastes.category[np.minimum(person, past.people.count - 1)][line_of]
    category = np.where(chance(rng, 0.5, lines), favourite, rng.integers(0, len(CATEGORIES), lines))
    product = past.catalogue.draw(rng, category)
    return {
        "market_lines": {
            "line_id": number(50_000_000_000_001 + np.arange(lines, dtype=np.int64) * 11),
            "market_order_id": take(order_id, line_of),
            "record_id": take(buyers["record_id"].combine_chunks(), at[line_of]),
            "product_id": take(past.catalogue.product_id, product),
            "quantity": 1 + weighted(rng, (90, 8, 2), lines),
            "unit_price": money(past.catalogue.price_cents[product]),
            "status": take(STATUSES, status[line_of]),
            "ordered_at": times(bought[line_of]),
            "updated_at": times(updated[line_of]),
        }
    }, buyers


def _buyers(rng: np.random.Generator, past: Past, who: np.ndarray, seen: tuple[np.ndarray, np.ndarray]) -> pa.Table:
    everyone, size = past.everyone, len(who)
    alias = join(
        "m", number(spread_numbers(np.arange(size, dtype=np.int64), 10_000_000_000, int(rng.integers(1_000_000_000))))
    )
    hidden = chance(rng, 0.7, size)
    email: Text = where(hidden, join(alias, "@marketplace.amazon.com"), take(everyone.email, who))
    given = take(everyone.given, who)
    given = where(chance(rng, 0.06, size), join(piece(given, 0, 1), "."), given)
    return written(
        ("amazon", "buyer"),
        email,
        who,
        everyone,
        seen,
        full_name=join(given, " ", take(everyone.family, who)),
        email=email,
        phone=blank(~chance(rng, 0.55, size), take(everyone.phone, who)),
        street=take(everyone.street, who),
        city=take(everyone.city, who),
        region=take(everyone.region, who),
        postcode=take(everyone.postcode, who),
        country=take(everyone.country, who),
    )
