"""Segments and who is in them."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query
from starlette.exceptions import HTTPException

from activation.api.access import REFUSALS, Database, Scope, require
from activation.api.cursors import read_cursor, write_cursor
from activation.api.models import Members, Segments
from activation.api.problems import documented

router = APIRouter(
    prefix="/v1/segments",
    tags=["segments"],
    dependencies=[Depends(require(Scope.SUPPORT, Scope.MARKETING, Scope.STEWARD))],
)

_SEGMENTS: Final = """
    select segment, label, description, purpose, destinations, minimum_link_strength, size
    from activation.segments
    order by segment
"""

_MEMBERS: Final = """
    select customer_id, reason
    from activation.segment_members
    where segment = %(segment)s and (%(after)s::text is null or customer_id > %(after)s::text)
    order by customer_id
    limit %(limit)s
"""


@router.get("", response_model=Segments, responses=documented(*REFUSALS, 500))
async def segments(database: Database) -> dict[str, Any]:
    """Every segment with its purpose and size."""
    return {"items": await (await database.execute(_SEGMENTS)).fetchall()}


@router.get("/{name}/members", response_model=Members, responses=documented(*REFUSALS, 404, 422, 500))
async def members(
    database: Database,
    name: Annotated[str, Path(pattern=r"^[^\x00]*$", examples=["vip"])],
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
) -> dict[str, Any]:
    """The members of a segment and why each is in it. Consent is not applied: this is no audience to send to."""
    after = read_cursor(cursor, 1)[0] if cursor is not None else None
    known = await (await database.execute("select 1 from activation.segments where segment = %s", [name])).fetchone()
    if known is None:
        raise HTTPException(404, "no segment has this name; /v1/segments lists them")
    found = await (await database.execute(_MEMBERS, {"segment": name, "after": after, "limit": limit + 1})).fetchall()
    more = len(found) > limit
    found = found[:limit]
    return {
        "segment": name,
        "items": found,
        "next_cursor": write_cursor(found[-1]["customer_id"]) if more else None,
    }
