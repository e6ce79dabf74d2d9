"""Field expansion of the Graph API: `fields=id,messages.limit(10){id,message}`.

After "Field Expansion" (developers.facebook.com/docs/graph-api/guides/field-expansion).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ARGUMENT: Final = re.compile(r"\.(\w+)\(([^()]*)\)")


class FieldError(ValueError):
    """A `fields` parameter that cannot be read."""


@dataclass(frozen=True)
class Field:
    """A field that was asked for, its arguments, and what is asked for below it."""

    name: str
    arguments: tuple[tuple[str, str], ...] = ()
    below: tuple[Field, ...] = ()

    def argument(self, name: str) -> str | None:
        """The value of one argument."""
        return dict(self.arguments).get(name)


def parse(text: str) -> tuple[Field, ...]:
    """The fields of a parameter.

    Raises:
        FieldError: if braces or commas do not fit.
    """
    fields, at = _list(text.replace(" ", ""), 0)
    if at != len(text.replace(" ", "")):
        raise FieldError(f"Syntax error at character {at}")
    return fields


def _list(text: str, at: int) -> tuple[tuple[Field, ...], int]:
    found: list[Field] = []
    while True:
        name = _NAME.match(text, at)
        if name is None:
            raise FieldError(f"Syntax error at character {at}")
        at = name.end()
        arguments = []
        while (argument := _ARGUMENT.match(text, at)) is not None:
            arguments.append((argument.group(1), argument.group(2)))
            at = argument.end()
        below: tuple[Field, ...] = ()
        if text[at : at + 1] == "{":
            below, at = _list(text, at + 1)
            if text[at : at + 1] != "}":
                raise FieldError(f"Syntax error at character {at}: expected }}")
            at += 1
        found.append(Field(name.group(), tuple(arguments), below))
        if text[at : at + 1] != ",":
            return tuple(found), at
        at += 1
