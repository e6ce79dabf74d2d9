"""The Meta Graph look-alike.

After developers.facebook.com: "Conversations API" (Messenger Platform), "Instagram Media" and "Comments" (Instagram
Platform), "Paginated Results", "Handling Errors", "Rate Limits". Conversations and messages come newest first and have
no time filter; media takes `since` and `until`. A bad token is code 190 with status 400, a spent allowance code 4 with
403, code 32 for the Page with 400; the usage is in X-App-Usage and there is no Retry-After. Unlike the real API, every
message of a conversation can be read, not only the latest 20.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.vendors import clock
from sandbox.vendors.limits import Bucket
from sandbox.vendors.meta import payloads
from sandbox.vendors.meta.fields import Field, FieldError, parse
from sandbox.vendors.stream import Payload, Raw, Stream
from sandbox.vendors.vendor import Endpoint, Vendor, address, page_token, read_token, reply
from sandbox.world import World

ACCESS_TOKEN: Final = "EAASandboxPageToken"
_EDGES: Final = {"messages": "conversations", "comments": "media"}
_KNOWN: Final[dict[str, frozenset[str]]] = {
    "conversations": frozenset({"id", "link", "updated_time", "participants", "messages"}),
    "messages": frozenset({"id", "created_time", "from", "to", "message"}),
    "media": frozenset({"id", "caption", "media_type", "permalink", "timestamp", "username", "comments"}),
    "comments": frozenset({"id", "text", "timestamp", "username", "from"}),
}
_DEFAULT: Final = {
    "conversations": "id,updated_time",
    "messages": "id,created_time",
    "media": "id",
    "comments": "id,text,timestamp",
}
_FAILURES: Final[dict[int, tuple[str, str, int]]] = {
    400: ("(#100) Invalid parameter", "OAuthException", 100),
    401: ("Error validating access token: The session has been invalidated.", "OAuthException", 190),
    403: ("(#4) Application request limit reached", "OAuthException", 4),
    404: ("(#803) Some of the aliases you requested do not exist", "OAuthException", 803),
    429: ("(#32) Page request limit reached", "OAuthException", 32),
    500: ("An unknown error has occurred.", "OAuthException", 1),
    503: ("(#2) Service temporarily unavailable", "OAuthException", 2),
}


def _error(status: int, message: str, kind: str, code: int, headers: dict[str, str] | None = None) -> Response:
    error = {"message": message, "type": kind, "code": code, "fbtrace_id": secrets.token_urlsafe(8)}
    return reply({"error": error}, status, headers)


class Meta(Vendor):
    """The retailer's Page and Instagram account."""

    name = "meta"

    def __init__(self, world: World) -> None:
        """Render the inbox and media of that world."""
        self.streams: dict[str, Stream] = payloads.streams(world)
        self.bucket = Bucket(100_000, 1000)

    def routes(self) -> list[BaseRoute]:
        """The Page's conversations, the account's media, and the edges below each."""
        return [
            Route("/{version}/{node}/conversations", self._conversations),
            Route("/{version}/{node}/media", self._media),
            Route("/{version}/{node}/messages", self._edge("messages")),
            Route("/{version}/{node}/comments", self._edge("comments")),
        ]

    def failure(self, status: int, retry_after: int | None = None) -> Response:
        """`error` with message, type, code and fbtrace_id."""
        message, kind, code = _FAILURES.get(status, _FAILURES[500])
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        if status == 429:
            headers["X-App-Usage"] = orjson.dumps({"call_count": 100, "total_time": 100, "total_cputime": 100}).decode()
        return _error(status, message, kind, code, headers)

    def environment(self, url: str) -> dict[str, str]:
        """URL, token, Page and Instagram account."""
        return {
            "BRAID_META__URL": url,
            "BRAID_META__ACCESS_TOKEN": ACCESS_TOKEN,
            "BRAID_META__PAGE_ID": payloads.PAGE_ID,
            "BRAID_META__INSTAGRAM_ACCOUNT_ID": payloads.INSTAGRAM_ID,
        }

    def _usage(self) -> str:
        spent = round(100 * (1 - self.bucket.available / self.bucket.capacity)) if self.bucket.capacity else 100
        return orjson.dumps({"call_count": spent, "total_time": spent, "total_cputime": spent}).decode()

    def _refused(self, request: Request) -> Response | None:
        token = request.query_params.get("access_token") or request.headers.get("authorization", "")
        if token.removeprefix("Bearer ") != ACCESS_TOKEN:
            return _error(
                400,
                "Invalid OAuth access token - Cannot parse access token",
                "OAuthException",
                190,
                {"WWW-Authenticate": 'OAuth "Facebook Platform" "invalid_token" "Invalid OAuth access token"'},
            )
        if not self.bucket.take():
            return _error(403, *_FAILURES[403], {"X-App-Usage": self._usage()})
        return None

    def _missing(self, node: str) -> Response:
        return _error(
            400,
            f"Unsupported get request. Object with ID '{node}' does not exist, cannot be loaded due to missing "
            "permissions, or does not support this operation.",
            "GraphMethodException",
            100,
        )

    async def _conversations(self, request: Request) -> Response:
        platform = request.query_params.get("platform", "messenger").lower()
        if platform not in {"instagram", "messenger"}:
            return self._refused(request) or _error(400, *_FAILURES[400])
        return self._list(request, "conversations", payloads.PAGE_ID, platform)

    async def _media(self, request: Request) -> Response:
        return self._list(request, "media", payloads.INSTAGRAM_ID, None)

    def _list(self, request: Request, name: str, owner: str, platform: str | None) -> Response:
        if (refusal := self._refused(request)) is not None:
            return refusal
        if request.path_params["node"] != owner:
            return self._missing(request.path_params["node"])
        stream, query = self.streams[name], request.query_params
        lowest = int(query.get("since", 0)) * clock.MICROS if name == "media" else 0
        highest = int(query["until"]) * clock.MICROS if name == "media" and "until" in query else None
        nodes = [
            (row.at, row.key, row.payload)
            for row in reversed(stream.since(lowest))
            if (platform is None or row.payload.get("platform", platform) == platform)
            and (highest is None or row.at <= highest)
        ]
        return self._answer(request, name, nodes)

    def _edge(self, name: str) -> Endpoint:
        async def answer(request: Request) -> Response:
            if (refusal := self._refused(request)) is not None:
                return refusal
            node = request.path_params["node"]
            if self.streams[_EDGES[name]].get(node) is None:
                return self._missing(node)
            return self._answer(request, name, self._below(name, node))

        return answer

    def _below(self, name: str, node: str) -> list[tuple[int, str, Payload]]:
        """The nodes below one, newest first, each with a place for cursors."""
        held = self.streams[name].children(node)
        return [(at, "", held[at]) for at in range(len(held) - 1, -1, -1)]

    def _answer(self, request: Request, name: str, nodes: list[tuple[int, str, Payload]]) -> Response:
        query = request.query_params
        try:
            fields = parse(query.get("fields", _DEFAULT[name]))
            body = self._connection(request, name, nodes, fields, int(query.get("limit", 25)), query.get("after"))
        except FieldError as error:
            return _error(400, f"(#2500) {error}", "OAuthException", 2500)
        except ValueError:
            return _error(400, *_FAILURES[400])
        return reply(body, headers={"X-App-Usage": self._usage()})

    def _connection(
        self,
        request: Request,
        name: str,
        nodes: list[tuple[int, str, Payload]],
        fields: tuple[Field, ...],
        limit: int,
        after: str | None,
        node: str | None = None,
    ) -> Payload:
        self._check(name, fields)
        limit = max(1, min(100, limit))
        if after is not None:
            last = read_token(after)
            if last is None or len(last) != 2:
                raise ValueError(after)
            nodes = [one for one in nodes if (one[0], one[1]) < (last[0], last[1])]
        page = nodes[:limit]
        body: Payload = {"data": [self._node(request, name, one[2], fields) for one in page]}
        if page:
            cursors = {"before": page_token(*page[0][:2]), "after": page_token(*page[-1][:2])}
            body["paging"] = {"cursors": cursors}
            if len(nodes) > limit:
                version = request.path_params["version"]
                url = f"{address(request)}/{version}/{node or request.path_params['node']}/{name}"
                kept = dict(request.query_params) if node is None else {"fields": _written(fields)}
                # The links repeat what the caller sent, a token in the query string as well.
                if "access_token" in request.query_params:
                    kept = {**kept, "access_token": ACCESS_TOKEN}
                params = {**kept, "limit": str(limit), "after": cursors["after"]}
                body["paging"]["next"] = f"{url}?{urlencode(params)}"
        return body

    def _check(self, name: str, fields: Iterable[Field]) -> None:
        for field in fields:
            if field.name not in _KNOWN[name]:
                raise FieldError(f"Tried accessing nonexisting field ({field.name}) on node type ({name})")

    def _node(self, request: Request, name: str, payload: Payload, fields: tuple[Field, ...]) -> Payload:
        if isinstance(payload, Raw):
            return payload
        found: Payload = {}
        for field in fields:
            if field.name in _EDGES:
                below = field.below or parse(_DEFAULT[field.name])
                key = payload["id"]
                nodes = self._below(field.name, key)
                limit = int(field.argument("limit") or 25)
                after = field.argument("after")
                edge = self._connection(request, field.name, nodes, below, limit, after, node=key)
                if edge["data"]:
                    found[field.name] = edge
            elif payload.get(field.name) is not None:
                found[field.name] = payload[field.name]
        found.setdefault("id", payload["id"])
        patch = self.streams[name].patches.get(id(payload))
        return found if patch is None else patch.apply(found)


def _written(fields: tuple[Field, ...]) -> str:
    return ",".join(
        one.name
        + "".join(f".{name}({value})" for name, value in one.arguments)
        + (f"{{{_written(one.below)}}}" if one.below else "")
        for one in fields
    )
