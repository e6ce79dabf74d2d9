"""Zendesk: users, their identities, tickets, their comments and metrics, satisfaction ratings.

Users and tickets come from the cursor-based incremental exports, whose cursor is the vendor's own and is kept in dlt's
resource state; identities and metrics are side-loaded with them. Comments come from the ticket event export, ratings
from their listing; both start at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import dlt
from dlt.extract import DltResource
from dlt.sources.helpers.rest_client.auth import HttpBasicAuth
from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator, JSONResponseCursorPaginator
from requests import Request, Response

from orchestration.settings import ZendeskSettings
from orchestration.sources.client import PATIENT, Fault, Patience, Vendor
from orchestration.sources.rows import Row, into, raw_rows, stream, token_stream

_BEGINNING: Final = 0  # seconds since 1970


class CursorExport(JSONResponseCursorPaginator):
    """Pages of a cursor-based export: `after_cursor` until `end_of_stream`."""

    def __init__(self) -> None:
        """Read and send the cursor where Zendesk's exports have it."""
        super().__init__(cursor_path="after_cursor", cursor_param="cursor", has_more_path=None)

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Stop at the end of the stream, though it has a cursor too: the one to continue from next time."""
        super().update_state(response, data)
        if response.json().get("end_of_stream") is not False:
            self._has_next_page = False

    def update_request(self, request: Request) -> None:
        """Send the cursor instead of the start time."""
        if isinstance(request.params, dict):
            request.params.pop("start_time", None)
        super().update_request(request)


class TimeExport(JSONLinkPaginator):
    """Pages of a time-based export: `next_page` until `end_of_stream`."""

    def __init__(self) -> None:
        """Read the link where Zendesk's exports have it."""
        super().__init__("next_page")
        self._before: str | None = None

    def update_state(self, response: Response, data: list[Any] | None = None) -> None:
        """Stop at the end of the stream; a page that leads to itself would never end."""
        super().update_state(response, data)
        if response.json().get("end_of_stream") is not False or self._next_reference == self._before:
            self._has_next_page = False
        self._before = self._next_reference


@dlt.source
def zendesk(settings: ZendeskSettings, patience: Patience = PATIENT) -> Sequence[DltResource]:
    """Resources `users` (also fills `user_identities`), `tickets` (also `ticket_metrics`), comments and ratings."""
    desk = Desk(settings, patience)
    return [
        token_stream("users", desk.users),
        token_stream("tickets", desk.tickets),
        stream("ticket_comments", desk.comments),
        stream("satisfaction_ratings", desk.ratings),
    ]


class Desk:
    """The Support API of one account."""

    def __init__(self, settings: ZendeskSettings, patience: Patience) -> None:
        """Prepare a client; nothing is sent yet."""
        self._vendor = Vendor(settings.url, read_fault, patience)
        self._auth = HttpBasicAuth(f"{settings.email}/token", settings.api_token.get_secret_value())

    def users(self) -> Iterator[Any]:
        """Pages of raw users, each followed by the identities of its users."""
        for body in self._export("users", "identities"):
            yield _rows(body["users"])
            yield into("user_identities", _rows(body.get("identities") or []))

    def tickets(self) -> Iterator[Any]:
        """Pages of raw tickets, each followed by the metrics of its tickets."""
        for body in self._export("tickets", "metric_sets"):
            yield _rows(body["tickets"])
            held = [one.get("metric_set") for one in body["tickets"] if isinstance(one, dict)]
            beside = body.get("metric_sets") or []
            yield into("ticket_metrics", _rows([*(one for one in held if one is not None), *beside]))

    def _export(self, name: str, include: str) -> Iterator[dict[str, Any]]:
        state = dlt.current.resource_state()
        start = {"cursor": state["cursor"]} if "cursor" in state else {"start_time": _BEGINNING}
        for page in self._vendor.pages(
            name,
            f"/api/v2/incremental/{name}/cursor.json",
            records=name,
            paginator=CursorExport(),
            auth=self._auth,
            params={"include": include, **start},
        ):
            body = page.response.json()
            yield body
            # dlt keeps the state only when the whole extraction succeeds.
            if body.get("after_cursor"):
                state["cursor"] = body["after_cursor"]

    def comments(self, since: str | None) -> Iterator[list[Row]]:
        """Pages of raw comments, out of the events that made them."""
        for page in self._vendor.pages(
            "ticket_comments",
            "/api/v2/incremental/ticket_events.json",
            records="ticket_events",
            paginator=TimeExport(),
            auth=self._auth,
            params={"include": "comment_events", "start_time": _seconds(since)},
        ):
            found = [comment for event in page for comment in comments_of(event)]
            yield raw_rows(found, native_id=_id, cursor=lambda it: it.get("created_at"))

    def ratings(self, since: str | None) -> Iterator[list[Row]]:
        """Pages of raw satisfaction ratings."""
        for page in self._vendor.pages(
            "satisfaction_ratings",
            "/api/v2/satisfaction_ratings.json",
            records="satisfaction_ratings",
            paginator=JSONLinkPaginator("links.next"),
            auth=self._auth,
            params={"page[size]": 100, "start_time": _seconds(since)},
        ):
            yield _rows(page)


def comments_of(event: Any) -> list[Any]:
    """The comments that a ticket event holds, each with its `ticket_id` and the moment of the event."""
    if not isinstance(event, dict) or not isinstance(event.get("child_events"), list):
        return [event]
    outer = {name: event[name] for name in ("ticket_id", "created_at") if name in event}
    return [
        {**outer, **child, **outer}
        for child in event["child_events"]
        if isinstance(child, dict) and "Comment" in (child.get("event_type"), child.get("type"))
    ]


def _rows(objects: list[Any]) -> list[Row]:
    return raw_rows(objects, native_id=_id, cursor=lambda it: it.get("updated_at"))


def _id(thing: dict[str, Any]) -> object:
    return thing.get("id")


def _seconds(since: str | None) -> int:
    return int(datetime.fromisoformat(since).replace(tzinfo=UTC).timestamp()) if since else _BEGINNING


def read_fault(status: int, body: Any) -> Fault | None:
    """Zendesk says `error` (a code, or an object of title and message) and mostly `description`."""
    if status < 400:
        return None
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, dict):
        return Fault(error.get("title"), error.get("message"))
    return Fault(error, body.get("description")) if isinstance(body, dict) else Fault()
