"""Klaviyo's JSON:API documents: resources, errors, and the filters that collections understand."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from sandbox.vendors.stream import Json, Payload
from sandbox.vendors.vendor import address, page_token, read_token, reply

_FILTER: Final = re.compile(r"(any|equals)\((\w+),(.*)\)", re.DOTALL)


class KlaviyoError(Exception):
    """A refusal, as JSON:API words it."""

    def __init__(self, status: int, code: str, detail: str, pointer: str = "/data/", **meta: str) -> None:
        """Keep what `errors` is to say."""
        super().__init__(detail)
        title = {"invalid": "Invalid input.", "not_found": "Not found.", "duplicate_profile": "Conflict."}
        self.status = status
        self.body: Payload = {
            "id": secrets.token_hex(16),
            "status": status,
            "code": code,
            "title": title.get(code, "Request failed."),
            "detail": detail,
            "source": {"pointer": pointer},
            **({"meta": meta} if meta else {}),
        }

    def response(self) -> Response:
        """The answer."""
        return reply({"errors": [self.body]}, self.status)


def filtered(text: str, *allowed: str) -> tuple[str, list[str]]:
    """The field and the values of a filter `equals(field,"a")` or `any(field,["a","b"])`.

    Raises:
        KlaviyoError: if it is none, or not of an allowed field.
    """
    match = _FILTER.fullmatch(text)
    try:
        values: Json = json.loads(match.group(3)) if match else None
    except ValueError:
        values = None
    if match is None or values is None:
        raise KlaviyoError(400, "invalid", "Invalid filter provided", "filter")
    if match.group(2) not in allowed:
        raise KlaviyoError(400, "invalid", f"'{match.group(2)}' is not a filterable field for this resource.", "filter")
    listed = values if isinstance(values, list) else [values]
    if len(listed) > 100:
        raise KlaviyoError(400, "invalid", "At most 100 values can be given to `any`", "filter")
    return match.group(2), [str(one) for one in listed]


def collection(request: Request, resources: list[Payload], *, largest: int = 100) -> Response:
    """One page of resources, with `links.next`."""
    try:
        size = int(request.query_params.get("page[size]", min(20, largest)))
    except ValueError:
        size = 0
    if not 1 <= size <= largest:
        raise KlaviyoError(400, "invalid", f"Page size must be an integer between 1 and {largest}.", "page[size]")
    token = read_token(request.query_params["page[cursor]"]) if "page[cursor]" in request.query_params else [0]
    if token is None:
        raise KlaviyoError(400, "invalid", "Invalid cursor provided", "page[cursor]")
    start = int(token[0])
    path = f"{address(request)}{request.scope['path'].removeprefix(request.scope.get('root_path', ''))}"
    more = start + size < len(resources)
    following = request.url.include_query_params(**{"page[cursor]": page_token(start + size)}).query
    links: dict[str, Any] = {"self": path, "next": f"{path}?{following}" if more else None, "prev": None}
    return reply({"data": resources[start : start + size], "links": links})


def profile_resource(profile_id: str, attributes: Payload) -> Payload:
    """A profile as it is read."""
    blank = dict.fromkeys(("email", "phone_number", "external_id", "first_name", "last_name", "organization"))
    shown = {**blank, "location": {}, "properties": {}, **attributes}
    return {"type": "profile", "id": profile_id, "attributes": shown, "links": {"self": f"/api/profiles/{profile_id}"}}
