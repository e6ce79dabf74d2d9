"""Golden, timeline, sales and cases follow what is announced below them: one change of each kind, no row left behind.

Each change is made where staging or identity would make it; then what follows is built, and compared with the whole
query. A change that moves no row of any of the tables would prove nothing, and fails.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest
from psycopg import sql

from benchmarks.serve_build.retailer import VARIABLES, end_of, identify, load, stage
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse
from sandbox.generator import generate
from tests.dbt_child import BRAID_DBT, PROJECT, run_child
from tests.integration.dbt_project.changes_below import GOLDEN, SALES_AND_TIMELINE
from tests.integration.dbt_project.conftest import database

pytestmark = pytest.mark.slow

TIMELINE: Final = (
    "marts/timeline/order_contents",
    "marts/timeline/touchpoints",
    "marts/sales/orders",
    "marts/sales/order_lines",
    "marts/sales/checkouts",
    "marts/timeline/conversations",
    "marts/service/service_touches",
    "marts/service/service_cases",
    "marts/service/service_handovers",
    "marts/tickets",
)
RECORDS: Final = ("golden/record_inputs", "golden/record_identifiers", "golden/consent_statements")
# Staged by hand: dbt would make these anew from raw rows that there are none of.
BASES: Final = sorted(
    {path.stem for path in (PROJECT / "models/staging").rglob("base_*.sql")} - {"base_files__first_replies"}
)
# What is stored between the base tables and the roots; the views there stand.
BELOW: Final = (
    "base_files__first_replies",
    "stg_files__named_people",
    "stg_files__shared_devices",
    "identity_records",
    "order_numbers",
    "written_identifiers",
    "stg_events__people",
)
NAMES: Final = ("conversation_members", *(Path(root).name for root in (*RECORDS, *TIMELINE)))


class Following:
    """A retailer whose roots are built again after each change."""

    def __init__(self, warehouse: Warehouse, folder: Path, as_of: datetime) -> None:
        self.warehouse, self.folder = warehouse, folder
        self.whole: dict[str, str] = {}
        self.variables = json.dumps({**VARIABLES, "as_of": as_of.isoformat()})

    def dbt(self, *arguments: str) -> None:
        done = run_child([*BRAID_DBT, *arguments, "--vars", self.variables], self.folder, self.warehouse)
        assert done.returncode == 0, done.stdout[-4000:]

    def prepare(self) -> None:
        self.dbt(
            "run", "--select", "models/staging", "models/identity", "--exclude", *BASES, "stream_counts", "quarantine"
        )

    def build(self) -> None:
        self.dbt("run", "--select", *BELOW, *NAMES)

    def rows(self, query: str) -> dict[str, int]:
        with self.warehouse.connect() as connection:
            return dict(
                connection.execute(
                    sql.SQL("select cast(t as text), count(*) from ({}) as t group by 1").format(sql.SQL(query))  # type: ignore[arg-type]
                ).fetchall()
            )


@pytest.fixture(scope="module")
def following(postgres: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Following]:
    folder = tmp_path_factory.mktemp("follows")
    world = generate(60, seed=5)
    with pytest.MonkeyPatch.context() as patch, database(postgres, f"follows_{os.getpid()}") as warehouse:
        patch.setenv("BRAID_HOME", str(folder / "home"))
        load(warehouse, world)
        found = Following(warehouse, folder / "dbt", world.as_of)
        found.dbt("build", "--selector", "prepare")
        stage(warehouse, None, end_of(world))
        found.prepare()
        identify(warehouse, Settings(), "first")
        found.dbt("seed")
        found.dbt("run", "--select", "consent_rules", "touchpoints_*", "exported_order_lines", *NAMES)
        found.dbt("compile", "--select", *NAMES)
        # The whole queries, before runs put those for what changed in their place.
        for root in (*RECORDS, *TIMELINE):
            query = (found.folder / "compiled/braid/models" / f"{root}.sql").read_text()
            found.whole[root] = f"select {columns(found, root)} from ({query}\n) as q"
        yield found


@pytest.mark.parametrize(
    ("roots", "changes"), [(RECORDS, GOLDEN), (TIMELINE, SALES_AND_TIMELINE)], ids=["golden", "timeline"]
)
def test_each_kind_of_change_reaches_every_row_that_it_is_for(
    following: Following, roots: tuple[str, ...], changes: dict[str, tuple[str, ...]]
) -> None:
    wrong, nothing = {}, []
    for change, statements in changes.items():
        before = {root: following.rows(stored(root)) for root in roots}
        with following.warehouse.connect() as connection:
            connection.execute("set search_path = staging, public")
            for statement in statements:
                connection.execute(statement)  # type: ignore[arg-type]
        following.build()
        after = {root: following.rows(stored(root)) for root in roots}
        for root in roots:
            expected = following.rows(following.whole[root])
            if expected != after[root]:
                wrong[change, root] = sorted(set(expected) ^ set(after[root]))[:2]
        if after == before:
            nothing.append(change)
    assert wrong == {}
    assert [change for change in nothing if change != "a call names a number that no order has"] == []


def stored(root: str) -> str:
    return f"select * from {table(root)}"


def table(root: str) -> str:
    return f"{root.partition('/')[0]}.{Path(root).name}"


def columns(following: Following, root: str) -> str:
    """Each column of a table as the type that it has there."""
    with following.warehouse.connect() as connection:
        found = connection.execute(
            "select format('cast(%%I as %%s) as %%1$I', attname, format_type(atttypid, atttypmod)) from pg_attribute "
            "where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped order by attnum",
            [table(root)],
        ).fetchall()
    return ", ".join(row[0] for row in found)
