"""API keys: kept as hashes, shown once, with scopes, a rate and an end; rotated with an overlap, revoked for ever.

A key is 256 random bits, so a plain SHA-256 of it cannot be guessed back, and the hash is also the index to find it by.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from activation.access.audit import Entry, write
from activation.access.scopes import Caller, Scope, scopes_of
from activation.database import ActivationError, Connection, require_idle
from activation.schema import migrate

LIVE_KEY: Final = """
    select key_id, number, name, key_hash, scopes, rate_limit
    from activation.api_keys
    where key_hash = %s and revoked_at is null and (expires_at is null or expires_at > now())
"""
"""The query that finds a live key; its parameter is `hash_of(key)`, its row is for `live_key`."""

DEFAULT_SCOPES: Final = frozenset({Scope.SUPPORT})
DEFAULT_RATE: Final = 600
"""Requests a minute: ten a second is more than a help desk's sidebar asks."""
DEFAULT_EVENTS_RATE: Final = 60_000
"""Requests a minute of a key for events: a shop's pages send by themselves."""
MOST_RATE: Final = 10_000_000
DEFAULT_OVERLAP: Final = timedelta(days=1)

_PREFIX: Final = "braid_"
_LONGEST_NAME: Final = 100
_LONGEST_LIFE: Final = timedelta(days=3650)


@dataclass(frozen=True)
class NewKey:
    """A key at the only moment that it can be seen."""

    key_id: str
    name: str
    key: str = field(repr=False)


@dataclass(frozen=True)
class ApiKey:
    """What is known of a key afterwards; `last_used_at` is coarse, and null when it never was."""

    key_id: str
    name: str
    scopes: frozenset[Scope]
    rate_limit: int
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    replaces: str | None


@dataclass(frozen=True)
class LiveKey:
    """A key that is good now: who calls, the number it is counted under, and how many requests a minute it may make."""

    caller: Caller
    number: int
    rate_limit: int


def hash_of(key: str) -> bytes:
    """The SHA-256 that a key is kept and found as."""
    return hashlib.sha256(key.encode()).digest()


def live_key(row: Mapping[str, Any] | None, key: str) -> LiveKey | None:
    """The live key of a row of `LIVE_KEY`; None when there is no row or it is not that of `key` (in constant time)."""
    if row is None or not hmac.compare_digest(bytes(row["key_hash"]), hash_of(key)):
        return None
    # A newer Braid may know more scopes; here they open nothing.
    scopes = frozenset(Scope(scope) for scope in row["scopes"] if scope in set(Scope))
    return LiveKey(Caller(row["key_id"], row["name"], scopes), row["number"], row["rate_limit"])


def create_key(
    connection: Connection,
    name: str,
    scopes: frozenset[Scope] = DEFAULT_SCOPES,
    *,
    rate_limit: int | None = None,
    lifetime: timedelta | None = None,
) -> NewKey:
    """Make a key; `name` says whose it is. The schema is created if it is not there.

    Args:
        connection: psycopg, without an open transaction.
        name: 1 to 100 printable characters.
        scopes: what it may do.
        rate_limit: requests a minute; `DEFAULT_RATE` when not given, `DEFAULT_EVENTS_RATE` for a key of events alone.
        lifetime: after which it is refused; None: until it is revoked.

    Raises:
        ActivationError: if the name, the scopes, the rate or the lifetime cannot be.
    """
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise ActivationError(f"a key needs a name of 1 to {_LONGEST_NAME} printable characters that says whose it is")
    if rate_limit is None:
        rate_limit = DEFAULT_EVENTS_RATE if scopes == {Scope.EVENTS} else DEFAULT_RATE
    if not 0 < rate_limit <= MOST_RATE:
        raise ActivationError(f"a rate is 1 to {MOST_RATE:,} requests a minute")
    if lifetime is not None and not timedelta() < lifetime <= _LONGEST_LIFE:
        raise ActivationError(
            f"a key lives from a moment to {_LONGEST_LIFE.days} days; leave it out for one that stays"
        )
    migrate(connection)
    with connection.transaction():
        new = _insert(connection, name, scopes_of(scopes), rate_limit, lifetime, None)
        write(connection, Entry("key.created", detail={"created": new.key_id, "scopes": sorted(scopes)}))
    return new


def rotate_key(connection: Connection, key_id: str, overlap: timedelta = DEFAULT_OVERLAP) -> NewKey:
    """Make a key like a live one, which lives on for `overlap` (never longer than it would have), then is refused.

    The new key has the old one's name, scopes and rate, and lives as long as the old one was made to.

    Raises:
        ActivationError: if there is no such live key, or the overlap is negative.
    """
    if overlap < timedelta():
        raise ActivationError("an overlap is not negative; 0s refuses the old key at once")
    migrate(connection)
    require_idle(connection)
    with connection.transaction():
        old = connection.execute(
            "select name, scopes, rate_limit, expires_at - created_at from activation.api_keys "
            "where key_id = %s and revoked_at is null and (expires_at is null or expires_at > now()) for update",
            [key_id],
        ).fetchone()
        if old is None:
            raise _no_live_key(key_id)
        name, scopes, rate_limit, lifetime = old
        new = _insert(connection, name, scopes_of(scopes), rate_limit, lifetime, key_id)
        connection.execute(
            "update activation.api_keys set expires_at = least(expires_at, now() + %s) where key_id = %s",
            [overlap, key_id],
        )
        detail = {"rotated": key_id, "created": new.key_id, "overlap_seconds": int(overlap.total_seconds())}
        write(connection, Entry("key.rotated", detail=detail))
    return new


def list_keys(connection: Connection) -> list[ApiKey]:
    """All keys, revoked and expired ones too, the oldest first."""
    migrate(connection)
    with connection.transaction():
        rows = connection.execute(
            "select key_id, name, scopes, rate_limit, created_at, expires_at, last_used_at, revoked_at, replaces "
            "from activation.api_keys order by created_at, number"
        ).fetchall()
    return [ApiKey(key_id, name, scopes_of(scopes), *rest) for key_id, name, scopes, *rest in rows]


def revoke_key(connection: Connection, key_id: str) -> None:
    """Refuse a key; every process that serves does so within a second.

    Raises:
        ActivationError: if there is no such key, or it is revoked already.
    """
    migrate(connection)
    require_idle(connection)
    with connection.transaction():
        revoked = connection.execute(
            "update activation.api_keys set revoked_at = now() where key_id = %s and revoked_at is null", [key_id]
        ).rowcount
        if not revoked:
            raise _no_live_key(key_id)
        write(connection, Entry("key.revoked", detail={"revoked": key_id}))


def _insert(
    connection: Connection,
    name: str,
    scopes: frozenset[Scope],
    rate_limit: int,
    lifetime: timedelta | None,
    replaces: str | None,
) -> NewKey:
    new = NewKey(f"key_{secrets.token_hex(5)}", name, _PREFIX + secrets.token_urlsafe(32))
    connection.execute(
        "insert into activation.api_keys (key_id, name, key_hash, scopes, rate_limit, expires_at, replaces) "
        "values (%s, %s, %s, %s, %s, now() + %s, %s)",
        [new.key_id, name, hash_of(new.key), sorted(scopes), rate_limit, lifetime, replaces],
    )
    return new


def _no_live_key(key_id: str) -> ActivationError:
    return ActivationError(f"no live key has the id {key_id}; `braid api-key list` shows them")
