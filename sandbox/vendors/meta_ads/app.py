"""The Meta custom audience look-alike.

After developers.facebook.com: "Customer File Custom Audiences", "Custom Audience Users", "Marketing API Error Codes",
"Rate Limits". An audience takes at most 10,000 rows a request, each value a SHA-256 in lower-case hexadecimal; a row
with any other value, or without any identifier, is counted in `num_invalid_entries` and not kept. Members cannot be
read. A bad token is code 190 with status 400, terms not accepted code 200 subcode 1870034 with 403, too many calls to
an ad account code 80003 with 400, and the wait in whole minutes in X-Business-Use-Case-Usage.

Two things differ from the real one: it keeps hashes, not the accounts that they belong to, and `Retry-After` is sent
when a test asks for it.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.vendors.limits import Bucket
from sandbox.vendors.store import DocumentStore
from sandbox.vendors.stream import Json, Payload, Stream
from sandbox.vendors.vendor import Vendor, failing_rows, page_token, read_token, reply

ACCESS_TOKEN: Final = "EAASandboxSystemUserToken"
AD_ACCOUNT: Final = "1042"
LIMIT: Final = 10_000
IDENTIFIERS: Final = ("EMAIL", "PHONE", "EXTERN_ID")
_KEYS: Final = frozenset({*IDENTIFIERS, "FN", "LN", "FI", "CT", "ST", "ZIP", "COUNTRY", "GEN", "DOBY", "DOBM", "DOBD"})
_SOURCES: Final = frozenset({"USER_PROVIDED_ONLY", "PARTNER_PROVIDED_ONLY", "BOTH_USER_AND_PARTNER_PROVIDED"})
_SHA256: Final = re.compile("[0-9a-f]{64}")

_FAILURES: Final[dict[int, tuple[int, str, int, int | None]]] = {
    400: (400, "(#100) Invalid parameter", 100, None),
    401: (400, "Error validating access token: Session has expired.", 190, 463),
    403: (403, "(#200) Custom Audience Terms Not Accepted", 200, 1870034),
    404: (400, "Unsupported post request. Object does not exist or cannot be loaded.", 100, 33),
    429: (400, "(#80003) There have been too many calls to this ad-account.", 80003, 2446079),
    500: (500, "An unknown error occurred", 1, 99),
    503: (503, "Service temporarily unavailable", 2, None),
}


def _error(
    status: int, message: str, code: int, subcode: int | None, headers: dict[str, str] | None = None
) -> Response:
    error: Payload = {
        "message": message,
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": secrets.token_urlsafe(8),
    }
    if subcode is not None:
        error["error_subcode"] = subcode
    return reply({"error": error}, status, headers)


class MetaAds(Vendor):
    """The retailer's ad account, and the audiences in it."""

    name = "meta_ads"

    def __init__(self, state: Path) -> None:
        """Open what was written before."""
        self.streams: dict[str, Stream] = {}
        self.bucket = Bucket(100_000, 1000)
        self._store = DocumentStore(state / "meta_ads.sqlite")

    def held(self) -> dict[str, Json]:
        """Audiences by id; `members`: by audience id and key (`EMAIL`, …) the hashes in it, sorted."""
        members: dict[str, dict[str, list[str]]] = {audience: {} for audience in self._store.all("audiences")}
        for place in self._store.all("members"):
            audience, key, digest = place.split(":")
            members[audience].setdefault(key, []).append(digest)
        found = {one: {key: sorted(hashes) for key, hashes in keys.items()} for one, keys in members.items()}
        return {**self._store.held("audiences"), "members": found}

    def close(self) -> None:
        """Close the file of what was written."""
        self._store.close()

    def routes(self) -> list[BaseRoute]:
        """The account's audiences, one audience, its members."""
        return [
            Route("/{version}/act_{account}/customaudiences", self._list, methods=["GET"]),
            Route("/{version}/act_{account}/customaudiences", self._create, methods=["POST"]),
            Route("/{version}/{audience}/users", self._users, methods=["POST", "DELETE"]),
            Route("/{version}/{audience}", self._show, methods=["GET"]),
        ]

    def failure(self, status: int, retry_after: int | None = None) -> Response:
        """`error` with message, type, code, subcode and fbtrace_id; 429 becomes Meta's 400 with code 80003."""
        shown, message, code, subcode = _FAILURES.get(status, _FAILURES[500])
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        if status == 429:
            usage = {"type": "custom_audience", "call_count": 100, "total_cputime": 100, "total_time": 100}
            usage["estimated_time_to_regain_access"] = (retry_after or 0) // 60
            headers["X-Business-Use-Case-Usage"] = orjson.dumps({AD_ACCOUNT: [usage]}).decode()
        return _error(shown, message, code, subcode, headers)

    def environment(self, url: str) -> dict[str, str]:
        """URL, token and ad account."""
        return {
            "BRAID_META_ADS__URL": url,
            "BRAID_META_ADS__ACCESS_TOKEN": ACCESS_TOKEN,
            "BRAID_META_ADS__AD_ACCOUNT_ID": AD_ACCOUNT,
        }

    def _refused(self, request: Request) -> Response | None:
        token = request.query_params.get("access_token") or request.headers.get("authorization", "")
        if token.removeprefix("Bearer ") != ACCESS_TOKEN:
            return self.failure(401)
        if "account" in request.path_params and request.path_params["account"] != AD_ACCOUNT:
            return self.failure(404)
        return None if self.bucket.take() else self.failure(429, 60 * self.bucket.wait())

    async def _list(self, request: Request) -> Response:
        if (refusal := self._refused(request)) is not None:
            return refusal
        query = request.query_params
        limit = max(1, min(100, int(query.get("limit", 25))))
        after = read_token(query["after"]) if "after" in query else [0]
        start = int(after[0]) if after else 0
        audiences = list(self._store.all("audiences").values())
        page = audiences[start : start + limit]
        body: Payload = {"data": [self._shown(one, query.get("fields", "id")) for one in page]}
        if start + limit < len(audiences):
            body["paging"] = {
                "cursors": {"after": page_token(start + limit)},
                "next": "https://graph.facebook.com/next",
            }
        return reply(body)

    def _shown(self, audience: Payload, fields: str) -> Payload:
        wanted = {"id", *fields.split(",")}
        return {name: value for name, value in audience.items() if name in wanted}

    async def _create(self, request: Request) -> Response:
        sent = await _sent(request)
        if (refusal := self._refused(request)) is not None:
            return refusal
        if not sent.get("name") or sent.get("subtype") != "CUSTOM" or sent.get("customer_file_source") not in _SOURCES:
            return self.failure(400)
        audience: Payload = {
            "id": str(120_200_000_000_000 + len(self._store.all("audiences"))),
            "name": sent["name"],
            "description": sent.get("description", ""),
            "subtype": "CUSTOM",
            "customer_file_source": sent["customer_file_source"],
            "operation_status": {"code": 200, "description": "Normal"},
        }
        with self._store.request(request):
            self._store.put("audiences", audience["id"], audience)
        return reply({"id": audience["id"]})

    async def _show(self, request: Request) -> Response:
        if (refusal := self._refused(request)) is not None:
            return refusal
        audience = self._store.get("audiences", request.path_params["audience"])
        return self.failure(404) if audience is None else reply(self._shown(audience, request.query_params["fields"]))

    async def _users(self, request: Request) -> Response:
        sent = await _sent(request)
        if (refusal := self._refused(request)) is not None:
            return refusal
        audience = request.path_params["audience"]
        if self._store.get("audiences", audience) is None:
            return self.failure(404)
        payload, session = sent.get("payload"), sent.get("session")
        rows = _rows(payload)
        if rows is None or len(rows) > LIMIT or (request.method == "POST" and not _is_session(session)):
            return self.failure(400)
        failing = failing_rows(request)
        invalid = [place for place, row in enumerate(rows) if place in failing or not _is_valid(row)]
        with self._store.request(request):
            for place, row in enumerate(rows):
                if place not in invalid:
                    self._apply(request.method, audience, row)
        return reply(
            {
                "audience_id": audience,
                "session_id": str((session or {}).get("session_id", secrets.randbits(50))),
                "num_received": len(rows),
                "num_invalid_entries": len(invalid),
                "invalid_entry_samples": {str(place): "Invalid hash" for place in invalid[:5]},
            }
        )

    def _apply(self, method: str, audience: str, row: dict[str, str]) -> None:
        for key in IDENTIFIERS:
            if row.get(key):
                place = f"{audience}:{key}:{row[key]}"
                if method == "POST":
                    self._store.put("members", place, {})
                else:
                    self._store.delete("members", place)


async def _sent(request: Request) -> Payload:
    """The parameters: a JSON body, or a form whose objects are JSON."""
    if request.headers.get("content-type", "").startswith("application/json"):
        body = await request.json()
        return body if isinstance(body, dict) else {}
    found: Payload = {}
    for name, value in parse_qsl((await request.body()).decode()):
        try:
            found[name] = orjson.loads(value) if value[:1] in "{[" else value
        except orjson.JSONDecodeError:
            found[name] = value
    return found


def _is_session(session: Any) -> bool:
    names = ("session_id", "batch_seq", "last_batch_flag")
    return isinstance(session, dict) and all(name in session for name in names)


def _rows(payload: Any) -> list[dict[str, str]] | None:
    """The rows by key; None when schema and data do not fit each other."""
    if not isinstance(payload, dict) or not isinstance(payload.get("data"), list):
        return None
    schema = payload.get("schema")
    if isinstance(schema, str):
        key = schema.removesuffix("_SHA256")
        return [{key: str(value)} for value in payload["data"]] if key in IDENTIFIERS else None
    if not isinstance(schema, list) or not schema or not set(schema) <= _KEYS:
        return None
    if any(not isinstance(row, list) or len(row) != len(schema) for row in payload["data"]):
        return None
    return [dict(zip(schema, map(str, row), strict=True)) for row in payload["data"]]


def _is_valid(row: dict[str, str]) -> bool:
    given = [value for value in row.values() if value]
    return any(row.get(key) for key in IDENTIFIERS) and all(_SHA256.fullmatch(value) for value in given)
