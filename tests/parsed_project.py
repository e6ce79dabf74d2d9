"""dbt's reading of the project, made once and lent to every warehouse of the tests.

dbt keeps what it read of the project beside its artefacts, with the warehouse's address in it, and reads everything
anew for another address: the dearest thing that most of its processes here do. What differs between two warehouses is
the name of the database, in the name of each table, and the digest of the address, and between two copies of a project
their folder; so a test of a second warehouse gets the first one's reading with these replaced. dbt itself still looks
for files that differ from what was read.

What dbt compiled its templates to goes with the reading: that depends on neither.
"""

from __future__ import annotations

import json
import pprint
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgpack
from dbt.adapters.postgres.connections import PostgresCredentials
from dbt.artifacts.resources import FileHash

from orchestration.dbt_environment import environment as changed_environment
from orchestration.dbt_manifest import PROJECT_DIR, dbt_vars
from orchestration.dbt_process.templates import TEMPLATES_FILE
from orchestration.settings import Settings
from orchestration.warehouse import Address

_FILE: Final = "partial_parse.msgpack"


@dataclass(frozen=True)
class _Reading:
    """What dbt read, and the names in it: of the database and of the project's folder."""

    database: str
    project: str
    manifest: Any


_readings: dict[tuple[bytes, str], _Reading] = {}
"""By the text of the project's file and dbt's variables."""
_held: dict[Path, tuple[Address, str]] = {}
"""The warehouse and the variables that a folder's reading was made or changed for."""
_templates: list[bytes] = []
"""The fullest file of compiled templates that was seen, when one was."""


def variables_of(command: Sequence[str]) -> str:
    """What a command of dbt says behind `--vars`; empty when nothing."""
    return command[command.index("--vars") + 1] if "--vars" in command else ""


def of_runs(home: Path, address: Address, environment: Mapping[str, str]) -> tuple[Path, Address, Path, str]:
    """What `lend` and `keep` must know of the runs of `braid` with this home, warehouse and environment."""
    with changed_environment(environment):
        settings = Settings()
    return home / "dbt", address, PROJECT_DIR, json.dumps(dbt_vars(settings))


def lend(folder: Path, address: Address, project: Path, variables: str) -> None:
    """Put a reading of the project for this warehouse into a folder of artefacts, when there is one to lend."""
    _lend_templates(folder)
    known = _readings.get((_named(project), variables))
    if known is None or _held.get(folder) == (address, variables):
        return
    changed = _renamed(known.manifest, known, address.database, str(project))
    changed["state_check"]["profile_hash"] = _digest(address)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _FILE).write_bytes(msgpack.packb(changed))
    _held[folder] = (address, variables)


def keep(folder: Path, address: Address, project: Path, variables: str) -> None:
    """Remember what dbt read and left in a folder, unless a reading of the project with these variables is known."""
    _keep_templates(folder)
    if not (folder / _FILE).exists():
        return
    _held[folder] = (address, variables)
    if (_named(project), variables) not in _readings:
        manifest = msgpack.unpackb((folder / _FILE).read_bytes(), strict_map_key=False)
        _readings[_named(project), variables] = _Reading(address.database, str(project), manifest)


def _lend_templates(folder: Path) -> None:
    file = folder / TEMPLATES_FILE
    if _templates and not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_templates[0])


def _keep_templates(folder: Path) -> None:
    file = folder / TEMPLATES_FILE
    if file.exists() and (not _templates or file.stat().st_size > len(_templates[0])):
        _templates[:] = [file.read_bytes()]


def _named(project: Path) -> bytes:
    return (project / "dbt_project.yml").read_bytes()


def _renamed(value: Any, known: _Reading, database: str, project: str) -> Any:
    """The same value with both names replaced: each table's database, alone and in its full name, and file's folder."""
    if isinstance(value, list):
        return [_renamed(each, known, database, project) for each in value]
    if not isinstance(value, dict):
        return value
    changed = {key: _renamed(each, known, database, project) for key, each in value.items()}
    if changed.get("database") == known.database:
        changed["database"] = database
    if isinstance(name := changed.get("relation_name"), str):
        changed["relation_name"] = name.replace(f'"{known.database}".', f'"{database}".', 1)
    for key in ("project_root", "root_path"):
        if changed.get(key) == known.project:
            changed[key] = project
    return changed


def _digest(address: Address) -> dict[str, str]:
    """What dbt compares to see that the warehouse is the same (`ManifestLoader.build_manifest_state_check`)."""
    credentials = PostgresCredentials(
        host=address.host,
        port=address.port,
        user=address.user,
        password=address.password,
        database=address.database,
        schema="staging",
        connect_timeout=10,
    )
    return FileHash.from_contents(pprint.pformat(sorted(credentials.connection_info()))).to_dict()
