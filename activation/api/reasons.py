"""What a caller may see of the values that conditions saw: marketing does not see birth dates and the like."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from activation.access.masking import MASK, sees_people
from activation.access.scopes import Scope

PERSONAL_TRAITS: Final = ("birth_date", "birth_place", "occupation", "organisation", "postcode")
"""Traits that marketing may make rules of, and not read of one person; as masking has it for profiles."""

_PERSONAL: Final = re.compile(rf"\btraits\.({'|'.join(PERSONAL_TRAITS)})\b")

_CONDITIONS: Final = """
    select label, expression from activation.segment_conditions where segment = %s and expression is not null
"""

Masking = Callable[[Any], Any]


def is_personal(expression: str | None) -> bool:
    """Whether a condition reads a personal trait."""
    return expression is not None and _PERSONAL.search(expression) is not None


async def reason_masking(database: AsyncConnection[DictRow], segment: str, scopes: frozenset[Scope]) -> Masking | None:
    """How the reasons of a segment's members are masked for a caller; None when they are shown as they are."""
    if sees_people(scopes):
        return None
    rows = await (await database.execute(_CONDITIONS, [segment])).fetchall()
    personal = frozenset(row["label"] for row in rows if is_personal(row["expression"]))
    if not personal:
        return None

    def mask(reason: Any) -> Any:
        if not isinstance(reason, dict) or not isinstance(reason.get("conditions"), list):
            return None
        return reason | {"conditions": [_masked(part, personal) for part in reason["conditions"]]}

    return mask


def _masked(part: Any, personal: frozenset[str]) -> Any:
    if not isinstance(part, dict):
        return None
    return part | {"seen": MASK} if part.get("condition") in personal else part
