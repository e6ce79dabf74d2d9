"""Cursors: where the next page starts, as one opaque word."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence

from starlette.exceptions import HTTPException


def write_cursor(*parts: str) -> str:
    """The word for a place."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


def read_cursor(cursor: str, length: int) -> Sequence[str]:
    """The place of a word that `write_cursor` made of `length` parts.

    Raises:
        HTTPException: 422 if it is not such a word.
    """
    try:
        parts = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except ValueError:
        parts = None
    fits = isinstance(parts, list) and len(parts) == length
    if not fits or not all(isinstance(part, str) and "\x00" not in part for part in parts):
        raise HTTPException(422, "the cursor is not one that this API gave out; start again without it")
    return list(parts)
