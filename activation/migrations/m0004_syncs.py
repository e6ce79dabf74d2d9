"""What a sync remembers of each row that a destination may hold."""

from __future__ import annotations

from typing import Final

SCRIPT: Final = "select 1"
