"""What callers ask: lookups by what they have at hand, of people drawn evenly from all that there are."""

from __future__ import annotations

import random
from typing import Final
from urllib.parse import quote

from orchestration.warehouse import Warehouse

SHARES: Final = {"email": 0.5, "phone": 0.3, "record_id": 0.1, "customer_id": 0.1}
"""How often each kind of identifier is asked for."""

_SAMPLE: Final = """
    select match_key from activation.profile_identifiers tablesample bernoulli (%(percent)s) repeatable (7)
    where kind = %(kind)s limit %(count)s
"""
_SAMPLE_IDS: Final = """
    select customer_id from activation.profiles tablesample bernoulli (%(percent)s) repeatable (7) limit %(count)s
"""


def questions(warehouse: Warehouse, count: int, profiles: int, seed: int = 7) -> list[str]:
    """Paths of `count` lookups, in random order; all of them find somebody."""
    found: list[str] = []
    with warehouse.connect() as connection:
        for kind, share in SHARES.items():
            wanted = int(count * share)
            sample = {"kind": kind, "count": wanted, "percent": min(100.0, 400.0 * wanted / profiles)}
            rows = connection.execute(_SAMPLE_IDS if kind == "customer_id" else _SAMPLE, sample).fetchall()
            found += [f"/v1/profiles/lookup?{kind}={quote(row[0], safe='')}" for row in rows]
    random.Random(seed).shuffle(found)
    return found
