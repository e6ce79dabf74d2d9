"""Addresses: one spelling for the street, its number, and the postcode."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from anyascii import anyascii

from identity.standardise.words import words

_WORDS: Final = re.compile(r"[a-z0-9]+")
_ABBREVIATIONS: Final = {
    "str": "street", "st": "street", "strasse": "street", "rd": "road", "ave": "avenue", "av": "avenue",
    "blvd": "boulevard", "dr": "drive", "ln": "lane", "ct": "court", "crt": "court", "pl": "place", "sq": "square",
    "ter": "terrace", "tce": "terrace", "hwy": "highway", "pkwy": "parkway", "cir": "circuit", "cct": "circuit",
    "crct": "circuit", "cres": "crescent", "cr": "crescent", "cl": "close", "gr": "grove", "gdns": "gardens",
    "n": "north", "s": "south", "e": "east", "w": "west", "apt": "unit", "apartment": "unit", "flat": "unit",
    "fl": "unit", "ste": "unit", "suite": "unit", "no": "", "nr": "", "number": "", "mt": "mount", "vlge": "village",
}  # fmt: skip
_NOTHING: Final = words("none null nan na n/a unknown - .")


@dataclass(frozen=True)
class Street:
    """A street line: its words in their full form and order, and the first number in it."""

    words: str | None
    number: str | None


def fold_place(text: str | None) -> str | None:
    """A city, region, country, birth place or occupation as plain lower-case words."""
    if text is None or text.strip().lower() in _NOTHING:
        return None
    return " ".join(_WORDS.findall((text if text.isascii() else anyascii(text)).lower())) or None


def street(text: str | None) -> Street:
    """Read one street line: `12 Main St., Apt 4` is `main street unit 4`, number `12`."""
    folded = fold_place(text)
    if folded is None:
        return Street(None, None)
    words = [_ABBREVIATIONS.get(word, word) for word in folded.split()]
    # German streets end in the word itself: Hauptstrasse, Hauptstr.
    words = [re.sub(r"(?<=[a-z]{3})str(asse)?$", "street", word) for word in words if word]
    number = next((word for word in words if word[0].isdigit()), None)
    if number is not None:
        words.remove(number)
    return Street(" ".join(words) or None, number)


def postcode(text: str | None) -> str | None:
    """A postcode without spaces and punctuation; the five digits alone of a US ZIP+4."""
    folded = fold_place(text)
    if folded is None:
        return None
    if re.fullmatch(r"\d{5} \d{4}", folded):
        return folded[:5]
    compact = folded.replace(" ", "")
    return None if len(set(compact)) == 1 else compact
