"""Keyed tombstones: what must not come back, as HMACs that say nothing without a key that the database does not hold.

HMAC-SHA256 (RFC 2104) over `kind`, a zero byte and the normalised value. A plain hash would not do: there are few phone
numbers, and all of them can be tried.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from activation.database import ActivationError, Connection, scalar
from activation.privacy.marks import RECORD, THING, Mark

_CONSTANT: Final = Mark("key", "braid tombstones")
_SHORTEST: Final = 16


@dataclass(frozen=True)
class TombstoneKey:
    """The secret under which tombstones are made."""

    secret: bytes = field(repr=False)

    @classmethod
    def read(cls, home: Path, given: str | None) -> Self | None:
        """The key that was given (`BRAID_PRIVACY_KEY`), else that of `<home>/privacy.key`; None when there is none.

        Raises:
            ActivationError: if it is too short to be a secret.
        """
        file = home / "privacy.key"
        text = given if given is not None else file.read_text().strip() if file.exists() else None
        if text is None:
            return None
        if len(text) < _SHORTEST:
            where = "BRAID_PRIVACY_KEY" if given is not None else str(file)
            raise ActivationError(f"{where} is too short to be a secret: give {_SHORTEST} characters or more")
        return cls(hashlib.sha256(text.encode()).digest())

    @classmethod
    def made(cls, home: Path, given: str | None) -> Self:
        """The key as `read` finds it, or a new one in `<home>/privacy.key`, for its owner's eyes only."""
        found = cls.read(home, given)
        if found is not None:
            return found
        home.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(home / "privacy.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return cls.made(home, given)  # made by another process just now
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
        return cls.made(home, given)

    def digest(self, mark: Mark) -> bytes:
        """The HMAC of a mark."""
        return hmac.digest(self.secret, f"{mark.kind}\0{mark.value}".encode(), "sha256")


def require_key(connection: Connection, key: TombstoneKey | None) -> TombstoneKey | None:
    """Refuse to go on with tombstones that cannot be read, for then nobody would be kept away.

    Returns:
        The key; None when there are no tombstones to need one.

    Raises:
        ActivationError: if there are tombstones, and no key or another one than they were made with.
    """
    known = scalar(connection, "select fingerprint from activation.tombstone_key")
    if known is None:
        return None
    if key is None:
        raise ActivationError(
            "people were erased from this warehouse, and the key of their tombstones is missing: put privacy.key back "
            "into Braid's home, or set BRAID_PRIVACY_KEY; without it they would come back with the next load"
        )
    _require_fingerprint(key, bytes(known))
    return key


def keep_fingerprint(connection: Connection, key: TombstoneKey) -> None:
    """Note which key the tombstones are made with; the first one stays.

    Raises:
        ActivationError: if they were made with another one.
    """
    connection.execute(
        "insert into activation.tombstone_key (fingerprint) values (%s) on conflict do nothing", [key.digest(_CONSTANT)]
    )
    _require_fingerprint(key, bytes(scalar(connection, "select fingerprint from activation.tombstone_key")))


def _require_fingerprint(key: TombstoneKey, known: bytes) -> None:
    if not hmac.compare_digest(key.digest(_CONSTANT), known):
        raise ActivationError(
            "the tombstones of this warehouse were made with another key: give the privacy.key or BRAID_PRIVACY_KEY "
            "that was in use when people were erased"
        )


def bury(connection: Connection, key: TombstoneKey, erasure_id: str, marks: Iterable[Mark]) -> int:
    """Set tombstones for marks; one that was lifted counts again.

    Returns:
        The number of marks that now have one.
    """
    digests = {key.digest(mark): mark.kind for mark in marks}
    if digests:
        connection.execute(
            "insert into activation.tombstones (digest, kind, erasure_id) "
            "select digest, kind, %s from unnest(%s::bytea[], %s::text[]) as made (digest, kind) "
            "on conflict (digest) do update set lifted_at = null, lifted_by = null, erasure_id = excluded.erasure_id "
            "where activation.tombstones.lifted_at is not null",
            [erasure_id, list(digests), list(digests.values())],
        )
    return len(digests)


def standing(connection: Connection) -> dict[bytes, str]:
    """Every tombstone that counts: digest -> erasure."""
    rows = connection.execute("select digest, erasure_id from activation.tombstones where lifted_at is null")
    return {bytes(digest): erasure for digest, erasure in rows}


def found_among(tombstones: Mapping[bytes, str], key: TombstoneKey, marks: Iterable[Mark]) -> tuple[str, str] | None:
    """The erasure that keeps a row with these marks away, and the kind of the strongest mark; None when none does."""
    for mark in sorted(marks, key=lambda mark: (mark.kind != THING, mark.kind != RECORD, mark)):
        erasure = tombstones.get(key.digest(mark))
        if erasure is not None:
            return erasure, mark.kind
    return None


def lift(
    connection: Connection, key: TombstoneKey, *, marks: Iterable[Mark] = (), erasure_id: str | None = None, by: str
) -> int:
    """Let marks, or all that one erasure keeps away, come back from now on.

    Returns:
        The number of tombstones lifted.
    """
    return connection.execute(
        "update activation.tombstones set lifted_at = now(), lifted_by = %s "
        "where lifted_at is null and (digest = any(%s::bytea[]) or erasure_id = %s)",
        [by, [key.digest(mark) for mark in marks], erasure_id],
    ).rowcount
