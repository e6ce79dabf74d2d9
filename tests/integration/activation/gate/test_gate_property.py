"""Whatever happens to people, records and words: nobody is ever sent who may not be contacted at that moment.

A state machine merges, splits, changes what records say, suppresses, erases, publishes and syncs. Golden's own models
decide in PostgreSQL, the real engine sends to a tool that checks every row as it arrives, and who may be contacted is
worked out a second time in Python (`gate_model`).
"""

from __future__ import annotations

from typing import Any, ClassVar

import hypothesis
import hypothesis.strategies as st
import psycopg
import pytest
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from activation.consent.suppressions import Reason, Suppression
from activation.schema import migrate
from orchestration.warehouse import Warehouse
from tests.integration.activation.gate.gate_model import WORDS, Point, Record
from tests.integration.activation.gate.gate_world import SEGMENTS, GateWorld
from tests.integration.activation.gate.golden_rules import CompiledRules


def point(number: int) -> Point:
    """Six e-mail addresses of three mailboxes, and three numbers."""
    if number < 6:
        return "email", f"p{number // 2}{'+news' if number % 2 else ''}@a.example", f"p{number // 2}@a.example"
    return "phone", f"+44207183875{number - 6}", f"+44207183875{number - 6}"


POINTS = st.integers(0, 8).map(point)
KEYS = POINTS.map(lambda found: (found[0], found[2]))
CHANNELS = st.sampled_from([None, "email", "sms", "phone", "advertising"])
PURPOSES = st.sampled_from([None, "marketing", "service"])
REASONS = st.sampled_from([Reason.BOUNCED, Reason.UNSUBSCRIBED])


@st.composite
def said(draw: st.DrawFn, kind: str) -> dict[str, str]:
    # The first word of each is the one that grants, and is drawn most: else nobody would be sent at all.
    options: dict[str, list[str | None]] = {
        name: [*[words[0]] * 4, *words, None] for name, words in WORDS[kind].items()
    }
    words = {name: draw(st.sampled_from(found)) for name, found in options.items()}
    return {name: word for name, word in words.items() if word is not None}


@st.composite
def records(draw: st.DrawFn) -> Record:
    kind = draw(st.sampled_from(["shopify:customer", "shopify:customer", "loyalty:member", "salesforce:contact"]))
    return Record(kind, draw(said(kind)), draw(st.sets(POINTS, min_size=1, max_size=3)))


class Lives(RuleBasedStateMachine):
    """People, over one database that every example empties."""

    world: ClassVar[GateWorld]
    customers: Bundle[str] = Bundle("customers")

    def __init__(self) -> None:
        super().__init__()
        self.world.begin()
        self.number = 0

    def _new_id(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number:03}"

    @initialize(target=customers, people=st.lists(records(), min_size=4, max_size=6))
    def some_people(self, people: list[Record]) -> Any:
        found = [self._join(record) for record in people]
        self.world.publish()
        self.world.sync()
        return multiple(*found)

    @rule(target=customers, record=records())
    def joins(self, record: Record) -> str:
        return self._join(record)

    def _join(self, record: Record) -> str:
        customer, people = self._new_id("c"), self.world.people
        record_id = f"{record.kind}:{self._new_id('')}"
        people.records[record_id], people.owners[record_id] = record, customer
        people.members |= {("newsletter", customer), ("care", customer)}
        return customer

    @rule(customer=customers, record=records())
    def has_another_record(self, customer: str, record: Record) -> None:
        if customer in self.world.people.customers:
            record_id = f"{record.kind}:{self._new_id('')}"
            self.world.people.records[record_id], self.world.people.owners[record_id] = record, customer

    @rule(data=st.data(), customer=customers)
    def says_something_else(self, data: st.DataObject, customer: str) -> None:
        if found := self.world.people.records_of(customer):
            record = self.world.people.records[data.draw(st.sampled_from(found))]
            record.said = data.draw(said(record.kind))

    @rule(data=st.data(), customer=customers, points=st.sets(POINTS, max_size=3))
    def moves(self, data: st.DataObject, customer: str, points: set[Point]) -> None:
        if found := self.world.people.records_of(customer):
            self.world.people.records[data.draw(st.sampled_from(found))].points = points

    @rule(one=customers, other=customers)
    def merge(self, one: str, other: str) -> None:
        people = self.world.people
        if one == other or not {one, other} <= people.customers:
            return
        survivor, loser = sorted((one, other))
        for record in people.records_of(loser):
            people.owners[record] = survivor
        people.members = {(s, survivor if c == loser else c) for s, c in people.members}
        people.successors[loser] = survivor

    @rule(target=customers, data=st.data(), customer=customers)
    def split(self, data: st.DataObject, customer: str) -> Any:
        people = self.world.people
        found = people.records_of(customer)
        if len(found) < 2:
            return multiple()
        leaving = data.draw(st.sets(st.sampled_from(found), min_size=1, max_size=len(found) - 1))
        sibling = self._new_id("c")
        for record in leaving:
            people.owners[record] = sibling
        people.members |= {(s, sibling) for s, c in people.members if c == customer}
        return sibling

    @rule(customer=customers, strength=st.sampled_from([0.4, 0.6, 1.0]))
    def is_one_person(self, customer: str, strength: float) -> None:
        self.world.people.strengths[customer] = strength

    @rule(customer=customers, segment=st.sampled_from(sorted(SEGMENTS)))
    def enters_or_leaves(self, customer: str, segment: str) -> None:
        if customer in self.world.people.customers:
            self.world.people.members ^= {(segment, customer)}

    @rule(key=KEYS, what=st.sampled_from(["personal", "household", "business", "junk"]))
    def turns_out_to_be(self, key: tuple[str, str], what: str) -> None:
        self.world.people.classes[key[1]] = what

    @rule(key=KEYS, channel=CHANNELS, purpose=PURPOSES, reason=REASONS)
    def suppress_address(self, key: tuple[str, str], channel: str | None, purpose: str | None, reason: Reason) -> None:
        kind: Any = key[0]
        self.world.suppress(Suppression(None, kind, key[1], channel, purpose, reason))

    @rule(customer=customers, channel=CHANNELS, purpose=PURPOSES)
    def suppress_customer(self, customer: str, channel: str | None, purpose: str | None) -> None:
        if customer in self.world.published.customers:
            self.world.suppress(Suppression(customer, channel=channel, purpose=purpose))

    @precondition(lambda self: self.world.suppressed)
    @rule(number=st.integers(0, 9))
    def lift_suppression(self, number: int) -> None:
        self.world.lift(number)

    @rule(customer=customers)
    def erase(self, customer: str) -> None:
        if customer in self.world.published.customers & self.world.people.customers:
            self.world.erase(customer)
            self.world.publish()

    @rule()
    def publish_and_sync(self) -> None:
        self.world.publish()
        self.world.sync()

    @rule()
    def sync(self) -> None:
        self.world.sync()

    @rule(key=KEYS, reason=REASONS)
    def sync_while_somebody_is_suppressed(self, key: tuple[str, str], reason: Reason) -> None:
        kind: Any = key[0]
        self.world.publish()
        self.world.sync(lambda: self.world.suppress(Suppression(None, kind, key[1], reason=reason), self.world.second))

    def teardown(self) -> None:
        self.world.publish()
        self.world.sync()


@pytest.mark.slow
def test_nobody_is_sent_who_may_not_be_contacted(
    world: Any, warehouse: Warehouse, connection: psycopg.Connection[Any], rules: CompiledRules
) -> None:
    migrate(connection)
    rules.install(connection)
    with warehouse.connect() as second:
        Lives.world = GateWorld(connection, second)
        run_state_machine_as_test(
            Lives,
            settings=hypothesis.settings(
                max_examples=20, stateful_step_count=20, deadline=None,
                suppress_health_check=list(hypothesis.HealthCheck),
            ),
        )  # fmt: skip
