"""What is wrong in a mapping, in the words of the person who wrote it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Any


def nearest(word: str, words: Iterable[str]) -> str:
    """`; did you mean 'emails'?`, or the valid words when none is near."""
    known = list(words)
    near = difflib.get_close_matches(word, known, 3, 0.6)
    if near:
        return "; did you mean " + " or ".join(f"'{one}'" for one in near) + "?"
    return f"; there are {', '.join(known)}" if known else ""


def said(mistake: Any, places: Sequence[str], mapping_keys: Iterable[str], entry_keys: Iterable[str]) -> str:
    """One mistake that pydantic found, with its place.

    Args:
        mistake: an item of `ValidationError.errors()`.
        places: where each entry was written: an entry of a ready mapping is not where its number says.
        mapping_keys: the keys of the mapping.
        entry_keys: the keys of an entry.
    """
    place = [str(part) for part in mistake["loc"]]
    if len(place) > 1 and place[0] == "files" and place[1].isdigit() and int(place[1]) < len(places):
        place = [places[int(place[1])], *place[2:]]
        depth = len(place)
    else:
        depth = len(place) - 1
    where, word = ".".join(place), place[-1] if place else ""
    if mistake["type"] == "extra_forbidden":
        return f"{where}: unknown key{nearest(word, entry_keys if depth else mapping_keys)}"
    if mistake["type"] == "missing":
        return f"{where}: missing"
    words = mistake["msg"].removeprefix("Value error, ")
    # The key is in the words already when it has parts of its own, such as fields.emails.
    return f"{where.removesuffix('.' + word)}.{words}" if words.startswith(f"{word}.") else f"{where}: {words}"
