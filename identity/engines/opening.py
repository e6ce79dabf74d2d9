"""The engine of a name, and its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from identity.engines.in_process import InProcess
from identity.engines.protocol import Engine
from identity.settings import EngineName

IN_PROCESS: Final[Engine] = InProcess()
"""The engine that needs nothing but this library."""


@contextmanager
def open_engine(name: EngineName) -> Iterator[Engine]:
    """The engine of that name; what it starts is stopped at the end.

    Raises:
        EngineError: as soon as it is asked for something, if what it needs is not installed.
    """
    if name == "duckdb":
        yield IN_PROCESS
        return
    # Imported when asked for: pyspark is an extra.
    from identity.engines.spark_engine import open_spark

    with open_spark() as engine:
        yield engine
