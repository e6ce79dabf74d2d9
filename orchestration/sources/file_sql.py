"""The SQL of a mapped value over the table `rows` of `file_tables.read`, where every column is text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from orchestration.sources.file_values import (
    AnyValue,
    Column,
    Constant,
    First,
    Joined,
    Path,
    Tagged,
    Translated,
    locate,
)
from orchestration.sources.file_where import Test

POSITION = "#"
"""After the name of the list that an entry explodes: the element's place in it, from 1."""


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quoted_text(text: str) -> str:
    """An SQL string."""
    return "'" + text.replace("'", "''") + "'"


def storable(text: str) -> str:
    """Text without the one character that Postgres cannot hold."""
    return f"replace({text}, chr(0), '')"


class Expressions:
    """Values of one entry over one file's columns."""

    def __init__(self, columns: Sequence[str]) -> None:
        """Args: columns: of the table `rows`, as the entry sees it."""
        self._columns = tuple(columns)

    def value(self, value: AnyValue) -> str:
        """A value's text; blank is nothing."""
        match value:
            case Constant(text):
                return quoted_text(text)
            case Column(name):
                return self._text(name)
            case First(parts):
                return f"coalesce({', '.join(map(self.value, parts))}, null)"
            case Joined(parts, between):
                return f"nullif(concat_ws({', '.join([quoted_text(between), *map(self.value, parts)])}), '')"
            case Translated():
                return self._translated(value)

    def values(self, value: AnyValue) -> str:
        """A list: the value, or those of a JSON list."""
        if not isinstance(value, Column):
            return f"[{self.value(value)}]"
        path = locate(value.name, self._columns)
        if path is None:
            return "[]::varchar[]"  # a column that the file may lack
        if None in path.steps:
            return f"coalesce(try({_extract(path)}), [])"
        text = self._text(value.name)
        listed = f"{text} like '[%' and json_valid({text})"
        # An element that is an object is no value; `emails[].original` reads one of its members.
        return f"""case when {listed} then list_transform(
            list_filter(json_extract({text}, '$[*]'), lambda one: json_type(one) not in ('OBJECT', 'ARRAY')),
            lambda one: one ->> '$'
          ) else [{text}] end"""

    def tagged(self, tagged: Tagged) -> str:
        """A list of values behind their prefix; without a prefix there are none."""
        prefix = f"{self.value(tagged.prefix)} || ':'"
        return (
            f"list_transform({self.values(tagged.value)}, "
            f"lambda one: case when nullif(trim(one), '') is not null then {prefix} || one end)"
        )

    def test(self, test: Test) -> str:
        """Whether a row passes a test."""
        text = self._text(test.column)
        if test.present is not None:
            return f"({text} is {'not ' if test.present else ''}null)"
        words = ", ".join(quoted_text(word) for word in test.among)
        return f"({text} in ({words}))" if test.wanted else f"coalesce({text} not in ({words}), true)"

    def tests(self, tests: Iterable[Test]) -> str:
        """Whether a row passes all of them; a word that is compared with nothing is no match."""
        return " and ".join(f"coalesce({self.test(test)}, false)" for test in tests) or "true"

    def _translated(self, value: Translated) -> str:
        text = self.value(value.of)
        words = " ".join(
            f"when {quoted_text(word)} then {'null' if becomes is None else quoted_text(becomes)}"
            for word, becomes in value.words
        )
        otherwise = (
            text if value.keeps_others else ("null" if value.otherwise is None else quoted_text(value.otherwise))
        )
        # Nothing is no other word.
        other = f"case when {text} is not null then {otherwise} end"
        return f"case lower({text}) {words} else {other} end" if words else f"({other})"

    def _text(self, name: str) -> str:
        path = locate(name, self._columns)
        if path is None:
            return "null::varchar"  # a column that the file may lack
        return f"nullif(trim({storable(self._found(path))}), '')"

    def _found(self, path: Path) -> str:
        if path.key is not None:
            return _of_key(path)
        if not path.steps:
            return quoted(path.column)
        if None in path.steps:
            return f"try({_extract(path)})[1]"
        return f"try({_extract(path)})"


def _extract(path: Path) -> str:
    return f"json_extract_string({quoted(path.column)}, {quoted_text(_json_path(path))})"


def _json_path(path: Path) -> str:
    steps = (
        "[*]" if step is None else f"[{step}]" if isinstance(step, int) else '."' + step.replace('"', '\\"') + '"'
        for step in path.steps
    )
    return "$" + "".join(steps)


def pairs_of(path: Path) -> str:
    """The list of keys and values that a path ends in, read once for all keys: structs of `k` and `v`."""
    column = quoted(path.column)
    found = f"json_extract({column}, {quoted_text(_json_path(path))})" if path.steps else column
    # Google Analytics wraps a value by its type: {"string_value": ..} or {"int_value": ..}.
    typed = ", ".join(f"p.value ->> '{name}'" for name in ("string_value", "int_value", "double_value", "float_value"))
    return f"""list_transform(
        try(from_json({found}, '[{{"key":"VARCHAR","name":"VARCHAR","value":"JSON"}}]')),
        lambda p: {{
          'k': coalesce(p.key, p.name),
          'v': case when json_type(p.value) = 'OBJECT' then coalesce({typed}) else p.value ->> '$' end
        }}
      )"""


def pairs_column(path: Path) -> str:
    """The name of the column that holds `pairs_of` a path."""
    return quoted("__pairs:" + path.column + _json_path(path))


def _of_key(path: Path) -> str:
    return f"list_filter({pairs_column(path)}, lambda p: p.k = {quoted_text(path.key or '')})[1].v"
