"""Offline user data jobs of the Google Ads API: created, filled, run, and looked at until they are through.

A job is found again by its external id, which is made of what it is to do: a sync that was killed, or that a job
outlasted, meets its own job and waits for it instead of sending everything again. What a job did to single members
cannot be read; its status can.

Source: Google Ads API, "Get started with Customer Match"; "Quotas": 100,000 identifiers in a job, 20 in operation.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from activation.destinations.google_access import errors_in, said_by
from activation.destinations.vendor_client import AnswerLost, Refused, VendorClient
from activation.sync.destination import DestinationError, Fate, Outcome

_IDENTIFIERS_OF_JOB: Final = 100_000
_IDENTIFIERS_OF_OPERATION: Final = 20
_OPERATIONS_OF_REQUEST: Final = 10_000
_TRIES: Final = 2

Operation = Literal["create", "remove"]


@dataclass(frozen=True)
class Member:
    """One person to add or to take out: the row that it is of, the change, and `userIdentifiers`."""

    key: str
    change_id: str
    identifiers: tuple[Mapping[str, Any], ...]


class OfflineJobs:
    """The jobs of one customer list; `unfinished` once one was not through in time."""

    def __init__(
        self, client: VendorClient, customer: str, user_list: str, consent: Mapping[str, str], wait: float
    ) -> None:
        """Work on a list; `wait` is the longest in seconds to wait for one job, `consent` goes with additions."""
        self._client, self._customer, self._list = client, customer, user_list
        self._consent, self._wait = consent, wait
        self.unfinished = False

    def run(self, operation: Operation, members: Sequence[Member]) -> dict[str, Outcome]:
        """Add or take out all of them; outcome by key: unknown where a job is not through in time.

        Raises:
            DestinationError: if nothing more can be sent now.
        """
        outcomes: dict[str, Outcome] = {}
        for part in _jobs_of(members):
            outcomes |= self._run(operation, part)
        return outcomes

    def _run(self, operation: Operation, members: Sequence[Member]) -> dict[str, Outcome]:
        number = _external_id(self._list, operation, members)
        status = "FAILED"
        for _ in range(_TRIES):
            job = self._find(number)
            if job is None or job["status"] == "FAILED":
                job = {"resourceName": self._create(operation, number), "status": "PENDING"}
            if job["status"] == "PENDING":
                refused = self._fill(str(job["resourceName"]), operation, members)
                if refused:
                    # This job is left alone: of one that ran, nobody could tell later which rows it had not taken.
                    good = [member for member in members if member.key not in refused]
                    return refused | (self._run(operation, good) if good else {})
                self._start(str(job["resourceName"]))
            status = self._await(number)
            if status != "FAILED":
                break
        if status == "SUCCESS":
            return {member.key: Outcome(member.key, Fate.ACKNOWLEDGED) for member in members}
        if status == "FAILED":
            return {member.key: Outcome(member.key, Fate.REJECTED, "Google's job failed twice") for member in members}
        self.unfinished = True
        return {member.key: Outcome(member.key, Fate.UNKNOWN) for member in members}

    def _find(self, number: int) -> dict[str, Any] | None:
        query = (
            "SELECT offline_user_data_job.resource_name, offline_user_data_job.id, offline_user_data_job.status "
            f"FROM offline_user_data_job WHERE offline_user_data_job.external_id = {number} "
            "ORDER BY offline_user_data_job.id DESC LIMIT 1"
        )
        found = self._client.request("POST", f"{self._customer}/googleAds:search", {"query": query}).get("results", [])
        return dict(found[0]["offlineUserDataJob"]) if found else None

    def _create(self, operation: Operation, number: int) -> str:
        metadata: dict[str, Any] = {"userList": self._list}
        if operation == "create" and self._consent:
            metadata["consent"] = dict(self._consent)
        job = {
            "type": "CUSTOMER_MATCH_USER_LIST",
            "externalId": str(number),
            "customerMatchUserListMetadata": metadata,
        }
        path = f"{self._customer}/offlineUserDataJobs:create"
        try:
            return str(self._client.request("POST", path, {"job": job}, once=True)["resourceName"])
        except AnswerLost:
            made = self._find(number)
            pending = made is not None and made["status"] == "PENDING"
            return str(made["resourceName"]) if made and pending else self._create(operation, number)

    def _fill(self, job: str, operation: Operation, members: Sequence[Member]) -> dict[str, Outcome]:
        """Add the operations; the outcomes of rows that Google refuses. Added twice, they do what they do once."""
        rows = [(member.key, {operation: {"userIdentifiers": part}}) for member in members for part in _split(member)]
        refused: dict[str, Outcome] = {}
        for start in range(0, len(rows), _OPERATIONS_OF_REQUEST):
            part = rows[start : start + _OPERATIONS_OF_REQUEST]
            body = {"operations": [asked for _, asked in part], "enablePartialFailure": True}
            answer = self._client.request("POST", f"{self._version}/{job}:addOperations", body)
            for code, error in errors_in(answer):
                place = _place(error)
                if place is None or place >= len(part):
                    raise DestinationError(f"Google refuses operations without saying which ({code}: {said_by(error)})")
                key = part[place][0]
                refused[key] = Outcome(key, Fate.REJECTED, f"{code}: {said_by(error)}")
        return refused

    @property
    def _version(self) -> str:
        return self._customer.split("/customers/", 1)[0]

    def _start(self, job: str) -> None:
        try:
            self._client.request("POST", f"{self._version}/{job}:run", {})
        except Refused as refusal:
            # The answer to a first attempt was lost.
            if "JOB_ALREADY_STARTED" not in {code for code, _ in errors_in(refusal.body or {})}:
                raise

    def _await(self, number: int) -> str:
        deadline, attempt = time.monotonic() + self._wait, 1
        while True:
            job = self._find(number)
            status = "PENDING" if job is None else str(job["status"])
            if status not in ("PENDING", "RUNNING") or time.monotonic() >= deadline:
                return status
            time.sleep(min(self._client.pause(attempt), max(deadline - time.monotonic(), 0)))
            attempt += 1


def _external_id(user_list: str, operation: Operation, members: Sequence[Member]) -> int:
    said = "\n".join([user_list, operation, *(member.change_id for member in members)])
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8]) >> 1


def _jobs_of(members: Sequence[Member]) -> Iterator[list[Member]]:
    part: list[Member] = []
    size = 0
    for member in members:
        if part and size + len(member.identifiers) > _IDENTIFIERS_OF_JOB:
            yield part
            part, size = [], 0
        part.append(member)
        size += len(member.identifiers)
    if part:
        yield part


def _split(member: Member) -> list[list[Mapping[str, Any]]]:
    """The identifiers of one person, 20 at once as Google takes them; the first is in each, and holds them together."""
    first, rest = member.identifiers[:1], member.identifiers[1:]
    step = _IDENTIFIERS_OF_OPERATION - 1
    return [[*first, *rest[start : start + step]] for start in range(0, max(len(rest), 1), step)]


def _place(error: Mapping[str, Any]) -> int | None:
    elements = (error.get("location") or {}).get("fieldPathElements") or []
    places = [one.get("index", 0) for one in elements if one.get("fieldName") == "operations"]
    return int(places[0]) if places else None
