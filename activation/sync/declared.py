"""The files of a folder as sync blocks, or everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any, Final

from pydantic import ValidationError

from activation.audiences.located_yaml import Located, NotYaml, read_located
from activation.audiences.problems import Path, Problem, nearest, told
from activation.destinations.kind import DestinationKind
from activation.destinations.registry import KINDS
from activation.published_tables import PUBLISHED_TABLES
from activation.sync.block import NAME, Channel, Mode, SyncBlock, SyncPurpose
from activation.sync.profile_paths import IN_SEGMENT, PATHS, SEGMENTS_FOR, kind_of

_FIELDS: Final = tuple(name for name in SyncBlock.model_fields if name != "name")
_TAKEN: Final = frozenset(table.name for table in PUBLISHED_TABLES) | {"file_drop"}
"""Names of other assets of the room."""


class SyncProblems(ValueError):
    """The blocks cannot be used; `problems` says why, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Gather the problems."""
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


@dataclass(frozen=True)
class DeclaredSync:
    """A block, its kind, and the file that it was read from."""

    block: SyncBlock
    kind: DestinationKind
    file: str


def read_syncs(folder: File, is_cron: Callable[[str], bool]) -> list[DeclaredSync]:
    """The blocks of a folder, in the order of their names; an empty or missing folder has none.

    Args:
        folder: where `<name>.yml` are.
        is_cron: whether a schedule is a cron line that the scheduler takes.

    Raises:
        SyncProblems: if anything in any of them is wrong.
    """
    problems: list[Problem] = []
    read: list[DeclaredSync] = []
    for path in _files(folder):
        try:
            read.append(_read(path, is_cron))
        except SyncProblems as error:
            problems += error.problems
    names = [path.stem for path in _files(folder)]
    problems += [
        Problem(f"{name}.yaml", None, "", "there is a file .yml of the same name; remove one of them")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if problems:
        raise SyncProblems(problems)
    return read


def _files(folder: File) -> list[File]:
    if not folder.is_dir():
        return []
    return [
        path
        for path in sorted(folder.iterdir())
        if path.suffix in (".yml", ".yaml") and path.is_file() and not path.name.startswith(".")
    ]


def _read(path: File, is_cron: Callable[[str], bool]) -> DeclaredSync:
    name, file = path.stem, path.name
    if not NAME.fullmatch(name) or name in _TAKEN:
        said = (
            f"{name} is the name of something else in activation; take another"
            if name in _TAKEN
            else "a file is named like its sync: small letters, digits and _, at most 40, such as vip_meta.yml"
        )
        raise SyncProblems([Problem(file, None, "", said)])
    try:
        located = read_located(path.read_text(encoding="utf-8"))
    except NotYaml as error:
        raise SyncProblems([Problem(file, error.line, "", str(error))]) from None
    except (OSError, UnicodeDecodeError):
        raise SyncProblems([Problem(file, None, "", "this cannot be read as text in UTF-8")]) from None
    if not isinstance(located.value, dict):
        raise SyncProblems([Problem(file, 1, "", f"a sync is a mapping with {', '.join(_FIELDS)}")])
    found = list(_problems(name, located, is_cron))
    if found:
        placed = [Problem(file, located.line(place), told(place), said) for place, said in found]
        raise SyncProblems(sorted(placed, key=lambda problem: problem.line or 0))
    block = SyncBlock.model_validate({"name": name, **located.value})
    return DeclaredSync(block, KINDS[block.destination], file)


def _problems(name: str, located: Located, is_cron: Callable[[str], bool]) -> Iterator[tuple[Path, str]]:
    value: dict[str, Any] = located.value
    if value.get("name", name) != name:
        yield ("name",), f"the name is that of the file: {name}; leave it out, or rename the file"
    kind = KINDS.get(str(value.get("destination")))
    if kind is None and "destination" in value:
        yield ("destination",), f"there is no destination {value['destination']}{nearest(value['destination'], KINDS)}"
    try:
        block = SyncBlock.model_validate({**value, "name": name})
    except ValidationError as error:
        yield from _told(error, (), _FIELDS)
        return
    if kind is not None:
        yield from _for_kind(block, kind)
    yield from _of_mapping(block)
    if block.cron is not None and not is_cron(block.cron):
        yield ("schedule",), "write after_publication, manual, or a cron line such as 0 6 * * *"
    if block.purpose is SyncPurpose.MARKETING and block.channel is Channel.NONE:
        yield ("channel",), "marketing needs a channel: nobody agrees to marketing on none; name email, sms, …"
    if block.purpose is SyncPurpose.SERVICE and block.channel is Channel.ADVERTISING:
        yield ("purpose",), "advertising is always marketing"
    if block.model == "nobody" and block.mode is not Mode.MIRROR:
        yield ("mode",), "to take all back, the mode is mirror"


def _for_kind(block: SyncBlock, kind: DestinationKind) -> Iterator[tuple[Path, str]]:
    if block.channel not in kind.channels:
        yield ("channel",), f"{kind.name} has no channel {block.channel}{_one_of(kind.channels)}"
    if not any(block.key == key or (key.endswith(":") and block.key.startswith(key)) for key in kind.keys):
        yield ("key",), f"{kind.name} takes no key {block.key}{_one_of(kind.keys)}"
    try:
        kind.options.model_validate(dict(block.options))
    except ValidationError as error:
        yield from _told(error, ("options",), tuple(kind.options.model_fields))


def _of_mapping(block: SyncBlock) -> Iterator[tuple[Path, str]]:
    for field, path in block.mapping.items():
        if kind_of(path) is not None:
            continue
        if path.startswith(("primary.", "contact_points")):
            said = f"{path} leaves only by the gate: a row is matched by the permitted address; leave it out"
        elif path.startswith((IN_SEGMENT, SEGMENTS_FOR)):
            said = f"{path} names nothing; write in_segment.<segment> or segments_for.<tool>"
        else:
            said = f"there is no {path} in a profile{nearest(path, PATHS)}"
        yield ("mapping", field), said


def _told(error: ValidationError, above: Path, fields: tuple[str, ...]) -> Iterator[tuple[Path, str]]:
    for wrong in error.errors(include_input=False, include_url=False):
        place = (*above, *wrong["loc"])
        message = wrong["msg"].removeprefix("Value error, ")
        if wrong["type"] == "extra_forbidden":
            known = fields if len(wrong["loc"]) == 1 else ()
            message = f"there is no field {place[-1]}{nearest(place[-1], known)}"
        elif wrong["type"] == "missing":
            message = "this field is missing"
        yield place, message


def _one_of(words: Iterable[str]) -> str:
    return f"; use one of {', '.join(sorted(map(str, words)))}"
