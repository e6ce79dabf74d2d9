"""Whatever happens to people, records and words: nobody is ever sent who may not be contacted at that moment.

A state machine merges, splits, changes what records say, suppresses, erases, publishes and syncs. Golden's own models
decide in PostgreSQL, the real engine sends to a tool that checks every row as it arrives, and who may be contacted is
worked out a second time in Python (`gate_model`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final

import hypothesis
import hypothesis.strategies as st
import psycopg
import pytest
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

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


def agreeing(kind: str, *points: int) -> Record:
    """A record that agrees to all that its source can agree to."""
    return Record(kind, {name: words[0] for name, words in WORDS[kind].items()}, {point(number) for number in points})


FIRST: Final = (
    ("shopify:customer", 0, 6),
    ("loyalty:member", 2, 7),
    ("shopify:customer", 4, 8),
    ("loyalty:member", 5),
    ("salesforce:contact", 1, 7),
    ("shopify:customer", 3),
)
"""Whoever is there from the beginning, in everything and agreeing to everything.

Some share a mailbox or a number; the first three have two records.
"""

POINTS: Final = st.integers(0, 8).map(point)
KEYS: Final = POINTS.map(lambda found: (found[0], found[2]))
SOME: Final = st.integers(0, 9)
CHANNELS: Final = st.sampled_from([None, None, "email", "sms", "phone", "advertising"])
PURPOSES: Final = st.sampled_from([None, "marketing", "service"])
REASONS: Final = st.sampled_from([Reason.BOUNCED, Reason.UNSUBSCRIBED])


@st.composite
def said(draw: st.DrawFn, kind: str) -> dict[str, str]:
    # The first word of each is the one that grants, and is drawn most: else nobody would be sent at all.
    options: dict[str, list[str | None]] = {
        name: [*[words[0]] * 3, *words, None] for name, words in WORDS[kind].items()
    }
    words = {name: draw(st.sampled_from(found)) for name, found in options.items()}
    return {name: word for name, word in words.items() if word is not None}


@st.composite
def records(draw: st.DrawFn) -> Record:
    kind = draw(st.sampled_from(sorted(WORDS)))
    return Record(kind, draw(said(kind)), draw(st.sets(POINTS, min_size=1, max_size=3)))


EVENTS: Final = st.one_of(
    st.tuples(st.just("join"), records()),
    st.tuples(st.just("gain"), SOME, records()),
    st.tuples(st.just("say"), SOME, SOME, st.fixed_dictionaries({kind: said(kind) for kind in WORDS})),
    st.tuples(st.just("move"), SOME, SOME, st.sets(POINTS, max_size=3)),
    st.tuples(st.just("merge"), SOME, SOME),
    st.tuples(st.just("split"), SOME, st.sets(st.integers(0, 3), min_size=1, max_size=2)),
    st.tuples(st.just("weigh"), SOME, st.sampled_from([0.4, 0.6, 1.0])),
    st.tuples(st.just("enter_or_leave"), SOME, st.sampled_from(sorted(SEGMENTS))),
    st.tuples(st.just("turn_out"), KEYS, st.sampled_from(["personal", "household", "business", "junk"])),
    st.tuples(st.just("suppress"), KEYS, CHANNELS, PURPOSES, REASONS),
    st.tuples(st.just("suppress_customer"), SOME, CHANNELS, PURPOSES),
    st.tuples(st.just("lift"), SOME),
)
DAYS: Final = st.lists(EVENTS, min_size=2, max_size=5)


class Lives(RuleBasedStateMachine):
    """Days of people, over one database that every example empties; each day ends with a publication and all syncs."""

    world: ClassVar[GateWorld]

    def __init__(self) -> None:
        super().__init__()
        self.world.begin()
        self.number = 0

    @initialize(letters=st.booleans(), key=KEYS, reason=REASONS)
    def first_day(self, letters: bool, key: tuple[str, str], reason: Reason) -> None:
        for kind, *points in FIRST:
            self.join(agreeing(kind, *points))
        for number, (kind, *points) in enumerate(FIRST[:3]):
            self.gain(number, agreeing(kind, *points))
        self.world.publish()
        self.world.sync(self._letter(key, reason) if letters else None)
        assert letters or all(self.world.tools[name].people for name in ("mail", "text", "ads", "answers", "records"))

    @rule(events=DAYS)
    def a_day(self, events: list[tuple[Any, ...]]) -> None:
        self._live(events)
        self.world.sync()

    @rule(events=DAYS, key=KEYS, reason=REASONS)
    def a_day_with_a_letter_during_the_syncs(
        self, events: list[tuple[Any, ...]], key: tuple[str, str], reason: Reason
    ) -> None:
        self._live(events)
        self.world.sync(self._letter(key, reason))

    @rule(customer=SOME, events=DAYS)
    def a_day_with_an_erasure(self, customer: int, events: list[tuple[Any, ...]]) -> None:
        if found := sorted(self.world.published.customers):
            self.world.erase(found[customer % len(found)])
        self._live(events)
        self.world.sync()

    def _letter(self, key: tuple[str, str], reason: Reason) -> Callable[[], None]:
        """Somebody else's session suppresses an address; whatever is sent after that must know it."""
        kind: Any = key[0]
        letter = Suppression(None, kind, key[1], reason=reason)
        return lambda: self.world.suppress(letter, self.world.second)

    def _live(self, events: list[tuple[Any, ...]]) -> None:
        for name, *details in events:
            getattr(self, name)(*details)
        self.world.publish()

    def _new_id(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number:03}"

    def _customer(self, number: int) -> str | None:
        found = sorted(self.world.people.customers)
        return found[number % len(found)] if found else None

    def _record(self, number: int, place: int) -> Record | None:
        found = self.world.people.records_of(self._customer(number) or "")
        return self.world.people.records[found[place % len(found)]] if found else None

    def join(self, record: Record) -> None:
        customer, people = self._new_id("c"), self.world.people
        record_id = f"{record.kind}:{self._new_id('')}"
        people.records[record_id], people.owners[record_id] = record, customer
        people.members |= {("newsletter", customer), ("care", customer)}
        people.ledger.append(("minted", customer, None))

    def gain(self, number: int, record: Record) -> None:
        if customer := self._customer(number):
            record_id = f"{record.kind}:{self._new_id('')}"
            self.world.people.records[record_id], self.world.people.owners[record_id] = record, customer

    def say(self, number: int, place: int, words: dict[str, dict[str, str]]) -> None:
        if record := self._record(number, place):
            record.said = words[record.kind]

    def move(self, number: int, place: int, points: set[Point]) -> None:
        if record := self._record(number, place):
            record.points = points

    def merge(self, one: int, other: int) -> None:
        people = self.world.people
        survivor, loser = sorted((self._customer(one) or "", self._customer(other) or ""))
        if survivor == loser:
            return
        for record in people.records_of(loser):
            people.owners[record] = survivor
        people.members = {(s, survivor if c == loser else c) for s, c in people.members}
        people.successors[loser] = survivor
        people.ledger.append(("merged", loser, survivor))

    def split(self, number: int, places: set[int]) -> None:
        people, customer = self.world.people, self._customer(number)
        found = people.records_of(customer or "")
        leaving = {found[place % len(found)] for place in places} if found else set()
        if not leaving or len(leaving) == len(found):
            return
        sibling = self._new_id("c")
        people.owners |= dict.fromkeys(leaving, sibling)
        people.ledger += [("minted", sibling, None), ("split", sibling, customer)]
        people.members |= {(s, sibling) for s, c in people.members if c == customer}

    def weigh(self, number: int, strength: float) -> None:
        if customer := self._customer(number):
            self.world.people.strengths[customer] = strength

    def enter_or_leave(self, number: int, segment: str) -> None:
        if customer := self._customer(number):
            self.world.people.members ^= {(segment, customer)}

    def turn_out(self, key: tuple[str, str], what: str) -> None:
        self.world.people.classes[key[1]] = what

    def suppress(self, key: tuple[str, str], channel: str | None, purpose: str | None, reason: Reason) -> None:
        kind: Any = key[0]
        self.world.suppress(Suppression(None, kind, key[1], channel, purpose, reason))

    def suppress_customer(self, number: int, channel: str | None, purpose: str | None) -> None:
        if found := sorted(self.world.published.customers):
            self.world.suppress(Suppression(found[number % len(found)], channel=channel, purpose=purpose))

    def lift(self, number: int) -> None:
        if self.world.suppressed:
            self.world.lift(number)


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
                max_examples=30,
                stateful_step_count=6,
                deadline=None,
                suppress_health_check=list(hypothesis.HealthCheck),
            ),
        )
