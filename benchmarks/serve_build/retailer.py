"""A retailer of millions of touchpoints in a warehouse of its own, staged as far as a moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from string import Template
from typing import Final

import numpy as np
import pyarrow as pa

from orchestration.identity_run import propose, publish, read_inputs
from orchestration.identity_store import IdentityStore
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse
from sandbox.world import World

_STAGING: Final = Path(__file__).with_name("staging.sql")
_LONG_AGO: Final = "-infinity"
VARIABLES: Final = {"meta_page_id": "100", "meta_instagram_account_id": "200", "x_user_id": "300"}
"""The retailer's own accounts, as dbt is told of them."""


def load(warehouse: Warehouse, world: World) -> None:
    """Copy the world's tables to schema `world`."""
    with warehouse.transaction() as transaction:
        transaction.execute("create schema world")
        for name, table in world.tables.items():
            transaction.ingest(name, table, schema="world", mode="create")
    with warehouse.connect(autocommit=True) as connection:
        for name in world.tables:
            connection.execute(f"analyze world.{name}")


def late_moment(world: World, share: float) -> datetime:
    """The moment after which the last `share` of the world's touchpoints happened."""
    moments = np.concatenate(
        [
            _microseconds(world[name][column])
            for name, column in (
                ("web_events", "occurred_at"),
                ("orders", "ordered_at"),
                ("ticket_comments", "created_at"),
            )
        ]
    )
    late = int(np.quantile(moments, 1 - share))
    return datetime.fromtimestamp(late / 1_000_000, tz=world.as_of.tzinfo)


def _microseconds(column: pa.ChunkedArray) -> np.ndarray:
    return np.asarray(column.drop_null().cast(pa.int64()).to_numpy())


def stage(warehouse: Warehouse, since: datetime | None, until: datetime) -> None:
    """Bring what came to be in [since, until) into the base tables of staging; what comes later is announced."""
    whole = Template(_STAGING.read_text().partition("\n\n")[2])
    filled = whole.substitute({"from": since.isoformat() if since else _LONG_AGO, "to": until.isoformat()})
    with warehouse.connect(autocommit=True) as connection:
        for statement in filled.split(";\n"):
            if statement.strip():
                connection.execute(statement)  # type: ignore[arg-type]
        for (table,) in connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables "
            "where schemaname = 'staging' and tablename like 'base%'"
        ).fetchall():
            connection.execute(f"analyze {table}")
        if since is None:
            for relation, announced in connection.execute(
                "select relation, announces from build_state.models "
                "where relation like 'staging.base%' and announces <> ''"
            ).fetchall():
                connection.execute(_announcing(relation, announced))  # type: ignore[arg-type]


def _announcing(relation: str, announced: str) -> str:
    """Triggers that tell the followers of a base table of what is written to it, as dbt does where it writes it."""
    name = relation.replace(".", "_")
    told = (
        "insert into build_state.changes (relation, changed_key) "
        f"select distinct '{relation}', told.key from {{}} cross join unnest(array[{announced}]) as told (key) "
        "where told.key is not null;"
    )
    return f"""
        create function public.announce_{name}() returns trigger language plpgsql as $$
        begin
            if tg_op <> 'DELETE' then {told.format("come")} end if;
            if tg_op <> 'INSERT' then {told.format("gone")} end if;
            return null;
        end $$;
        create trigger announce_inserted after insert on {relation}
            referencing new table as come for each statement execute function public.announce_{name}();
        create trigger announce_updated after update on {relation}
            referencing new table as come old table as gone
            for each statement execute function public.announce_{name}();
        create trigger announce_deleted after delete on {relation}
            referencing old table as gone for each statement execute function public.announce_{name}();
    """


def identify(warehouse: Warehouse, settings: Settings, run_id: str) -> None:
    """Run identity on what dbt made of the staged records, and publish it."""
    store = IdentityStore(warehouse)
    proposal = propose(store, read_inputs(store, settings), run_id=run_id, progress=lambda _: None)
    publish(store, proposal, by="bounds")


def end_of(world: World) -> datetime:
    """A moment after everything in the world."""
    return world.as_of + timedelta(days=1)
