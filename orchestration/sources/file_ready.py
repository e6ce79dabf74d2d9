"""Ready mappings of well-known exports: `use: ga4` in a mapping becomes the entries of `mappings/ga4.yml`."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import yaml

from orchestration.sources.file_mistakes import nearest

_USE_KEYS: Final = ("use", "glob", "only", "source", "encoding", "delimiter", "change")
_FOLDER: Final = "mappings"


class WrongUse(ValueError):
    """A line that uses a ready mapping is wrong: where, and what it should say."""


@dataclass(frozen=True)
class Placed:
    """An entry as written, and where: `files.2`, or `files.2 (ga4, stream sessions)`."""

    place: str
    written: Any


def ready_mappings() -> list[str]:
    """The names of the mappings that come with Braid."""
    folder = resources.files(__package__) / _FOLDER
    return sorted(file.name.removesuffix(".yml") for file in folder.iterdir() if file.name.endswith(".yml"))


def expanded(files: list[Any]) -> list[Placed]:
    """The entries of a mapping, those of the ready mappings that it uses in their place.

    Raises:
        WrongUse: if a `use` names what there is not.
    """
    found: list[Placed] = []
    for number, entry in enumerate(files):
        place = f"files.{number}"
        found += _used(place, entry) if isinstance(entry, dict) and "use" in entry else [Placed(place, entry)]
    return found


def _used(place: str, line: dict[str, Any]) -> list[Placed]:
    name = line["use"]
    if name not in (known := ready_mappings()):
        raise WrongUse(f"{place}.use: no ready mapping '{name}'{nearest(str(name), known)}")
    for key in line:
        if key not in _USE_KEYS:
            raise WrongUse(f"{place}.{key}: unknown key beside use{nearest(str(key), _USE_KEYS)}")
    entries = _entries(name)
    streams = [entry["stream"] for entry in entries]
    globs, changes, only = line.get("glob"), line.get("change", {}), line.get("only", streams)
    _check_streams(f"{place}.glob", globs if isinstance(globs, dict) else {}, streams)
    if not isinstance(changes, dict) or not all(isinstance(change, dict) for change in changes.values()):
        raise WrongUse(f"{place}.change: give what changes by stream ({', '.join(streams)})")
    _check_streams(f"{place}.change", changes, streams)
    _check_streams(f"{place}.only", only, streams)
    if isinstance(globs, str) and len({entry["glob"] for entry in entries if entry["stream"] in only}) > 1:
        raise WrongUse(
            f"{place}.glob: '{name}' reads several files; write one by stream, "
            + ", ".join(f"{entry['stream']}: {entry['glob']}" for entry in entries)
        )
    return [
        Placed(f"{place} ({name}, stream {entry['stream']})", _changed(entry, line, globs, changes))
        for entry in entries
        if entry["stream"] in only
    ]


def _entries(name: str) -> list[dict[str, Any]]:
    text = (resources.files(__package__) / _FOLDER / f"{name}.yml").read_text(encoding="utf-8")
    entries: list[dict[str, Any]] = yaml.safe_load(text)["files"]
    return entries


def _check_streams(place: str, named: object, streams: list[str]) -> None:
    if not isinstance(named, dict | list):
        raise WrongUse(f"{place}: give it by stream ({', '.join(streams)})")
    for stream in named:
        if stream not in streams:
            raise WrongUse(f"{place}.{stream}: no stream of this mapping{nearest(str(stream), streams)}")


def _changed(entry: dict[str, Any], line: dict[str, Any], globs: Any, changes: dict[str, Any]) -> dict[str, Any]:
    """The entry with what the line says instead; fields and formats are changed one by one."""
    glob = globs.get(entry["stream"]) if isinstance(globs, dict) else globs
    said = {key: line[key] for key in ("source", "encoding", "delimiter") if key in line}
    said |= ({"glob": glob} if glob else {}) | (changes.get(entry["stream"]) or {})
    for key in ("fields", "formats"):
        if key in said and isinstance(said[key], dict):
            said[key] = {name: to for name, to in (entry.get(key, {}) | said[key]).items() if to is not None}
    return entry | said
