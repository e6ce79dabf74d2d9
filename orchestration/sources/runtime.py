"""dlt as Braid runs it: told everything here, nothing by files, environment or a home folder; quiet; no telemetry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import dlt
from dlt.common.configuration.container import Container
from dlt.common.configuration.providers import CustomLoaderDocProvider
from dlt.common.configuration.specs.config_providers_context import ConfigProvidersContainer
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
from dlt.common.pipeline import PipelineContext
from dlt.common.runtime.telemetry import stop_telemetry
from dlt.destinations import postgres
from dlt.destinations.impl.postgres.configuration import PostgresCredentials

from orchestration.warehouse import Address

_SETTINGS: Final[dict[str, Any]] = {
    # dlt's messages name rows and URLs; what a reader needs is in SourceError and in the load's report.
    "runtime": {"dlthub_telemetry": False, "log_level": "CRITICAL"},
    "normalize": {
        "data_writer": {"disable_compression": True},
        "parquet_normalizer": {"add_dlt_load_id": True, "add_dlt_id": True},
    },
    # One worker: with more, dlt's threads race through its lazy imports and now and then one fails
    # (AttributeError: __SPEC__); a source's few tables load no faster by the twenty that are its default.
    "load": {"delete_completed_jobs": True, "truncate_staging_dataset": True, "workers": 1},
}


@contextmanager
def hermetic() -> Iterator[None]:
    """Run dlt on `_SETTINGS` alone; what it was told before comes back afterwards."""
    context = PluggableRunContext()
    context.providers = ConfigProvidersContainer([CustomLoaderDocProvider("braid", lambda: _SETTINGS)])
    # dlt starts its telemetry once per process, for whoever touches it first.
    stop_telemetry()
    with Container().injectable_context(context):
        try:
            yield
        finally:
            Container()[PipelineContext].deactivate()


def pipeline(source: str, home: Path, address: Address) -> dlt.Pipeline:
    """The pipeline of a source, into the schema `raw_<source>`.

    Args:
        source: its name in the settings.
        home: Braid's folder; dlt's working files go below it.
        address: of the Postgres to load.
    """
    return dlt.pipeline(
        f"braid_{source}",
        pipelines_dir=str((home / "dlt").resolve()),
        destination=postgres(credentials=credentials(address)),
        dataset_name=f"raw_{source}",
    )


def credentials(address: Address) -> PostgresCredentials:
    """dlt's credentials for an address; the folder of a socket goes where libpq takes it."""
    on_socket = address.host.startswith("/")
    return PostgresCredentials(
        {
            "host": "localhost" if on_socket else address.host,
            "port": address.port,
            "username": address.user,
            # dlt insists on one; a server that asks for none ignores it.
            "password": address.password or "none",
            "database": address.database,
            "query": {"host": address.host} if on_socket else {},
        }
    )
