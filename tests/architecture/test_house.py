"""The house stays one that people can live in: imports point one way, files stay small, data flows left to right."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAY_IMPORT = {
    "identity": set(),
    "activation": {"identity"},
    "orchestration": {"activation", "identity"},
    "sandbox": {"identity"},
}
ROOMS = set(MAY_IMPORT)
LONGEST_FILE = 320
TOP_LEVEL = {
    "orchestration",
    "dbt_project",
    "identity",
    "activation",
    "sandbox",
    "benchmarks",
    "docs",
    "tests",
}


def _python_files() -> list[Path]:
    return sorted(
        path for folder in [*ROOMS, "tests", "benchmarks"] for path in (ROOT / folder).rglob("*.py") if path.is_file()
    )


def _imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_imports_point_one_way(room: str) -> None:
    wrong = {
        str(path.relative_to(ROOT)): sorted(_imported(path) & ROOMS - {room} - MAY_IMPORT[room])
        for path in (ROOT / room).rglob("*.py")
    }
    assert {path: rooms for path, rooms in wrong.items() if rooms} == {}


def test_identity_is_a_pure_library() -> None:
    drivers = {"dagster", "dbt", "psycopg", "adbc_driver_postgresql", "dlt", "sqlalchemy"}
    found = {str(path.relative_to(ROOT)): _imported(path) & drivers for path in (ROOT / "identity").rglob("*.py")}
    assert {path: names for path, names in found.items() if names} == {}


def test_activation_never_imports_splink() -> None:
    found = [path.name for path in (ROOT / "activation").rglob("*.py") if {"splink", "duckdb"} & _imported(path)]
    assert found == []


def test_sources_know_nothing_of_dagster() -> None:
    found = [path.name for path in (ROOT / "orchestration/sources").rglob("*.py") if "dagster" in _imported(path)]
    assert found == []


def test_no_file_has_grown_into_a_warehouse_of_its_own() -> None:
    sql = [path for path in (ROOT / "dbt_project").rglob("*.sql") if "target" not in path.parts]
    long = {
        str(path.relative_to(ROOT)): lines
        for path in [*_python_files(), *sql]
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_folder_is_named_for_nothing() -> None:
    nameless = {"utils", "util", "misc", "common", "helpers", "unused"}
    folders = {part for path in _python_files() for part in path.relative_to(ROOT).parts[:-1]}
    assert folders & nameless == set()


def test_the_top_level_is_the_design() -> None:
    tracked = {
        path.name
        for path in ROOT.iterdir()
        if path.is_dir() and not path.name.startswith(".") and any(path.rglob("*.*")) and path.suffix != ".egg-info"
    }
    assert tracked - {"build", "dist", "logs", "node_modules"} <= TOP_LEVEL
