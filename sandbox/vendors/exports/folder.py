"""The folder that Braid reads files from: every system's export, and one mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sandbox.vendors.exports import amazon, contact_centre, ga4, gladly, loyalty, sprout, store, surveys
from sandbox.vendors.exports.export import put
from sandbox.world import World

MAPPING: Final = "mapping.yml"
_SYSTEMS: Final = (loyalty, ga4, surveys, gladly, sprout, contact_centre, amazon, store)


def write_files(world: World, folder: Path) -> bool:
    """Write the exports of that world and their mapping; a file that would not change is left alone.

    A system that has nothing to tell has no file and no line in the mapping.

    Returns:
        Whether there is anything to read.
    """
    exports = [made for system in _SYSTEMS if (made := system.export(world)) is not None]
    for one in exports:
        for path, content in one.files:
            put(folder / path, content)
    if exports:
        put(folder / MAPPING, ("files:\n" + "".join(one.mapping for one in exports)).encode())
    return bool(exports)
