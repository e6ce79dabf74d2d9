"""The API's server: one process, or several workers on one address that count rates and figures together."""

from __future__ import annotations

import gc
import os
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psycopg
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from uvicorn.supervisors import Multiprocess

from activation.access.role import ensure_role
from activation.api.app import create_app
from activation.api.config import ApiConfig
from activation.database import ActivationError, Connection
from activation.schema import migrate

_GRACE: Final = 10  # seconds that requests have to end
_KEEP_ALIVE: Final = 75  # seconds; longer than the 60 after which most proxies let go of an idle connection


def prepare(connection: Connection) -> str | None:
    """Bring the schema to what the API needs, and make its role.

    Returns:
        None, or a warning for a person: the role cannot be had.

    Raises:
        ActivationError: if the schema is older than this Braid and this user may not migrate it, or is newer.
    """
    try:
        migrate(connection)
    except psycopg.errors.InsufficientPrivilege:
        raise ActivationError(
            "schema activation must be brought up to date, and the warehouse's user may not; "
            "publish once with a user that may create tables"
        ) from None
    return ensure_role(connection)


def serve_api(
    conninfo: str, host: str = "127.0.0.1", port: int = 8000, default_region: str = "US", workers: int = 1
) -> None:
    """Serve the API until interrupted; with several workers, each is a process with pools of its own.

    There is no access log: the addresses of lookups hold e-mail addresses and phone numbers.
    """
    with TemporaryDirectory(prefix="braid-api-") as folder:
        shared = Path(folder) if workers > 1 else None
        config = ApiConfig(conninfo=SecretStr(conninfo), default_region=default_region, shared_folder=shared)
        server = uvicorn.Config(
            partial(_worker, config),
            factory=True,
            host=host,
            port=port,
            workers=workers,
            access_log=False,
            server_header=False,
            log_level="warning",
            timeout_graceful_shutdown=_GRACE,
            timeout_keep_alive=_KEEP_ALIVE,
        )
        if shared is None:
            uvicorn.Server(server).run()
            return
        # The library reads this when it is imported, which the workers do after they are started.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        Multiprocess(server, [server.bind_socket()]).run()


def _worker(config: ApiConfig) -> FastAPI:
    """The app, and a heap whose lasting part no collection walks through in the middle of a request."""
    app = create_app(config)
    gc.collect()
    gc.freeze()
    return app
