"""Vendors' time formats, read and written one value at a time."""

from __future__ import annotations

import time
from datetime import UTC, datetime

MICROS = 1_000_000


def now() -> int:
    """The current time in microseconds since 1970."""
    return time.time_ns() // 1000


def parse(text: str) -> int | None:
    """An ISO 8601 date or date-time as microseconds since 1970 (UTC when it names no zone); None when it is none."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * MICROS)


def write(at: int, pattern: str) -> str:
    """Microseconds since 1970 by a strftime pattern."""
    return datetime.fromtimestamp(at // MICROS, UTC).strftime(pattern)
