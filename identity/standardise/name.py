"""Names of people: folded to plain letters from any script, split into parts, with the given name's other forms."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

from anyascii import anyascii
from nicknames import NickNamer

from identity.standardise.words import words

_PICTURES: Final = frozenset({"So", "Sk", "Cs", "Co", "Cn"})
_GREEK_OU: Final = re.compile("[οΟό][υΥύ]")
_WEAK: Final = re.compile("[aeiouyw ]|(.)(?=\\1)")
_OTHER_SCRIPTS: Final = words("CJK HIRAGANA KATAKANA HANGUL ARABIC HEBREW THAI DEVANAGARI BENGALI TAMIL")
_NOT_LETTERS: Final = re.compile(r"[^a-z]+")
_APOSTROPHES: Final = re.compile(r"(?<=[a-z])['’`´ʹ](?=[a-z])")
_TITLES: Final = words(
    "mr mrs ms miss mx dr prof professor sir dame lord lady rev reverend hon herr frau monsieur madame mme mlle sr sra "
    "srta don dona ing dipl mag phd md esq"
)
_SUFFIXES: Final = words("jr junior snr senior ii iii iv phd md esq cbe obe mbe kbe bt qc kc")
PARTICLES: Final = words(
    "van von der den de del della di da do dos das du la le el al bin ibn ben ter ten zu zur of st saint san mac mc o "
    "y e"
)
_NOTHING: Final = words(
    "none null nan na unknown unbekannt anonymous anon guest test customer kunde user noname instagram messenger "
    "facebook deleted"
)


@dataclass(frozen=True)
class Name:
    """A person's name in parts, each of folded words joined by one space; null when not known."""

    given: str | None
    family: str | None


def fold(text: str | None) -> str | None:
    """Lower-case plain letters of any script, words apart by one space; null when nothing is left."""
    if text is None:
        return None
    plain = text.lower() if text.isascii() else _plain(text)
    plain = _APOSTROPHES.sub("", plain)
    words = _NOT_LETTERS.sub(" ", plain).split()
    return " ".join(words) or None


def _plain(text: str) -> str:
    # Pictures would be spelled out, and Greek ου be split in two letters.
    drawn = "".join(
        " " if unicodedata.category(sign) in _PICTURES else sign for sign in unicodedata.normalize("NFC", text)
    )
    return anyascii(_GREEK_OU.sub("ou", drawn)).lower()


def squeeze(word: str) -> str:
    """One spelling for what transliteration writes in two ways: Mueller, and Muller from Müller."""
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def is_transcribed(text: str) -> bool:
    """Whether a name holds signs of a script whose sounds or vowels plain letters cannot tell (Chinese, Arabic ...)."""
    return not text.isascii() and any(unicodedata.name(sign, "").partition(" ")[0] in _OTHER_SCRIPTS for sign in text)


def skeleton(folded: str) -> str | None:
    """The consonants of a folded name, for scripts that write no vowels: `mohammed` and `mhmd` (محمد) agree.

    Null below three consonants, which too many names share.
    """
    consonants = _WEAK.sub("", folded)
    return consonants if len(consonants) > 2 else None


def _words(text: str | None) -> list[str]:
    folded = fold(text)
    if folded is None or folded.replace(" ", "") in _NOTHING:
        return []
    return [squeeze(word) for word in folded.split()]


def given_name(text: str | None) -> str | None:
    """A given name without titles: `Dr. Ann-Marie` is `ann marie`."""
    words = [word for word in _words(text) if word not in _TITLES]
    return " ".join(words) or None


def family_name(text: str | None) -> str | None:
    """A family name without suffixes, particles kept: `Van der Berg, Jr.` is `van der berg`."""
    words = _words(text)
    while len(words) > 1 and words[-1] in _SUFFIXES:
        words.pop()
    return " ".join(words) or None


def split_full_name(text: str | None) -> Name:
    """Split a name that was written in one field: `Last, First`, titles, suffixes, particles.

    A single word is taken as a given name: what people call themselves.
    """
    if text is None:
        return Name(None, None)
    head, comma, tail = text.partition(",")
    if comma and fold(tail) and (fold(tail) or "") not in _SUFFIXES:
        return Name(given_name(tail), family_name(head))
    words = [word for word in _words(text) if word not in _TITLES]
    while len(words) > 2 and words[-1] in _SUFFIXES:
        words.pop()
    if not words:
        return Name(None, None)
    if len(words) == 1:
        return Name(words[0], None)
    start = len(words) - 1
    while start > 1 and words[start - 1] in PARTICLES:
        start -= 1
    return Name(" ".join(words[:start]), " ".join(words[start:]))


class _FoldedNickNamer(NickNamer):
    def _normalize_name(self, name: str) -> str:
        return squeeze(fold(name) or "")


@cache
def _nicknamer() -> NickNamer:
    return _FoldedNickNamer()


@cache
def given_forms(word: str) -> tuple[str, ...]:
    """The forms that one given name goes by: itself and the names it is short for, in order.

    Two records agree on a given name when their forms share a member: `bill` and `william`, `bill` and `will`. A
    list of nicknames also turns some around (`robert`, short for `bill`): a form shorter than the name is left out.
    """
    longer = {form for form in _nicknamer().canonicals_of(word) if form.isalpha() and len(form) >= len(word)}
    return tuple(sorted({word} | longer))
