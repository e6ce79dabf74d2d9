"""What a mapping may write where a value is wanted: a column, a part of one, a constant, or one made of others.

A column is named as the file names it. A part of one is a path: `customer.id` (member), `lines[0].sku` (element),
`event_params[campaign]` (the value of a key, in a list of objects with `key` or `name`, and `value`), and in fields of
several values `emailAddresses[].original` (every element).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_STEP: Final = re.compile(r"\.(?P<member>[^.\[\]]+)|\[(?P<place>\d*)\]|\[(?P<key>[^\]]+)\]")
SHAPES: Final = "a column, {value: ...}, {first: [...]}, {join: [...]} or {column: ..., values: {...}}"


@dataclass(frozen=True)
class Column:
    """A column of the file, or a path into one."""

    name: str


@dataclass(frozen=True)
class Constant:
    """A value that every row has, written `{value: store}`."""

    value: str


@dataclass(frozen=True)
class First:
    """The first of several that is there, written `{first: [mobile, phone]}`; columns that the file lacks are none."""

    parts: tuple[AnyValue, ...]


@dataclass(frozen=True)
class Joined:
    """Several in one, written `{join: [order, line], with: "-"}`; parts that are blank are left out."""

    parts: tuple[AnyValue, ...]
    between: str


@dataclass(frozen=True)
class Translated:
    """Words for words, written `{column: network, values: {twitter: x}}`; upper and lower case are one.

    A word that the table has not stays, unless `otherwise` says what it becomes; `null` makes it nothing.
    """

    of: AnyValue
    words: tuple[tuple[str, str | None], ...]
    keeps_others: bool
    otherwise: str | None


AnyValue = Column | Constant | First | Joined | Translated


@dataclass(frozen=True)
class Tagged:
    """Values of a field with prefixes: `{instagram: insta}`, or `{prefix: network, columns: [handle]}`."""

    prefix: AnyValue
    value: AnyValue


def parse_value(written: object) -> AnyValue:
    """A value as written in YAML.

    Raises:
        ValueError: if it has none of the shapes.
    """
    if isinstance(written, str):
        return Column(written)
    if isinstance(written, dict):
        keys = set(written)
        if keys == {"value"} and _is_word(written["value"]):
            return Constant(_word(written["value"]))
        if keys == {"first"}:
            return First(_parts(written["first"]))
        if "join" in keys and keys <= {"join", "with"}:
            return Joined(_parts(written["join"]), str(written.get("with", " ")))
        if {"column", "values"} <= keys <= {"column", "values", "otherwise"} and isinstance(written["values"], dict):
            return _translated(written)
    raise ValueError(f"give {SHAPES}")


def _translated(written: dict[str, object]) -> Translated:
    words, otherwise = written["values"], written.get("otherwise")
    assert isinstance(words, dict)  # noqa: S101 - for the type checker; parse_value looked
    if not all(_is_word(key) and (word is None or _is_word(word)) for key, word in words.items()):
        raise ValueError("values: give a word for a word")
    if otherwise is not None and not _is_word(otherwise):
        raise ValueError("otherwise: give one word")
    pairs = tuple((_word(key).lower(), None if word is None else _word(word)) for key, word in words.items())
    kept = "otherwise" not in written
    return Translated(parse_value(written["column"]), pairs, kept, None if otherwise is None else _word(otherwise))


def _parts(written: object) -> tuple[AnyValue, ...]:
    if not isinstance(written, list) or not written:
        raise ValueError("give a list of columns")
    return tuple(parse_value(part) for part in written)


def _is_word(written: object) -> bool:
    return isinstance(written, str | int | float | bool)


def _word(written: object) -> str:
    """A word as files write it: YAML's true is the text true."""
    return str(written).lower() if isinstance(written, bool) else str(written)


def columns_in(value: AnyValue) -> Iterator[str]:
    """The columns that a value is made of."""
    match value:
        case Column(name):
            yield name
        case First(parts) | Joined(parts, _):
            for part in parts:
                yield from columns_in(part)
        case Translated(of=of):
            yield from columns_in(of)
        case Constant():
            return


def missing_from(value: AnyValue, has: Callable[[str], bool]) -> str | None:
    """The first column that a file would need for this value and has not; of a `first`, one alternative is enough."""
    match value:
        case Column(name):
            return None if has(name) else name
        case First(parts):
            lacks = [missing_from(part, has) for part in parts]
            return None if None in lacks else lacks[0]
        case Joined(parts, _):
            return next((lack for part in parts if (lack := missing_from(part, has))), None)
        case Translated(of=of):
            return missing_from(of, has)
        case Constant():
            return None


@dataclass(frozen=True)
class Path:
    """Where a column name leads in a file: a column of it, and steps below."""

    column: str
    steps: tuple[str | int | None, ...] = ()
    """Members (text), elements (number) and every element (None) on the way."""
    key: str | None = None
    """At the end: of a list of keys and values, this key's value."""


def locate(name: str, columns: Sequence[str]) -> Path | None:
    """The column of the file that a name means, and the path below it; None when there is none.

    A column of exactly that name comes first, so a dot or a bracket in a header does no harm.
    """
    if name in columns:
        return Path(name)
    heads = [column for column in columns if name.startswith(column) and name[len(column) : len(column) + 1] in ".["]
    if not heads:
        return None
    head = max(heads, key=len)
    steps, key, place = [], None, len(head)
    while place < len(name):
        step = _STEP.match(name, place)
        if step is None or key is not None:
            return None
        if step["key"] is not None:
            key = step["key"]
        elif step["member"] is not None:
            steps.append(step["member"])
        else:
            steps.append(int(step["place"]) if step["place"] else None)
        place = step.end()
    return Path(head, tuple(steps), key)
