"""JSON that Postgres can hold: the little that `jsonb` refuses is written so that it does not."""

from __future__ import annotations

import json
import math
from typing import Any


def storable_text(value: Any) -> tuple[str, bool]:
    """A value as JSON text for `jsonb`, and whether it was JSON in the letter.

    NUL characters are left out, which JSON allows and Postgres does not. Halves of a character become `?`, and numbers
    that are none (NaN, infinities) become texts: JSON allows neither.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        text.encode()
    except ValueError:  # of a NaN, or of half a character
        return _written(_storable(value)), False
    return (text if "\\u0000" not in text else _written(_storable(value))), True


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


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
