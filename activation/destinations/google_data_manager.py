"""Customer lists by Google's Data Manager API: for developer tokens that the Google Ads API takes no members from.

A request is refused as a whole when one of its records is malformed; else it is received at once and processed later.
A request that failed is found by its status; one that Google still works on when the wait ends counts as received.

Sources: Data Manager API, "Send audience members", `audienceMembers.ingest`, `audienceMembers.remove`,
`requestStatus.retrieve`, "Limits and quotas": 10,000 members in a request, 10 identifiers in a member.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from activation.destinations.google_jobs import Member, Operation
from activation.destinations.vendor_client import VendorClient
from activation.sync.destination import Fate, Outcome

_MEMBERS_OF_REQUEST: Final = 10_000
_IDENTIFIERS_OF_MEMBER: Final = 10
_METHODS: Final[Mapping[Operation, str]] = {"create": "ingest", "remove": "remove"}
_NAMES: Final = {"hashedEmail": "emailAddress", "hashedPhoneNumber": "phoneNumber"}
_GRANTED: Final = {"adUserData": "CONSENT_GRANTED", "adPersonalization": "CONSENT_GRANTED"}


class DataManager:
    """The members of one customer list; `unfinished` once a request was not through in time."""

    def __init__(
        self, client: VendorClient, customer: str, manager: str | None, user_list: str, *, granted: bool, wait: float
    ) -> None:
        """Work on a list of the Google Ads account `customer`; `wait` is the longest to wait for one request."""
        self._client, self._wait, self._granted = client, wait, granted
        self._destination: dict[str, Any] = {
            "operatingAccount": _account(customer),
            "productDestinationId": user_list.rsplit("/", 1)[-1],
        }
        if manager is not None:
            self._destination["loginAccount"] = _account(manager)
        self.unfinished = False

    def run(self, operation: Operation, members: Sequence[Member]) -> dict[str, Outcome]:
        """Add or take out all of them; outcome by key.

        Raises:
            BatchRejected: if one record or more is refused; which, Google does not say.
            DestinationError: if nothing more can be sent now.
        """
        outcomes: dict[str, Outcome] = {}
        for part in _requests_of(members):
            outcome = self._run(operation, [record for _, record in part])
            for key, _ in part:
                # A person with many addresses may be in two requests: the worse outcome counts.
                known = outcomes.get(key)
                fate, reason = (known.fate, known.reason) if known and known.fate is not Fate.ACKNOWLEDGED else outcome
                outcomes[key] = Outcome(key, fate, reason)
        return outcomes

    def _run(self, operation: Operation, records: Sequence[Mapping[str, Any]]) -> tuple[Fate, str | None]:
        body: dict[str, Any] = {
            "destinations": [self._destination],
            "audienceMembers": records,
            "encoding": "HEX",
        }
        if operation == "create":
            body["termsOfService"] = {"customerMatchTermsOfServiceStatus": "ACCEPTED"}
            if self._granted:
                body["consent"] = _GRANTED
        answer = self._client.request("POST", f"/v1/audienceMembers:{_METHODS[operation]}", body)
        status, reasons = self._await(str(answer["requestId"]))
        if status == "FAILED":
            return Fate.REJECTED, f"Google processed the request and failed: {reasons or 'no reason given'}"
        if status == "PARTIAL_SUCCESS":
            return Fate.UNKNOWN, None
        self.unfinished |= status == "PROCESSING"
        return Fate.ACKNOWLEDGED, None

    def _await(self, request_id: str) -> tuple[str, str]:
        """The status of a request when it is through, or when the wait ends, and the reasons of its errors."""
        deadline, attempt = time.monotonic() + self._wait, 1
        path = f"/v1/requestStatus:retrieve?{urlencode({'requestId': request_id})}"
        while True:
            found = self._client.request("GET", path).get("requestStatusPerDestination") or [{}]
            status = str(found[0].get("requestStatus", "PROCESSING"))
            if status != "PROCESSING" or time.monotonic() >= deadline:
                errors = (found[0].get("errorInfo") or {}).get("errorCounts") or []
                return status, ", ".join(sorted({str(error.get("reason")) for error in errors}))
            time.sleep(min(self._client.pause(attempt), max(deadline - time.monotonic(), 0)))
            attempt += 1


def _account(number: str) -> dict[str, str]:
    return {"accountType": "GOOGLE_ADS", "accountId": number}


def _requests_of(members: Sequence[Member]) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    part: list[tuple[str, dict[str, Any]]] = []
    for member in members:
        for start in range(0, len(member.identifiers), _IDENTIFIERS_OF_MEMBER):
            identifiers = [_named(one) for one in member.identifiers[start : start + _IDENTIFIERS_OF_MEMBER]]
            part.append((member.key, {"userData": {"userIdentifiers": identifiers}}))
            if len(part) == _MEMBERS_OF_REQUEST:
                yield part
                part = []
    if part:
        yield part


def _named(identifier: Mapping[str, Any]) -> dict[str, Any]:
    ((kind, value),) = identifier.items()
    if kind in _NAMES:
        return {_NAMES[kind]: value}
    return {
        "address": {
            "givenName": value["hashedFirstName"],
            "familyName": value["hashedLastName"],
            "regionCode": value["countryCode"],
            "postalCode": value["postalCode"],
        }
    }
