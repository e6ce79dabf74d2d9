"""`dbt docs generate`, and what the catalogue says of the tables as they are in the database."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestration.warehouse import Warehouse

Dbt = Callable[..., subprocess.CompletedProcess[str]]
Docs = dict[str, tuple[dict[str, Any], dict[str, Any]]]
DESCRIBED = ("golden", "marts", "segments", "identity", "staging")


@pytest.fixture(scope="module")
def docs(company: Warehouse, dbt: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Docs:
    """Per table that the documentation shows: what was found in the database, and what the project tells of it."""
    folder: Path = tmp_path_factory.mktemp("docs")
    done = dbt(company, "docs", "generate", "--target-path", str(folder))
    assert done.returncode == 0, done.stdout
    assert (folder / "index.html").exists()
    catalogue = json.loads((folder / "catalog.json").read_text())
    manifest = json.loads((folder / "manifest.json").read_text())
    assert catalogue["errors"] is None
    told = {
        name: node
        for name, node in (manifest["nodes"] | manifest["sources"]).items()
        if node["resource_type"] in ("model", "seed", "source")
    }
    found = catalogue["nodes"] | catalogue["sources"]
    assert set(found) == set(told)
    return {f"{node['schema']}.{node['name']}": (found[name], node) for name, node in told.items()}


def test_every_table_and_column_is_described(docs: Docs) -> None:
    bare = [
        f"{table}.{column}" if column else table
        for table, (found, told) in docs.items()
        if told["schema"] in DESCRIBED or told["schema"].startswith("raw_")
        for column in ["", *found["columns"]]
        if not (told["columns"].get(column, {}) if column else told).get("description", "").strip()
    ]
    assert bare == []


def test_what_is_described_is_there(docs: Docs) -> None:
    gone = [
        f"{table}.{column}"
        for table, (found, told) in docs.items()
        for column in told["columns"]
        if column not in found["columns"]
    ]
    assert gone == []
