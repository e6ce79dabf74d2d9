"""Profiles: read by any id ever issued, page through the timeline, and the persona with its reason."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Response
from starlette.exceptions import HTTPException

from activation.access.masking import mask_profile, mask_timeline, sees_people
from activation.api import examples
from activation.api.access import REFUSALS, Database
from activation.api.audit import Auditing
from activation.api.cursors import read_cursor, write_cursor
from activation.api.finding import the_customer
from activation.api.models import CustomerPersona, Profile, Timeline
from activation.api.parameters import Cursor, CustomerId, Reader, Word
from activation.api.problems import documented

router = APIRouter(prefix="/v1/profiles", tags=["profiles"])

_PROBLEMS: Final = documented(*REFUSALS, 404, 410, 422, 500)

_TIMELINE: Final = """
    select
        interaction_id, record_id, occurred_at, channel, kind, direction, subject, amount::float8 as amount, currency,
        source, reference_id, body, sentiment::float8 as sentiment, rating::float8 as rating, order_id, conversation_id,
        campaign
    from activation.timeline
    where customer_id = %(id)s
    and (
        %(at)s::timestamptz is null
        or (occurred_at, interaction_id) < (%(at)s::timestamptz, %(after)s::text)
    )
    and (%(channels)s::text[] is null or channel = any(%(channels)s::text[]))
    and (%(kinds)s::text[] is null or kind = any(%(kinds)s::text[]))
    order by occurred_at desc, interaction_id desc
    limit %(limit)s
"""

_PERSONA: Final = """
    select
        profile.customer_id,
        profile.document -> 'persona' ->> 'name' as persona,
        card.label,
        card.description,
        profile.document -> 'persona' -> 'reason' as reason
    from activation.profiles as profile
    left join activation.personas as card on card.persona = profile.document -> 'persona' ->> 'name'
    where profile.customer_id = %s
"""


@router.get(
    "/{customer_id}",
    response_model=Profile,
    responses={**_PROBLEMS, **examples.answered({"a profile": examples.PROFILE})},
)
async def profile(database: Database, caller: Reader, audit: Auditing, customer_id: CustomerId) -> Response:
    """The whole golden profile of a customer, with where each value is from and the records behind it."""
    current, document = await the_customer(database, customer_id, "document")
    await audit.record(caller, "profile.read", [current])
    body: str | bytes = document
    if not sees_people(caller.scopes):
        body = orjson.dumps(mask_profile(orjson.loads(document), caller.scopes))
    return Response(body, media_type="application/json")


@router.get(
    "/{customer_id}/timeline",
    response_model=Timeline,
    responses={**_PROBLEMS, **examples.answered({"a page": examples.TIMELINE})},
)
async def timeline(
    database: Database,
    caller: Reader,
    audit: Auditing,
    customer_id: CustomerId,
    channel: Annotated[
        list[Word] | None, Query(description="only these channels", max_length=20, examples=[["email", "chat"]])
    ] = None,
    kind: Annotated[
        list[Word] | None, Query(description="only these kinds", max_length=20, examples=[["message", "ticket"]])
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, examples=[50])] = 50,
    cursor: Cursor = None,
) -> dict[str, Any]:
    """The customer's touchpoints on every channel, the latest first.

    A cursor is a place in time: it stays good over publications, and with other filters.
    """
    at, after = _place(cursor)
    current, _ = await the_customer(database, customer_id)
    rows = await (
        await database.execute(
            _TIMELINE,
            {"id": current, "at": at, "after": after, "channels": channel, "kinds": kind, "limit": limit + 1},
        )
    ).fetchall()
    await audit.record(caller, "profile.timeline", [current])
    more = len(rows) > limit
    rows = rows[:limit]
    following = write_cursor(rows[-1]["occurred_at"].isoformat(), rows[-1]["interaction_id"]) if more else None
    return {"customer_id": current, "items": mask_timeline(rows, caller.scopes), "next_cursor": following}


@router.get(
    "/{customer_id}/persona",
    response_model=CustomerPersona,
    responses={**_PROBLEMS, **examples.answered({"a persona": examples.CUSTOMER_PERSONA})},
)
async def persona(database: Database, caller: Reader, audit: Auditing, customer_id: CustomerId) -> dict[str, Any]:
    """The kind of customer that one is, and why: the traits that count for it, and the runner-up."""
    current, _ = await the_customer(database, customer_id)
    row = await (await database.execute(_PERSONA, [current])).fetchone()
    await audit.record(caller, "profile.persona", [current])
    return dict(row or {"customer_id": current})


def _place(cursor: str | None) -> tuple[datetime | None, str | None]:
    if cursor is None:
        return None, None
    at, after = read_cursor(cursor, 2)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise HTTPException(422, "the cursor is not one that this API gave out; start again without it")
    return moment, after
