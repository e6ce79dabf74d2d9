"""Events that came in by HTTP, and those that could not be taken."""

from __future__ import annotations

from typing import Final

SCRIPT: Final = "select 1"
