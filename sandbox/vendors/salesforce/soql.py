"""A small SOQL: SELECT fields FROM one object, with WHERE, ORDER BY, LIMIT and OFFSET.

After "SOQL SELECT Syntax" and "Comparison Operators" in Salesforce's SOQL and SOSL Reference. Relationship fields,
aggregates other than COUNT(), GROUP BY and date literals such as TODAY are not spoken.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sandbox.vendors import clock
from sandbox.vendors.stream import Json

_TOKEN: Final = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<time>\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))?)
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<word>[A-Za-z_][A-Za-z0-9_.]*)
    | (?P<sign><=|>=|!=|<>|[=<>(),])
    )""",
    re.VERBOSE,
)

Condition = Callable[[Callable[[str], Any]], bool]
"""A test of a row, which is given as a function from field name to comparable value."""


class SoqlError(Exception):
    """A query that Salesforce refuses: `code` and `message` as its API words them."""

    def __init__(self, code: str, message: str) -> None:
        """Keep the error code and the words."""
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True)
class Sort:
    """One item of ORDER BY."""

    field: str
    descending: bool
    nulls_last: bool


@dataclass(frozen=True)
class Query:
    """A parsed query. `fields` is empty for COUNT()."""

    fields: tuple[str, ...]
    entity: str
    where: Condition | None
    named: tuple[str, ...]  # every field in WHERE and ORDER BY
    order: tuple[Sort, ...]
    limit: int | None
    offset: int


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise SoqlError("MALFORMED_QUERY", f"line 1:{at} no viable alternative at character '{text[at]}'")
        found.append(_Token(match.lastgroup, match.group(match.lastgroup), match.start(match.lastgroup)))
        at = match.end()
    return [*found, _Token("end", "<EOF>", len(text))]


def comparable(value: Json) -> Json:
    """A value as SOQL compares it: times as moments, text without case."""
    if isinstance(value, str):
        if re.match(r"\d{4}-\d\d-\d\d(T|$)", value):
            moment = clock.parse(value)
            if moment is not None:
                return moment
        return value.casefold()
    return value


class _Parser:
    def __init__(self, text: str) -> None:
        self._rest = _tokens(text)
        self.named: list[str] = []

    def fail(self) -> SoqlError:
        token = self._rest[0]
        return SoqlError("MALFORMED_QUERY", f"unexpected token: '{token.text}' (at column {token.at + 1})")

    def peek(self, *words: str) -> bool:
        return self._rest[0].kind in {"word", "sign"} and self._rest[0].text.upper() in words

    def take(self, *words: str) -> bool:
        if self.peek(*words):
            self._rest.pop(0)
            return True
        return False

    def need(self, *words: str) -> None:
        for word in words:
            if not self.take(word):
                raise self.fail()

    def finish(self) -> None:
        if self._rest[0].kind != "end":
            raise self.fail()

    def word(self) -> str:
        if self._rest[0].kind != "word":
            raise self.fail()
        return self._rest.pop(0).text

    def whole_number(self) -> int:
        if self._rest[0].kind != "number" or not self._rest[0].text.isdigit():
            raise self.fail()
        return int(self._rest.pop(0).text)

    def value(self) -> Json:
        token = self._rest.pop(0)
        if token.kind == "string":
            return re.sub(r"\\(.)", r"\1", token.text[1:-1]).casefold()
        if token.kind == "time":
            return clock.parse(token.text)
        if token.kind == "number":
            return float(token.text)
        if token.kind == "word" and token.text.upper() in {"TRUE", "FALSE", "NULL"}:
            return {"TRUE": True, "FALSE": False, "NULL": None}[token.text.upper()]
        self._rest.insert(0, token)
        raise self.fail()

    def any_of(self) -> Condition:
        parts = [self.all_of()]
        while self.take("OR"):
            parts.append(self.all_of())
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def all_of(self) -> Condition:
        parts = [self.single()]
        while self.take("AND"):
            parts.append(self.single())
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def single(self) -> Condition:
        if self.take("NOT"):
            inner = self.single()
            return lambda row: not inner(row)
        if self.take("("):
            inner = self.any_of()
            self.need(")")
            return inner
        field = self.word()
        self.named.append(field)
        if self.take("IN"):
            wanted = self.values()
            return lambda row: row(field) in wanted
        if self.take("NOT"):
            self.need("IN")
            unwanted = self.values()
            return lambda row: row(field) not in unwanted
        if self.take("LIKE"):
            pattern = self._rest.pop(0)
            if pattern.kind != "string":
                raise self.fail()
            like = re.compile(
                re.escape(pattern.text[1:-1]).replace("%", ".*").replace("_", "."), re.IGNORECASE | re.DOTALL
            )
            return lambda row: isinstance(row(field), str) and like.fullmatch(row(field)) is not None
        for sign in ("<=", ">=", "!=", "<>", "=", "<", ">"):
            if self.take(sign):
                return _compare(field, sign, self.value())
        raise self.fail()

    def values(self) -> list[Any]:
        self.need("(")
        found = [self.value()]
        while self.take(","):
            found.append(self.value())
        self.need(")")
        return found


def _compare(field: str, sign: str, wanted: Json) -> Condition:
    if sign == "=":
        return lambda row: row(field) == wanted
    if sign in {"!=", "<>"}:
        return lambda row: row(field) != wanted

    def test(row: Callable[[str], Any]) -> bool:
        value = row(field)
        try:
            return bool({"<": value < wanted, "<=": value <= wanted, ">": value > wanted, ">=": value >= wanted}[sign])
        except TypeError:  # null, or text against a number: SOQL answers neither yes nor error for stored rows
            return False

    return test


def parse(text: str) -> Query:
    """Parse a query.

    Raises:
        SoqlError: MALFORMED_QUERY, with the token that was not expected.
    """
    parser = _Parser(text)
    parser.need("SELECT")
    fields: list[str] = []
    if parser.take("COUNT"):
        parser.need("(", ")")
    else:
        fields.append(parser.word())
        while parser.take(","):
            fields.append(parser.word())
    parser.need("FROM")
    entity = parser.word()
    where = parser.any_of() if parser.take("WHERE") else None
    order: list[Sort] = []
    if parser.take("ORDER"):
        parser.need("BY")
        while True:
            field = parser.word()
            parser.named.append(field)
            descending = not parser.take("ASC") and parser.take("DESC")
            last = parser.take("NULLS") and not parser.take("FIRST")
            if last:
                parser.need("LAST")
            order.append(Sort(field, descending, last))
            if not parser.take(","):
                break
    limit = parser.whole_number() if parser.take("LIMIT") else None
    offset = parser.whole_number() if parser.take("OFFSET") else 0
    parser.finish()
    return Query(tuple(fields), entity, where, tuple(parser.named), tuple(order), limit, offset)
