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
    """One number; `value` is E.164, null when it is not a number that can be called; `region` is where it belongs."""

    value: str | None
    match_key: str | None
    is_valid: bool
    rejection_reason: str | None
    region: str | None = None


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
    # What `is_valid_number` does, with the region kept: finding it is most of the work.
    region_code = phonenumbers.region_code_for_number(number)
    if region_code is None or not phonenumbers.is_valid_number_for_region(number, region_code):
        main = phonenumbers.region_code_for_country_code(number.country_code or 0)
        return Phone(None, e164, False, "in no known numbering plan", _country(main))
    if region_code not in phonenumbers.SUPPORTED_REGIONS:
        region_code = phonenumbers.region_code_for_country_code(number.country_code or 0)
    return Phone(e164, e164, True, None, _country(region_code))


def _country(region: str | None) -> str | None:
    return None if region in (None, "ZZ", "001") else region
