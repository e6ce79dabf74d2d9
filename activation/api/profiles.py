"""Profiles: look up by any identifier, read by any id ever issued, page through the timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from starlette.exceptions import HTTPException

from activation.api.access import REFUSALS, Database, Scope, require
from activation.api.cursors import read_cursor, write_cursor
from activation.api.identifiers import Identifier, identifier_of
from activation.api.models import Lookup, Profile, Timeline
from activation.api.problems import documented

router = APIRouter(
    prefix="/v1/profiles",
    tags=["profiles"],
    dependencies=[Depends(require(Scope.SUPPORT, Scope.MARKETING, Scope.STEWARD))],
)

# Postgres text holds no NUL; such a value can match nothing and would be an error further down.
_TEXT: Final = r"^[^\x00]*$"
_LONGEST: Final = 320  # of an e-mail address (RFC 5321); longer than any other identifier
_MOST_CANDIDATES: Final = 20

CustomerId = Annotated[
    str, Path(description="any customer id ever issued; a merged one answers as its successor", pattern=_TEXT)
]
Asked = Annotated[str | None, Query(pattern=_TEXT, max_length=_LONGEST)]

_BY_ID: Final = """
    select customer_id, document::text as document from activation.profiles where customer_id = %(id)s
    union all
    select profile.customer_id, profile.document::text
    from activation.profile_identifiers as identifier
    inner join activation.profiles as profile on profile.customer_id = identifier.customer_id
    where identifier.kind = 'customer_id' and identifier.match_key = %(id)s
    limit 1
"""

_BY_IDENTIFIER: Final = """
    select profile.customer_id, profile.document::text as document
    from activation.profile_identifiers as identifier
    inner join activation.profiles as profile on profile.customer_id = identifier.customer_id
    where identifier.kind = %s and identifier.match_key = %s
    order by profile.customer_id
    limit %s
"""

_CANDIDATES: Final = """
    select
        customer_id,
        document -> 'name' ->> 'full' as full_name,
        document -> 'sources' as sources,
        document ->> 'last_seen_at' as last_seen_at
    from activation.profiles
    where customer_id = any(%s)
    order by customer_id
"""

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
    order by occurred_at desc, interaction_id desc
    limit %(limit)s
"""


@router.get("/lookup", response_model=Lookup, responses=documented(*REFUSALS, 404, 422, 500))
async def lookup(
    request: Request,
    database: Database,
    email: Annotated[Asked, Query(examples=["Ada+news@lovelace.org"])] = None,
    phone: Annotated[Asked, Query(description="any format", examples=["(202) 555-0123"])] = None,
    handle: Annotated[Asked, Query(description="<platform>:<name>", examples=["instagram:ada.l"])] = None,
    record_id: Annotated[Asked, Query(description="any source's own id", examples=["zendesk:user:361"])] = None,
    customer_id: Annotated[Asked, Query(description="any customer id ever issued")] = None,
) -> Response | Lookup:
    """Find the customer behind exactly one identifier.

    When the identifier points at several customers (a family's phone), the answer is the candidates, never a guess.
    """
    asked = {"email": email, "phone": phone, "handle": handle, "record_id": record_id, "customer_id": customer_id}
    identifier = identifier_of(asked, request.app.state.config.default_region)
    found = await _find(database, identifier)
    if not found:
        raise HTTPException(404, f"no customer is known by this {identifier.kind}")
    if len(found) == 1:
        # The stored document is the answer; reading it in to write it out again would be most of the work.
        body = f'{{"outcome":"found","profile":{found[0]["document"]},"candidates":[]}}'
        return Response(body, media_type="application/json")
    rows = await (await database.execute(_CANDIDATES, [[row["customer_id"] for row in found]])).fetchall()
    return Lookup.model_validate({"outcome": "several", "candidates": rows})


@router.get("/{customer_id}", response_model=Profile, responses=documented(*REFUSALS, 404, 422, 500))
async def profile(database: Database, customer_id: CustomerId) -> Response:
    """The golden profile of a customer."""
    row = await _by_id(database, customer_id)
    return Response(row["document"], media_type="application/json")


@router.get("/{customer_id}/timeline", response_model=Timeline, responses=documented(*REFUSALS, 404, 422, 500))
async def timeline(
    database: Database,
    customer_id: CustomerId,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
) -> dict[str, Any]:
    """The customer's touchpoints on every channel, the latest first."""
    at, after = _place(cursor)
    current = (await _by_id(database, customer_id))["customer_id"]
    rows = await (
        await database.execute(_TIMELINE, {"id": current, "at": at, "after": after, "limit": limit + 1})
    ).fetchall()
    more = len(rows) > limit
    rows = rows[:limit]
    following = write_cursor(rows[-1]["occurred_at"].isoformat(), rows[-1]["interaction_id"]) if more else None
    return {"customer_id": current, "items": rows, "next_cursor": following}


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


async def _by_id(database: AsyncConnection[DictRow], customer_id: str) -> DictRow:
    row = await (await database.execute(_BY_ID, {"id": customer_id})).fetchone()
    if row is None:
        raise HTTPException(404, "no customer has or had this id")
    return row


async def _find(database: AsyncConnection[DictRow], identifier: Identifier) -> list[DictRow]:
    if identifier.match_key is None:
        return []
    if identifier.kind == "customer_id":
        row = await (await database.execute(_BY_ID, {"id": identifier.match_key})).fetchone()
        return [row] if row else []
    parameters = [identifier.kind, identifier.match_key, _MOST_CANDIDATES]
    return await (await database.execute(_BY_IDENTIFIER, parameters)).fetchall()
