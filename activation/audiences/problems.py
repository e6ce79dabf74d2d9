"""What is wrong with an audience, where, and the word that was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""A place in the YAML: ("where", "all", 1, "trait")."""


@dataclass(frozen=True)
class Problem:
    """One thing to mend: in which file, on which line (from 1; null when the whole file), where in the tree, what."""

    file: str
    line: int | None
    path: str
    message: str

    def __str__(self) -> str:
        """`file:line where.all[1].trait: message`."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place} {self.path}: {self.message}" if self.path else f"{place}: {self.message}"


class AudienceProblems(ValueError):
    """The audiences cannot be used; `problems` says why, in the order of the files."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Gather the problems."""
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def told(path: Path) -> str:
    """A path as a marketer reads it: `where.all[1].trait`, lists counted from 1."""
    words = ""
    for part in path:
        words += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if words else part
    return words


def nearest(word: object, known: Iterable[str], *, many: int = 12) -> str:
    """`; did you mean X?`, or the words there are when they are few, to end a message with."""
    words = sorted(known)
    near = difflib.get_close_matches(str(word).lower(), words, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; use one of {', '.join(words)}" if 0 < len(words) <= many else ""
