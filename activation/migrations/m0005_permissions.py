"""Who may be contacted where: permissions of addresses, suppressions."""

from __future__ import annotations

from typing import Final

SCRIPT: Final = "select 1"
