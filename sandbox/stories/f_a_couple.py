"""(f) A couple who share an e-mail and a phone, and want different things.

Fay and Gus Lindqvist have one e-mail for the two of them and one phone at home; each gave both to the shop and the
loyalty programme. Fay takes e-mails and no texts; Gus takes texts and no e-mails.

Truth: two people, two records each, one household. Neither inherits the other's consent.
"""

from __future__ import annotations

from datetime import date

from sandbox.stories import shop_events as shop
from sandbox.stories import talk_events as talk
from sandbox.stories.story import Story
from sandbox.stories.tale import Person, Tale, later, moment

_SHARED = {
    "family_name": "Lindqvist",
    "email": "the.lindqvists@mailhaven.example",
    "phone": "+16517365087",
    "street": "77 Birch Road",
    "city": "Minneapolis",
    "region": "MN",
    "postcode": "55408",
    "household_id": "H-f-lindqvist",
}


def tell() -> Story:
    """The story."""
    tale = Tale("f")
    shop.stock(tale, moment("2025-01-07"))
    fay = tale.person("Fay", birth_date=date(1979, 3, 14), **_SHARED)
    gus = tale.person("Gus", birth_date=date(1975, 11, 2), **_SHARED)
    _joins(tale, fay, "2025-04-01", email="granted", sms="denied")
    _joins(tale, gus, "2025-05-20", email="denied", sms="granted")
    return Story(tale, {"email": _SHARED["email"], "phone": _SHARED["phone"]})


def _joins(tale: Tale, person: Person, day: str, *, email: str, sms: str) -> None:
    """An account in the shop, with an order, and a loyalty card."""
    at = moment(day)
    everything = (
        "given_name", "family_name", "email", "phone", "street", "city", "region", "postcode", "country",
    )  # fmt: skip
    account = person.known_to(
        "shopify:customer", at, *everything, email_consent=email, sms_consent=sms, is_verified=True
    )
    member = person.known_to(
        "loyalty:member", later(at, days=9), *everything, "birth_date", email_consent=email, sms_consent=sms,
        linked_record_id=account,
    )  # fmt: skip
    talk.joins_programme(tale, member, later(at, days=9), later(at, days=9), tier="bronze", points=58)
    shop.buys(tale, account, later(at, days=2), [shop.TEAPOT], shipped=later(at, days=3), delivered=later(at, days=6))
