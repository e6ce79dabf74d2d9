"""The mapping of a folder of files: which file is which stream, and which column is which canonical field.

Written by someone who writes no Python (docs/bring-your-own-file.md), so every mistake is answered with the place, the
word and the nearest valid one (`file_mistakes`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from orchestration.sources.errors import SourceError
from orchestration.sources.file_fields import (
    DATES,
    EPOCHS,
    LISTS,
    MOMENTS,
    PEOPLE_FIELDS,
    PREFIXED,
    fields_of,
)
from orchestration.sources.file_mistakes import nearest, said
from orchestration.sources.file_ready import Placed, WrongUse, expanded
from orchestration.sources.file_values import (
    SHAPES,
    AnyValue,
    Column,
    Constant,
    First,
    Tagged,
    columns_in,
    locate,
    missing_from,
    parse_value,
)
from orchestration.sources.file_where import Test, parse_where
from orchestration.sources.streams import STREAMS

__all__ = ["MAPPING_FILE", "PEOPLE_FIELDS", "FileMapping", "Mapping", "read_mapping"]

MAPPING_FILE: Final = "mapping.yml"

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Filled = AnyValue | tuple[AnyValue, ...] | tuple[Tagged, ...]
"""What a field is filled with: one value, several for a list, or several with their prefixes."""


def _parse_person(written: object) -> AnyValue | None:
    if written is None:
        return None
    return First(tuple(parse_value(part) for part in written)) if isinstance(written, list) else parse_value(written)


def _parse_fields(written: object) -> object:
    if not isinstance(written, dict):
        raise ValueError("give fields and their columns")
    return {str(name): _parse_field(str(name), columns) for name, columns in written.items()}


def _parse_field(name: str, written: object) -> Filled:
    try:
        if name in PREFIXED:
            return _parse_tagged(name, written)
        if isinstance(written, list):
            if name not in LISTS:
                raise ValueError("has one value, so give one column")
            return tuple(parse_value(part) for part in written)
        value = parse_value(written)
    except ValueError as error:
        known = {"first", "join", "column", "value"}
        if isinstance(written, dict) and not known & written.keys() and name not in PREFIXED:
            several = ", or a list of them" if name in LISTS else ""
            raise ValueError(f"fields.{name}: give one column{several} ({SHAPES})") from None
        raise ValueError(f"fields.{name}: {error}") from None
    return (value,) if name in LISTS else value


def _parse_tagged(name: str, written: object) -> tuple[Tagged, ...]:
    if not isinstance(written, dict):
        raise ValueError(f"write columns by {PREFIXED[name]}")
    if written.keys() == {"prefix", "columns"}:
        prefix = parse_value(written["prefix"])
        return tuple(Tagged(prefix, value) for value in _several(written["columns"]))
    return tuple(
        Tagged(Constant(str(prefix)), value) for prefix, columns in written.items() for value in _several(columns)
    )


def _several(written: object) -> list[AnyValue]:
    return [parse_value(part) for part in (written if isinstance(written, list) else [written])]


class Part(BaseModel):
    """A frozen part of the mapping; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class FileMapping(Part):
    """One entry of the mapping: the files of one shape."""

    glob: str
    stream: Name
    source: Name
    entity: Name
    kind: Literal["people", "interactions"]
    id: Annotated[Any, BeforeValidator(parse_value)]
    fields: Annotated[dict[str, Any], BeforeValidator(_parse_fields)]
    formats: dict[str, str] = {}
    where: Annotated[Any, BeforeValidator(parse_where)] = ()
    explode: str | None = None
    optional: tuple[str, ...] = ()
    rest: Literal["keep", "drop"] = "keep"
    person: Annotated[Any, BeforeValidator(_parse_person)] = None
    person_source: Name | None = None
    person_entity: Name | None = None
    person_is: Literal["person", "device"] = "person"
    truth: str | None = None
    encoding: Literal["utf-8", "latin-1", "utf-16"] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    quote: Literal['"', "'", "none"] = '"'

    @field_validator("glob")
    @classmethod
    def _inside(cls, glob: str) -> str:
        if PurePosixPath(glob).is_absolute() or ".." in PurePosixPath(glob).parts:
            raise ValueError("must stay inside the folder of the mapping")
        return glob

    @field_validator("source")
    @classmethod
    def _own(cls, source: str) -> str:
        if source in STREAMS:
            raise ValueError(f"'{source}' is the name of a source of Braid; give the system a name of its own")
        return source

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        allowed = fields_of(self.kind)
        for name in self.fields:
            if name not in allowed:
                raise ValueError(f"fields.{name}: not a field of {self.kind}{nearest(name, allowed)}")
        for name, pattern in self.formats.items():
            if name not in self.fields or name not in (*DATES, *MOMENTS):
                raise ValueError(f"formats.{name}: formats are for {', '.join((*DATES, *MOMENTS))}, when mapped")
            if pattern.startswith("epoch") and (pattern not in EPOCHS or name in DATES):
                raise ValueError(f"formats.{name}: a time that is a number is {', '.join(EPOCHS)}, and no date")
        if self.kind == "people" and (
            self.person or self.person_source or self.person_entity or self.person_is == "device"
        ):
            raise ValueError("person: only interactions name a person; a row of people is one")
        if self.kind == "interactions" and not (self.person and self.person_entity):
            raise ValueError("person, person_entity: say which column names the person, and what record that is")
        if self.kind == "interactions" and self.truth:
            raise ValueError("truth: only rows of people have a truth")
        return self

    def values(self) -> list[tuple[str, AnyValue]]:
        """Every value of the entry, and the key that names it."""
        named: list[tuple[str, AnyValue]] = [("id", self.id)]
        if self.person:
            named.append(("person", self.person))
        if self.truth:
            named.append(("truth", Column(self.truth)))
        if self.explode:
            named.append(("explode", Column(self.explode)))
        named += [(f"where.{test.column}", Column(test.column)) for test in self.where]
        for name, filled in self.fields.items():
            for value in filled if isinstance(filled, tuple) else (filled,):
                parts = (value.prefix, value.value) if isinstance(value, Tagged) else (value,)
                named += [(f"fields.{name}", part) for part in parts]
        return named

    def columns(self) -> dict[str, str]:
        """Every column that the entry names, and the key that names it."""
        named: dict[str, str] = {}
        for key, value in self.values():
            for column in columns_in(value):
                named.setdefault(column, key)
        return named

    def missing(self, columns: Sequence[str]) -> dict[str, str]:
        """The columns that a file with these columns lacks, and the keys that name them."""
        may_lack = {locate_head(name) for name in self.optional}
        has: Callable[[str], bool] = lambda name: (  # noqa: E731
            locate(name, columns) is not None or locate_head(name) in may_lack
        )
        lacks = ((key, missing_from(value, has)) for key, value in self.values())
        return {column: key for key, column in reversed([*lacks]) if column}

    @property
    def tests(self) -> tuple[Test, ...]:
        """What a row must be to be of this entry."""
        return tuple(self.where)


def locate_head(name: str) -> str:
    """The column that a name begins with, when no header is at hand."""
    return name.split("[")[0].split(".")[0].removesuffix("#")


class Mapping(Part):
    """The whole mapping of a folder."""

    files: Annotated[list[FileMapping], Field(min_length=1)]


def read_mapping(folder: Path) -> Mapping:
    """Read `mapping.yml` of a folder; a line `use: <ready mapping>` becomes the entries of that mapping.

    Raises:
        SourceError: if there is none, or something in it is wrong; every mistake is named.
    """
    path = folder / MAPPING_FILE
    advice = "See docs/bring-your-own-file.md"
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SourceError("files", None, f"there is no {MAPPING_FILE} in {folder}", f"Write one. {advice}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError("files", None, f"{path} cannot be read ({type(error).__name__})", advice) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise SourceError("files", None, f"{path} is no YAML{where}", advice) from None
    placed: list[Placed] = []
    try:
        if isinstance(written, dict) and isinstance(written.get("files"), list):
            placed = expanded(written["files"])
            written = written | {"files": [entry.written for entry in placed]}
        return Mapping.model_validate(written)
    except WrongUse as error:
        raise SourceError("files", None, f"{path}: {error}", f"Correct it. {advice}") from None
    except ValidationError as error:
        keys = Mapping.model_fields, FileMapping.model_fields
        places = [entry.place for entry in placed]
        mistakes = "; ".join(dict.fromkeys(said(one, places, *keys) for one in error.errors(include_url=False)))
        raise SourceError("files", None, f"{path}: {mistakes}", f"Correct it. {advice}") from None
