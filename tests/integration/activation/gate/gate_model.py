"""Who may be contacted where, worked out from records and words in plain Python, by docs/consent.md alone."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.integration.activation.gate.golden_rules import PROJECT

SOURCES: Final = {
    "shopify:customer": ("shopify", "stg_shopify__customers"),
    "salesforce:contact": ("salesforce", "stg_salesforce__contacts"),
    "loyalty:member": ("files", "stg_files__people"),
}
WORDS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "shopify:customer": {
        "email_marketing_state": ("SUBSCRIBED", "UNSUBSCRIBED", "NOT_SUBSCRIBED", "INVENTED"),
        "sms_marketing_state": ("SUBSCRIBED", "UNSUBSCRIBED", "NOT_SUBSCRIBED"),
    },
    "salesforce:contact": {"email_opt_out": ("false", "true"), "do_not_call": ("false", "true")},
    "loyalty:member": {"email_marketing_consent": ("true", "false"), "sms_marketing_consent": ("true", "false")},
}
KINDS: Final = {
    "email": {"email"},
    "sms": {"phone"},
    "advertising": {"email", "phone"},
    "none": set[str](),
}
CLOSED_BY: Final = {
    "email": {"email"},
    "sms": {"sms", "phone"},
    "advertising": {"advertising", "email", "sms", "phone"},
    "none": set[str](),
}
"""The channels whose refusal closes each channel for marketing."""

Point = tuple[str, str, str]
"""Kind, value, match key."""


@dataclass
class Record:
    """A source record: what it says by field, and its addresses."""

    kind: str
    said: dict[str, str]
    points: set[Point]


@dataclass(frozen=True)
class Suppressed:
    """A suppression: of an address, or of the records that a customer had."""

    point: tuple[str, str] | None
    customer_id: str | None
    record_ids: frozenset[str]
    channel: str | None
    purpose: str | None
    bounced: bool


@dataclass
class People:
    """Records, whose they are, and all else that a publication takes."""

    records: dict[str, Record] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    strengths: dict[str, float] = field(default_factory=dict)
    members: set[tuple[str, str]] = field(default_factory=set)
    successors: dict[str, str] = field(default_factory=dict)
    ledger: list[tuple[str, str, str | None]] = field(default_factory=list)

    @property
    def customers(self) -> set[str]:
        return set(self.owners.values())

    def records_of(self, customer: str) -> list[str]:
        return sorted(record for record, owner in self.owners.items() if owner == customer)

    def points_of(self, customer: str) -> set[Point]:
        return {point for record in self.records_of(customer) for point in self.records[record].points}

    def living(self, customer: str) -> str:
        while customer in self.successors:
            customer = self.successors[customer]
        return customer


@dataclass(frozen=True)
class Asked:
    """What a sync asks: the segment (None: everybody) with its purpose and minimum, the channel and the purpose."""

    segment: str | None
    segment_purpose: str | None
    segment_minimum: float
    channel: str
    purpose: str
    minimum: float

    @property
    def judged_as(self) -> str:
        return "service" if self.purpose == "service" and self.segment_purpose in (None, "service") else "marketing"


def meanings() -> dict[tuple[str, str, str], dict[tuple[str, str], str]]:
    """Source, field and word -> channel and purpose -> state: the seed, which a lawyer edits."""
    found: dict[tuple[str, str, str], dict[tuple[str, str], str]] = defaultdict(dict)
    with (PROJECT / "seeds/consent_states.csv").open() as file:
        for row in csv.DictReader(file):
            found[row["source"], row["field"], row["stated"]][row["channel"], row["purpose"]] = row["state"]
    return found


MEANS: Final = meanings()


def says(record: Record) -> dict[tuple[str, str], set[str]]:
    """Channel and purpose -> the states that a record states; a new word refuses all that its field speaks of."""
    stated: dict[tuple[str, str], set[str]] = defaultdict(set)
    source = SOURCES[record.kind][0]
    for name, word in record.said.items():
        known = MEANS.get((source, name, word))
        if known is None:
            known = {q: "denied" for (s, f, _), told in MEANS.items() if (s, f) == (source, name) for q in told}
        for question, state in known.items():
            stated[question].add(state)
    return stated


def refused(people: People, customer: str) -> set[tuple[str, str]]:
    """What any record of a customer refuses."""
    return {
        question
        for record in people.records_of(customer)
        for question, states in says(people.records[record]).items()
        if "denied" in states
    }


def allowed(people: People, suppressed: Mapping[int, Suppressed], asked: Asked) -> dict[str, set[str]]:
    """Customer -> the addresses that may be used now; without a channel, no address and still a permission."""
    purpose = asked.judged_as
    closing = CLOSED_BY[asked.channel] if purpose == "marketing" else {asked.channel}
    questions = {(channel, purpose) for channel in closing}
    live = [
        one
        for one in suppressed.values()
        if one.purpose in (None, purpose) and (one.channel is None or one.channel in closing)
    ]
    refusals = {customer: refused(people, customer) & questions for customer in people.customers}
    keys_refused: dict[tuple[str, str], set[str]] = defaultdict(set)
    for customer, refusal in refusals.items():
        if refusal:
            for kind, _, key in people.points_of(customer):
                keys_refused[kind, key].add(customer)
    found: dict[str, set[str]] = {}
    for customer in people.customers:
        strength = people.strengths.get(customer, 1.0)
        if strength < max(asked.minimum, asked.segment_minimum):
            continue
        if purpose == "marketing" and (asked.channel == "none" or ("unhappy_recently", customer) in people.members):
            continue
        if any(_is_of_person(people, one, customer) for one in live):
            continue
        if asked.channel == "none":
            found[customer] = set()
            continue
        if refusals[customer]:
            continue
        addresses = set()
        for kind, value, key in people.points_of(customer):
            what = people.classes.get(key, "personal")
            carriers = [r for r in people.records_of(customer) if (kind, value, key) in people.records[r].points]
            is_agreed = purpose == "service" or any(
                "granted" in says(people.records[r]).get((asked.channel, purpose), ()) for r in carriers
            )
            if (
                kind in KINDS[asked.channel]
                and is_agreed
                and what not in ("junk", "recycled")
                and (what == "personal" or asked.channel != "advertising")
                and not keys_refused[kind, key] - {customer}
                and not any(one.point == (kind, key) for one in live)
            ):
                addresses.add(value)
        if addresses:
            found[customer] = addresses
    return found


def _is_of_person(people: People, one: Suppressed, customer: str) -> bool:
    if one.customer_id is not None:
        return people.living(one.customer_id) == customer or bool(one.record_ids & set(people.records_of(customer)))
    return not one.bounced and any(
        (kind, key) == one.point and people.classes.get(key, "personal") == "personal"
        for kind, _, key in people.points_of(customer)
    )
