"""Values as they may be shown: whole, or with just enough left to recognise what one knows already."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_HIDDEN: Final = "***"
_MENTIONS: Final = {"order": "id", "email": "email", "phone": "phone"}
# A first letter gives a shorter word away.
_SHORTEST_WITH_INITIAL: Final = 3


def mask(kind: str, value: str) -> str:
    """A value of one kind, masked; the whole value is never in the answer.

    Args:
        kind: `email` (`a***@d***.com`), `phone` (its last two digits), `name` (initials), `date` (its year), `handle`
            (platform and first letter), `id` (a record's id, unless its own part looks like a person's), `country`
            (as it is: it tells nobody apart), `mention` (`email=a***@d***.com`, as what was written is); anything else
            keeps its first letter.
        value: as the source wrote it.
    """
    if kind == "country":
        return value
    if kind == "id":
        return record_label(value)
    if kind == "mention":
        said, sign, what = value.partition("=")
        return f"{said}={mask(_MENTIONS[said], what)}" if said in _MENTIONS and sign else _HIDDEN
    masks: dict[str, Callable[[str], str]]
    masks = {"email": _email, "phone": _phone, "name": _name, "date": _date, "handle": _handle}
    masked = masks.get(kind, _word)(value)
    return _HIDDEN if value.casefold() in masked.casefold() else masked


def record_label(record_id: str, personal: frozenset[str] = frozenset()) -> str:
    """A record's id, its own part masked where it is or holds a personal value (a file may use e-mails as ids).

    Args:
        record_id: `<source>:<entity>:<native id>`.
        personal: values of the person, folded by `folded`.
    """
    head, colon, native = record_id.rpartition(":")
    plain = folded(native)
    if "@" in native:
        return head + colon + _email(native)
    if any(value in plain for value in personal):
        return head + colon + _word(native)
    return record_id


def folded(value: str) -> str:
    """Letters and digits alone, for finding a value inside another text."""
    return re.sub(r"[\W_]+", "", value).casefold()


def _email(value: str) -> str:
    name, _, domain = value.strip().rpartition("@")
    if not name or not domain:
        return _HIDDEN
    host, dot, end = domain.rpartition(".")
    return f"{name[0]}{_HIDDEN}@" + (f"{host[0]}{_HIDDEN}.{end}" if host and dot else _HIDDEN)


def _phone(value: str) -> str:
    digits = re.sub(r"\D", "", value)
    return f"{_HIDDEN} {digits[-2:]}" if len(digits) > 5 else _HIDDEN


def _name(value: str) -> str:
    words = value.split()
    return " ".join(f"{word[0]}." if len(word) >= _SHORTEST_WITH_INITIAL else "*" for word in words) or _HIDDEN


def _date(value: str) -> str:
    return f"{value[:4]}-**-**" if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value) else _HIDDEN


def _handle(value: str) -> str:
    platform, colon, name = value.rpartition(":")
    return platform + colon + _word(name.lstrip("@"))


def _word(value: str) -> str:
    return value.strip()[0] + _HIDDEN if len(value.strip()) >= _SHORTEST_WITH_INITIAL else _HIDDEN
