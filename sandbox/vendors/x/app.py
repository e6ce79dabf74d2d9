"""The X look-alike.

After docs.x.com: "Get mentions", "Get DM events", "Pagination", "Fields", "Expansions", "Rate limits", "Response codes
and errors". Newest first. Two things differ: the real mentions end after 800 posts and the real messages after 30 days.
"""

from __future__ import annotations

import time
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.vendors import clock
from sandbox.vendors.limits import Bucket
from sandbox.vendors.stream import Payload, Raw, Row, Stream
from sandbox.vendors.vendor import Vendor, page_token, read_token, reply
from sandbox.vendors.x import payloads
from sandbox.world import World

BEARER_TOKEN: Final = "AAAAsandboxBearer"
_PROBLEMS: Final = "https://api.x.com/2/problems"
_USER: Final = ("id", "name", "username")
_TITLES: Final = {
    400: "Invalid Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found Error",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class _Invalid(Exception):
    """A query parameter that X refuses."""

    def __init__(self, name: str, value: str, message: str) -> None:
        super().__init__(message)
        self.name, self.value, self.message = name, value, message


class X(Vendor):
    """The retailer's account on X."""

    name = "x"

    def __init__(self, world: World) -> None:
        """Render the mentions and messages of that world."""
        self.streams: dict[str, Stream] = payloads.streams(world)
        self.bucket = Bucket(100_000, 1000)

    def routes(self) -> list[BaseRoute]:
        """Mentions, direct messages and users."""
        return [
            Route("/2/users/{id}/mentions", self._mentions),
            Route("/2/dm_events", self._messages),
            Route("/2/users", self._users),
        ]

    def failure(self, status: int, retry_after: int | None = None) -> Response:
        """A problem: title, detail, type, status; rate-limit headers with 429."""
        title = _TITLES.get(status, "Error")
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        if status == 429:
            headers |= {
                "x-rate-limit-limit": str(int(self.bucket.capacity)),
                "x-rate-limit-remaining": "0",
                "x-rate-limit-reset": str(int(time.time()) + (retry_after or self.bucket.wait())),
            }
        return reply({"title": title, "detail": title, "type": "about:blank", "status": status}, status, headers)

    def environment(self, url: str) -> dict[str, str]:
        """URL, bearer token and user id."""
        return {
            "BRAID_X__URL": url,
            "BRAID_X__BEARER_TOKEN": BEARER_TOKEN,
            "BRAID_X__USER_ID": payloads.USER_ID,
        }

    def _refused(self, request: Request) -> Response | None:
        if request.headers.get("authorization") != f"Bearer {BEARER_TOKEN}":
            return self.failure(401)
        return None if self.bucket.take() else self.failure(429)

    async def _mentions(self, request: Request) -> Response:
        if (refusal := self._refused(request)) is not None:
            return refusal
        user = request.path_params["id"]
        if user != payloads.USER_ID:
            detail = f"Could not find user with id: [{user}]."
            error = {"value": user, "detail": detail, "title": "Not Found Error", "resource_type": "user"}
            return reply({"errors": [{**error, "parameter": "id", "type": f"{_PROBLEMS}/resource-not-found"}]})
        return self._page(request, "mentions", 5, 10, "tweet.fields", ("id", "text", "edit_history_tweet_ids"))

    async def _messages(self, request: Request) -> Response:
        if (refusal := self._refused(request)) is not None:
            return refusal
        return self._page(request, "direct_messages", 1, 100, "dm_event.fields", ("id", "event_type", "text"))

    async def _users(self, request: Request) -> Response:
        if (refusal := self._refused(request)) is not None:
            return refusal
        wanted = [one for one in request.query_params.get("ids", "").split(",") if one]
        rows = [row for row in map(self.streams["users"].get, wanted) if row is not None]
        return reply({"data": [self._user(request, row) for row in rows]})

    def _user(self, request: Request, row: Row) -> Payload:
        return self._chosen("users", row, {*_USER, *_listed(request, "user.fields")})

    def _chosen(self, name: str, row: Row, fields: set[str]) -> Payload:
        if isinstance(row.payload, Raw):
            return row.payload
        found = {key: value for key, value in row.payload.items() if key in fields and value is not None}
        patch = self.streams[name].patches.get(id(row.payload))
        return found if patch is None else patch.apply(found)

    def _page(
        self, request: Request, name: str, least: int, usual: int, parameter: str, default: tuple[str, ...]
    ) -> Response:
        try:
            rows, token = self._select(request, name, least, usual)
        except _Invalid as invalid:
            return reply(
                {
                    "errors": [{"parameters": {invalid.name: [invalid.value]}, "message": invalid.message}],
                    "title": "Invalid Request",
                    "detail": "One or more parameters to your request was invalid.",
                    "type": f"{_PROBLEMS}/invalid-request",
                },
                400,
            )
        fields = {*default, *_listed(request, parameter)}
        data = [self._chosen(name, row, fields) for row in rows]
        meta: Payload = {"result_count": len(data)}
        if rows and name == "mentions":
            meta |= {"newest_id": rows[0].key, "oldest_id": rows[-1].key}
        if token is not None:
            meta["next_token"] = token
        body: Payload = {"data": data, "meta": meta} if data else {"meta": meta}
        people = self._expanded(request, rows)
        if people:
            body["includes"] = {"users": people}
        limits = {
            "x-rate-limit-limit": str(int(self.bucket.capacity)),
            "x-rate-limit-remaining": str(int(self.bucket.available)),
            "x-rate-limit-reset": str(int(time.time()) + 900),
        }
        return reply(body, headers=limits)

    def _select(self, request: Request, name: str, least: int, usual: int) -> tuple[list[Row], str | None]:
        query, stream = request.query_params, self.streams[name]
        size = query.get("max_results", str(usual))
        if not size.isdigit() or not least <= int(size) <= 100:
            words = f"The `max_results` query parameter value [{size}] is not between {least} and 100"
            raise _Invalid("max_results", size, words)
        lowest: tuple[int, str] = (0, "")
        above = -1
        if "start_time" in query and name == "mentions":
            at = clock.parse(query["start_time"])
            if at is None:
                words = "The `start_time` query parameter value is not a valid RFC3339 timestamp"
                raise _Invalid("start_time", query["start_time"], words)
            lowest = (at, "")
        if "since_id" in query and name == "mentions":
            seen = stream.get(query["since_id"])
            if not query["since_id"].isdigit():
                raise _Invalid("since_id", query["since_id"], "The `since_id` query parameter value is not a number")
            if seen is None:
                above = int(query["since_id"])  # a post that is gone: ids grow with time
            else:
                lowest = max(lowest, (seen.at, f"{seen.key}\0"))  # the first place after that post
        start: list[Any] = [None, ""]
        token = query.get("pagination_token")
        if token is not None:
            start = read_token(token) or []
            if len(start) != 2:
                words = f"The `pagination_token` query parameter value [{token}] is not valid"
                raise _Invalid("pagination_token", token, words)
        rows = stream.before(start[0], before_key=start[1], limit=int(size) + 1)
        rows = [row for row in rows if (row.at, row.key) >= lowest and _id(row) > above]
        more, rows = len(rows) > int(size), rows[: int(size)]
        return rows, page_token(rows[-1].at, rows[-1].key) if more else None

    def _expanded(self, request: Request, rows: list[Row]) -> list[Payload]:
        expansions = set(_listed(request, "expansions"))
        keys: dict[str, None] = {}
        for row in rows:
            if {"author_id", "sender_id"} & expansions:
                keys.update(
                    dict.fromkeys(str(row.payload[one]) for one in ("author_id", "sender_id") if one in row.payload)
                )
            if "participant_ids" in expansions:
                keys.update(dict.fromkeys(map(str, row.payload.get("participant_ids", ()))))
        found = (self.streams["users"].get(key) for key in keys)
        return [self._user(request, row) for row in found if row is not None]


def _id(row: Row) -> float:
    return int(row.key) if row.key.isdigit() else float("inf")


def _listed(request: Request, name: str) -> list[str]:
    return [one for one in request.query_params.get(name, "").split(",") if one]
