"""The mapping of a folder of files: which file is which stream, and which column is which canonical field.

Written by someone who writes no Python (docs/bring-your-own-file.md), so every mistake is answered with the place, the
word and the nearest valid one.
"""

from __future__ import annotations

import difflib
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from identity.contract import IDENTITY_RECORDS, TEXTS
from orchestration.sources.errors import SourceError
from orchestration.sources.streams import STREAMS

MAPPING_FILE: Final = "mapping.yml"

_KEYS: Final = {"record_id", "source", "entity", "native_id"}
CONSENTS: Final = ("email_marketing_consent", "sms_marketing_consent")
PEOPLE_LISTS: Final = tuple(field.name for field in IDENTITY_RECORDS if field.type == TEXTS)
PEOPLE_FIELDS: Final = (*(field.name for field in IDENTITY_RECORDS if field.name not in _KEYS), *CONSENTS)
INTERACTION_FIELDS: Final = (
    "occurred_at",
    "channel",
    "kind",
    "direction",
    "subject",
    "amount",
    "currency",
    "reference_id",
)
DATES: Final = ("birth_date",)
MOMENTS: Final = ("created_at", "updated_at", "occurred_at")
PREFIXED: Final = {
    "handles": "platform, such as instagram",
    "external_ids": "source and entity, such as shopify:customer",
}

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Part(BaseModel):
    """A frozen part of the mapping; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Constant(Part):
    """A value that every row of the file has, written `{value: store}`."""

    value: str


Columns = str | Constant | list[str] | dict[str, str | list[str]]
"""A column; a constant; columns of a list field; for handles and external_ids, columns by their prefix."""


class FileMapping(Part):
    """One entry of the mapping: the files of one shape."""

    glob: str
    stream: Name
    source: Name
    entity: Name
    kind: Literal["people", "interactions"]
    id: str
    fields: dict[str, Columns]
    formats: dict[str, str] = {}
    person: str | None = None
    person_source: Name | None = None
    person_entity: Name | None = None
    truth: str | None = None
    encoding: Literal["utf-8", "latin-1", "utf-16"] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None

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

    @field_validator("fields", mode="before")
    @classmethod
    def _constants(cls, fields: object) -> object:
        """`{value: store}` is a constant, except where a field's columns are written by their prefix."""
        if not isinstance(fields, dict):
            return fields
        return {
            name: Constant(value=str(written["value"]))
            if name not in PREFIXED and isinstance(written, dict) and written.keys() == {"value"}
            else written
            for name, written in fields.items()
        }

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        allowed = PEOPLE_FIELDS if self.kind == "people" else INTERACTION_FIELDS
        for name, columns in self.fields.items():
            if name not in allowed:
                raise ValueError(f"fields.{name}: not a field of {self.kind}{nearest(name, allowed)}")
            _check_shape(name, columns)
        for name in self.formats:
            if name not in self.fields or name not in (*DATES, *MOMENTS):
                raise ValueError(f"formats.{name}: formats are for {', '.join((*DATES, *MOMENTS))}, when mapped")
        if self.kind == "people" and (self.person or self.person_source or self.person_entity):
            raise ValueError("person: only interactions name a person; a row of people is one")
        if self.kind == "interactions" and not (self.person and self.person_entity):
            raise ValueError("person, person_entity: say which column names the person, and what record that is")
        if self.kind == "interactions" and self.truth:
            raise ValueError("truth: only rows of people have a truth")
        return self

    def columns(self) -> dict[str, str]:
        """Every column that the entry names, and the key that names it."""
        named = {self.id: "id"}
        if self.person:
            named.setdefault(self.person, "person")
        if self.truth:
            named.setdefault(self.truth, "truth")
        for name, columns in self.fields.items():
            for column in columns_of(columns):
                named.setdefault(column, f"fields.{name}")
        return named


class Mapping(Part):
    """The whole mapping of a folder."""

    files: Annotated[list[FileMapping], Field(min_length=1)]


def columns_of(columns: Columns) -> list[str]:
    """The columns that a field is read from."""
    if isinstance(columns, Constant):
        return []
    if isinstance(columns, str):
        return [columns]
    if isinstance(columns, list):
        return columns
    return [column for _, column in prefixed(columns)]


def prefixed(columns: dict[str, str | list[str]]) -> list[tuple[str, str]]:
    """Pairs of prefix and column."""
    return [
        (prefix, column)
        for prefix, named in columns.items()
        for column in (named if isinstance(named, list) else [named])
    ]


def _check_shape(name: str, columns: Columns) -> None:
    if name in PREFIXED:
        if not isinstance(columns, dict):
            raise ValueError(f"fields.{name}: write columns by {PREFIXED[name]}")
    elif isinstance(columns, dict):
        raise ValueError(f"fields.{name}: give one column{', or a list of them' if name in PEOPLE_LISTS else ''}")
    elif isinstance(columns, list) and name not in PEOPLE_LISTS:
        raise ValueError(f"fields.{name}: has one value, so give one column")


def nearest(word: str, words: Any) -> str:
    """`; did you mean 'emails'?`, or the valid words when none is near."""
    near = difflib.get_close_matches(word, list(words), 3, 0.6)
    if near:
        return "; did you mean " + " or ".join(f"'{one}'" for one in near) + "?"
    return f"; it can be {', '.join(words)}"


def read_mapping(folder: Path) -> Mapping:
    """The mapping of a folder.

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
    try:
        return Mapping.model_validate(written)
    except ValidationError as error:
        mistakes = "; ".join(dict.fromkeys(_said(one) for one in error.errors(include_url=False)))
        raise SourceError("files", None, f"{path}: {mistakes}", f"Correct it. {advice}") from None


def _said(mistake: Any) -> str:
    place = [str(part) for part in mistake["loc"]]
    # Alternatives of a field's shape are one mistake to the reader.
    if "fields" in place:
        place = place[: place.index("fields") + 2]
        if len(place) == 4 and mistake["type"] != "extra_forbidden":
            return f"{'.'.join(place)}: give a column, a list of columns, or {{value: ...}}"
    where, word = ".".join(place), place[-1] if place else ""
    if mistake["type"] == "extra_forbidden":
        known = Mapping.model_fields if len(place) == 1 else FileMapping.model_fields
        return f"{where}: unknown key{nearest(word, known)}"
    if mistake["type"] == "missing":
        return f"{where}: missing"
    return f"{where}: {mistake['msg'].removeprefix('Value error, ')}"
