"""Tombstones and receipts of erased people."""

from __future__ import annotations

from typing import Final

SCRIPT: Final = "select 1"
