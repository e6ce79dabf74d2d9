"""Golden's own rules of consent, compiled once, over tables that a test fills as it likes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.warehouse import Warehouse
from tests.integration.activation.gate.golden_rules import MODELS, PROJECT, CompiledRules


@pytest.fixture(scope="session")
def rules(postgres: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> CompiledRules:
    """The SQL of golden's consent models, as dbt compiles it."""
    folder: Path = tmp_path_factory.mktemp("compiled")
    address = postgres.address
    done = subprocess.run(
        [
            sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "compile", "--select", *MODELS,
            "--exclude", "resource_type:test", "test_type:unit", "--vars", json.dumps({"as_of": "2026-02-01"}),
        ],
        cwd=PROJECT,
        env={
            **os.environ,
            "BRAID_DBT_HOST": address.host,
            "BRAID_DBT_PORT": str(address.port),
            "BRAID_DBT_USER": address.user,
            "BRAID_DBT_PASSWORD": address.password,
            "BRAID_DBT_DATABASE": address.database,
            "DBT_PROFILES_DIR": str(PROJECT),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    compiled = folder / "target/compiled/braid/models/golden"
    return CompiledRules({name: (compiled / f"{name}.sql").read_text() for name in MODELS}, address.database)
