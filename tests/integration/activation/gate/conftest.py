"""Golden's own rules of consent, compiled once, over tables that a test fills as it likes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestration.warehouse import Warehouse
from tests.dbt_child import BRAID_DBT, run_child
from tests.integration.activation.gate.golden_rules import MODELS, CompiledRules


@pytest.fixture(scope="session")
def rules(postgres: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> CompiledRules:
    """The SQL of golden's consent models, as dbt compiles it."""
    folder: Path = tmp_path_factory.mktemp("compiled")
    done = run_child(
        [
            *(*BRAID_DBT, "compile", "--select", *MODELS, "--exclude", "resource_type:test", "test_type:unit"),
            *("--vars", json.dumps({"as_of": "2026-02-01"})),
        ],
        folder,
        postgres,
    )
    assert done.returncode == 0, done.stdout
    compiled = folder / "compiled/braid/models/golden"
    return CompiledRules({name: (compiled / f"{name}.sql").read_text() for name in MODELS}, postgres.address.database)
