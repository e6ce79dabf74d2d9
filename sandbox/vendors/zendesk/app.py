"""The Zendesk Support look-alike.

After the Ticketing API reference: "Incremental Exports" (cursor based for users and tickets, time based for ticket
events; side-loads `identities`, `metric_sets` on each ticket, `comment_events`), "Users", "User Identities",
"Satisfaction Ratings", "Rate limits" and "Pagination". One thing differs: the real exports leave out the last minute.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.vendors import clock
from sandbox.vendors.limits import Bucket
from sandbox.vendors.stream import Json, Payload, Raw, Row, Stream
from sandbox.vendors.vendor import Endpoint, Vendor, address, page_token, read_token, reply
from sandbox.vendors.zendesk import payloads
from sandbox.vendors.zendesk.store import Store
from sandbox.vendors.zendesk.writes import Desk
from sandbox.world import World

EMAIL: Final = "braid@retailer.example"
API_TOKEN: Final = "zendesk-sandbox-token"
PAGE: Final = 1000

_FAILURES: Final[dict[int, Payload]] = {
    401: {"error": "Couldn't authenticate you"},
    403: {"error": "Forbidden", "description": "You do not have access to this page."},
    404: {"error": "RecordNotFound", "description": "Not found"},
    429: {"error": "APIRateLimitExceeded", "description": "Number of allowed API requests per minute exceeded"},
    500: {"error": "InternalError", "description": "Something went wrong on our end"},
    503: {"error": "ServiceUnavailable", "description": "The service is temporarily unavailable"},
}


def _bad(message: str) -> Response:
    return reply({"error": {"title": "Invalid attribute", "message": message}}, 400)


class Zendesk(Vendor):
    """The retailer's help desk."""

    name = "zendesk"

    def __init__(self, world: World, state: Path) -> None:
        """Render the help desk of that world; what was written to it before is read from `state`."""
        self.streams: dict[str, Stream] = payloads.streams(world)
        self.bucket = Bucket(100_000, 1000)
        self.desk = Desk(Store(state / "zendesk.sqlite"), self.streams["users"])
        credentials = f"{EMAIL}/token:{API_TOKEN}"
        self._authorization = f"Basic {base64.b64encode(credentials.encode()).decode()}"

    def held(self) -> dict[str, Json]:
        """User fields, and users by id."""
        return self.desk.held()

    def close(self) -> None:
        """Close the file of what was written."""
        self.desk.store.close()

    def routes(self) -> list[BaseRoute]:
        """Exports, lookups and writes; each also without `.json`, as the reference writes them today."""
        table: list[tuple[str, str, Endpoint]] = [
            ("/incremental/users/cursor", "GET", self._users),
            ("/incremental/tickets/cursor", "GET", self._tickets),
            ("/incremental/ticket_events", "GET", self._events),
            ("/satisfaction_ratings", "GET", self._ratings),
            ("/users/update_many", "PUT", self.desk.update_many),
            ("/users/show_many", "GET", self._show_many),
            ("/users/{id}/identities", "GET", self._identities),
            ("/users/{id}", "GET", self._show),
            ("/users/{id}", "DELETE", self.desk.delete),
            ("/deleted_users/{id}", "GET", self.desk.deleted),
            ("/deleted_users/{id}", "DELETE", self.desk.delete_for_good),
            ("/user_fields", "GET", self.desk.list_fields),
            ("/user_fields", "POST", self.desk.create_field),
            ("/job_statuses/{id}", "GET", self.desk.job_status),
        ]
        return [
            Route(f"/api/v2{path}{suffix}", self._guarded(endpoint), methods=[method])
            for path, method, endpoint in table
            for suffix in (".json", "")
        ]

    def failure(self, status: int, retry_after: int | None = None) -> Response:
        """`error` and mostly `description`; Retry-After in seconds with 429."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return reply(_FAILURES.get(status, {"error": "Unknown"}), status, headers)

    def environment(self, url: str) -> dict[str, str]:
        """URL, e-mail and API token."""
        return {"BRAID_ZENDESK__URL": url, "BRAID_ZENDESK__EMAIL": EMAIL, "BRAID_ZENDESK__API_TOKEN": API_TOKEN}

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        async def answer(request: Request) -> Response:
            if request.headers.get("authorization") != self._authorization:
                return self.failure(401)
            if not self.bucket.take():
                return self.failure(429, self.bucket.wait())
            try:
                response = await endpoint(request)
            except ValueError:
                return _bad("The request body or a parameter cannot be read")
            response.headers["X-Rate-Limit"] = str(int(self.bucket.capacity))
            response.headers["X-Rate-Limit-Remaining"] = str(int(self.bucket.available))
            return response

        return answer

    def _export(self, request: Request, stream: Stream) -> tuple[list[Row], Payload] | Response:
        """One page of a cursor-based export and the fields that describe it."""
        query = request.query_params
        size = min(PAGE, max(1, int(query.get("per_page", PAGE))))
        if "cursor" in query:
            start = read_token(query["cursor"])
            if start is None or len(start) != 2:
                return _bad("cursor is not valid")
            rows = stream.since(start[0], after_key=start[1], limit=size)
        elif "start_time" in query:
            start = [int(float(query["start_time"])) * clock.MICROS, ""]
            rows = stream.since(start[0], limit=size)
        else:
            return _bad("start_time is required")
        last = [rows[-1].at, rows[-1].key] if rows else start
        token = page_token(*last)
        params = {name: value for name, value in query.items() if name not in {"start_time", "cursor"}}
        url = f"{address(request)}{request.scope['path'].removeprefix(request.scope.get('root_path', ''))}"
        return rows, {
            "after_url": f"{url}?{urlencode({**params, 'cursor': token})}",
            "after_cursor": token,
            "before_url": None,
            "before_cursor": None,
            "end_of_stream": len(rows) < size,
        }

    async def _users(self, request: Request) -> Response:
        stream, identities = self.streams["users"], self.streams["user_identities"]
        page = self._export(request, stream)
        if isinstance(page, Response):
            return page
        rows, about = page
        body = {"users": [self._user(row) for row in rows], **about}
        if "identities" in request.query_params.get("include", "").split(","):
            body["identities"] = [identities.emit(one) for row in rows for one in identities.children(row.key)]
        return reply(body)

    def _user(self, row: Row) -> Payload:
        patch = self.streams["users"].patches.get(id(row.payload))
        user = self.desk.with_fields(row.payload)
        return user if patch is None else patch.apply(user)

    async def _tickets(self, request: Request) -> Response:
        stream, metrics = self.streams["tickets"], self.streams["ticket_metrics"]
        page = self._export(request, stream)
        if isinstance(page, Response):
            return page
        rows, about = page
        with_metrics = "metric_sets" in request.query_params.get("include", "").split(",")
        tickets = []
        for row in rows:
            ticket = stream.emit(row.payload)
            if with_metrics and not isinstance(row.payload, Raw):
                held = metrics.children(row.key)
                ticket = {**ticket, "metric_set": metrics.emit(held[-1]) if held else None}
            tickets.append(ticket)
        return reply({"tickets": tickets, **about})

    async def _events(self, request: Request) -> Response:
        stream, query = self.streams["ticket_comments"], request.query_params
        if "start_time" not in query:
            return _bad("start_time is required")
        start = int(float(query["start_time"]))
        size = min(PAGE, max(1, int(query.get("per_page", PAGE))))
        page = stream.since(start * clock.MICROS, limit=size)
        end, more = start, False
        if page:
            last = page[-1]
            end = last.at // clock.MICROS
            # A page never splits a second: the next one starts at end_time, not after a cursor.
            page += stream.since(last.at, after_key=last.key, until=(end + 1) * clock.MICROS)
            more = stream.newest >= (end + 1) * clock.MICROS
        if more and end == start:
            end += 1
        with_comments = "comment_events" in query.get("include", "").split(",")
        events = [stream.emit(row.payload) if with_comments else _bare(stream.emit(row.payload)) for row in page]
        url = f"{address(request)}/api/v2/incremental/ticket_events.json"
        params = {name: value for name, value in query.items() if name != "start_time"}
        return reply(
            {
                "ticket_events": events,
                "count": len(events),
                "end_of_stream": not more,
                "end_time": end,
                "next_page": f"{url}?{urlencode({**params, 'start_time': end})}",
            }
        )

    async def _ratings(self, request: Request) -> Response:
        stream, query = self.streams["satisfaction_ratings"], request.query_params
        size = int(query.get("page[size]", 100))
        if not 1 <= size <= 100:
            return _bad("page[size] must be between 1 and 100")
        start: list[Any] = [int(float(query.get("start_time", 0))) * clock.MICROS, None]
        if "page[after]" in query:
            start = read_token(query["page[after]"]) or []
            if len(start) != 2:
                return _bad("page[after] is not valid")
        rows = stream.since(start[0], after_key=start[1], limit=size + 1)
        more, rows = len(rows) > size, rows[:size]
        after = page_token(rows[-1].at, rows[-1].key) if rows else None
        params = {name: value for name, value in query.items() if name != "page[after]"}
        url = f"{address(request)}/api/v2/satisfaction_ratings.json"
        link = f"{url}?{urlencode({**params, 'page[after]': after})}" if more else None
        return reply(
            {
                "satisfaction_ratings": [stream.emit(row.payload) for row in rows],
                "meta": {"has_more": more, "after_cursor": after, "before_cursor": None},
                "links": {"next": link, "prev": None},
            }
        )

    async def _show(self, request: Request) -> Response:
        row = self.streams["users"].get(request.path_params["id"])
        gone = row is None or row.key in self.desk.gone
        return self.failure(404) if gone or row is None else reply({"user": self._user(row)})

    async def _show_many(self, request: Request) -> Response:
        wanted = [one for one in request.query_params.get("ids", "").split(",") if one]
        if not 1 <= len(wanted) <= 100:
            return _bad("ids must name 1 to 100 users")
        rows = [row for row in map(self.streams["users"].get, wanted) if row and row.key not in self.desk.gone]
        users = [self._user(row) for row in rows]
        return reply({"users": users, "count": len(users), "next_page": None, "previous_page": None})

    async def _identities(self, request: Request) -> Response:
        user = request.path_params["id"]
        if self.streams["users"].get(user) is None:
            return self.failure(404)
        stream = self.streams["user_identities"]
        found = [stream.emit(one) for one in stream.children(user)]
        return reply({"identities": found, "count": len(found), "next_page": None, "previous_page": None})


def _bare(event: Payload) -> Payload:
    hidden = {"body", "html_body", "plain_body", "attachments"}
    children = event.get("child_events")
    if not isinstance(children, list):
        return event
    return {**event, "child_events": [{k: v for k, v in one.items() if k not in hidden} for one in children]}
