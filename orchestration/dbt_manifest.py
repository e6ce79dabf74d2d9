"""The dbt project as Dagster needs it: parsed once, parsed again only when a file of it has changed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from orchestration.dbt_environment import dbt_environment
from orchestration.settings import Settings
from orchestration.warehouse import Address

PROJECT_DIR = Path(__file__).resolve().parent.parent / "dbt_project"
_PARSED = {".sql", ".yml", ".yaml", ".csv", ".md"}


class ManifestError(RuntimeError):
    """dbt could not parse the project; the message holds dbt's own words."""


def artefacts_folder(settings: Settings) -> Path:
    """Where dbt keeps its manifest, logs and partial parse."""
    return settings.home / "dbt"


def dbt_vars(settings: Settings) -> dict[str, str]:
    """The variables of every dbt invocation: the same each time, so that partial parsing holds."""
    variables = {} if settings.as_of is None else {"as_of": settings.as_of.isoformat()}
    if settings.meta is not None:
        variables |= {
            "meta_page_id": settings.meta.page_id,
            "meta_instagram_account_id": settings.meta.instagram_account_id,
        }
    if settings.x is not None:
        variables |= {"x_user_id": settings.x.user_id}
    return variables


def load_manifest(
    settings: Settings, project_dir: Path = PROJECT_DIR, *, address: Address | None = None
) -> dict[str, Any]:
    """Return dbt's manifest, parsing the project if it changed since the manifest was written.

    With the `address` that the build will use, dbt's builds can go on from this parse instead of parsing again. Without
    it the address is that of the settings: a manifest names the database, and Dagster counts rows by that name.

    Raises:
        ManifestError: if the project does not parse.
    """
    folder = artefacts_folder(settings)
    manifest, stamp = folder / "manifest.json", folder / "manifest.fingerprint"
    if address is None and settings.database_url is not None:
        address = Address.from_url(settings.database_url.get_secret_value())
    fingerprint = _fingerprint(settings, project_dir, address)
    if not (manifest.exists() and stamp.exists() and stamp.read_text() == fingerprint):
        folder.mkdir(parents=True, exist_ok=True)
        _parse(settings, project_dir, folder, address)
        stamp.write_text(fingerprint)
    loaded: dict[str, Any] = json.loads(manifest.read_bytes())
    return loaded


def _parse(settings: Settings, project_dir: Path, folder: Path, address: Address | None) -> None:
    command = [
        sys.executable,
        "-m",
        "orchestration.dbt_process",
        "parse",
        "--quiet",
        "--vars",
        json.dumps(dbt_vars(settings)),
    ]
    done = subprocess.run(  # noqa: S603
        [*command, "--project-dir", str(project_dir), "--profiles-dir", str(project_dir)],
        env={**os.environ, **dbt_environment(address, folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ManifestError(f"dbt cannot parse {project_dir}:\n{(done.stdout + done.stderr).strip()}")


def _fingerprint(settings: Settings, project_dir: Path, address: Address | None) -> str:
    digest = hashlib.sha256(json.dumps(dbt_vars(settings), sort_keys=True).encode())
    digest.update((address.database if address else "postgres").encode())
    for path in sorted(project_dir.rglob("*")):
        if path.suffix in _PARSED and "target" not in path.parts:
            digest.update(str(path.relative_to(project_dir)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()
