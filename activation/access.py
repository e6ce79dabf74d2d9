"""Who may read: API keys, kept as hashes, shown once, revoked for ever.

A key is 256 random bits, so a plain SHA-256 of it cannot be guessed back, and the hash is also the index to find it by.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from activation.database import ActivationError, Connection, require_idle
from activation.schema import migrate

KEY_BY_HASH: Final = "select key_hash from activation.api_keys where key_hash = %s and revoked_at is null"
"""The query that finds a live key; its parameter is `hash_of(key)`, its answer is for `is_key`."""

_PREFIX: Final = "braid_"
_LONGEST_NAME: Final = 100


@dataclass(frozen=True)
class NewKey:
    """A key at the only moment that it can be seen."""

    key_id: str
    name: str
    key: str = field(repr=False)


@dataclass(frozen=True)
class ApiKey:
    """What is known of a key afterwards."""

    key_id: str
    name: str
    created_at: datetime
    revoked_at: datetime | None


def hash_of(key: str) -> bytes:
    """The SHA-256 that a key is kept and found as."""
    return hashlib.sha256(key.encode()).digest()


def is_key(found: bytes | None, key: str) -> bool:
    """Whether the hash found in the database is that of `key`, in constant time."""
    return found is not None and hmac.compare_digest(bytes(found), hash_of(key))


def create_key(connection: Connection, name: str) -> NewKey:
    """Make a key; `name` says whose it is. The schema is created if it is not there.

    Raises:
        ActivationError: if the name is empty or longer than 100 characters.
    """
    name = name.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise ActivationError(f"a key needs a name of 1 to {_LONGEST_NAME} printable characters that says whose it is")
    migrate(connection)
    new = NewKey(f"key_{secrets.token_hex(5)}", name, _PREFIX + secrets.token_urlsafe(32))
    with connection.transaction():
        connection.execute(
            "insert into activation.api_keys (key_id, name, key_hash) values (%s, %s, %s)",
            [new.key_id, new.name, hash_of(new.key)],
        )
    return new


def list_keys(connection: Connection) -> list[ApiKey]:
    """All keys, revoked ones too, the oldest first."""
    migrate(connection)
    with connection.transaction():
        rows = connection.execute(
            "select key_id, name, created_at, revoked_at from activation.api_keys order by created_at, key_id"
        ).fetchall()
    return [ApiKey(*row) for row in rows]


def revoke_key(connection: Connection, key_id: str) -> None:
    """Refuse a key from the next request on.

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
        raise ActivationError(f"no live key has the id {key_id}; `braid api-key list` shows them")
