"""What the API serves besides profiles: conditions, personas, service figures."""

from __future__ import annotations

from typing import Final

SCRIPT: Final = "select 1"
