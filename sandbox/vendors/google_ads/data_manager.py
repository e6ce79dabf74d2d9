"""The Data Manager API look-alike: the same customer lists, filled by requests instead of jobs.

After `audienceMembers.ingest`, `audienceMembers.remove`, `requestStatus.retrieve`: at most 10,000 members in a request
and 10 identifiers in a member; one malformed record refuses the whole request. A request is PROCESSING when it is first
looked at, then SUCCESS.
"""

from __future__ import annotations

import re
import uuid
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from sandbox.vendors.store import DocumentStore
from sandbox.vendors.stream import Payload
from sandbox.vendors.vendor import Endpoint, failing_rows, reply

MEMBERS: Final = 10_000
_OF_MEMBER: Final = 10
_SHA256: Final = re.compile("[0-9a-f]{64}")
_KINDS: Final = {"emailAddress": "hashedEmail", "phoneNumber": "hashedPhoneNumber", "address": "addressInfo"}
_ADDRESS: Final = ("givenName", "familyName", "regionCode", "postalCode")


def _refused(message: str) -> Response:
    return reply({"error": {"code": 400, "message": message, "status": "INVALID_ARGUMENT"}}, 400)


class DataManagerApi:
    """What is sent to the lists of one account."""

    def __init__(self, store: DocumentStore, customer: str) -> None:
        """Keep members where the Google Ads look-alike keeps them."""
        self._store, self._customer = store, customer

    def sent(self, method: str) -> Endpoint:
        """`audienceMembers:ingest` or `audienceMembers:remove`."""

        async def answer(request: Request) -> Response:
            body = await request.json()
            members = body.get("audienceMembers") or []
            user_list = self._list(body.get("destinations") or [])
            if user_list is None:
                return _refused("The destination is not one of this account.")
            if body.get("encoding") != "HEX" or not members or len(members) > MEMBERS:
                return _refused("There is no encoding, or too few or too many audience members.")
            accepted = (body.get("termsOfService") or {}).get("customerMatchTermsOfServiceStatus") == "ACCEPTED"
            if method == "ingest" and not accepted:
                return _refused("The terms of service of Customer Match are not accepted.")
            places = [_places(member) for member in members]
            if failing_rows(request) or any(one is None for one in places):
                return _refused("An audience member is malformed.")
            request_id = str(uuid.uuid4())
            with self._store.request(request):
                for place in (f"{user_list} {one}" for of_member in places for one in of_member or []):
                    if method == "ingest":
                        self._store.put("members", place, {})
                    else:
                        self._store.delete("members", place)
                self._store.put("requests", request_id, {"status": "PROCESSING", "rows": len(members)})
            return reply({"requestId": request_id})

        return answer

    async def status(self, request: Request) -> Response:
        """`requestStatus:retrieve`."""
        request_id = request.query_params.get("requestId", "")
        kept = self._store.get("requests", request_id)
        if kept is None:
            return reply({"error": {"code": 404, "message": "Not found.", "status": "NOT_FOUND"}}, 404)
        self._store.put("requests", request_id, {**kept, "status": "SUCCESS"})
        return reply({"requestStatusPerDestination": [{"requestStatus": kept["status"]}]})

    def _list(self, destinations: list[Payload]) -> str | None:
        if len(destinations) != 1:
            return None
        account = (destinations[0].get("operatingAccount") or {}).get("accountId")
        name = f"customers/{self._customer}/userLists/{destinations[0].get('productDestinationId')}"
        return name if account == self._customer and self._store.get("user_lists", name) is not None else None


def _places(member: Any) -> list[str] | None:
    """The member's identifiers as they are kept; None when one is malformed."""
    identifiers = (member.get("userData") or {}).get("userIdentifiers") or []
    found: list[str] = []
    for identifier in identifiers:
        kind = next(iter(identifier)) if len(identifier) == 1 else ""
        address = identifier.get("address")
        parts = [str(address.get(part, "")) for part in _ADDRESS] if address else [str(identifier.get(kind))]
        hashed = parts[:2] if address else parts
        if kind not in _KINDS or not all(_SHA256.fullmatch(one) for one in hashed):
            return None
        found.append(f"{_KINDS[kind]} {'|'.join(parts)}")
    return found if 0 < len(found) <= _OF_MEMBER else None
