"""The calculated query cost of the Admin GraphQL API.

After "GraphQL Admin API rate limits" (shopify.dev): scalars and enums cost 0, objects 1, connections are sized by
`first` and `last`, and no query may ask for more than 1,000 points. How a connection is sized is not published; what
shops report (`variants(first: 250)` with one object below each node costs 24) fits 1.5 times the binary logarithm.
"""

from __future__ import annotations

import math
from typing import Final

from sandbox.vendors.shopify.projection import Reader
from sandbox.vendors.stream import Json

LARGEST: Final = 1000


def _size(count: int) -> int:
    return max(1, round(1.5 * math.log2(count))) if count > 1 else count


def requested(readers: tuple[Reader, ...]) -> int:
    """The points that a query asks for, whatever it finds."""
    total = 0
    for reader in readers:
        if reader.selection is None or reader.field == "pageInfo":
            continue
        if reader.connection:
            stated = reader.arguments.get("first")
            count = stated if stated is not None else reader.arguments.get("last", 0)
            # The edges or nodes field stands for the page: one object per node, plus what is below it.
            total += _size(count) * max(1, *(_below(part) for part in reader.selection))
        else:
            total += 1 + requested(reader.selection)
    return total


def _below(part: Reader) -> int:
    if part.selection is None or part.field == "pageInfo":
        return 0
    if part.field == "edges":
        return max((_below(one) for one in part.selection), default=0)
    return 1 + requested(part.selection)


def actual(answer: Json, readers: tuple[Reader, ...]) -> int:
    """The points of what was found: never more than was asked for."""
    if not isinstance(answer, dict):
        return 0
    total = 0
    for reader in readers:
        value = answer.get(reader.key)
        if reader.selection is None or value is None or reader.field == "pageInfo":
            continue
        if not reader.connection:
            total += 1 + actual(value[0] if isinstance(value, list) and value else value, reader.selection)
            continue
        part = next((one for one in reader.selection if one.field in {"nodes", "edges"}), None)
        nodes = value.get(part.key, []) if part is not None and isinstance(value, dict) else []
        if part is not None and nodes:
            first = nodes[0].get("node", nodes[0]) if isinstance(nodes[0], dict) else nodes[0]
            below = part.selection or ()
            if part.field == "edges":
                below = next((one.selection or () for one in below if one.field == "node"), ())
            total += _size(len(nodes)) * (1 + actual(first, below))
    return min(total, requested(readers))
