"""A mapping written by hand: which column is which field, in the words of the platform's `mapping.yml`.

The same file serves both: keys and fields are those of docs/bring-your-own-file.md. What only the platform needs
(`stream`, `entity`, `kind`, consent) is accepted here and has no effect; `fields` may also name the parts that only a
loose table has (`address`, `middle_name`, `national_id` ...).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from identity.contract import IDENTITY_RECORDS, TEXTS

_KEYS: Final = frozenset({"record_id", "source", "entity", "native_id"})
_LISTS: Final = frozenset(field.name for field in IDENTITY_RECORDS if field.type == TEXTS)
_PLATFORM_ONLY: Final = (
    "created_at",
    "updated_at",
    "email_marketing_consent",
    "sms_marketing_consent",
    "loyalty_number",
    "loyalty_tier",
    "loyalty_points",
    "member_since",
)
PARTS: Final = (
    "middle_name",
    "second_family_name",
    "family_prefix",
    "address",
    "street_number",
    "street_more",
    "national_id",
    "birth_year",
    "birth_month",
    "birth_day",
)
"""Fields that a loose table may have beside those of the contract."""
FIELDS: Final = (
    *(field.name for field in IDENTITY_RECORDS if field.name not in (*_KEYS, *_PLATFORM_ONLY)),
    *PARTS,
)
"""Every field that a column may be said to hold, but `source`."""
_PREFIXED: Final = {"handles": "platform, such as instagram", "external_ids": "source and entity"}

Columns = str | list[str] | dict[str, str | list[str]]
"""A column; columns; columns by prefix; or a constant, written `{value: US}`."""


class WrongMapping(ValueError):
    """The mapping file cannot be used: where in it, and what it should say."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class TableMapping(_Part):
    """One entry: the columns of the files that `glob` fits. Columns that no field names are not used."""

    fields: dict[str, Columns]
    glob: str = "*"
    id: str | None = None
    source: str | None = None
    formats: dict[str, str] = {}
    truth: str | None = None
    encoding: str | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    stream: str | None = None
    entity: str | None = None
    kind: Literal["people"] = "people"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for name, columns in self.fields.items():
            if name in _PLATFORM_ONLY:
                continue
            if name not in FIELDS:
                raise ValueError(f"fields.{name}: not a field of people{nearest(name, FIELDS)}")
            if name in _PREFIXED and not isinstance(columns, dict):
                raise ValueError(f"fields.{name}: write columns by {_PREFIXED[name]}")
            if isinstance(columns, dict) and name not in _PREFIXED and set(columns) != {"value"}:
                raise ValueError(f"fields.{name}: give a column, or a constant as {{value: ...}}")
            if isinstance(columns, list) and name not in (*_LISTS, "national_id", "street_more"):
                raise ValueError(f"fields.{name}: has one value, so give one column")
        for name in self.formats:
            if name not in ("birth_date", "created_at", "updated_at") or name not in self.fields:
                raise ValueError(f"formats.{name}: formats are for birth_date, when it is mapped")
        return self

    def columns(self) -> list[tuple[str, str, str | None]]:
        """Every column that holds a field of the person: field, column, and its prefix if it has one."""
        found: list[tuple[str, str, str | None]] = []
        for field, columns in self.fields.items():
            if field in _PLATFORM_ONLY or self.constant(field) is not None:
                continue
            if isinstance(columns, dict):
                for prefix, named in columns.items():
                    found += [(field, column, prefix) for column in ([named] if isinstance(named, str) else named)]
            else:
                found += [(field, column, None) for column in ([columns] if isinstance(columns, str) else columns)]
        return found

    def constant(self, field: str) -> str | None:
        """The value that every row has in `field`, written `{value: US}`."""
        columns = self.fields.get(field)
        if field in _PREFIXED or not isinstance(columns, dict):
            return None
        return str(columns["value"])


class MappingFile(_Part):
    """A whole mapping; entries of interactions are left out."""

    files: Annotated[list[TableMapping], Field(min_length=1)]

    def entry_for(self, path: Path) -> TableMapping | None:
        """The first entry whose `glob` fits the file's name or the end of its path."""
        names = [path.name, str(path), *("/".join(path.parts[start:]) for start in range(len(path.parts)))]
        return next((entry for entry in self.files if any(fnmatch(name, entry.glob) for name in names)), None)


def read_mapping_file(path: Path) -> MappingFile:
    """Read a mapping: `files:` with one entry per kind of file, or the one entry alone.

    Raises:
        WrongMapping: naming every mistake and its place.
    """
    try:
        written = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WrongMapping(f"there is no mapping file {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise WrongMapping(f"{path} cannot be read ({type(error).__name__})") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise WrongMapping(f"{path} is no YAML{f' at line {mark.line + 1}' if mark else ''}") from None
    try:
        return MappingFile.model_validate(_as_files(written))
    except ValidationError as error:
        mistakes = "; ".join(dict.fromkeys(_said(one) for one in error.errors(include_url=False)))
        raise WrongMapping(f"{path}: {mistakes}. See docs/dedupe.md") from None


def _as_files(written: Any) -> Any:
    if isinstance(written, dict) and "files" not in written and "fields" in written:
        return {"files": [written]}
    if isinstance(written, dict) and isinstance(written.get("files"), list):
        people = [one for one in written["files"] if not (isinstance(one, dict) and one.get("kind") == "interactions")]
        return {**written, "files": people}
    return written


def nearest(word: str, words: Iterable[str]) -> str:
    """`; did you mean 'emails'?`, or the valid words when none is near."""
    near = difflib.get_close_matches(word, list(words), 3, 0.6)
    if near:
        return "; did you mean " + " or ".join(f"'{one}'" for one in near) + "?"
    return f"; it can be {', '.join(words)}"


def _said(mistake: Any) -> str:
    place = [str(part) for part in mistake["loc"]]
    if "fields" in place:
        place = place[: place.index("fields") + 2]
    where = ".".join(place) or "the file"
    if mistake["type"] == "extra_forbidden":
        return f"{where}: unknown key{nearest(place[-1], TableMapping.model_fields)}"
    if mistake["type"] == "missing":
        return f"{where}: missing"
    if "fields" in place and not mistake["msg"].startswith("Value error"):
        return f"{where}: give a column, a list of columns, or {{value: ...}}"
    return f"{where}: {mistake['msg'].removeprefix('Value error, ')}"
