"""Live keys, remembered for less than a second: a request costs no query of its own, a revocation holds at once."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Final

from activation.access.keys import LIVE_KEY, LiveKey, hash_of, live_key
from activation.api.pools import Pool

_STAMPED_EVERY: Final = 60.0
_MOST_REMEMBERED: Final = 10_000

_STAMP: Final = """
    update activation.api_keys set last_used_at = now()
    where key_id = any(%s) and (last_used_at is null or last_used_at < now() - interval '1 minute')
"""


class LiveKeys:
    """Finds keys by their hash and remembers good ones for `remembered` seconds; unknown ones are not remembered."""

    def __init__(self, pool: Pool, remembered: float) -> None:
        """Ask `pool`; a revoked key is good for `remembered` seconds at most."""
        self._pool = pool
        self._remembered = remembered
        self._known: dict[bytes, tuple[float, LiveKey]] = {}
        self._asked: dict[bytes, asyncio.Task[LiveKey | None]] = {}
        self._used: set[str] = set()
        self._stamped: dict[str, float] = {}

    async def find(self, key: str) -> LiveKey | None:
        """The key, if it is live; requests that come while the database is asked share the answer."""
        digest = hash_of(key)
        found = self._known.get(digest)
        if found is not None and found[0] > monotonic():
            live: LiveKey | None = found[1]
        else:
            asking = self._asked.get(digest)
            if asking is None:
                asking = self._asked[digest] = asyncio.create_task(self._ask(digest, key))
                asking.add_done_callback(lambda _: self._asked.pop(digest, None))
            live = await asyncio.shield(asking)
        if live is not None:
            self._used.add(live.caller.key_id)
        return live

    async def stamp(self) -> None:
        """Write down which keys were used, each at most once a minute."""
        now = monotonic()
        due = [key for key in self._used if now - self._stamped.get(key, -_STAMPED_EVERY) >= _STAMPED_EVERY]
        if not due:
            return
        async with self._pool.connection() as connection:
            await connection.execute(_STAMP, [due])
        self._stamped.update(dict.fromkeys(due, now))
        self._used.difference_update(due)

    async def _ask(self, digest: bytes, key: str) -> LiveKey | None:
        asked_at = monotonic()
        async with self._pool.connection() as connection:
            row = await (await connection.execute(LIVE_KEY, [digest])).fetchone()
        live = live_key(row, key)
        if live is None:
            self._known.pop(digest, None)
        else:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            # From when it was asked: what the database said is as old as the question.
            self._known[digest] = (asked_at + self._remembered, live)
        return live
