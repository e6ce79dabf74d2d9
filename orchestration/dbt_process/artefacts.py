"""dbt's artefacts, each written once and in one go.

By Python's encoder, piece by piece, a manifest costs seconds; and a command that builds, runs or tests writes it twice,
as it read it and with what it compiled: the first, which the second replaces, is left out.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from dbt.artifacts.schemas import base
from dbt.contracts.graph.manifest import Manifest
from dbt.flags import get_flags
from dbt.parser import manifest as parser
from dbt.task import runnable
from dbt_common.utils.encoding import JSONEncoder

_WRITE_AT_THEIR_END: Final = frozenset({"build", "run", "test"})


def _write_json(path: str, data: dict[str, Any]) -> bool:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data, cls=JSONEncoder), encoding="utf-8")
    return True


def write_at_once() -> None:
    """Let dbt, in this process, write its artefacts so."""
    base.write_json = _write_json  # type: ignore[attr-defined]
    write_manifest = parser.write_manifest

    def write_as_read(manifest: Manifest, target_path: str, which: str | None = None) -> None:
        if get_flags().WHICH not in _WRITE_AT_THEIR_END:  # type: ignore[no-untyped-call]
            write_manifest(manifest, target_path, which)

    # What writes at the end has a name of its own for it.
    runnable.write_manifest = write_manifest  # type: ignore[attr-defined]
    parser.write_manifest = write_as_read
