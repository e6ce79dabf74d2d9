"""JSON that Postgres can hold: the little that `jsonb` refuses is written so that it does not."""

from __future__ import annotations

import json
import math
from typing import Any


def storable_text(value: Any) -> str:
    """A value as JSON text for `jsonb`, as it is but for what Postgres cannot hold.

    NUL characters are left out, halves of a character become `?`, and numbers that are none (NaN, infinities) become
    texts.
    """
    text = _as_text(value)
    if text is not None and "\\u0000" not in text:
        return text
    return json.dumps(_storable(value), ensure_ascii=False, separators=(",", ":"))


def is_plain(value: Any) -> bool:
    """Whether every number is finite and every text is whole characters: what JSON itself allows."""
    return _as_text(value) is not None


def _as_text(value: Any) -> str | None:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        text.encode()
    except ValueError:  # of a NaN, or of half a character
        return None
    return text


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "").encode(errors="replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_storable(item) for item in value]
    return value
