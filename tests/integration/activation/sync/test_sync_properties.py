"""Whatever happens to people and to the tool, and wherever Braid is killed: the end is what the block declares."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from activation.database import ActivationError
from activation.schema import migrate
from activation.sync.block import SyncBlock
from activation.sync.engine import run_sync
from activation.sync.history import request_replay
from orchestration.warehouse import Warehouse
from tests.integration.activation.sync.pretend_tool import Killed, PretendTool, misbehaving
from tests.integration.activation.sync.published_people import Person, wanted, write

BLOCK = SyncBlock.model_validate(
    {
        "name": "audience", "destination": "pretend", "model": "segment:vip", "mode": "mirror", "channel": "email",
        "purpose": "marketing", "minimum_link_strength": 0, "mapping": {"value": "metrics.lifetime_value"},
        "cap": {"removed": 1, "changed": 1},
    }
)  # fmt: skip
CUSTOMERS = ("c1", "c2", "c3", "c4")
ADDRESSES = ("a@mail.org", "b@mail.org", "c@mail.org")
TROUBLES = ("kill", "down", "ignore", "half")


@st.composite
def stories(draw: Any) -> list[tuple[dict[str, Person], int, frozenset[str]]]:
    """Steps: who is published then, the seed of the tool's trouble, and which keys it refuses."""
    person = st.builds(
        Person,
        email=st.sampled_from(ADDRESSES) | st.none(),
        granted=st.sampled_from((True, True, True, False)),
        member=st.sampled_from((True, True, False)),
        value=st.integers(1, 3),
    )
    published = st.dictionaries(st.sampled_from(CUSTOMERS), person, max_size=len(CUSTOMERS))
    refused = st.frozensets(st.sampled_from(CUSTOMERS), max_size=1)
    return draw(st.lists(st.tuples(published, st.integers(0, 2**16), refused), min_size=1, max_size=6))


class WatchedTool(PretendTool):
    """Notes what a readable tool was sent though it held exactly that."""

    def _apply(self, row: Any) -> None:
        if self.readable and row.change != "removed":
            address = self._address(row, row.identity)
            if self.people.get(address) == dict(row.fields) and self.owner.get(address) == row.key:
                self.twice.append(row.key)
        super()._apply(row)
        if row.change != "removed":
            self.owner[self._address(row, row.identity)] = row.key

    def forget_who_left(self, people: dict[str, Person]) -> None:
        """Whoever left and comes back is sent again, also where the address stayed because another had it."""
        for address, key in list(self.owner.items()):
            person = people.get(key)
            if person is None or person.email != address or not (person.granted and person.member):
                del self.owner[address]


@pytest.fixture
def published(warehouse: Warehouse) -> Iterator[Warehouse]:
    with warehouse.connect() as connection:
        migrate(connection)
    yield warehouse


# Her new address is refused, and the tool is down when her former one is to be taken back.
_REFUSED_AND_DOWN: Any = [
    ({"c1": Person(email="a@mail.org", value=1)}, 0, frozenset()),
    ({"c1": Person(email="b@mail.org", value=1), "c2": Person(email=None, value=1)}, 4346, frozenset({"c1"})),
]


def new_tool(**how: Any) -> WatchedTool:
    tool = WatchedTool(batch_size=2, **how)
    tool.twice, tool.owner = [], {}
    return tool


def forget(connection: psycopg.Connection[Any]) -> None:
    with connection.transaction():
        connection.execute("truncate activation.deliveries, activation.dead_letters, activation.syncs cascade")


@pytest.mark.parametrize(("readable", "ids"), [(True, False), (True, True), (False, False)])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(stories())
@example(_REFUSED_AND_DOWN)
def test_the_end_is_what_is_declared(published: Warehouse, readable: bool, ids: bool, story: Any) -> None:
    tool = new_tool(readable=readable, ids=ids)
    connection = published.connect()
    forget(connection)
    try:
        for people, seed, refused in story:
            write(connection, people)
            tool.forget_who_left(people)
            tool.refused = set(refused)
            kinds = TROUBLES if readable else ("kill", "down", "half")
            trouble = misbehaving(seed, 0.4, kinds)

            def strike(where: str, trouble: Any = trouble) -> str | None:
                what = trouble(where)
                if what == "kill":
                    connection.close()  # noqa: B023 - the one in use when it strikes
                return what

            tool.trouble = strike
            with suppress(Killed, ActivationError):
                run_sync(connection, BLOCK, tool)
            if connection.closed:
                connection = published.connect()
            nobody_who_may_not_be_contacted(connection, tool, people, seed)
        tool.trouble, tool.refused = lambda _: None, set()
        request_replay(connection, BLOCK.name)
        report = run_sync(connection, BLOCK, tool)
        assert (report.rejected, report.unknown) == (0, 0)
        desired = wanted(connection, BLOCK, people)
        assert set(tool.people) == set(desired)
        for address, fields in tool.people.items():
            assert fields in desired[address]
        tool.calls.clear()
        assert run_sync(connection, BLOCK, tool).plan.to_send == 0
        assert tool.calls == []
        assert tool.twice == [], [(dict(p), s, set(r)) for p, s, r in story]
        keys = connection.execute("select key from activation.deliveries where not in_doubt").fetchall()
        assert len(keys) == sum(map(len, desired.values()))
        assert connection.execute("select count(*) from activation.dead_letters").fetchone() == (0,)
    finally:
        connection.close()


def nobody_who_may_not_be_contacted(
    connection: psycopg.Connection[Any], tool: PretendTool, people: dict[str, Person], seed: int
) -> None:
    """Once a sync went through without trouble, nobody is held whom the gate refuses; half of the steps end so."""
    if random.Random(seed).random() < 0.5:
        return
    tool.trouble = lambda _: None
    run_sync(connection, BLOCK, tool)
    assert set(tool.people) <= set(wanted(connection, BLOCK, people))


RECORDS = BLOCK.model_copy(update={"name": "desk", "model": "customers", "key": "record:desk:user"})


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.dictionaries(st.sampled_from(("1", "2", "3", "4")), st.sampled_from(CUSTOMERS)), st.integers(0, 2**16)
        ),
        min_size=1,
        max_size=6,
    )
)
def test_records_follow_their_customers_through_merges_and_splits(published: Warehouse, story: Any) -> None:
    block = SyncBlock.model_validate(
        RECORDS.model_dump() | {"channel": "none", "purpose": "service", "mapping": {"value": "metrics.lifetime_value"}}
    )
    tool = PretendTool(by="record_id", batch_size=2)
    connection = published.connect()
    forget(connection)
    try:
        for owners, seed in story:
            people = {
                customer: Person(
                    email=None,
                    value=int(customer[1]),
                    records=tuple(f"desk:user:{record}" for record, owner in owners.items() if owner == customer),
                )
                for customer in set(owners.values())
            }
            write(connection, people)
            trouble = misbehaving(seed, 0.4, TROUBLES)

            def strike(where: str, trouble: Any = trouble) -> str | None:
                what = trouble(where)
                if what == "kill":
                    connection.close()  # noqa: B023 - the one in use when it strikes
                return what

            tool.trouble = strike
            with suppress(Killed, ActivationError):
                run_sync(connection, block, tool)
            if connection.closed:
                connection = published.connect()
        tool.trouble = lambda _: None
        request_replay(connection, block.name)
        run_sync(connection, block, tool)
        assert tool.people == {record: {"value": int(owner[1])} for record, owner in owners.items()}
        assert run_sync(connection, block, tool).plan.to_send == 0
    finally:
        connection.close()
