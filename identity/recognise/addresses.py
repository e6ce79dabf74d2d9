"""An address written in one column, taken apart: street, city, region, postcode, country."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from identity.standardise.phone import region_of

# The surest first. Countries: GB, CA, NL, PT, US and BR, most of Europe, then four digits (AT, AU, BE, CH, DK ...).
_POSTCODES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b",
        r"\b[A-Z]\d[A-Z]\s*\d[A-Z]\d\b",
        r"\b\d{4}\s?[A-Z]{2}\b(?=\s+\S)",
        r"\b\d{4}-\d{3}\b",
        r"\b\d{5}-\d{3,4}\b",
        r"(?:\b[A-Z]{1,2}-)?\b\d{5}\b",
        r"(?:\b[A-Z]{1,2}-)?\b\d{4}\b",
    )
)
_STATE: Final = re.compile(r"(.*?)\s*\b([A-Z]{2,3})")
_EDGES: Final = re.compile(r"^[\s.]+|[\s.]+$")
_COUNTRY_PREFIX: Final = re.compile(r"^[A-Z]{1,2}-(?=\d{4,5}$)")


@dataclass(frozen=True)
class Address:
    """The parts found; null where there is none."""

    street: str | None = None
    city: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None


def is_whole(text: str) -> bool:
    """Whether a text holds more than a street line: parts, and a postcode or a city with them."""
    found = split_address(text)
    return found.postcode is not None or (found.city is not None and found.street is not None)


def split_address(text: str) -> Address:
    """Take one address apart: `12 Main St, Springfield, IL 62704, USA`, `Hauptstr. 5, 10115 Berlin`.

    The postcode is the anchor: what stands after it, or else before it, is the city; the parts before that the street.
    """
    parts = [part for part in (_EDGES.sub("", part) for part in re.split(r"[,;\n]+", text)) if part]
    country = None
    if len(parts) > 1 and len(parts[-1]) > 2 and (region := region_of(parts[-1])):
        parts, country = parts[:-1], region
    found = _find_postcode(parts)
    if found is None:
        if len(parts) < 2:
            return Address(street=parts[0] if parts else None, country=country)
        city = parts[-1] if not any(sign.isdigit() for sign in parts[-1]) else None
        return Address(", ".join(parts[:-1] if city else parts), city, country=country)
    place, start, end = found
    before, code, after = parts[place][:start].strip(" -"), parts[place][start:end], parts[place][end:].strip(" -")
    street, rest = parts[:place], parts[place + 1 :]
    if country is None and rest and (region := region_of(rest[-1])):
        country, rest = region, rest[:-1]
    code = _COUNTRY_PREFIX.sub("", code)
    if after and any(sign.isalpha() for sign in after):
        return Address(_street([*street, before]), after, None, code, country)
    city, state = _city_and_state(before, bool(street) or not rest)
    if city is None and len(street) > 1:
        street, city = street[:-1], street[-1]
    elif city is None and rest:
        city = rest[0]
    return Address(_street(street), city, state, code, country)


def _find_postcode(parts: list[str]) -> tuple[int, int, int] | None:
    """Which part holds the postcode, and where in it; a number that opens the address is a house's."""
    for pattern in _POSTCODES:
        for place in range(len(parts) - 1, -1, -1):
            for found in pattern.finditer(parts[place]):
                if place > 0 or found.start() > 0:
                    return place, found.start(), found.end()
    return None


def _city_and_state(before: str, has_city: bool) -> tuple[str | None, str | None]:
    state = _STATE.fullmatch(before)
    if state and has_city:
        return state[1].strip() or None, state[2]
    return before or None, None


def _street(parts: list[str]) -> str | None:
    return ", ".join(part for part in parts if part) or None
