"""The ad platforms and the webhook as cases of one test: a block, its look-alike, and what it should hold."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from activation.destinations.registry import KINDS, build
from activation.sync.block import SyncBlock
from sandbox.serve import Sandbox

People = Mapping[str, tuple[str | None, str | None]]
"""E-mail and phone by customer id."""

RETRY = {"attempts": 3, "first_wait": 0.01, "longest_wait": 5, "timeout": 1.0}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Case:
    """`holds` reads a look-alike, `wanted` says what it should hold, `written` how often each thing was written."""

    block: SyncBlock
    vendor: str
    account: str
    write: str
    holds: Callable[[dict[str, Any]], set[Any]]
    wanted: Callable[[People], set[Any]]
    resource: str = "members"

    def __str__(self) -> str:
        return self.block.name


def _block(destination: str, **more: Any) -> SyncBlock:
    declared = {
        "name": f"vip_{destination}",
        "destination": destination,
        "model": "segment:vip",
        "mode": "mirror",
        "channel": "advertising",
        "purpose": "marketing",
        "mapping": {"first_name": "name.given", "last_name": "name.family"},
        "cap": {"removed": 1, "changed": 1},
        **more,
    }
    block = SyncBlock.model_validate(declared)
    KINDS[destination].options.model_validate(block.options)
    return block


def _set_of_hashes(held: dict[str, Any]) -> set[Any]:
    return {(kind, value) for kinds in held["members"].values() for kind, values in kinds.items() for value in values}


def _wanted(email_key: str, phone_key: str, plus: str) -> Callable[[People], set[Any]]:
    def wanted(people: People) -> set[Any]:
        emails = {(email_key, sha256(email.lower())) for email, _ in people.values() if email}
        return emails | {(phone_key, sha256(plus + phone.lstrip("+"))) for _, phone in people.values() if phone}

    return wanted


META = Case(
    _block("meta_audience"),
    "meta_ads",
    "meta_ads",
    "/users",
    _set_of_hashes,
    _wanted("EMAIL", "PHONE", ""),
)
GOOGLE = Case(
    _block("google_customer_match", options={"job_wait": 5}),
    "google_ads",
    "google_ads",
    ":addOperations",
    _set_of_hashes,
    _wanted("hashedEmail", "hashedPhoneNumber", "+"),
)
DATA_MANAGER = Case(
    _block("google_customer_match", name="vip_data_manager", options={"api": "data_manager", "job_wait": 5}),
    "google_ads",
    "google_ads",
    "audienceMembers:",
    _set_of_hashes,
    GOOGLE.wanted,
)
WEBHOOK = Case(
    _block("webhook", options={"batch": 2}),
    "webhook_receiver",
    "webhook",
    "/braid",
    lambda held: {
        (place.split(":")[1], tuple(row["identity"].get("email", [])), tuple(row["identity"].get("phone", [])))
        for place, row in held["rows"].items()
    },
    lambda people: {
        (key, (email,) if email else (), (phone,) if phone else ()) for key, (email, phone) in people.items()
    },
    "rows",
)
CASES = (META, GOOGLE, DATA_MANAGER, WEBHOOK)


@dataclass
class Tools:
    """The running sandbox, as tests of destinations use it."""

    sandbox: Sandbox

    @property
    def url(self) -> str:
        return self.sandbox.url

    def accounts(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {"meta_ads": {}, "google_ads": {}, "webhook": {}}
        for variable, value in self.sandbox.environment().items():
            name, _, field = variable.removeprefix("BRAID_").lower().partition("__")
            if name in found:
                found[name][field] = value
        return {name: {**fields, "retry": RETRY} for name, fields in found.items()}

    def receiver(self, case: Case, **changed: Any) -> Any:
        accounts = self.accounts()
        accounts[case.account] |= changed
        return build(case.block, accounts)

    def held(self, case: Case) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.url}/_sandbox/held?vendor={case.vendor}").json()
        return found

    def holds(self, case: Case) -> set[Any]:
        return case.holds(self.held(case))

    def written(self, case: Case) -> dict[str, int]:
        counts: dict[str, int] = self.held(case)["writes"].get(case.resource, {})
        return counts

    def fault(self, case: Case, kind: str, **what: Any) -> None:
        body = {"vendor": case.vendor, "kind": kind, **what}
        httpx.post(f"{self.url}/_sandbox/faults", json=body).raise_for_status()

    def clear_faults(self) -> None:
        httpx.delete(f"{self.url}/_sandbox/faults").raise_for_status()

    def asked(self, case: Case) -> dict[str, int]:
        requests: dict[str, dict[str, int]] = httpx.get(f"{self.url}/_sandbox/requests").json()["requests"]
        return requests.get(case.vendor, {})


def start_sync(conninfo: str, case: Case, tools: Tools) -> subprocess.Popen[bytes]:
    """A sync in a process of its own, that can be killed."""
    told = {"conninfo": conninfo, "block": case.block.model_dump(mode="json"), "accounts": tools.accounts()}
    return subprocess.Popen([sys.executable, __file__, json.dumps(told)], stdout=subprocess.PIPE)


def await_requests(tools: Tools, case: Case, part: str, number: int) -> None:
    """Wait until the look-alike has been asked so often for paths with that part."""
    until = time.monotonic() + 30
    while sum(count for path, count in tools.asked(case).items() if part in path) < number:
        assert time.monotonic() < until, f"no {number} requests for {part}: {tools.asked(case)}"
        time.sleep(0.005)


def _main() -> None:
    import psycopg

    from activation.sync.engine import run_sync

    told = json.loads(sys.argv[1])
    block = SyncBlock.model_validate(told["block"])
    with psycopg.connect(told["conninfo"]) as connection:
        run_sync(connection, block, build(block, told["accounts"]))


if __name__ == "__main__":
    _main()
