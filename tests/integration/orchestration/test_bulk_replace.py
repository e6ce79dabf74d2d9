"""A table becomes what it is told to be: loaded at once when empty, changed as little as possible when not."""

from __future__ import annotations

import pyarrow as pa
import pytest

from orchestration.bulk_replace import Replaced, Within, replace_rows
from orchestration.warehouse import Warehouse

INDEXES = "select indexdef from pg_indexes where schemaname = 'room' and tablename = 'things' order by indexdef"


def rows(**owners: str | None) -> pa.Table:
    return pa.table({"thing": pa.array(list(owners), pa.string()), "owner": pa.array(owners.values(), pa.string())})


@pytest.fixture
def room(warehouse: Warehouse) -> Warehouse:
    with warehouse.connect() as connection:
        connection.execute("create schema room; create table room.things (thing text primary key, owner text)")
        connection.execute("create index things_owner on room.things (owner)")
    return warehouse


def replace(warehouse: Warehouse, table: pa.Table) -> Replaced:
    with warehouse.transaction() as transaction:
        return replace_rows(transaction, "room", "things", table, ("thing",))


def things(warehouse: Warehouse) -> dict[str, str | None]:
    found = warehouse.read("select thing, owner from room.things order by thing")
    return dict(zip(found["thing"].to_pylist(), found["owner"].to_pylist(), strict=True))


def versions(warehouse: Warehouse) -> dict[str, str]:
    """Where each row is stored: a row that was written again has moved."""
    found = warehouse.read("select thing, ctid::text as place from room.things")
    return dict(zip(found["thing"].to_pylist(), found["place"].to_pylist(), strict=True))


def test_a_load_keeps_the_indexes(room: Warehouse) -> None:
    before = room.read(INDEXES)
    assert replace(room, rows(a="1", b="2")) == Replaced(written=2, removed=0)
    assert things(room) == {"a": "1", "b": "2"}
    assert room.read(INDEXES) == before


def test_a_load_still_refuses_two_rows_of_one_key(room: Warehouse) -> None:
    twice = pa.concat_tables([rows(a="1"), rows(a="2")])
    with pytest.raises(Exception, match="things_pkey"):
        replace(room, twice)
    assert things(room) == {}
    assert len(room.read(INDEXES)) == 2


def test_only_what_differs_is_written(room: Warehouse) -> None:
    replace(room, rows(a="1", b="2", c=None, d="4"))
    before = versions(room)
    assert replace(room, rows(a="1", b="other", c=None, e="5")) == Replaced(written=2, removed=1)
    assert things(room) == {"a": "1", "b": "other", "c": None, "e": "5"}
    after = versions(room)
    assert {thing for thing in before if after.get(thing) == before[thing]} == {"a", "c"}


def test_the_same_again_writes_nothing(room: Warehouse) -> None:
    replace(room, rows(a="1", b=None))
    before = versions(room)
    assert replace(room, rows(b=None, a="1")) == Replaced(written=0, removed=0)
    assert versions(room) == before


def test_a_transaction_that_fails_leaves_all_as_it_was(room: Warehouse) -> None:
    replace(room, rows(a="1"))

    class Killed(Exception):
        pass

    with pytest.raises(Killed), room.transaction() as transaction:
        replace_rows(transaction, "room", "things", rows(b="2"), ("thing",))
        raise Killed
    assert things(room) == {"a": "1"}


def test_everything_may_go(room: Warehouse) -> None:
    replace(room, rows(a="1"))
    assert replace(room, rows()) == Replaced(written=0, removed=1)
    assert things(room) == {}


def test_what_lies_outside_of_the_part_is_left_alone(room: Warehouse) -> None:
    replace(room, rows(a="1", b="1", c="2", d="3"))
    part = Within(("thing", "owner"), pa.array(["a", "2", "new"]))
    with room.transaction() as transaction:
        done = replace_rows(transaction, "room", "things", rows(a="9", new="1"), ("thing",), within=part)
    assert done == Replaced(written=2, removed=1)
    assert things(room) == {"a": "9", "b": "1", "d": "3", "new": "1"}
