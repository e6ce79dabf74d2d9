"""YAML as plain values, with the line on which each of them stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml

from activation.audiences.problems import Path


class NotYaml(ValueError):
    """The text is no YAML, or says a key twice; `line` is where (from 1), null when unknown."""

    def __init__(self, message: str, line: int | None) -> None:
        """Keep the line beside the message."""
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Located:
    """The value, and the line (from 1) of every place in it."""

    value: Any
    lines: dict[Path, int]

    def line(self, path: Path) -> int | None:
        """The line of a place, or of the nearest place around it that is written down."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


class _Loader(yaml.SafeLoader):
    """A safe loader that leaves dates as the text that was written."""


_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: str(node.value))


def read_located(text: str) -> Located:
    """Read one YAML document; dates come out as text.

    Raises:
        NotYaml: if it is none, has more than one document, or says a key twice.
    """
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return Located(None, {})
        lines: dict[Path, int] = {}
        _walk(node, (), lines, loader, frozenset())
        return Located(loader.construct_document(node), lines)
    except NotYaml:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotYaml(f"this is no YAML: {error.problem or error.context}", mark.line + 1 if mark else None) from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError):
        raise NotYaml("this is no YAML that can be read", None) from None
    finally:
        loader.dispose()


def _walk(node: yaml.Node, path: Path, lines: dict[Path, int], loader: yaml.SafeLoader, above: frozenset[int]) -> None:
    if id(node) in above:
        raise NotYaml("an anchor refers to itself", node.start_mark.line + 1)
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        loader.flatten_mapping(node)
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                raise NotYaml(f"{name} is said twice in one place", key.start_mark.line + 1)
            seen.add(name)
            lines[(*path, name)] = key.start_mark.line + 1
            _walk(value, (*path, name), lines, loader, above | {id(node)})
    elif isinstance(node, yaml.SequenceNode):
        for place, entry in enumerate(node.value):
            _walk(entry, (*path, place), lines, loader, above | {id(node)})


def is_date(text: str) -> bool:
    """Whether it is a day of the calendar, as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
