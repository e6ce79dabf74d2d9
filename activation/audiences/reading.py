"""The files of a folder as audiences, or everything that is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path as File
from typing import Final

from pydantic import ValidationError

from activation.audiences.audience import Audience, Declared
from activation.audiences.located_yaml import Located, NotYaml, read_located
from activation.audiences.problems import AudienceProblems, Path, Problem, nearest, told
from activation.audiences.rules import RuleCheck
from activation.audiences.vocabulary import Vocabulary

NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")
_FIELDS: Final = tuple(Audience.model_fields)


def files_of(folder: File) -> list[File]:
    """The files of audiences in a folder, in the order of their names; an empty or missing folder has none."""
    return [path for path in sorted(folder.iterdir()) if _is_audience(path)] if folder.is_dir() else []


def check(files: Iterable[File], vocabulary: Vocabulary, beside: Iterable[str] = ()) -> list[Declared]:
    """The audiences in `files`, which may name each other, and those of `beside`, which are not read.

    Raises:
        AudienceProblems: if anything in any of them is wrong.
    """
    problems: list[Problem] = []
    read: list[Declared] = []
    paths = list(files)
    segments = frozenset(vocabulary.segments) | {path.stem for path in paths} | set(beside)
    names: dict[str, str] = {}
    for path in paths:
        if path.stem in names:
            problems.append(Problem(path.name, None, "", f"{names[path.stem]} has the same name; remove one of them"))
            continue
        names[path.stem] = path.name
        try:
            read.append(_read(path, vocabulary, segments))
        except AudienceProblems as error:
            problems += error.problems
    problems += _cycles(read, vocabulary.segments)
    if problems:
        raise AudienceProblems(problems)
    return read


def _is_audience(path: File) -> bool:
    return path.suffix in (".yml", ".yaml") and path.is_file() and not path.name.startswith(".")


def _read(path: File, vocabulary: Vocabulary, segments: frozenset[str]) -> Declared:
    name, file = path.stem, path.name
    if not NAME.fullmatch(name):
        said = "a file is named like its audience: small letters, digits and _, at most 40, such as big_fans.yml"
        raise AudienceProblems([Problem(file, None, "", said)])
    if name in vocabulary.segments:
        raise AudienceProblems([Problem(file, None, "", f"there is a segment {name} already; take another name")])
    try:
        located = read_located(path.read_text(encoding="utf-8"))
    except NotYaml as error:
        raise AudienceProblems([Problem(file, error.line, "", str(error))]) from None
    except (OSError, UnicodeDecodeError):
        raise AudienceProblems([Problem(file, None, "", "this cannot be read as text in UTF-8")]) from None
    return Declared(name, file, _audience(name, file, located, vocabulary, segments), located)


def _audience(name: str, file: str, located: Located, vocabulary: Vocabulary, segments: frozenset[str]) -> Audience:
    if not isinstance(located.value, dict):
        said = f"an audience is a mapping with {', '.join(_FIELDS)}"
        raise AudienceProblems([Problem(file, 1, "", said)])
    problems = [Problem(file, located.line(path), told(path), said) for path, said in _jinja(located.value, ())]
    audience = None
    try:
        audience = Audience.model_validate(located.value)
    except ValidationError as error:
        for wrong in error.errors(include_input=False, include_url=False):
            place = tuple(wrong["loc"])
            message = wrong["msg"].removeprefix("Value error, ")
            if wrong["type"] == "extra_forbidden":
                message = f"there is no field {place[0]}{nearest(place[0], _FIELDS)}"
            elif wrong["type"] == "missing":
                message = "this field is missing"
            problems.append(Problem(file, located.line(place), told(place), message))
    destinations = located.value.get("destinations")
    for position, destination in enumerate(destinations if isinstance(destinations, list) else ()):
        if isinstance(destination, str) and destination not in vocabulary.destinations:
            place = ("destinations", position)
            said = f"there is no destination {destination}{nearest(destination, vocabulary.destinations)}"
            problems.append(Problem(file, located.line(place), told(place), said))
    if isinstance(located.value.get("where"), dict):
        rule = located.value["where"]
        for path, said in RuleCheck(vocabulary, segments, name).problems(rule):
            problems.append(Problem(file, located.line(path), told(path), said))
    if problems or audience is None:
        raise AudienceProblems(sorted(problems, key=lambda problem: problem.line or 0))
    return audience


def _jinja(value: object, path: Path) -> Iterator[tuple[Path, str]]:
    """Text that dbt would run as a template when it reads the generated model."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _jinja(str(key), (*path, str(key)))
            yield from _jinja(entry, (*path, str(key)))
    elif isinstance(value, list):
        for place, entry in enumerate(value):
            yield from _jinja(entry, (*path, place))
    elif isinstance(value, str) and any(mark in value for mark in ("{{", "{%", "{#")):
        yield path, "text may not hold {{, {% or {#: they begin a template"


def _cycles(read: list[Declared], hand_written: Mapping[str, frozenset[str]]) -> list[Problem]:
    """Audiences that read each other in a ring, each ring told once, at its first audience."""
    reads = {**hand_written, **{declared.name: declared.reads for declared in read}}
    problems, told_already = [], set[str]()
    for declared in read:
        ring = _ring(declared.name, reads)
        if ring and declared.name not in told_already:
            told_already |= set(ring)
            words = " → ".join((*ring, ring[0]))
            problems.append(
                Problem(declared.file, None, "", f"these segments need each other, so none can be built: {words}")
            )
    return problems


def _ring(start: str, reads: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """The shortest way from a segment back to itself, without its end; empty when there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for way in ways:
        for following in sorted(reads.get(way[-1], ())):
            if following == start:
                return way
            if following not in seen:
                seen.add(following)
                ways.append((*way, following))
    return ()
