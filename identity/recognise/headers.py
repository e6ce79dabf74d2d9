"""The name of a column, read: which field it promises."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from anyascii import anyascii

from identity.recognise.vocabulary import ABOUT_THE_VALUE, FIELD_WORDS, ID_KINDS, NOT_THE_PERSON, PLATFORMS, QUALIFIERS

_FIELD_OF: Final = {word: field for field, words in FIELD_WORDS.items() for word in sorted(words)}
# Whatever else such a header says, it says an e-mail address, a phone number or a postcode.
_ANYTHING_AROUND: Final = frozenset({"emails", "phones", "postcode"})
# Words too common to name a field when others stand around them: `last contact`, `first order`, `account state`.
_ALONE: Final = frozenset({"first", "last", "given", "family", "middle", "born", "mi", "cap", "cp", "tin", "bd", "bm"})
_NOT_BEFORE_NAME: Final = frozenset(
    {"shop", "crm", "erp", "account", "business", "work", "home", "dim", "field", "value", "string", "text", "type"}
)
_NOT_COMPARED: Final = {
    "title": "a form of address says nothing about who it is",
    "suffix": "a suffix says too little about who it is",
    "gender": "half of all people share it; names say more",
}


@dataclass(frozen=True)
class Promise:
    """What a header says: a `field`, or null and `why` the column is not used."""

    field: str | None
    why: str


def words_of(header: str) -> list[str]:
    """A header as plain lower-case words: `billingEMail 2` is `billing e mail 2`."""
    humps = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", header)
    plain = anyascii(humps).lower().replace("e-mail", "email").replace("'", " ")
    return re.findall(r"[a-z]+|[0-9]+", plain)


def promise_of(header: str) -> Promise:
    """The field that a header names; `outer.inner` counts as its inner name when the whole says nothing."""
    found = _read(words_of(header))
    if found.field is None and found.why == UNKNOWN and "." in header:
        return promise_of(header.partition(".")[2])
    return found


UNKNOWN: Final = "its name says nothing known"


def _read(words: list[str]) -> Promise:
    if NOT_THE_PERSON & set(words):
        return Promise(None, "its name speaks of another person than the row's")
    found = _window(words)
    if found is None:
        return Promise(None, UNKNOWN)
    field, around = found
    if field != "full_name" and ABOUT_THE_VALUE & set(around):
        return Promise(None, f"its name speaks about {field.replace('_', ' ')}, it does not hold them")
    if field in _NOT_COMPARED and field != "title":
        return Promise(None, _NOT_COMPARED[field])
    return Promise(field, "its name")


def _window(words: list[str]) -> tuple[str, list[str]] | None:
    """The longest run of words that names a field, and the words around it."""
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            run, around = words[start : start + length], words[:start] + words[start + length :]
            field = _FIELD_OF.get("".join(run))
            if field is None:
                continue
            if ("".join(run) in _ALONE and around) or (field == "name" and _NOT_BEFORE_NAME & set(around)):
                continue
            ignorable = all(word in QUALIFIERS or word.isdigit() for word in around)
            if ignorable or field in _ANYTHING_AROUND or ABOUT_THE_VALUE & set(around):
                return field, around
            if field == "handles" and PLATFORMS & set(words):
                return field, around
    return None


def platform_of(header: str) -> str | None:
    """The platform that a header of handles names."""
    named = [word for word in words_of(header) if word in PLATFORMS]
    return {"insta": "instagram"}.get(named[0], named[0]) if named else None


def id_kind_of(header: str) -> str:
    """The kind of id that a header names, the same for every spelling of it: what makes two files' ids comparable."""
    words = words_of(header)
    for kind, known in ID_KINDS.items():
        if known & {*words, "".join(words)}:
            return kind
    return "_".join(words)


def why_not_compared(field: str) -> str:
    """Why a recognised column is left out."""
    return _NOT_COMPARED[field]
