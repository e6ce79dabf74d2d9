"""(c) Leggings bought through Instagram, late, complained about in a direct message, then asked about in a live chat.

Carla buys leggings in the retailer's shop on Instagram. They leave after two days and do not arrive. After nine days
she writes a direct message with the order's number, gets a friendly answer and no parcel; the next evening she asks in
the live chat of the web shop.

Truth: one person. The shop's customer, the Instagram account (whose name the CRM noted) and the help desk's user are
hers. The agent of the chat sees the order, the message and the chat as one conversation. On the second day the parcel
arrives and the chat's ticket is solved.
"""

from __future__ import annotations

from sandbox.stories import shop_events as shop
from sandbox.stories import talk_events as talk
from sandbox.stories.story import Story
from sandbox.stories.tale import Tale, moment


def tell() -> Story:
    """The story."""
    tale = Tale("c")
    shop.stock(tale, moment("2025-01-07"))
    carla = tale.person(
        "Carla",
        family_name="Vandersteen",
        email="carla.vandersteen@sunpost.example",
        phone="+14157365084",
        instagram_handle="carla.moves.daily",
        street="310 Alder Avenue",
        city="San Francisco",
        region="CA",
        postcode="94110",
    )
    account = carla.known_to(
        "shopify:customer", moment("2026-02-14"), "given_name", "family_name", "email", "phone", "street", "city",
        "region", "postcode", "country", email_consent="granted", is_verified=True,
    )  # fmt: skip
    carla.known_to(
        "salesforce:contact", moment("2026-02-20"), "given_name", "family_name", "email", "instagram_handle",
        linked_record_id=account,
    )  # fmt: skip
    on_instagram = carla.known_to("meta:instagram_user", moment("2026-10-29", "19:05"))
    user = carla.known_to(
        "zendesk:user", moment("2026-10-30", "20:30"), "email", full_name="Carla Vandersteen", is_verified=True
    )
    order = shop.buys(
        tale, account, moment("2026-10-20", "21:15"), [shop.LEGGINGS], channel="instagram",
        shipped=moment("2026-10-22", "08:00"), delivered=moment("2026-11-01", "10:45"),
    )  # fmt: skip
    message = talk.writes_message(
        tale, on_instagram, moment("2026-10-29", "19:05"),
        f"Hi, my leggings should have been here a week ago. Order {order.name}. What is going on?",
    )  # fmt: skip
    talk.writes_message(
        tale, on_instagram, moment("2026-10-29", "19:40"), "Hi Carla! So sorry, we will check with the carrier 💛",
        ours=True,
    )  # fmt: skip
    ticket = talk.asks_for_help(
        tale, user, moment("2026-10-30", "20:30"),
        [
            ("customer", "Hello, I wrote to you on Instagram yesterday. Where are my leggings?"),
            ("agent", "Hello Carla, I see the order and your message. I am asking the carrier now."),
            ("customer", "Thank you for not making me explain it again."),
        ],
        channel="chat", subject="Late leggings", order=order, solved=moment("2026-11-01", "11:30"), score="good",
    )  # fmt: skip
    return Story(
        tale,
        {"order": order.name, "order_id": order.order_id, "message": message, "ticket": ticket, "account": account},
    )
