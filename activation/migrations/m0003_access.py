"""Who may read what, and what was read: scopes of keys, the audit trail."""

from __future__ import annotations

from typing import Final

SCRIPT: Final = "select 1"
