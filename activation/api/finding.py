"""Finding customers in what is published, by any id ever issued or any identifier: one statement each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from psycopg import AsyncConnection
from psycopg.rows import DictRow
from starlette.exceptions import HTTPException

from activation.api.candidates import MOST_CONSIDERED

# Profiles that were published by an earlier version of Braid have no stored answer yet.
_ANSWER: Final = "coalesce(profile.answer, profile.document::text)"

_BY_ID: Final = """
    select ids.status, ids.siblings, profile.customer_id, {column} as text
    from (select %s::text as customer_id) as asked
    left join activation.customer_ids as ids on ids.customer_id = asked.customer_id
    left join activation.profiles as profile
        on profile.customer_id = coalesce(ids.successor, asked.customer_id)
"""
_ID_TO: Final = {
    "answer": _BY_ID.format(column=_ANSWER),
    "document": _BY_ID.format(column="profile.document::text"),
    "nothing": _BY_ID.format(column="null::text"),
}

_GONE: Final = ("retired", "erased")

_BY_IDENTIFIER: Final = f"""
    select profile.customer_id, {_ANSWER} as text
    from activation.profile_identifiers as identifier
    inner join activation.profiles as profile on profile.customer_id = identifier.customer_id
    where identifier.kind = %s and identifier.match_key = %s
    limit 2
"""

_CONTENDER: Final = """
    select
        profile.customer_id,
        profile.telling,
        profile.document -> 'name' ->> 'full' as full_name,
        profile.document -> 'sources' as sources,
        profile.document ->> 'last_seen_at' as last_seen_at
    from activation.profiles as profile
"""
_CONTENDERS: Final = f"""
    {_CONTENDER}
    inner join activation.profile_identifiers as identifier on identifier.customer_id = profile.customer_id
    where identifier.kind = %s and identifier.match_key = %s
    order by profile.customer_id
    limit {MOST_CONSIDERED}
"""
_THESE: Final = f"{_CONTENDER} where profile.customer_id = any(%s) order by profile.customer_id limit {MOST_CONSIDERED}"


@dataclass(frozen=True)
class FoundId:
    """What became of a customer id: the customer it stands for now (None when every record of it is gone elsewhere).

    `status` is `living`, `redirected` or `retired`; `text` what was asked to be read of the customer.
    """

    asked: str
    customer_id: str | None
    status: str
    siblings: tuple[str, ...]
    text: str | None

    @property
    def has_history(self) -> bool:
        """Whether there is more to say than that the customer lives."""
        return self.status != "living" or bool(self.siblings)


async def find_id(database: AsyncConnection[DictRow], customer_id: str, read: str = "nothing") -> FoundId:
    """What a customer id stands for; `read` is the `answer` or the `document` of the customer, or `nothing`.

    Raises:
        HTTPException: 404 if the id was never issued; 410 if the customer is gone without a trace of where to.
    """
    row = await (await database.execute(_ID_TO[read], [customer_id])).fetchone()
    if row is None or (row["customer_id"] is None and row["status"] not in _GONE):
        raise HTTPException(404, "no customer has or had this id")
    status = row["status"] or "living"
    if row["customer_id"] is None and (status == "erased" or not row["siblings"]):
        raise HTTPException(410, "every record of this customer is gone")
    return FoundId(customer_id, row["customer_id"], status, tuple(row["siblings"] or ()), row["text"])


async def the_customer(database: AsyncConnection[DictRow], customer_id: str, read: str = "nothing") -> tuple[str, str]:
    """The id that a customer has now, and what was asked to be read, for what can be told of one customer only.

    Raises:
        HTTPException: 404 if the id was never issued; 410 if every record of it is gone, wherever to.
    """
    found = await find_id(database, customer_id, read)
    if found.customer_id is None:
        raise HTTPException(
            410, f"every record of this customer is gone; some may now be of {', '.join(found.siblings)}"
        )
    return found.customer_id, found.text or ""


async def find_identifier(database: AsyncConnection[DictRow], kind: str, match_key: str) -> list[dict[str, Any]]:
    """The customers behind an identifier with their stored answers, two at most: `customer_id`, `text`."""
    return list(await (await database.execute(_BY_IDENTIFIER, [kind, match_key])).fetchall())


async def contenders(database: AsyncConnection[DictRow], kind: str, match_key: str) -> list[dict[str, Any]]:
    """Who is behind an identifier: customer_id, telling, full_name, sources, last_seen_at; 1000 at most."""
    return list(await (await database.execute(_CONTENDERS, [kind, match_key])).fetchall())


async def these(database: AsyncConnection[DictRow], customer_ids: list[str]) -> list[dict[str, Any]]:
    """The same of customers by their ids."""
    return list(await (await database.execute(_THESE, [customer_ids])).fetchall())
