"""Phone numbers: E.164 where a numbering plan knows the number, a reason where none does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

import phonenumbers
from phonenumbers.geodata.locale import LOCALE_DATA

_DIGITS: Final = re.compile(r"\d")


@dataclass(frozen=True)
class Phone:
    """One number; `value` is E.164, null when it is not a number that can be called."""

    value: str | None
    match_key: str | None
    is_valid: bool
    rejection_reason: str | None


@cache
def _regions_by_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for region, by_language in LOCALE_DATA.items():
        for name in by_language.values():
            if not name.startswith("*"):
                names.setdefault(name.casefold(), region)
    return names | {
        "usa": "US",
        "u.s.a.": "US",
        "u.s.": "US",
        "uk": "GB",
        "england": "GB",
        "scotland": "GB",
        "wales": "GB",
    }


def region_of(country: str | None) -> str | None:
    """The two-letter region of a country's code or of its name in any language that phonenumbers knows."""
    if not country or not country.strip():
        return None
    text = country.strip()
    if text.upper() in phonenumbers.SUPPORTED_REGIONS:
        return text.upper()
    return _regions_by_name().get(text.casefold())


def standardise_phone(raw: str, region: str) -> Phone:
    """Read one number as written, with `region` (two letters) for numbers without a country code.

    A number of the right length that no plan has issued (`555` numbers of films and of made-up data) is rejected as
    undeliverable yet keeps its `match_key`: two records that share it still have that in common.
    """
    digits = "".join(_DIGITS.findall(raw))
    if not digits:
        return Phone(None, None, False, "no digits")
    # One digit over and over, or counted up, is what people type to get past a form.
    tail = digits[-7:]
    if len(set(tail)) == 1 or digits in "01234567890123456789" or digits in "98765432109876543210":
        return Phone(None, None, False, "a placeholder")
    try:
        number = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        return Phone(None, None, False, "not a phone number")
    if not phonenumbers.is_possible_number(number):
        return Phone(None, None, False, "wrong length for its numbering plan")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not phonenumbers.is_valid_number(number):
        return Phone(None, e164, False, "in no known numbering plan")
    return Phone(e164, e164, True, None)


def region_of_number(e164: str) -> str | None:
    """The region that a number in E.164 belongs to; null for a number of no country."""
    region = phonenumbers.region_code_for_number(phonenumbers.parse(e164))
    return (
        region
        if region in phonenumbers.SUPPORTED_REGIONS
        else phonenumbers.region_code_for_country_code(phonenumbers.parse(e164).country_code or 0)
    )
