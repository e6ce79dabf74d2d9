"""Names of ten cultures in Latin and, where there is one, their own script; drawn with a skew towards the common."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

import numpy as np
from anyascii import anyascii
from nicknames import NickNamer

from sandbox.generator import name_lists as lists
from sandbox.generator.columns import Text, pool, take
from sandbox.generator.draw import Ints, skewed

CULTURES: Final = (
    "english",
    "german",
    "french",
    "spanish",
    "greek",
    "russian",
    "arabic",
    "chinese",
    "japanese",
    "indian",
)
WOMAN, MAN = 0, 1
_GERMAN: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


@dataclass(frozen=True)
class NamePool:
    """Names one after the other, culture by culture, women before men; each in several forms at one position."""

    latin: Text
    plain: Text  # without accents, as a careless keyboard writes it
    native: Text  # in its own script; the Latin form where there is none
    address: Text  # letters for an e-mail or a handle
    starts: Ints  # by culture * 2 + gender
    sizes: Ints

    def draw(self, rng: np.random.Generator, culture: Ints, gender: Ints, skew: float) -> Ints:
        """A position for each row."""
        group = culture * 2 + gender
        return np.asarray(self.starts[group]) + skewed(rng, self.sizes[group], skew, len(group))


@dataclass(frozen=True)
class Nicknames:
    """The short forms of the given names of a pool."""

    forms: Text
    starts: Ints
    sizes: Ints

    def draw(self, rng: np.random.Generator, given: Ints) -> Text:
        """One short form per given name; the position must have one (`sizes` above 0)."""
        return take(self.forms, self.starts[given] + skewed(rng, np.maximum(self.sizes[given], 1), 1.5, len(given)))


Pairs = list[tuple[str, str]]


def _pairs(words: list[str]) -> Pairs:
    return [(latin, native or latin) for latin, _, native in (word.partition(":") for word in words)]


def _glued(starts: list[str], ends: list[str]) -> Pairs:
    return [(a[0] + b[0], a[1] + b[1]) for a, b in product(_pairs(starts), _pairs(ends)) if a[1] != b[1]]


def _inflected(starts: Pairs, endings: list[tuple[str, str, str, str]], gender: int) -> Pairs:
    at = 0 if gender == MAN else 2
    return [(latin + ending[at], native + ending[at + 1]) for ending, (latin, native) in product(endings, starts)]


def _family_names(culture: str, gender: int) -> Pairs:
    match culture:
        case "english":
            return _pairs(lists.ENGLISH_FAMILIES) + _glued(lists.ENGLISH_STARTS, lists.ENGLISH_ENDS)
        case "german":
            return _pairs(lists.GERMAN_FAMILIES) + _glued(lists.GERMAN_STARTS, lists.GERMAN_ENDS)
        case "french":
            return _pairs(lists.FRENCH_FAMILIES) + _glued(lists.FRENCH_STARTS, lists.FRENCH_ENDS)
        case "spanish":
            single = _pairs(lists.SPANISH_FAMILIES)
            double = [f"{a} {b}" for a, b in product(lists.SPANISH_FAMILIES[:40], lists.SPANISH_FAMILIES[-40:])]
            return single + _pairs(double)
        case "greek":
            prefixes = _pairs(lists.GREEK_PREFIXES)
            stems = [
                (p + s.lower() if p else s, q + t.lower() if q else t)
                for (p, q), (s, t) in product([("", ""), *prefixes[1:]], _pairs(lists.GREEK_STEMS))
            ]
            return _inflected(stems, lists.GREEK_ENDINGS, gender)
        case "russian":
            return _inflected(_pairs(lists.RUSSIAN_STEMS), lists.RUSSIAN_ENDINGS, gender)
        case "arabic":
            plain = _pairs(lists.ARABIC_FAMILIES)
            return plain + [(f"Al-{latin}", f"ال{native}") for latin, native in plain]
        case "chinese":
            return _pairs(lists.CHINESE_FAMILIES)
        case "japanese":
            return _glued(lists.JAPANESE_STARTS, lists.JAPANESE_ENDS)
        case _:
            return _pairs(lists.INDIAN_FAMILIES)


def _given_names(culture: str, gender: int) -> Pairs:
    women, men = {
        "english": (lists.ENGLISH_WOMEN, lists.ENGLISH_MEN),
        "german": (lists.GERMAN_WOMEN, lists.GERMAN_MEN),
        "french": (lists.FRENCH_WOMEN, lists.FRENCH_MEN),
        "spanish": (lists.SPANISH_WOMEN, lists.SPANISH_MEN),
        "greek": (lists.GREEK_WOMEN, lists.GREEK_MEN),
        "russian": (lists.RUSSIAN_WOMEN, lists.RUSSIAN_MEN),
        "arabic": (lists.ARABIC_WOMEN, lists.ARABIC_MEN),
        "chinese": (lists.CHINESE_WOMEN, lists.CHINESE_MEN),
        "japanese": (lists.JAPANESE_WOMEN, lists.JAPANESE_MEN),
        "indian": (lists.INDIAN_WOMEN, lists.INDIAN_MEN),
    }[culture]
    words = _pairs(women if gender == WOMAN else men)
    if culture == "chinese":
        return words + [(a[0] + b[0].lower(), a[1] + b[1]) for a, b in product(words, words)]
    return words


def _plain(culture: str, name: str) -> str:
    return anyascii(name.translate(_GERMAN) if culture == "german" else name)


def _pool(names_of: dict[tuple[int, int], Pairs]) -> NamePool:
    latin: list[str] = []
    plain: list[str] = []
    native: list[str] = []
    starts: list[int] = []
    sizes: list[int] = []
    for (culture, _), names in names_of.items():
        starts.append(len(latin))
        sizes.append(len(names))
        latin += [name for name, _ in names]
        native += [own for _, own in names]
        plain += [_plain(CULTURES[culture], name) for name, _ in names]
    address = ["".join(c for c in name.lower() if c.isalpha()) for name in plain]
    return NamePool(pool(latin), pool(plain), pool(native), pool(address), np.array(starts), np.array(sizes))


def _groups() -> list[tuple[int, int]]:
    return list(product(range(len(CULTURES)), (WOMAN, MAN)))


@lru_cache(maxsize=1)
def given_names() -> NamePool:
    """Every given name."""
    return _pool({(c, g): _given_names(CULTURES[c], g) for c, g in _groups()})


@lru_cache(maxsize=1)
def family_names() -> NamePool:
    """Every family name: a family's name has the same rank in the women's and in the men's form."""
    return _pool({(c, g): _family_names(CULTURES[c], g) for c, g in _groups()})


@lru_cache(maxsize=1)
def nicknames() -> Nicknames:
    """The short forms of `given_names`, from the `nicknames` package."""
    namer = NickNamer()
    forms = [sorted(namer.nicknames_of(name.lower())) for name in given_names().plain.to_pylist()]
    sizes = np.array([len(some) for some in forms], dtype=np.int64)
    starts = np.minimum(np.cumsum(sizes) - sizes, max(int(sizes.sum()) - 1, 0))
    return Nicknames(pool([form.title() for some in forms for form in some]), starts, sizes)
