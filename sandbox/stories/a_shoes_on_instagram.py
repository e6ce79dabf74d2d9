"""(a) Shoes seen on Instagram, tried in the store, complained about on X, called about.

Mia clicks an advertisement for running shoes on Instagram and looks at them; nobody knows who she is. Two days later
she tries them in the store. The clerk, Amira, takes her e-mail for the notes and hands her the code SHOES15. At home
she signs in, in the same browser, and leaves the cart at the checkout, because the code is refused. She says so on X,
and an hour later she calls.

Truth: one person. The shop, the CRM (which noted her X name), the browser with its anonymous first visit, the clerk's
client, the X account and the calling number are hers. One thread, without an order; the agent of the day sees the code
and the complaint. On the second day she calls again, and it is solved.
"""

from __future__ import annotations

from sandbox.stories import shop_events as shop
from sandbox.stories import talk_events as talk
from sandbox.stories.story import Story
from sandbox.stories.tale import Tale, moment

CODE = "SHOES15"


def tell() -> Story:
    """The story."""
    tale = Tale("a")
    shop.stock(tale, moment("2025-01-07"))
    mia = tale.person(
        "Mia",
        family_name="Okonkwo-Reyes",
        email="mia.okonkwo.reyes@fernpost.example",
        phone="+12127365081",
        x_handle="mia_runs_late",
        street="48 Juniper Street",
        city="New York",
        region="NY",
        postcode="10011",
    )
    account = mia.known_to(
        "shopify:customer", moment("2025-03-02"), "given_name", "family_name", "email", "phone", "street", "city",
        "region", "postcode", "country", email_consent="granted", is_verified=True,
    )  # fmt: skip
    mia.known_to(
        "salesforce:contact", moment("2025-03-10"), "given_name", "family_name", "email", "x_handle",
        email_consent="granted",
    )  # fmt: skip
    on_x = mia.known_to("x:user", moment("2019-05-01"), full_name="Mia")
    browser = mia.known_to("ga4:client", moment("2026-10-20", "18:40"))
    client = mia.known_to("store:client", moment("2026-10-22", "11:30"), "given_name", "email", full_name="Mia Okonkwo")
    phone = mia.known_to("contact_centre:caller", moment("2026-10-23", "21:10"), "phone")

    shop.visits_site(
        tale, browser, moment("2026-10-20", "18:40"), views=[shop.SHOES], source="instagram", medium="paid_social",
        campaign="ig_new_shoes",
    )  # fmt: skip
    talk.comes_in(
        tale, client, moment("2026-10-22", "11:30"), "Tried the Cloudstep in 39 and 40, 40 fits.", product=shop.SHOES
    )
    talk.comes_in(
        tale, client, moment("2026-10-22", "11:50"), "Gave her 15 % on the Cloudstep, for the web shop.",
        product=shop.SHOES, code=CODE,
    )  # fmt: skip
    shop.visits_site(
        tale, browser, moment("2026-10-23", "20:00"), views=[shop.SHOES], adds=[shop.SHOES], signed_in=account
    )
    shop.leaves_cart(tale, account, moment("2026-10-23", "20:06"), [shop.SHOES])
    complaint = talk.mentions_us(
        tale, on_x, moment("2026-10-23", "20:15"),
        f"@braidandco your store gave me the code {CODE} and your checkout refuses it. Great.",
    )  # fmt: skip
    call = talk.calls(
        tale, phone, moment("2026-10-23", "21:10"), reason="Discount code", note="Code refused, asked for a call back.",
        wait=240, outcome="callback",
    )  # fmt: skip
    talk.calls(tale, phone, moment("2026-11-01", "09:30"), reason="Discount code", note="New code sent.", wait=15)
    return Story(
        tale,
        {
            "code": CODE,
            "complaint": complaint,
            "call": call,
            "campaign": "ig_new_shoes",
            "product_id": shop.SHOES.product_id,
        },
    )
