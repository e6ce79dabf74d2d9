"""Later builds of golden, marts and segments say what a build of the same from nothing says: every table, every row.

A small retailer whose days come one after the other, with all that a later run may meet: new people and orders,
identity's answer to them, rows that change and rows that vanish, a clock that moves and one that stands still.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from psycopg import sql

from benchmarks.serve_build.retailer import VARIABLES, end_of, identify, late_moment, load, stage
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse
from sandbox.generator import generate
from tests.dbt_child import BRAID_DBT, run_child
from tests.integration.dbt_project.conftest import database

SERVED: Final = ("golden", "marts", "segments")
# What a run writes down of itself and of the runs before it.
OF_RUNS: Final = ("segment_membership_history", "segment_sizes", "segment_last_run")


class Retailer:
    """A warehouse that is staged as far as a moment, and built at another."""

    def __init__(self, warehouse: Warehouse, server: Warehouse, folder: Path) -> None:
        self.warehouse, self.server, self.folder = warehouse, server, folder
        self.settings = Settings()
        self.runs = 0

    def dbt(self, warehouse: Warehouse, as_of: datetime, *arguments: str) -> None:
        variables = json.dumps({**VARIABLES, "as_of": as_of.isoformat()})
        done = run_child([*BRAID_DBT, *arguments, "--vars", variables], self.folder / "dbt", warehouse)
        assert done.returncode == 0, done.stdout[-4000:]

    def identify(self, as_of: datetime) -> None:
        self.runs += 1
        self.dbt(
            self.warehouse, as_of, "run", "--select", "models/staging", "models/identity",
            "--exclude", "base_*", "stream_counts", "quarantine",
        )  # fmt: skip
        identify(self.warehouse, self.settings, f"run_{self.runs}")

    def say(self, *statements: str) -> None:
        with self.warehouse.connect() as connection:
            for statement in statements:
                connection.execute(statement)

    def serve(self, as_of: datetime) -> None:
        """Build, and compare with a copy of the warehouse that is built from nothing."""
        self.dbt(self.warehouse, as_of, "build", "--selector", "serve")
        with database(self.server, f"anew_{os.getpid()}", like=self.warehouse.address.database) as anew:
            self.dbt(anew, as_of, "build", "--selector", "serve", "--full-refresh", "--exclude", "resource_type:test")
            differing = {
                name: _rows_apart(self.warehouse, anew, name)
                for name, digest in _digests(anew).items()
                if digest != _digests(self.warehouse).get(name)
            }
        assert differing == {}
        assert _rules_apart(self.warehouse) == []


def _digests(warehouse: Warehouse) -> dict[str, str]:
    names = _tables(warehouse)
    with warehouse.connect() as connection:
        return {
            name: str(
                connection.execute(
                    sql.SQL(
                        "select md5(string_agg(row, '' order by row)) from (select {} as row from {} as t) as told"
                    ).format(_told(warehouse), sql.Identifier(*name.split(".")))
                ).fetchall()[0][0]
            )
            for name in names
        }


def _told(warehouse: Warehouse) -> sql.Composed:
    """A row as text; the conditions of segments name the database, and there are two."""
    return sql.SQL("replace(t::text, {}, '')").format(sql.Literal(str(warehouse.address.database)))


def _tables(warehouse: Warehouse) -> list[str]:
    with warehouse.connect() as connection:
        return [
            row[0]
            for row in connection.execute(
                "select schemaname || '.' || tablename from pg_tables where schemaname = any(%s) "
                "and not tablename = any(%s) order by 1",
                [list(SERVED), list(OF_RUNS)],
            )
        ]


def _rows_apart(stands: Warehouse, anew: Warehouse, name: str) -> tuple[list[str], list[str]]:
    """Of a table that differs, a few rows that only the one has, and that only the other has."""
    rows = []
    for warehouse in (stands, anew):
        with warehouse.connect() as connection:
            found = connection.execute(
                sql.SQL("select {} from {} as t").format(_told(warehouse), sql.Identifier(*name.split(".")))
            ).fetchall()
        rows.append({row[0] for row in found})
    return sorted(rows[0] - rows[1])[:3], sorted(rows[1] - rows[0])[:3]


def _rules_apart(warehouse: Warehouse) -> list[str]:
    """The segments whose view, which evaluates the rule by itself, has other rows than the tables that are kept."""
    kept = " union all ".join(
        f"select segment, customer_id, reason from segments.segment_{which}_rule_members" for which in ("own", "shared")
    )
    with warehouse.connect() as connection:
        views = [
            str(row[0])
            for row in connection.execute(
                r"select viewname from pg_views where schemaname = 'segments' and viewname like 'seg\_%'"
            )
        ]
        now = " union all ".join(
            f"select '{view[4:]}' as segment, customer_id, reason from segments.{view}" for view in views
        )
        both = f"from ({now}) as now full join ({kept}) as kept using (segment, customer_id)"
        found = connection.execute(
            f"select distinct segment {both} where now.reason is distinct from kept.reason".encode()
        ).fetchall()
    assert len(views) > 30
    return [str(row[0]) for row in found]


@contextmanager
def _retailer(postgres: Warehouse, folder: Path) -> Iterator[Retailer]:
    with database(postgres, f"later_{os.getpid()}") as warehouse:
        yield Retailer(warehouse, postgres, folder)


@pytest.mark.slow
def test_every_table_of_later_builds_is_as_if_built_anew(
    postgres: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRAID_HOME", str(tmp_path / "home"))
    world = generate(120, seed=11)
    first, second, third = (late_moment(world, share) for share in (0.2, 0.1, 0.02))
    with _retailer(postgres, tmp_path) as retailer:
        load(retailer.warehouse, world)
        # While the clock stands, what follows changes is computed for them alone; when it moves, much is whole.
        clock = third
        retailer.dbt(retailer.warehouse, clock, "build", "--selector", "prepare")
        stage(retailer.warehouse, None, first)
        retailer.identify(clock)
        retailer.serve(clock)
        # New people and orders.
        stage(retailer.warehouse, first, second)
        retailer.identify(clock)
        retailer.serve(clock)
        # Rows change and vanish, as after a correction and an erasure, and new ones come.
        retailer.say(*CHANGES)
        stage(retailer.warehouse, second, third)
        retailer.identify(clock)
        retailer.serve(clock)
        # Nothing new but three days, and an hour.
        clock += timedelta(days=3, hours=1)
        retailer.serve(clock)
        # The rest, which the clock is past already.
        stage(retailer.warehouse, third, end_of(world))
        retailer.identify(clock)
        retailer.serve(clock)


CHANGES: Final = (
    "update staging.base_zendesk__tickets set status = 'solved' where ticket_id in "
    "(select ticket_id from staging.base_zendesk__tickets order by ticket_id desc limit 20)",
    "update staging.base_shopify__orders set total_amount = total_amount + 5 where order_id in "
    "(select order_id from staging.base_shopify__orders order by order_id limit 10)",
    "delete from staging.base_shopify__order_lines where order_id in "
    "(select order_id from staging.base_shopify__orders order by order_id desc limit 3)",
    "delete from staging.base_shopify__orders where order_id in "
    "(select order_id from staging.base_shopify__orders order by order_id desc limit 3)",
    "update staging.base_shopify__customers set email_marketing_state = 'UNSUBSCRIBED' where shopify_customer_id in "
    "(select shopify_customer_id from staging.base_shopify__customers order by 1 limit 10)",
    "update staging.base_shopify__products set title = title || '!', category = 'sundries' where product_id in "
    "(select product_id from staging.base_shopify__products order by product_id limit 3)",
    "update staging.base_zendesk__users set role = 'agent' where user_id in "
    "(select author_id from staging.base_zendesk__ticket_comments order by comment_id limit 1)",
    "update staging.base_zendesk__tickets set requester_id = (select max(user_id) from staging.base_zendesk__users) "
    "where ticket_id in (select ticket_id from staging.base_zendesk__tickets order by ticket_id limit 3)",
    "update staging.base_zendesk__user_identities set is_verified = not is_verified where identity_id in "
    "(select identity_id from staging.base_zendesk__user_identities order by identity_id limit 10)",
    "update staging.base_salesforce__contacts set email_opt_out = true, do_not_call = true where contact_id in "
    "(select contact_id from staging.base_salesforce__contacts order by contact_id limit 10)",
    "delete from staging.base_files__interactions where record_key in "
    "(select record_key from staging.base_files__interactions order by record_key limit 5)",
)
