"""Segments, who is in them, and why."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from starlette.exceptions import HTTPException

from activation.api import examples
from activation.api.access import REFUSALS, Database
from activation.api.audit import Auditing
from activation.api.conditions import explain
from activation.api.cursors import read_cursor, write_cursor
from activation.api.exports import MEDIA_TYPES, Format, format_of, open_export
from activation.api.finding import the_customer
from activation.api.models import Members, SegmentExplanation, Segments
from activation.api.parameters import TEXT, Cursor, Reader, SegmentName
from activation.api.problems import documented
from activation.api.reasons import reason_masking

router = APIRouter(prefix="/v1/segments", tags=["segments"])

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

_STREAMS: Final = {
    MEDIA_TYPES[format_]: {"schema": {"type": "string"}, "example": example}
    for format_, example in ((Format.NDJSON, examples.MEMBERS_NDJSON), (Format.CSV, examples.MEMBERS_CSV))
}


@router.get(
    "",
    response_model=Segments,
    responses={**documented(*REFUSALS, 500), **examples.answered({"segments": examples.SEGMENTS})},
)
async def segments(database: Database, _: Reader) -> dict[str, Any]:
    """Every segment with its purpose and size."""
    return {"items": await (await database.execute(_SEGMENTS)).fetchall()}


@router.get(
    "/{name}/members",
    response_model=Members,
    responses={
        **documented(*REFUSALS, 404, 422, 500),
        **examples.answered({"a page": examples.MEMBERS}, _STREAMS),
    },
)
async def members(
    request: Request,
    caller: Reader,
    audit: Auditing,
    name: SegmentName,
    format_: Annotated[
        Format | None,
        Query(
            alias="format",
            description="json: a page; ndjson or csv: everybody, streamed; without it, the Accept header says",
            examples=["csv"],
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="of a page of JSON", examples=[100])] = 100,
    cursor: Cursor = None,
) -> Any:
    """The members of a segment and why each is in it. Consent is not applied: this is no audience to send to.

    A stream is of one publication, whatever is published meanwhile; one that breaks off is incomplete. Its entry in the
    audit trail is written before its first byte is sent.
    """
    chosen = format_of(request, format_)
    after = read_cursor(cursor, 1)[0] if cursor is not None else None
    async with request.app.state.pool.connection() as database:
        await _known(database, name)
        mask = await reason_masking(database, name, caller.scopes)
        if chosen is Format.JSON:
            page = await _page(database, name, after, limit)
            if mask is not None:
                page["items"] = [member | {"reason": mask(member["reason"])} for member in page["items"]]
            ids = [member["customer_id"] for member in page["items"]]
            await audit.record(caller, "segment.members", ids, {"segment": name, "format": chosen})
            return page

    async def noted() -> None:
        await audit.record(caller, "segment.export", [], {"segment": name, "format": chosen}, durable=True)

    export: Response = await open_export(request, name, chosen, noted, mask)
    return export


@router.get(
    "/{name}/explain",
    response_model=SegmentExplanation,
    responses={
        **documented(*REFUSALS, 404, 410, 422, 500),
        **examples.answered({"not a member": examples.SEGMENT_EXPLANATION}),
    },
)
async def explanation(
    database: Database,
    caller: Reader,
    audit: Auditing,
    name: SegmentName,
    customer: Annotated[
        str,
        Query(
            description="any customer id ever issued",
            min_length=1,
            max_length=320,
            pattern=TEXT,
            examples=["cus_01J9ZK3V8Q"],
        ),
    ],
) -> dict[str, Any]:
    """Why a customer is in a segment, or is not: every condition with the value seen, and what would have to change."""
    await _known(database, name)
    current, _ = await the_customer(database, customer)
    found = await explain(database, name, current, caller.scopes)
    await audit.record(caller, "segment.explain", [current], {"segment": name})
    return found


async def _known(database: AsyncConnection[DictRow], name: str) -> None:
    row = await (await database.execute("select 1 from activation.segments where segment = %s", [name])).fetchone()
    if row is None:
        raise HTTPException(404, "no segment has this name; /v1/segments lists them")


async def _page(database: AsyncConnection[DictRow], name: str, after: str | None, limit: int) -> dict[str, Any]:
    found = await (await database.execute(_MEMBERS, {"segment": name, "after": after, "limit": limit + 1})).fetchall()
    more = len(found) > limit
    found = found[:limit]
    return {
        "segment": name,
        "items": found,
        "next_cursor": write_cursor(found[-1]["customer_id"]) if more else None,
    }
