"""(e) A cart left on the web, bought in the store the next day.

Emil puts a rain jacket into his cart, signed in, goes to the checkout and stops. On the second day he buys it in the
store. The till knows him by a record of its own, with his e-mail and his phone.

Truth: one person: the web shop's customer, the till's, the browser. On day 1 he is to be reminded of his cart; on day 2
he is not.
"""

from __future__ import annotations

from sandbox.stories import shop_events as shop
from sandbox.stories.story import Story
from sandbox.stories.tale import Tale, moment


def tell() -> Story:
    """The story."""
    tale = Tale("e")
    shop.stock(tale, moment("2025-01-07"))
    emil = tale.person(
        "Emil", family_name="Brandvold", email="emil.brandvold@oldoak.example", phone="+15037365086", city="Portland"
    )
    account = emil.known_to(
        "shopify:customer", moment("2026-05-05"), "given_name", "family_name", "email", "phone", "country",
        email_consent="granted", sms_consent="granted", is_verified=True,
    )  # fmt: skip
    till = emil.known_to(
        "shopify:customer", moment("2026-08-17"), "given_name", "family_name", "email", "phone", "country",
        email_consent="granted",
    )  # fmt: skip
    browser = emil.known_to("ga4:client", moment("2026-10-31", "19:50"))
    shop.visits_site(
        tale, browser, moment("2026-10-31", "19:50"), views=[shop.JACKET], adds=[shop.JACKET], signed_in=account
    )
    checkout = shop.leaves_cart(tale, account, moment("2026-10-31", "19:58"), [shop.JACKET])
    order = shop.buys(tale, till, moment("2026-11-01", "16:10"), [shop.JACKET], channel="store", store="Station Arcade")
    return Story(
        tale,
        {
            "checkout": checkout,
            "order": order.name,
            "order_id": order.order_id,
            "account": account,
            "till": till,
            "product_id": shop.JACKET.product_id,
        },
    )
