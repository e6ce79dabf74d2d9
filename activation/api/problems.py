"""Errors as RFC 9457 problem documents, without repeating what was asked: questions hold personal data."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any, Final

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg_pool import PoolClosed, PoolTimeout
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

MEDIA_TYPE: Final = "application/problem+json"
_log = logging.getLogger(__name__)


class InvalidInput(BaseModel):
    """One thing that is wrong with a request."""

    where: str = Field(examples=["query.limit"])
    reason: str = Field(examples=["Input should be less than or equal to 200"])


class Problem(BaseModel):
    """An RFC 9457 problem document."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "no customer has this id"}
            ]
        }
    )

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[InvalidInput] | None = None


def problem(
    status: int, detail: str, errors: list[InvalidInput] | None = None, headers: dict[str, str] | None = None
) -> JSONResponse:
    """A response that says what is wrong and what to do."""
    body = Problem(title=HTTPStatus(status).phrase, status=status, detail=detail, errors=errors)
    return JSONResponse(body.model_dump(exclude_none=True), status, headers, MEDIA_TYPE)


_DETAILS: Final = {
    400: "the body is no JSON",
    401: "send a live API key as `Authorization: Bearer <key>`; `braid api-key create` makes one",
    403: "this needs a key with the scope steward; the key sent has: support. An administrator can make one",
    404: "no customer has or had this id",
    410: "every record of this customer is gone",
    413: "the body is too large",
    415: "the body is in an encoding that is not read here",
    422: "the request is not valid; see errors",
    429: "this key may make 600 requests a minute; ask again after the seconds in Retry-After",
    500: "the request failed; the fault is in the server",
    503: "the database does not answer; try again shortly",
}


def _example(status: int) -> dict[str, Any]:
    phrase = HTTPStatus(status).phrase
    example = {"type": "about:blank", "title": phrase, "status": status, "detail": _DETAILS.get(status, phrase)}
    if status == 422:
        example["errors"] = [{"where": "query.limit", "reason": "Input should be less than or equal to 200"}]
    return example


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of the problems that an endpoint may answer with."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {
                MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": _example(status)},
            },
        }
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Make every error of the app a problem document."""

    async def refused(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101
        return problem(error.status_code, str(error.detail), headers=dict(error.headers or {}))

    async def invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        errors = [
            InvalidInput(where=".".join(str(part) for part in one["loc"]), reason=one["msg"]) for one in error.errors()
        ]
        return problem(422, "the request is not valid; see errors", errors)

    async def unavailable(_: Request, error: Exception) -> JSONResponse:
        _log.warning("the database does not answer (%s)", type(error).__name__)
        return problem(503, "the database does not answer; try again shortly", headers={"Retry-After": "2"})

    async def unpublished(_: Request, error: Exception) -> JSONResponse:
        _log.warning("schema activation is incomplete (%s)", type(error).__name__)
        return problem(503, "nothing is published yet; run the pipeline first", headers={"Retry-After": "30"})

    async def failed(_: Request, __: Exception) -> JSONResponse:
        return problem(500, "the request failed; the fault is in the server")

    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    unreachable: tuple[type[Exception], ...] = (
        PoolTimeout,
        PoolClosed,
        psycopg.OperationalError,
        psycopg.InterfaceError,
    )
    for kind in unreachable:
        app.add_exception_handler(kind, unavailable)
    missing: tuple[type[Exception], ...] = (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn)
    for kind in missing:
        app.add_exception_handler(kind, unpublished)
    app.add_exception_handler(Exception, failed)
