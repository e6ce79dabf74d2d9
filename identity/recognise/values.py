"""The values of a column, cleaned, and what they look like, whatever the column is called."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Final

import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from nicknames import NickNamer

from identity.columns import one_array
from identity.recognise.dates import read_days

TEXTS: Final = pa.list_(pa.string())
_EMPTY: Final = pa.array(
    [
        "", "nan", "none", "null", "nil", "n/a", "na", "n.a.", "#n/a", "<na>", "nat", "-", "--", "---", "?", "??", ".",
        "unknown", "undefined", "not available", "not applicable", "not provided", "k.a.", "keine angabe", "unbekannt",
        "inconnu", "desconocido", "sconosciuto", "onbekend", "desconhecido",
    ]
)  # fmt: skip
_SAMPLE: Final = 2000
_EMAIL: Final = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_PHONE: Final = r"^\+?[\d\s().\-/]{7,24}$"
_FORMATTED: Final = r"\+|[\s().\-/]"
_DAY_LIKE: Final = r"\d.*\d.*\d"
# Of the values of a column with an unknown name, how many must look alike for the column to be used.
_CLEARLY: Final = 0.8
_NAME_LIKE: Final = re.compile(r"[^\W\d_][\w'’.,-]*( [\w'’.,-]+){0,4}")
# Below this, agreement with a list of names is chance.
_FEWEST_NAMES: Final = 5
# A column of days whose middle four fifths span less than this many years holds events, not births.
_A_GENERATION: Final = 15 * 365


class UnreadableColumn(ValueError):
    """The type of a column cannot be read as text."""


@dataclass(frozen=True)
class Values:
    """A column's values as text (`pa.string()`), or lists of them; `filled` and `distinct` count them."""

    column: pa.Array
    filled: int
    distinct: int

    @property
    def flat(self) -> pa.Array:
        """All values that are there, one by one."""
        column = pc.list_flatten(self.column) if self.is_list else self.column
        return column.drop_null()

    @property
    def is_list(self) -> bool:
        """Whether a row may hold several."""
        return bool(pa.types.is_list(self.column.type))

    def share(self, pattern: str) -> float:
        """The share of values in which `pattern` is found."""
        flat = self.flat
        return float(pc.mean(pc.match_substring_regex(flat, pattern)).as_py() or 0.0) if len(flat) else 0.0

    def sample(self) -> list[str]:
        """Some of the distinct values, the same ones in any order of rows."""
        distinct = pc.unique(self.flat)
        ordered = distinct.take(pc.sort_indices(distinct))
        step = max(1, len(ordered) // _SAMPLE)
        return [str(value) for value in ordered[::step].to_pylist()]


def values_of(column: pa.ChunkedArray) -> Values:
    """Read a column as text: surrounding spaces and what means nothing (`N/A`, `-`, `unknown`) taken away.

    Raises:
        UnreadableColumn: if its type has no text, such as a nested table or bytes.
    """
    try:
        text = _as_text(one_array(column))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        raise UnreadableColumn(f"its type {column.type} cannot be read as text") from None
    if pa.types.is_list(text.type):
        flat = _clean(pc.list_flatten(text))
        kept = pc.is_valid(flat)
        parents = pc.list_parent_indices(text).filter(kept)
        read = gathered(parents, flat.filter(kept), len(text))
        return Values(read, len(text) - read.null_count, _distinct(pc.list_flatten(read)))
    cleaned = _without_decimals(_clean(text))
    return Values(cleaned, len(cleaned) - cleaned.null_count, _distinct(cleaned))


def _as_text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _as_text(column.dictionary_decode())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return column.cast(TEXTS)
    if pa.types.is_nested(kind):
        raise pa.ArrowNotImplementedError
    return column.cast(pa.string())


def gathered(parents: pa.Array, values: pa.Array, rows: int) -> pa.Array:
    """`values` as one list per row, in their order; `parents` (ascending) says whose they are; null for none."""
    if not len(values):
        return pa.nulls(rows, TEXTS)
    grouped = pa.table({"row": parents, "value": values}).group_by("row", use_threads=False)
    lists = grouped.aggregate([("value", "list")])
    place = pc.index_in(pa.array(range(rows), parents.type), one_array(lists["row"]))
    return one_array(lists["value_list"]).take(place)


def _clean(column: pa.Array) -> pa.Array:
    plain = pc.utf8_trim_whitespace(pc.replace_substring(column, "\x00", ""))
    return pc.if_else(pc.is_in(pc.utf8_lower(plain), _EMPTY), pa.scalar(None, pa.string()), plain)


def _without_decimals(column: pa.Array) -> pa.Array:
    """Whole numbers that a spreadsheet wrote as 12345.0."""
    if len(column) > column.null_count and pc.all(pc.match_substring_regex(column, r"^\d+\.0$")).as_py():
        return pc.utf8_slice_codeunits(column, 0, -2)
    return column


def _distinct(values: pa.Array) -> int:
    return int(pc.count_distinct(values).as_py())


def one_each(column: pa.Array) -> pa.Array:
    """Each value as a list of its own; null stays null."""
    there = pc.is_valid(column)
    ends = pc.cumulative_sum(there.cast(pa.int32()))
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends])
    return pa.ListArray.from_arrays(offsets, column.drop_null(), mask=pc.invert(there))


def split_list(text: str, separators: str = ";|\n") -> list[str] | None:
    """Several values in one cell: a JSON array, or separated by semicolons, bars or line breaks."""
    if text.startswith("["):
        try:
            parts = json.loads(text)
        except (ValueError, RecursionError):
            parts = None
        if isinstance(parts, list):
            return [str(part).strip() for part in parts if isinstance(part, str | int) and str(part).strip()] or None
    return [part.strip() for part in re.split(f"[{re.escape(separators)}]", text) if part.strip()] or None


def field_by_values(values: Values, region: str) -> tuple[str, str] | None:
    """The field that values alone give away, and why; null when they do not."""
    emails = values.share(_EMAIL)
    if emails >= _CLEARLY:
        return "emails", f"{emails:.0%} of its values are e-mail addresses"
    handles = values.share(r"^@[\w.\-]{2,30}$")
    if handles >= _CLEARLY:
        return "handles", f"{handles:.0%} of its values are written @like_a_handle"
    if values.is_list or values.share(_DAY_LIKE) < _CLEARLY:
        return None
    if _are_births(values, region):
        return "birth_date", "its values are days that lie a generation apart"
    if values.share(_PHONE) >= _CLEARLY and _are_phones(values, region):
        return "phones", "its values are phone numbers"
    return None


def name_by_values(values: Values) -> tuple[str, str] | None:
    """`full_name` or `given_name`, and why, when most values hold a given name that a list of them knows."""
    sample = [text for text in values.sample() if _NAME_LIKE.fullmatch(text)]
    if values.is_list or 2 * len(sample) < len(values.sample()) or len(sample) < _FEWEST_NAMES:
        return None
    known = sum(any(_is_given_name(word) for word in text.split()) for text in sample)
    if 2 * known < len(sample):
        return None
    field = "full_name" if values.share(r"\S\s+\S") >= 0.5 else "given_name"
    return field, f"{known / len(sample):.0%} of its values hold a given name"


@cache
def _given_names() -> NickNamer:
    return NickNamer()


def _is_given_name(word: str) -> bool:
    # Short forms are too often words of another kind: red, van, will.
    return bool(_given_names().nicknames_of(word.strip(".,-'’")))


def _are_births(values: Values, region: str) -> bool:
    days, _ = read_days(pa.array(values.sample(), pa.string()), region)
    if not len(days) or (len(days) - days.null_count) < _CLEARLY * len(days):
        return False
    if values.share(r"\d[T ]\d{1,2}:\d{2}") > 0.0 and values.share(r"\b0?0:00") < _CLEARLY:
        return False
    early, late = pc.quantile(days.drop_null().cast(pa.int32()), q=[0.1, 0.9]).to_pylist()
    return bool(late - early >= _A_GENERATION)


def _are_phones(values: Values, region: str) -> bool:
    sample = values.sample()
    formatted = values.share(_FORMATTED) >= 0.5
    if not formatted and values.share(r"^\d{10,15}$") < _CLEARLY:
        return False
    good = sum(_is_phone(text, region, strictly=not formatted) for text in sample)
    return good >= 0.9 * len(sample)


def _is_phone(text: str, region: str, *, strictly: bool) -> bool:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return False
    judge = phonenumbers.is_valid_number if strictly else phonenumbers.is_possible_number
    return bool(judge(number))


_KEPT_PROMISE: Final[dict[str, tuple[str, str]]] = {
    "emails": (r"@", "e-mail addresses"),
    "phones": (r"(\d\D*){5}", "phone numbers"),
    "birth_date": (r"\d", "days"),
    "postcode": (r"^.{0,14}$", "postcodes"),
    "handles": (r"^\S+$", "handles"),
    "national_id": (r"\d", "ids"),
    "street_number": (r"^.{0,12}$", "house numbers"),
    **dict.fromkeys(
        (
            "given_name", "middle_name", "family_name", "second_family_name", "former_family_names", "full_name",
            "name", "street", "address", "city", "birth_place",
        ),
        (r"^[^@]*\p{L}[^@]*$", "words"),
    ),
}  # fmt: skip
_LEAST_KEPT: Final = 0.3


def broken_promise(field: str, values: Values) -> str | None:
    """Why values cannot be what the column's name says; null when they can."""
    if field not in _KEPT_PROMISE:
        return None
    pattern, words = _KEPT_PROMISE[field]
    share = values.share(pattern)
    return None if share >= _LEAST_KEPT else f"it is named like a column of {words}, yet {share:.0%} of its values are"
