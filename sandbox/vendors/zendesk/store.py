"""What was written to the help desk: user fields, their values, jobs. SQLite, so it outlives the sandbox."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

import orjson

from sandbox.vendors.stream import Json, Payload

_TABLES = """
create table if not exists user_fields (key text primary key, body text not null);
create table if not exists users (id text primary key, user_fields text not null, updated_at integer not null,
                                  writes integer not null);
create table if not exists received (id text primary key, times integer not null);
create table if not exists deleted (id text primary key, for_good integer not null);
create table if not exists jobs (id text primary key, body text not null);
"""


class Store:
    """The written part of the help desk in one file."""

    def __init__(self, path: Path) -> None:
        """Open the file, or start it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        # The server runs on a thread of its own; only that thread uses the connection.
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = normal")
        self._database.executescript(_TABLES)

    def fields(self) -> dict[str, Payload]:
        """User field definitions by key, oldest first."""
        found = self._database.execute("select key, body from user_fields order by rowid")
        return {key: orjson.loads(body) for key, body in found}

    def add_field(self, key: str, body: Payload) -> None:
        """Keep a new definition."""
        self._database.execute("insert into user_fields values (?, ?)", (key, orjson.dumps(body).decode()))

    def users(self) -> dict[str, tuple[Payload, int, int]]:
        """By user id: field values, the moment of the last change (microseconds), the number of writes."""
        found = self._database.execute("select id, user_fields, updated_at, writes from users")
        return {key: (orjson.loads(values), at, writes) for key, values, at, writes in found}

    def save(self, users: dict[str, tuple[Payload, int]], job_id: str | None, job: Json) -> None:
        """Keep the new values of those users and their job, all or nothing."""
        self._database.execute("begin")
        self._database.executemany(
            "insert into users values (?, ?, ?, 1) on conflict (id) do update set user_fields = excluded.user_fields, "
            "updated_at = excluded.updated_at, writes = writes + 1",
            [(key, orjson.dumps(values).decode(), at) for key, (values, at) in users.items()],
        )
        if job_id is not None:
            self._database.execute("insert into jobs values (?, ?)", (job_id, orjson.dumps(job).decode()))
        self._database.execute("commit")

    def receive(self, users: Iterable[str]) -> None:
        """Count a write of each of those users, whether or not it changed anything."""
        self._database.executemany(
            "insert into received values (?, 1) on conflict (id) do update set times = times + 1",
            [(user,) for user in users],
        )

    def received(self) -> dict[str, int]:
        """How often each user was written."""
        return dict(self._database.execute("select id, times from received"))

    def delete(self, user: str, *, for_good: bool) -> None:
        """Note that a user is deleted; its fields go with it."""
        self._database.execute("insert or replace into deleted values (?, ?)", (user, int(for_good)))
        self._database.execute("delete from users where id = ?", (user,))

    def deleted(self) -> dict[str, bool]:
        """The deleted users, and whether each is deleted for good."""
        return {user: bool(done) for user, done in self._database.execute("select id, for_good from deleted")}

    def job(self, job_id: str) -> Payload | None:
        """A job as it was kept."""
        found = self._database.execute("select body from jobs where id = ?", (job_id,)).fetchone()
        return None if found is None else orjson.loads(found[0])

    def close(self) -> None:
        """Close the file."""
        self._database.close()
