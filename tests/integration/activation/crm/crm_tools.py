"""CRM and marketing tools as cases of one test: a block, its look-alike, and what it should hold."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx

from activation.destinations.registry import KINDS, build
from activation.sync.block import SyncBlock
from sandbox.serve import Sandbox, serve

RETRY = {"attempts": 4, "first_wait": 0.01, "longest_wait": 5, "timeout": 1.0}


@dataclass(frozen=True)
class Person:
    """Who a tool should hold, and what of them."""

    number: int
    email: str
    value: float = 10.5
    persona: str | None = "loyalist"

    @property
    def key(self) -> str:
        return f"c{self.number}"


People = Mapping[str, Person]
EIGHT: People = {f"c{n}": Person(n, f"p{n}@mail.org") for n in range(1, 9)}
LATER: People = {key: one for key, one in EIGHT.items() if key != "c8"} | {
    "c2": replace(EIGHT["c2"], email="new@mail.org"),
    "c3": replace(EIGHT["c3"], persona=None),
    "c4": replace(EIGHT["c4"], value=99.25),
    "c9": Person(9, "p9@mail.org"),
}
"""After `move_on`: c8 has left, c2 has another address, c3 lost the persona, c4 spent more, c9 came."""


@dataclass(frozen=True)
class Case:
    """`holds` reads a look-alike as `wanted` says it; `paths` are what a sync asks, of which `writes` write rows."""

    block: SyncBlock
    vendor: str
    paths: tuple[str, ...]
    writes: tuple[str, ...]
    holds: Callable[[dict[str, Any]], Any]
    wanted: Callable[[People], Any]
    resources: tuple[str, ...]

    @property
    def account(self) -> str:
        return self.vendor

    def __str__(self) -> str:
        return self.block.name


def _block(name: str, destination: str, **more: Any) -> SyncBlock:
    declared = {
        "name": name,
        "destination": destination,
        "model": "segment:vip",
        "mode": "mirror",
        "channel": "email",
        "purpose": "marketing",
        "cap": {"removed": 1, "changed": 1},
        **more,
    }
    block = SyncBlock.model_validate(declared)
    KINDS[destination].options.model_validate(block.options)
    return block


SERVICE = {"model": "customers", "channel": "none", "purpose": "service"}


def _values(held: Mapping[str, Any], names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(held.get(name) for name in names)


def _salesforce(held: dict[str, Any], names: tuple[str, ...]) -> Any:
    found = {key: _values(one, names) for key, one in held["contacts"].items()}
    return {key: values for key, values in found.items() if any(values)}


def _klaviyo(held: dict[str, Any]) -> Any:
    return {
        one["email"]: _values(one["properties"], ("braid_value", "braid_persona"))
        for one in held["profiles"].values()
        if one["properties"]
    }


def _klaviyo_list(held: dict[str, Any]) -> Any:
    (listed,) = held["lists"]
    on = {key.split(":")[1] for key in held["memberships"]}
    assert all(key.startswith(f"{listed}:") for key in held["memberships"])
    return {held["profiles"][key]["email"]: held["profiles"][key]["first_name"] for key in on}


def _hubspot(held: dict[str, Any]) -> Any:
    names = ("email", "braid_value", "braid_persona")
    found = (one["properties"] for one in held["contacts"].values())
    return {one["braid_customer_id"]: _values(one, names) for one in found if "braid_customer_id" in one}


def _hubspot_list(held: dict[str, Any]) -> Any:
    return {held["contacts"][key.split(":")[1]]["properties"]["email"] for key in held["memberships"]}


FIELDS = {"braid_value": "metrics.lifetime_value", "braid_persona": "persona.name"}
SALESFORCE_FIELDS = {"Braid_Value__c": "metrics.lifetime_value", "Braid_Persona__c": "persona.name"}

ZENDESK = Case(
    _block("desk", "zendesk_users", key="record:zendesk:user", mapping=FIELDS, **SERVICE),
    "zendesk",
    ("user_fields", "update_many", "job_statuses", "show_many"),
    ("update_many",),
    lambda held: {
        key: _values(one, ("braid_value", "braid_persona")) for key, one in held["users"].items() if any(one.values())
    },
    lambda people: {str(9000 + one.number): (one.value, one.persona) for one in people.values()},
    ("users",),
)
SALESFORCE_RECORDS = Case(
    _block("crm_records", "salesforce_contacts", key="record:salesforce:contact", mapping=SALESFORCE_FIELDS, **SERVICE),
    "salesforce",
    ("/token", "describe", "CustomField", "composite/sobjects"),
    ("composite/sobjects?",),
    lambda held: _salesforce(held, ("Braid_Value__c", "Braid_Persona__c")),
    lambda people: {f"003A{one.number}": (one.value, one.persona) for one in people.values()},
    ("contacts",),
)
SALESFORCE = Case(
    _block("crm", "salesforce_contacts", mapping={**SALESFORCE_FIELDS, "LastName": "name.family"}),
    "salesforce",
    ("/token", "describe", "CustomField", "/query", "composite/sobjects"),
    ("composite/sobjects",),
    lambda held: {
        one["Braid_Customer_Id__c"]: _values(one, ("Email", "Braid_Value__c", "Braid_Persona__c", "LastName"))
        for one in held["contacts"].values()
        if one.get("Email")
    },
    lambda people: {one.key: (one.email, one.value, one.persona, "Lovelace") for one in people.values()},
    ("contacts",),
)
KLAVIYO_PROFILES = Case(
    _block("profiles", "klaviyo_profiles", mapping=FIELDS),
    "klaviyo",
    ("/profiles?", "profile-bulk-import-jobs?", "profile-bulk-import-jobs/", "profile-import"),
    ("profile-bulk-import-jobs?", "profile-import?"),
    _klaviyo,
    lambda people: {one.email: (one.value, one.persona) for one in people.values()},
    ("profiles",),
)
KLAVIYO_LIST = Case(
    _block("newsletter", "klaviyo_list", mapping={"first_name": "name.given", **FIELDS}, options={"list": "Our news"}),
    "klaviyo",
    ("/lists?", "/profiles?", "profile-bulk-import-jobs?", "profile-import", "relationships/profiles"),
    ("profile-bulk-import-jobs?", "profile-import?", "relationships/profiles"),
    _klaviyo_list,
    lambda people: dict.fromkeys((one.email for one in people.values()), "Ada"),
    ("profiles", "memberships"),
)
HUBSPOT_CONTACTS = Case(
    _block("contacts", "hubspot_contacts", mapping=FIELDS),
    "hubspot",
    ("properties/contacts", "batch/read", "batch/upsert", "batch/update"),
    ("batch/upsert", "batch/update"),
    _hubspot,
    lambda people: {one.key: (one.email, str(one.value), one.persona) for one in people.values()},
    ("contacts",),
)
HUBSPOT_LIST = Case(
    _block("prospects", "hubspot_list", mapping=FIELDS, options={"list": "Our prospects/north"}),
    "hubspot",
    ("properties/contacts", "name/Our", "batch/read", "batch/upsert", "batch/update", "memberships/add"),
    ("batch/upsert", "batch/update", "memberships/add", "memberships/remove"),
    _hubspot_list,
    lambda people: {one.email for one in people.values()},
    ("contacts", "memberships"),
)
CASES = (ZENDESK, SALESFORCE_RECORDS, SALESFORCE, KLAVIYO_PROFILES, KLAVIYO_LIST, HUBSPOT_CONTACTS, HUBSPOT_LIST)
"""Every destination of this family."""


@dataclass
class Tools:
    """The running sandbox, as tests of destinations use it."""

    sandbox: Sandbox

    @property
    def url(self) -> str:
        return self.sandbox.url

    def restart(self) -> None:
        """The look-alikes go and come back, at the same address and with what was written to them."""
        port = int(self.url.rsplit(":", 1)[1])
        self.sandbox.close()
        self.sandbox = serve(self.sandbox.world, self.sandbox.state, port=port)

    def accounts(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {"zendesk": {}, "salesforce": {}, "klaviyo": {}, "hubspot": {}}
        for variable, value in self.sandbox.environment().items():
            name, _, field = variable.removeprefix("BRAID_").lower().partition("__")
            if name in found:
                found[name][field] = value
        for name in ("zendesk", "klaviyo"):
            found[name] |= {"first_poll": 0}
        return {name: {**fields, "retry": RETRY} for name, fields in found.items()}

    def receiver(self, case: Case, block: SyncBlock | None = None, **changed: Any) -> Any:
        accounts = self.accounts()
        accounts[case.account] |= changed
        return build(block or case.block, accounts)

    def held(self, case: Case) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.url}/_sandbox/held?vendor={case.vendor}").json()
        return found

    def holds(self, case: Case) -> Any:
        return case.holds(self.held(case))

    def most_written(self, case: Case) -> int:
        """How often the row was written that was written most."""
        writes = self.held(case)["writes"]
        return max(max(writes.get(resource, {}).values(), default=0) for resource in case.resources)

    def fault(self, case: Case, kind: str, **what: Any) -> None:
        body = {"vendor": case.vendor, "kind": kind, **what}
        httpx.post(f"{self.url}/_sandbox/faults", json=body).raise_for_status()

    def clear_faults(self) -> None:
        httpx.delete(f"{self.url}/_sandbox/faults").raise_for_status()

    def asked(self, case: Case) -> dict[str, int]:
        requests: dict[str, dict[str, int]] = httpx.get(f"{self.url}/_sandbox/requests").json()["requests"]
        return requests.get(case.vendor, {})


def start_sync(conninfo: str, case: Case, tools: Tools, batch_size: int) -> subprocess.Popen[bytes]:
    """A sync in a process of its own, that can be killed."""
    told = {
        "conninfo": conninfo,
        "block": case.block.model_dump(mode="json"),
        "accounts": tools.accounts(),
        "batch_size": batch_size,
    }
    return subprocess.Popen([sys.executable, __file__, json.dumps(told)])


def await_writes(tools: Tools, case: Case, number: int) -> None:
    """Wait until the look-alike has been asked so often to write rows."""
    until = time.monotonic() + 30
    parts = tuple(part.rstrip("?") for part in case.writes)
    while True:
        asked = tools.asked(case)
        writes = [path for path in asked if path.split()[0] != "GET" and any(part in path for part in parts)]
        if sum(asked[path] for path in writes) >= number:
            return
        assert time.monotonic() < until, f"no {number} writes: {asked}"
        time.sleep(0.003)


def _main() -> None:
    import psycopg

    from activation.sync.engine import run_sync

    told = json.loads(sys.argv[1])
    block = SyncBlock.model_validate(told["block"])
    receiver = build(block, told["accounts"])
    receiver.batch_size = told["batch_size"]  # type: ignore[misc]
    with psycopg.connect(told["conninfo"]) as connection:
        run_sync(connection, block, receiver)


if __name__ == "__main__":
    _main()
