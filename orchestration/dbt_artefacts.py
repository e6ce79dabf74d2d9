"""dbt's artefacts, each written in one go: by Python's encoder, piece by piece, a manifest costs seconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dbt.artifacts.schemas import base
from dbt_common.utils.encoding import JSONEncoder


def _write_json(path: str, data: dict[str, Any]) -> bool:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data, cls=JSONEncoder), encoding="utf-8")
    return True


def write_at_once() -> None:
    """Let dbt, in this process, write its artefacts so."""
    base.write_json = _write_json  # type: ignore[attr-defined]
