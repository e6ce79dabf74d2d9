"""Lookup: the one customer behind an identifier, or candidates and what to ask; never a guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request, Response
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from starlette.exceptions import HTTPException

from activation.access.masking import mask_candidates, mask_profile, sees_people
from activation.api import examples
from activation.api.access import REFUSALS, Caller, Database, Scope
from activation.api.audit import Auditing
from activation.api.candidates import Contender, narrow, next_question, shown
from activation.api.finding import FoundId, contenders, find_id, find_identifier, these
from activation.api.identifiers import Identifier, identifier_of
from activation.api.models import Lookup
from activation.api.parameters import Asked, Reader, Word
from activation.api.problems import documented

router = APIRouter(prefix="/v1/profiles", tags=["profiles"])

_JSON: Final = "application/json"
_MOST_ANSWERS: Final = 6

Answers = Annotated[
    list[Word] | None,
    Query(
        description="what the caller said to a question of an earlier lookup, as `<question_id>:<answer>`; give all "
        "answers again with each lookup",
        max_length=_MOST_ANSWERS,
        examples=[["birth_month:May"]],
    ),
]


@dataclass(frozen=True)
class _Desk:
    """Who asks, by which kind of identifier, and where it is written down."""

    caller: Caller
    audit: Auditing
    by: str

    async def note(self, outcome: str, customer_ids: Sequence[str], detail: Mapping[str, Any] | None = None) -> None:
        about = {"by": self.by, "outcome": outcome, **(detail or {})}
        await self.audit.record(self.caller, "profile.lookup", customer_ids, about)


@router.get(
    "/lookup",
    response_model=Lookup,
    responses={**documented(*REFUSALS, 404, 410, 422, 500), **examples.answered(examples.LOOKUPS)},
)
async def lookup(
    request: Request,
    database: Database,
    caller: Reader,
    audit: Auditing,
    email: Annotated[Asked, Query(examples=["Ada+news@lovelace.org"])] = None,
    phone: Annotated[Asked, Query(description="any format", examples=["(202) 555-0123"])] = None,
    handle: Annotated[Asked, Query(description="<platform>:<name>", examples=["instagram:ada.l"])] = None,
    record_id: Annotated[Asked, Query(description="any source's own id", examples=["zendesk:user:361"])] = None,
    customer_id: Annotated[Asked, Query(description="any customer id ever issued", examples=["cus_01J9ZK3V8Q"])] = None,
    answer: Answers = None,
) -> Response:
    """Find the customer behind exactly one identifier.

    When the identifier points at several customers (a family's phone), the answer is the candidates, never a guess,
    with the one question that best tells them apart; the same lookup with `answer` narrows them.
    """
    asked = {"email": email, "phone": phone, "handle": handle, "record_id": record_id, "customer_id": customer_id}
    identifier = identifier_of(asked, request.app.state.config.default_region)
    desk = _Desk(caller, audit, identifier.kind)
    if answer and not caller.may(Scope.SUPPORT, Scope.STEWARD):
        raise HTTPException(403, "answers are for who talks with customers: a key with the scope support or steward")
    if identifier.kind == "customer_id":
        return await _by_id(database, identifier.match_key or "", desk, answer or [])
    return await _by_identifier(database, identifier, desk, answer or [])


async def _by_identifier(
    database: AsyncConnection[DictRow], identifier: Identifier, desk: _Desk, answers: Sequence[str]
) -> Response:
    found = []
    if identifier.match_key is not None:
        found = await find_identifier(database, identifier.kind, identifier.match_key)
    if not found or identifier.match_key is None:
        raise HTTPException(404, f"no customer is known by this {identifier.kind}")
    if len(found) == 1 and not answers:
        return await _found(desk, found[0]["customer_id"], found[0]["text"])
    rows = await contenders(database, identifier.kind, identifier.match_key)
    return await _among(database, rows, desk, answers)


async def _by_id(database: AsyncConnection[DictRow], customer_id: str, desk: _Desk, answers: Sequence[str]) -> Response:
    found = await find_id(database, customer_id, "answer")
    if found.customer_id is not None and found.text is not None and not answers:
        return await _found(desk, found.customer_id, found.text, found)
    ids = [found.customer_id] if found.customer_id is not None else list(found.siblings)
    return await _among(database, await these(database, ids), desk, answers, found)


async def _found(desk: _Desk, customer_id: str, text: str, asked: FoundId | None = None) -> Response:
    await desk.note("found", [customer_id])
    scopes = desk.caller.scopes
    profile = text.encode() if sees_people(scopes) else _masked(text, scopes)
    history = _history(asked)
    # The stored text is the answer; reading it in to write it out again would be most of the work.
    body = b'{"outcome":"found","profile":%b,"candidates":[],"candidate_count":1,"question":null,"asked":%b}' % (
        profile,
        orjson.dumps(history) if history else b"null",
    )
    return Response(body, media_type=_JSON)


def _masked(text: str, scopes: frozenset[Scope]) -> bytes:
    whole = orjson.loads(text)
    return orjson.dumps({name: value for name, value in mask_profile(whole, scopes).items() if name in whole})


def _history(asked: FoundId | None) -> dict[str, Any] | None:
    if asked is None or not asked.has_history:
        return None
    return {"customer_id": asked.asked, "status": asked.status, "siblings": asked.siblings}


async def _among(
    database: AsyncConnection[DictRow],
    rows: Sequence[Mapping[str, Any]],
    desk: _Desk,
    answers: Sequence[str],
    asked: FoundId | None = None,
) -> Response:
    left, given = narrow(rows, answers)
    told = {"answered": [one.attribute.question_id for one in given]} if given else {}
    if not left:
        await desk.note("nobody", [row["customer_id"] for row in rows[:1]] if len(rows) == 1 else [], told)
        return _sent({"outcome": "nobody", "asked": _history(asked)})
    if _is_certain(left, rows):
        found = await find_id(database, left[0].row["customer_id"], "answer")
        if found.customer_id is not None and found.text is not None:
            await desk.note("answered", [found.customer_id], told)
            return await _found(desk, found.customer_id, found.text, asked)
    question = next_question(left, given)
    scopes = desk.caller.scopes
    listed = shown(left, question[0] if question else None, expected=desk.caller.may(Scope.STEWARD))
    await desk.note("several", [one["customer_id"] for one in listed], told)
    return _sent(
        {
            "outcome": "several",
            "candidates": mask_candidates(listed, scopes),
            "candidate_count": len(left),
            "question": {
                "question_id": question[0].question_id,
                "ask": question[0].ask,
                "answer_as": question[0].answer_as,
                "bits": round(question[1], 3),
            }
            if question and sees_people(scopes)
            else None,
            "asked": _history(asked),
        }
    )


def _is_certain(left: Sequence[Contender], rows: Sequence[Mapping[str, Any]]) -> bool:
    """One is left, and not only because everybody else answers otherwise: a wrong answer would open that profile."""
    return len(left) == 1 and (bool(left[0].agrees_with) or len(rows) == 1)


def _sent(answer: dict[str, Any]) -> Response:
    return Response(Lookup.model_validate(answer).model_dump_json(), media_type=_JSON)
