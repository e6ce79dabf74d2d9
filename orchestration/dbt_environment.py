"""What dbt is told through its environment: the warehouse's address, and where to put what it writes."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from orchestration.warehouse import Address


def dbt_environment(address: Address | None, artefacts: Path) -> dict[str, str]:
    """The variables that `dbt_project/profiles.yml` reads; without an address, enough to parse."""
    variables = {
        "DBT_TARGET_PATH": str(artefacts.resolve()),
        "DBT_LOG_PATH": str(artefacts.resolve()),
        # To write down every statement costs a tenth of dbt's own time; whoever looks for something says "debug".
        "DBT_LOG_LEVEL_FILE": os.environ.get("DBT_LOG_LEVEL_FILE", "info"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    if address is not None:
        variables |= {
            "BRAID_DBT_HOST": address.host,
            "BRAID_DBT_PORT": str(address.port),
            "BRAID_DBT_USER": address.user,
            "BRAID_DBT_PASSWORD": address.password,
            "BRAID_DBT_DATABASE": address.database,
        }
    return variables


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for the length of a block, for child processes that only listen there."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
