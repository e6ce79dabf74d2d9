"""Persona cards."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter

from activation.api import examples
from activation.api.access import REFUSALS, Database
from activation.api.models import Personas
from activation.api.parameters import Reader
from activation.api.problems import documented

router = APIRouter(prefix="/v1/personas", tags=["personas"])

_CARDS: Final = """
    select persona, label, description, card
    from activation.personas
    order by coalesce((card ->> 'customer_count')::bigint, 0) desc, persona
"""


@router.get(
    "",
    response_model=Personas,
    responses={**documented(*REFUSALS, 500), **examples.answered({"cards": examples.PERSONAS})},
)
async def personas(database: Database, _: Reader) -> dict[str, Any]:
    """Every kind of customer on a card, the largest first: share, value, channels, needs, journey, reach."""
    rows = await (await database.execute(_CARDS)).fetchall()
    return {"items": [row.pop("card") | row for row in rows]}
