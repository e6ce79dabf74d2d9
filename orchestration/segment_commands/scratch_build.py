"""Segments built once more as of an earlier moment, in schemas of their own that are dropped afterwards.

dbt builds them, from the same models: with the variable `as_of`, with a prefix to every schema that it writes, and with
everything that does not depend on "now" read from the live tables (`--defer`). Two of these never run at once: they
would write the same schemas, and a session-wide lock of Postgres keeps them apart.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from orchestration.dbt_command import call_dbt
from orchestration.dbt_manifest import PROJECT_DIR, dbt_vars
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse, WarehouseError

PREFIX: Final = "braid_backtest_"
_GO_BACK: Final = ("marts", "segments")
_WRITTEN: Final = (*_GO_BACK, "build_state")
_LOCK: Final = 0x6272616964  # "braid" in bytes: any number does that nothing else here locks
_AS_OF: Final = "macro.braid.as_of"


def depends_on_now(manifest: dict[str, Any], targets: Sequence[str]) -> list[str]:
    """The models to build again for another "now": of `targets` and what they read, those that `as_of()` reaches.

    Only marts and segments go back: what staging, identity and golden know is today's.

    Args:
        manifest: dbt's.
        targets: names of models.

    Returns:
        Names of models, sorted; a target that no "now" reaches is left out.
    """
    nodes = manifest["nodes"]
    own = {node["name"]: key for key, node in nodes.items() if node["resource_type"] == "model"}
    macros = manifest["macros"]
    told: dict[str, bool] = {}

    def says_now(macro: str) -> bool:
        if macro not in told:
            told[macro] = macro == _AS_OF
            if not told[macro]:
                told[macro] = any(
                    says_now(called) for called in macros.get(macro, {}).get("depends_on", {}).get("macros", [])
                )
        return told[macro]

    reached: dict[str, bool] = {}

    def moves(key: str) -> bool:
        if nodes.get(key, {}).get("schema") not in _GO_BACK:
            return False
        if key not in reached:
            read = nodes[key]["depends_on"]
            # Every one is visited, for its own sake.
            above = [moves(parent) for parent in read.get("nodes", [])]
            reached[key] = any(above) or any(says_now(macro) for macro in read.get("macros", []))
        return reached[key]

    for name in targets:
        moves(own[name])
    return sorted(nodes[key]["name"] for key, now in reached.items() if now and nodes[key]["resource_type"] == "model")


def live_manifest(warehouse: Warehouse, settings: Settings, project: Path = PROJECT_DIR) -> dict[str, Any]:
    """dbt's manifest of the live tables, whose names are those of this warehouse; `built_as_of` reads it again.

    Raises:
        ManifestError: if the project does not parse.
    """
    call_dbt(warehouse.address, _live(settings), dbt_vars(settings), "parse", project=project)
    manifest: dict[str, Any] = json.loads((_live(settings) / "manifest.json").read_bytes())
    return manifest


def _live(settings: Settings) -> Path:
    return settings.home / "dbt" / "live"


@contextmanager
def built_as_of(
    warehouse: Warehouse, settings: Settings, models: Sequence[str], moment: datetime, project: Path = PROJECT_DIR
) -> Iterator[str]:
    """Build `models` as of `moment`; inside the block they are in the schemas of `PREFIX`, after it nowhere.

    What they read beside each other is read where `live_manifest`, which must have been called before, says it is.

    Raises:
        WarehouseError: if another one is at work, or the role may not create schemas.
        ManifestError: if dbt refuses.
    """
    with warehouse.connect(autocommit=True) as connection:
        if not _one(connection, sql.SQL("select pg_try_advisory_lock({})").format(_LOCK)):
            raise WarehouseError("another backtest is at work in this warehouse; try again when it has ended.")
        try:
            _drop(connection)  # of one that was killed
            if models:
                call_dbt(
                    warehouse.address,
                    settings.home / "dbt" / "backtest",
                    {**dbt_vars(settings), "as_of": moment.isoformat(), "schema_prefix": PREFIX},
                    "run",
                    "--select",
                    *models,
                    "--defer",
                    "--favor-state",
                    "--state",
                    str(_live(settings)),
                    project=project,
                )
            yield PREFIX
        finally:
            _drop(connection)
            connection.execute(sql.SQL("select pg_advisory_unlock({})").format(_LOCK))


def _drop(connection: psycopg.Connection[tuple[Any, ...]]) -> None:
    for room in _WRITTEN:
        connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(PREFIX + room)))


def _one(connection: psycopg.Connection[tuple[Any, ...]], query: sql.Composed) -> Any:
    row = connection.execute(query).fetchone()
    return row[0] if row else None
