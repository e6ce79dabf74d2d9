"""A warehouse of its own for a benchmark: an embedded PostgreSQL that is there as long as the measurement."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.settings import Settings
from orchestration.warehouse import Warehouse


@contextmanager
def scratch_warehouse(name: str, home: Path | None = None) -> Iterator[tuple[Warehouse, Settings, Path]]:
    """The warehouse, its settings, and a folder for all else; whatever the environment says of another warehouse.

    Args:
        name: of the benchmark, for the folder.
        home: where the warehouse is kept, to be used again; gone with the folder if not given.
    """
    with tempfile.TemporaryDirectory(prefix=f"braid-{name}-") as folder:
        os.environ["BRAID_HOME"] = str(home or Path(folder) / "home")
        os.environ.pop("BRAID_DATABASE_URL", None)
        settings = Settings()
        warehouse = Warehouse.open(settings)
        try:
            yield warehouse, settings, Path(folder)
        finally:
            warehouse.stop()
