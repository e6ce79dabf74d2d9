"""(b) A game is bought, and its buyer is advertised it no longer.

Bruno and Nora both like games: each has bought one, has looked at the new board game this week, signed in, and takes
e-mails and advertising. On the second day Bruno buys it on the web; Nora does not.

Truth: two people, of a shop record, a CRM record and a browser each. On day 1 both may be shown the game; on day 2 only
Nora.
"""

from __future__ import annotations

from sandbox.stories import shop_events as shop
from sandbox.stories.story import Story
from sandbox.stories.tale import Person, Tale, later, moment


def tell() -> Story:
    """The story."""
    tale = Tale("b")
    shop.stock(tale, moment("2025-01-07"))
    bruno = tale.person(
        "Bruno", family_name="Castellane", email="bruno.castellane@bluepine.example", phone="+13127365082"
    )
    nora = tale.person("Nora", family_name="Wexford", email="nora.wexford@quickmail.example", phone="+16177365083")
    account = _likes_games(tale, bruno, "10:15")
    _likes_games(tale, nora, "16:40")
    order = shop.buys(tale, account, moment("2026-11-01", "15:20"), [shop.GAME])
    return Story(tale, {"order": order.name, "order_id": order.order_id, "product_id": shop.GAME.product_id})


def _likes_games(tale: Tale, person: Person, clock: str) -> str:
    """An account with an older game and a fresh look at the new one; returns the shop's record."""
    account = person.known_to(
        "shopify:customer", moment("2025-06-12"), "given_name", "family_name", "email", "phone", "country",
        email_consent="granted", sms_consent="granted", is_verified=True,
    )  # fmt: skip
    person.known_to(
        "salesforce:contact", moment("2025-07-01"), "given_name", "family_name", "email", email_consent="granted",
        sms_consent="granted", linked_record_id=account,
    )  # fmt: skip
    bought = moment("2026-09-05", clock)
    shop.buys(tale, account, bought, [shop.OTHER_GAME], shipped=later(bought, days=1), delivered=later(bought, days=3))
    looked = moment("2026-10-29", clock)
    browser = person.known_to("ga4:client", looked)
    shop.visits_site(tale, browser, looked, views=[shop.GAME, shop.OTHER_GAME], signed_in=account)
    return account
