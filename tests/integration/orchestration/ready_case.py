"""What the tests of ready mappings share: files into a folder, through the source and dbt's first half, and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from orchestration.settings import Settings
from orchestration.sources.load import load
from orchestration.warehouse import Warehouse
from tests.dbt_child import BRAID_DBT, run_child

Prepare = Callable[[Warehouse], None]


def run_prepare(scratch: Path, warehouse: Warehouse) -> None:
    variables = json.dumps({"as_of": "2026-02-01"})
    done = run_child([*BRAID_DBT, "build", "--selector", "prepare", "--vars", variables], scratch, warehouse)
    assert done.returncode == 0, done.stdout


def put(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def staged(folder: Path, warehouse: Warehouse, prepare: Prepare, *lines: dict[str, Any]) -> None:
    """Load the folder with these lines of a mapping, and stage it."""
    put(folder, "mapping.yml", yaml.safe_dump({"files": list(lines)}))
    load("files", Settings(home=folder.parent / "home", files=folder), warehouse)
    prepare(warehouse)


def touches(warehouse: Warehouse, columns: str, source: str) -> list[tuple[Any, ...]]:
    rows = warehouse.read(
        f"select {columns} from staging.stg_files__interactions where source = $1 order by occurred_at, interaction_id",
        (source,),
    )
    return [tuple(row.values()) for row in rows.to_pylist()]


def quarantined(warehouse: Warehouse) -> set[tuple[str, str | None]]:
    rows = warehouse.read("select scope, field, reason from staging.quarantine where source = 'files'").to_pylist()
    return {(row["scope"], row["field"] or row["reason"]) for row in rows}


def named(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    rows = warehouse.read("select * from identity.identity_records").to_pylist()
    return {row["record_id"]: row for row in rows}
