"""(d) A customer of ten years texts about a problem, then calls.

Dora has had the loyalty card since April 2016 and is platinum. The CRM has known her as long; the shop since 2018. Her
teapot came with a cracked lid. She texts from her mobile, with the order's number, and gets an answer that does not
help; on the second day she calls from the same phone.

Truth: one person: member, contact, shop customer, and the number that texted and called. Who takes the call sees ten
years, platinum, and the text of the day before.
"""

from __future__ import annotations

from sandbox.stories import shop_events as shop
from sandbox.stories import talk_events as talk
from sandbox.stories.story import Story
from sandbox.stories.tale import Tale, later, moment


def tell() -> Story:
    """The story."""
    tale = Tale("d")
    shop.stock(tale, moment("2016-01-07"))
    dora = tale.person(
        "Dora",
        family_name="Haldorsen",
        email="dora.haldorsen@letterbox.example",
        phone="+12067365085",
        street="9 Larch Lane",
        city="Seattle",
        region="WA",
        postcode="98109",
    )
    since = moment("2016-04-18")
    member = dora.known_to(
        "loyalty:member", since, "given_name", "family_name", "email", "phone", "street", "city", "region", "postcode",
        "country", email_consent="granted",
    )  # fmt: skip
    talk.joins_programme(tale, member, since, moment("2025-01-10"), tier="platinum", points=4120)
    dora.known_to(
        "salesforce:contact", moment("2016-05-02"), "given_name", "family_name", "email", "phone",
        loyalty_number=member.split(":")[2],
    )  # fmt: skip
    account = dora.known_to(
        "shopify:customer", moment("2018-02-11"), "given_name", "family_name", "email", "phone", "street", "city",
        "region", "postcode", "country", email_consent="granted", is_verified=True,
    )  # fmt: skip
    for day in ("2018-02-11", "2019-11-29", "2021-06-03", "2023-12-08", "2025-05-16"):
        at = moment(day, "14:00")
        shop.buys(tale, account, at, [shop.JACKET], shipped=later(at, days=1), delivered=later(at, days=4))
    at = moment("2026-10-24", "09:20")
    order = shop.buys(tale, account, at, [shop.TEAPOT], shipped=later(at, days=1), delivered=later(at, days=5))
    phone = dora.known_to("contact_centre:caller", moment("2026-10-31", "17:05"), "phone")
    text = talk.texts(
        tale, phone, moment("2026-10-31", "17:05"), f"The teapot of order {order.name} came with a cracked lid."
    )
    talk.texts(
        tale, phone, moment("2026-10-31", "17:20"), "Thanks for your text. A colleague will call you.", ours=True
    )
    call = talk.calls(
        tale, phone, moment("2026-11-01", "09:12"), reason="Damaged", note="New lid sent, no questions asked.",
        order=order,
    )  # fmt: skip
    return Story(
        tale, {"order": order.name, "order_id": order.order_id, "text": text, "call": call, "tier": "platinum"}
    )
