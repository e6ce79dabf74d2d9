"""A sandbox without a retailer, whose ad platforms and webhook receive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.serve import serve
from sandbox.world import TABLES, World
from tests.integration.activation.ads.ad_tools import Tools


@pytest.fixture
def tools(tmp_path: Path) -> Iterator[Tools]:
    empty = {name: schema.empty_table() for name, schema in TABLES.items()}
    with serve(World(empty, as_of=datetime(2026, 6, 1, tzinfo=UTC), seed=1), tmp_path / "state") as running:
        yield Tools(running)
