"""(g) Somebody who opted out in one system only.

Gail said yes to e-mails and texts in the shop and in the CRM, years ago. In the loyalty programme she has said no to
both. Her neighbour Hugo said yes everywhere.

Truth: two people of three records each. Gail is contactable for marketing nowhere; Hugo is.
"""

from __future__ import annotations

from sandbox.stories import shop_events as shop
from sandbox.stories import talk_events as talk
from sandbox.stories.story import Story
from sandbox.stories.tale import Person, Tale, later, moment


def tell() -> Story:
    """The story."""
    tale = Tale("g")
    shop.stock(tale, moment("2025-01-07"))
    gail = tale.person(
        "Gail", family_name="Montrose", email="gail.montrose@inkwell.example", phone="+17737365088", postcode="60614"
    )
    hugo = tale.person(
        "Hugo", family_name="Ferreira", email="hugo.ferreira@skylark.example", phone="+17737365089", postcode="60614"
    )
    _says(tale, gail, in_programme="denied")
    _says(tale, hugo, in_programme="granted")
    return Story(tale, {"email": str(gail.trait("email"))})


def _says(tale: Tale, person: Person, *, in_programme: str) -> None:
    """Yes in the shop and the CRM, and what was said in the loyalty programme."""
    names, at = ("given_name", "family_name", "email", "phone"), moment("2025-03-03")
    account = person.known_to(
        "shopify:customer", at, *names, "country", email_consent="granted", sms_consent="granted", is_verified=True
    )
    person.known_to(
        "salesforce:contact", later(at, days=3), *names, email_consent="granted", sms_consent="granted",
        linked_record_id=account,
    )  # fmt: skip
    member = person.known_to(
        "loyalty:member", later(at, days=30), *names, "postcode", email_consent=in_programme, sms_consent=in_programme,
        linked_record_id=account,
    )  # fmt: skip
    talk.joins_programme(tale, member, later(at, days=30), later(at, days=30), tier="silver", points=640)
    bought = moment("2026-10-02")
    shop.buys(tale, account, bought, [shop.TEAPOT], shipped=later(bought, days=1), delivered=later(bought, days=3))
