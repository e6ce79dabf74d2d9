"""What people do in the shop and on its site: look, leave a cart, buy, send back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sandbox.stories.tale import Tale, TaleError, later

_FIRST_ORDER: Final = 900_000


@dataclass(frozen=True)
class Product:
    """Something that a tale's people look at or buy."""

    product_id: str
    title: str
    category: str
    price: float


SHOES: Final = Product("8900000000001", "Cloudstep Running Shoes", "Footwear", 129.0)
LEGGINGS: Final = Product("8900000000002", "Seamless Leggings", "Womenswear", 64.0)
GAME: Final = Product("8900000000003", "Lighthouse Keepers Board Game", "Games", 49.0)
OTHER_GAME: Final = Product("8900000000004", "Tide Pools Card Game", "Games", 19.0)
JACKET: Final = Product("8900000000005", "Harbour Rain Jacket", "Menswear", 159.0)
TEAPOT: Final = Product("8900000000006", "Oak Handle Teapot", "Kitchen", 58.0)
PRODUCTS: Final = (SHOES, LEGGINGS, GAME, OTHER_GAME, JACKET, TEAPOT)


@dataclass(frozen=True)
class Order:
    """An order of a tale: its id in the shop, and the number that people know it by, such as `#901001`."""

    order_id: str
    name: str


def stock(tale: Tale, since: datetime) -> None:
    """Put the products of the tales into the shop."""
    for one in PRODUCTS:
        tale.happens(
            since,
            "products",
            one.product_id,
            product_id=one.product_id,
            title=one.title,
            category=one.category,
            price=one.price,
            vendor="Storyteller",
            sku=f"ST-{one.product_id[-3:]}",
            created_at=since,
        )


def buys(
    tale: Tale,
    record: str | None,
    at: datetime,
    products: Sequence[Product],
    *,
    channel: str = "web",
    store: str | None = None,
    code: str | None = None,
    discount: float = 0.0,
    shipped: datetime | None = None,
    delivered: datetime | None = None,
) -> Order:
    """An order, paid at once.

    Args:
        tale: to tell it in.
        record: the shop's record of the buyer; None at the till, of somebody unknown.
        at: when.
        products: one of each.
        channel: `web`, `instagram`, or `store`, where it is taken home at once.
        store: the place, of a store order, or of a pick-up of a web order.
        code: a discount code.
        discount: what it takes off.
        shipped: when it left, if it did.
        delivered: when it arrived, if it did.
    """
    number = tale.number("order")
    order = Order(f"59{number:011d}", f"#{_FIRST_ORDER + number}")
    in_store = channel == "store"
    tale.happens(
        at,
        "orders",
        order.order_id,
        order_id=order.order_id,
        order_name=order.name,
        record_id=record,
        channel=channel,
        is_pickup=store is not None and not in_store,
        location=store,
        financial_status="PAID",
        fulfilment_status="FULFILLED" if in_store else "UNFULFILLED",
        total=round(sum(one.price for one in products) - discount, 2),
        discount=discount,
        discount_code=code,
        currency="USD",
        ordered_at=at,
        fulfilled_at=at if in_store else None,
        delivered_at=at if in_store else None,
    )
    if shipped is not None:
        tale.happens(shipped, "orders", order.order_id, fulfilment_status="FULFILLED", fulfilled_at=shipped)
    if delivered is not None:
        tale.happens(delivered, "orders", order.order_id, delivered_at=delivered)
    for one in products:
        line = f"139{tale.number('order line'):011d}"
        tale.happens(
            at,
            "order_lines",
            line,
            order_line_id=line,
            order_id=order.order_id,
            product_id=one.product_id,
            quantity=1,
            unit_price=one.price,
        )
    return order


def sends_back(
    tale: Tale, order: Order, at: datetime, *, reason: str = "UNWANTED", refunded: datetime | None = None
) -> str:
    """A return of the whole order; returns its id."""
    key = f"79{tale.number('return'):011d}"
    tale.happens(
        at,
        "returns",
        key,
        return_id=key,
        order_id=order.order_id,
        status="OPEN",
        reason=reason,
        quantity=1,
        requested_at=at,
    )
    if refunded is not None:
        tale.happens(refunded, "returns", key, status="CLOSED", closed_at=refunded)
        tale.happens(refunded, "orders", order.order_id, financial_status="REFUNDED")
    return key


def leaves_cart(tale: Tale, record: str, at: datetime, products: Sequence[Product]) -> str:
    """A checkout that was begun and not finished; returns its id."""
    key = f"39{tale.number('checkout'):011d}"
    tale.happens(
        at,
        "checkouts",
        key,
        checkout_id=key,
        record_id=record,
        total=sum(one.price for one in products),
        currency="USD",
        started_at=at,
    )
    for one in products:
        tale.happens(
            at,
            "checkout_lines",
            f"{key}/{one.product_id}",
            checkout_id=key,
            product_id=one.product_id,
            quantity=1,
            unit_price=one.price,
        )
    return key


def visits_site(
    tale: Tale,
    browser: str,
    at: datetime,
    *,
    views: Sequence[Product] = (),
    adds: Sequence[Product] = (),
    source: str = "(direct)",
    medium: str = "(none)",
    campaign: str | None = None,
    signed_in: str | None = None,
    device: str = "mobile",
) -> int:
    """A session of a browser; products are seen a minute after each other, then put into the cart.

    Args:
        tale: to tell it in.
        browser: the record of kind `ga4:client`.
        at: when it starts.
        views: products seen.
        adds: products put into the cart.
        source: where it came from (utm_source), such as `instagram`.
        medium: by what (utm_medium), such as `paid_social`.
        campaign: of an advertisement (utm_campaign).
        signed_in: the shop's record of who is signed in during the session; nobody when None.
        device: mobile, desktop or tablet.

    Raises:
        TaleError: if who signs in is no customer of the shop.
    """
    if signed_in is not None and not signed_in.startswith("shopify:customer:"):
        raise TaleError(f"{signed_in} cannot sign in: only the shop's customers have an account")
    session = 9_000_000_000 + tale.number("session")
    tale.happens(
        at,
        "web_sessions",
        str(session),
        session_id=session,
        record_id=browser,
        user_id=None if signed_in is None else signed_in.split(":")[2],
        signed_in_at=None if signed_in is None else at,
        source=source,
        medium=medium,
        campaign=campaign,
        device=device,
        country="US",
        started_at=at,
    )
    steps = [("session_start", None), *(("view_item", one) for one in views), *(("add_to_cart", one) for one in adds)]
    for minute, (name, product) in enumerate(steps):
        event = 9_000_000_000 + tale.number("web event")
        seen = later(at, minutes=minute)
        tale.happens(
            seen,
            "web_events",
            str(event),
            event_id=event,
            session_id=session,
            name=name,
            product_id=None if product is None else product.product_id,
            quantity=None if product is None else 1,
            value=None if product is None else product.price,
            occurred_at=seen,
        )
    tale.happens(at, "touch_records", browser)
    return session
