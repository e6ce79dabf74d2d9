"""What was written to a look-alike: documents by resource and key, in one SQLite file that outlives the sandbox.

Each write of a row is counted, whether or not it changed anything, and the counts outlive the row: a test sees what
was written twice.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
from starlette.requests import Request

from sandbox.vendors.stream import Json, Payload
from sandbox.vendors.vendor import is_ignored

_TABLES = """
create table if not exists documents (resource text, key text, body text not null, primary key (resource, key));
create table if not exists writes (resource text, key text, times integer not null, primary key (resource, key));
"""


def _at(path: str) -> str:
    if not re.fullmatch(r"[a-z_]+(\.[a-z_]+)*", path):
        raise ValueError(f"{path} is no path of a document")
    return f"json_extract(body, '$.{path}')"


class DocumentStore:
    """The written part of one look-alike."""

    def __init__(self, path: Path) -> None:
        """Open the file, or start it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        # The server runs on a thread of its own; only that thread uses the connection.
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = normal")
        self._database.executescript(_TABLES)

    @contextmanager
    def request(self, request: Request) -> Iterator[None]:
        """All that one request writes, or nothing: on an error, and when a fault asks that it is not applied.

        Nothing may be awaited inside: the requests share one connection.
        """
        self._database.execute("begin")
        try:
            yield
        except BaseException:
            self._database.execute("rollback")
            raise
        self._database.execute("rollback" if is_ignored(request) else "commit")

    def get(self, resource: str, key: str) -> Payload | None:
        """One document."""
        found = self._database.execute(
            "select body from documents where resource = ? and key = ?", (resource, key)
        ).fetchone()
        return None if found is None else orjson.loads(found[0])

    def index(self, path: str) -> None:
        """Make `find` quick for a path such as `email` or `properties.email`."""
        name = f"by_{path.replace('.', '_')}"
        self._database.execute(f"create index if not exists {name} on documents (resource, {_at(path)})")

    def find(self, resource: str, path: str, *values: str) -> list[tuple[str, Payload]]:
        """The documents, with their keys, that have one of those texts at the path, the oldest first."""
        marks = ", ".join("?" * len(values))
        found = self._database.execute(
            f"select key, body from documents where resource = ? and {_at(path)} in ({marks}) order by rowid",
            (resource, *values),
        )
        return [(key, orjson.loads(body)) for key, body in found]

    def all(self, resource: str) -> dict[str, Payload]:
        """Every document of a resource by its key, the oldest first."""
        found = self._database.execute("select key, body from documents where resource = ? order by rowid", (resource,))
        return {key: orjson.loads(body) for key, body in found}

    def put(self, resource: str, key: str, body: Json) -> None:
        """Write a document, and count it."""
        self.keep(resource, key, body)
        self.count(resource, key)

    def keep(self, resource: str, key: str, body: Json) -> None:
        """Write a document that is not counted: what the vendor notes for itself, such as a job."""
        self._database.execute(
            "insert into documents values (?, ?, ?) on conflict (resource, key) do update set body = excluded.body",
            (resource, key, orjson.dumps(body).decode()),
        )

    def delete(self, resource: str, key: str) -> bool:
        """Remove a document, and count it as a write when it was there."""
        gone = self._database.execute("delete from documents where resource = ? and key = ?", (resource, key)).rowcount
        if gone:
            self.count(resource, key)
        return bool(gone)

    def count(self, resource: str, key: str) -> None:
        """Count one write of a row."""
        self._database.execute(
            "insert into writes values (?, ?, 1) on conflict (resource, key) do update set times = times + 1",
            (resource, key),
        )

    def writes(self) -> dict[str, dict[str, int]]:
        """How often each row of each resource was written."""
        counted: dict[str, dict[str, int]] = {}
        for resource, key, times in self._database.execute("select resource, key, times from writes order by rowid"):
            counted.setdefault(resource, {})[key] = times
        return counted

    def held(self, *resources: str) -> dict[str, Json]:
        """The documents of those resources, and `writes`."""
        return {**{name: self.all(name) for name in resources}, "writes": self.writes()}

    def close(self) -> None:
        """Close the file."""
        self._database.close()
