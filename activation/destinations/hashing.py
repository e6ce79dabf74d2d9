"""Contact details as each advertising platform documents them: normalised first, then hashed with SHA-256.

The two platforms differ, and a value normalised for one is nobody on the other:

| | Meta | Google |
|---|---|---|
| e-mail at Gmail | as written, lower case | without dots and without what follows a plus |
| phone | digits only | E.164, with its plus |
| name | no punctuation | punctuation kept, no title, no extra spaces |
| country, postcode | normalised and hashed | sent as they are: Google matches addresses in no other form |

A value that cannot be normalised (an e-mail without a domain, a phone without its country code) gives None: a hash of
it would match nobody, or somebody else.

Sources: Meta, "Customer Information Parameters" (developers.facebook.com, 9 January 2026) and "Customer File Custom
Audiences", Hashing and Normalization; Google, "Format user data" (developers.google.com/data-manager, for the rules of
Gmail) and the Google Ads API reference of `UserIdentifier` and `OfflineUserAddressInfo`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

import phonenumbers

from identity.standardise.phone import region_of

_GMAIL: Final = ("gmail.com", "googlemail.com")
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_TITLES: Final = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof"})
_SUFFIXES: Final = frozenset({"jr", "sr"})

# ANSI abbreviations (INCITS 38) by name without spaces.
_STATES: Final = dict(
    re.findall(
        r"(\w+)=(\w\w)",
        "alabama=al alaska=ak arizona=az arkansas=ar california=ca colorado=co connecticut=ct delaware=de "
        "districtofcolumbia=dc florida=fl georgia=ga hawaii=hi idaho=id illinois=il indiana=in iowa=ia kansas=ks "
        "kentucky=ky louisiana=la maine=me maryland=md massachusetts=ma michigan=mi minnesota=mn mississippi=ms "
        "missouri=mo montana=mt nebraska=ne nevada=nv newhampshire=nh newjersey=nj newmexico=nm newyork=ny "
        "northcarolina=nc northdakota=nd ohio=oh oklahoma=ok oregon=or pennsylvania=pa puertorico=pr rhodeisland=ri "
        "southcarolina=sc southdakota=sd tennessee=tn texas=tx utah=ut vermont=vt virginia=va washington=wa ",
    )
)


def sha256(normalised: str) -> str:
    """The SHA-256 of the UTF-8 bytes, as 64 lower-case hexadecimal digits: the form that both platforms take."""
    return hashlib.sha256(normalised.encode()).hexdigest()


def _email(raw: str) -> str | None:
    """Lower case, no spaces around; None unless it has one `@` between two parts and nothing odd inside."""
    text = unicodedata.normalize("NFC", raw).strip().lower()
    return text if re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@.]+", text) else None


def _e164(raw: str) -> str | None:
    """E.164 of a number that says its country (a plus or 00 in front); an extension is left out."""
    text = raw.strip()
    text = f"+{text[2:]}" if text.startswith("00") else text
    # What golden holds is E.164 already, and was held against its numbering plan there; parsing is most of the work.
    if _E164.fullmatch(text):
        return text
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _lower(raw: str) -> str:
    """Lower case, composed (the published hashes are of composed letters), single spaces."""
    return " ".join(unicodedata.normalize("NFC", raw).lower().split())


def _without(text: str, *, kinds: str) -> str:
    """The text without characters whose Unicode category starts with one of `kinds` (P punctuation, S symbols …)."""
    return "".join(letter for letter in text if unicodedata.category(letter)[0] not in kinds)


def meta_email(raw: str) -> str | None:
    """`EMAIL`: trimmed, lower case; dots and plus signs stay."""
    return _email(raw)


def meta_phone(raw: str) -> str | None:
    """`PHONE`: digits alone, country code first, no leading zeros."""
    number = _e164(raw)
    return None if number is None else number[1:].lstrip("0")


def meta_name(raw: str) -> str | None:
    """`FN`, `LN`: lower case without punctuation; letters outside a to z stay as they are."""
    return " ".join(_without(_lower(raw), kinds="PS").split()) or None


def meta_city(raw: str) -> str | None:
    """`CT`: lower-case letters alone: no punctuation, special characters, spaces."""
    return _without(_lower(raw), kinds="PSNZC") or None


def meta_state(raw: str, country: str | None = None) -> str | None:
    """`ST`: the two-letter ANSI abbreviation in the United States, elsewhere lower-case letters alone."""
    name = meta_city(raw)
    return _STATES.get(name, name) if name and region_of(country) == "US" else name


def meta_postcode(raw: str, country: str | None = None) -> str | None:
    """`ZIP`: lower case without spaces and dashes; the first five digits in the United States."""
    text = re.sub(r"[\s\-]", "", raw.lower())
    return (text[:5] if region_of(country) == "US" else text) or None


def meta_country(raw: str) -> str | None:
    """`COUNTRY`: the ISO 3166-1 alpha-2 code in lower case; a country's name is looked up."""
    region = region_of(raw)
    return None if region is None else region.lower()


def google_email(raw: str) -> str | None:
    """`hashedEmail`: lower case without any space; at gmail.com and googlemail.com no dots and no plus suffix."""
    text = _email("".join(raw.split()))
    if text is None:
        return None
    local, _, domain = text.rpartition("@")
    if domain in _GMAIL:
        local = local.partition("+")[0].replace(".", "")
    return f"{local}@{domain}" if local else None


def google_phone(raw: str) -> str | None:
    """`hashedPhoneNumber`: E.164 with its plus."""
    return _e164(raw)


def google_given_name(raw: str) -> str | None:
    """`hashedFirstName`: lower case, no extra spaces, no title in front."""
    words = _lower(raw).split()
    while len(words) > 1 and words[0].rstrip(".") in _TITLES:
        words.pop(0)
    return " ".join(words) or None


def google_family_name(raw: str) -> str | None:
    """`hashedLastName`: lower case, no extra spaces, no `jr` behind."""
    words = _lower(raw).replace(",", " ").split()
    while len(words) > 1 and words[-1].rstrip(".") in _SUFFIXES:
        words.pop()
    return " ".join(words) or None


_META: Final[Mapping[str, tuple[str, Callable[[str], str | None]]]] = {
    "email": ("EMAIL", meta_email),
    "phone": ("PHONE", meta_phone),
    "first_name": ("FN", meta_name),
    "last_name": ("LN", meta_name),
    "city": ("CT", meta_city),
    "country": ("COUNTRY", meta_country),
    "external_id": ("EXTERN_ID", lambda raw: raw.strip() or None),
}
META_FIELDS: Final = (*_META, "state", "postcode", "birth_date")
"""What a block's mapping may name for a Meta audience."""

GOOGLE_FIELDS: Final = ("email", "phone", "first_name", "last_name", "country", "postcode")
"""What a block's mapping may name for a Google customer list."""


def _text(values: Mapping[str, Any], name: str) -> str | None:
    value = values.get(name)
    return None if value is None or not str(value).strip() else str(value)


def meta_keys(values: Mapping[str, Any]) -> dict[str, str]:
    """Hashed values by Meta's schema key (`EMAIL`, `PHONE`, `FN` …), for a row with any of `META_FIELDS`."""
    country = _text(values, "country")
    normalised: dict[str, str | None] = {}
    for name, (key, rule) in _META.items():
        raw = _text(values, name)
        normalised[key] = None if raw is None else rule(raw)
    for name, key, by_country in (("state", "ST", meta_state), ("postcode", "ZIP", meta_postcode)):
        raw = _text(values, name)
        normalised[key] = None if raw is None else by_country(raw, country)
    normalised |= _birth(_text(values, "birth_date"))
    return {key: sha256(value) for key, value in normalised.items() if value}


def _birth(raw: str | None) -> dict[str, str | None]:
    try:
        born = date.fromisoformat((raw or "")[:10])
    except ValueError:
        return {}
    return {"DOBY": f"{born:%Y}", "DOBM": f"{born:%m}", "DOBD": f"{born:%d}"} if born.year >= 1900 else {}


def google_contact(values: Mapping[str, Any]) -> dict[str, str]:
    """`hashedEmail` and `hashedPhoneNumber` of a row, those that it has."""
    email, phone = _text(values, "email"), _text(values, "phone")
    normalised = {
        "hashedEmail": None if email is None else google_email(email),
        "hashedPhoneNumber": None if phone is None else google_phone(phone),
    }
    return {key: sha256(value) for key, value in normalised.items() if value}


def google_address(values: Mapping[str, Any]) -> dict[str, str] | None:
    """`addressInfo` of a row; None unless all four parts are there, without which Google takes none of them."""
    given, family = _text(values, "first_name"), _text(values, "last_name")
    first = None if given is None else google_given_name(given)
    last = None if family is None else google_family_name(family)
    region, postcode = region_of(_text(values, "country")), _text(values, "postcode")
    if first is None or last is None or region is None or postcode is None:
        return None
    return {
        "hashedFirstName": sha256(first),
        "hashedLastName": sha256(last),
        "countryCode": region,
        "postalCode": postcode.strip(),
    }
