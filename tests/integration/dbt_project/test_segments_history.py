"""Who entered a segment and left it, and because of what: run after run over memberships, records and rules."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import pytest

from orchestration.warehouse import Warehouse
from tests.dbt_child import BRAID_DBT, run_child

FIRST, SECOND, THIRD = (f"2026-06-{day}T00:00:00+00:00" for day in ("01", "02", "03"))
Members = Iterable[tuple[str, str]]


def run_history(folder: Path, warehouse: Warehouse, as_of: str, *arguments: str) -> None:
    """Build the history and what the next run compares with, at a moment."""
    done = run_child(
        [
            *(*BRAID_DBT, "run", "--select", "segment_membership_history", "segment_last_run"),
            *("--vars", json.dumps({"as_of": as_of}), *arguments),
        ],
        folder,
        warehouse,
    )
    assert done.returncode == 0, done.stdout


def tell(warehouse: Warehouse, *, members: Members, records: Members, digests: Members) -> None:
    """What the models before the history would have built."""
    with warehouse.connect() as connection:
        connection.execute(
            """
            create schema if not exists golden; create schema if not exists segments;
            create table if not exists segments.segment_memberships (segment text, customer_id text);
            create table if not exists golden.record_inputs (record_id text, customer_id text);
            create table if not exists segments.segment_catalogue (segment text, digest text);
            truncate segments.segment_memberships, golden.record_inputs, segments.segment_catalogue;
            """
        )
        tables = {
            "segments.segment_memberships": members,
            "golden.record_inputs": records,
            "segments.segment_catalogue": digests,
        }
        for table, rows in tables.items():
            for row in rows:
                connection.execute(f"insert into {table} values (%s, %s)".encode(), row)


def history(warehouse: Warehouse) -> set[tuple[str, ...]]:
    with warehouse.connect() as connection:
        rows = connection.execute(
            "select segment, customer_id, to_char(entered_at at time zone 'UTC', 'DD') || entered_because, "
            "to_char(left_at at time zone 'UTC', 'DD') || left_because from segments.segment_membership_history"
        )
        return {tuple("" if value is None else value for value in row) for row in rows}


@pytest.fixture
def run(warehouse: Warehouse, tmp_path: Path) -> Callable[..., None]:
    return partial(run_history, tmp_path, warehouse)


RECORDS = [("r1", "ann"), ("r2", "bob"), ("r3", "cas"), ("r4", "dot"), ("r5", "dot")]
RULES = [("vip", "v1"), ("new", "n1"), ("old", "o1")]
STANDING = [("vip", "ann"), ("vip", "bob"), ("new", "cas"), ("old", "dot"), ("new", "dot")]
AFTERWARDS = {
    ("vip", "ann", "01data", ""),
    ("vip", "bob", "01data", "02identity"),  # merged into ann
    ("new", "cas", "01data", "02rule"),
    ("new", "dot", "01data", "02identity"),  # split: the change of who is who comes before that of the rule
    ("old", "dot", "01data", "02identity"),
    ("new", "ann", "02identity", ""),
    ("new", "eve", "02identity", ""),  # who was split off is nobody new
    ("new", "fay", "02rule", ""),  # every record of hers is new, but so is the rule
    ("vip", "fay", "02data", ""),
    ("fresh", "cas", "02rule", ""),
}


@pytest.mark.slow
def test_why_somebody_entered_and_left(warehouse: Warehouse, run: Callable[..., None]) -> None:
    tell(warehouse, members=STANDING, records=RECORDS, digests=RULES)
    run(FIRST)
    assert history(warehouse) == {(*member, "01data", "") for member in STANDING}

    tell(
        warehouse,
        members=[("vip", "ann"), ("new", "ann"), ("new", "eve"), ("new", "fay"), ("vip", "fay"), ("fresh", "cas")],
        records=[("r1", "ann"), ("r2", "ann"), ("r3", "cas"), ("r4", "dot"), ("r5", "eve"), ("r6", "fay")],
        digests=[("vip", "v1"), ("new", "n2"), ("fresh", "f1")],  # old is gone
    )
    run(SECOND)
    assert history(warehouse) == AFTERWARDS

    run(SECOND)  # an equal run
    assert history(warehouse) == AFTERWARDS
    run(THIRD, "--full-refresh")  # it cannot be made again, so it stays
    assert history(warehouse) == AFTERWARDS


@pytest.mark.slow
def test_a_repeated_run_corrects_itself_and_one_of_the_past_says_nothing(
    warehouse: Warehouse, run: Callable[..., None]
) -> None:
    tell(warehouse, members=[("vip", "ann"), ("vip", "bob")], records=RECORDS, digests=RULES)
    run(FIRST)
    tell(warehouse, members=[("vip", "bob")], records=RECORDS, digests=RULES)
    run(SECOND)
    left = ("vip", "ann", "01data", "02data")
    assert history(warehouse) == {left, ("vip", "bob", "01data", "")}

    tell(warehouse, members=[("vip", "ann"), ("vip", "cas")], records=RECORDS, digests=RULES)
    run(FIRST)  # a moment of the past
    assert history(warehouse) == {left, ("vip", "bob", "01data", "")}

    tell(warehouse, members=[("vip", "ann"), ("vip", "bob"), ("vip", "cas")], records=RECORDS, digests=RULES)
    run(SECOND)  # the same moment, thought better of: ann never left
    assert history(warehouse) == {
        ("vip", "ann", "01data", ""),
        ("vip", "bob", "01data", ""),
        ("vip", "cas", "02data", ""),
    }

    tell(warehouse, members=[("vip", "bob")], records=RECORDS, digests=RULES)
    run(THIRD)
    tell(warehouse, members=[("vip", "ann"), ("vip", "bob")], records=RECORDS, digests=RULES)
    run("2026-06-04T00:00:00+00:00")  # back again: a second time in it
    assert {row for row in history(warehouse) if row[1] == "ann"} == {
        ("vip", "ann", "01data", "03data"),
        ("vip", "ann", "04data", ""),
    }
