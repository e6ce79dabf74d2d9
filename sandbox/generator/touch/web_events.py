"""What happened in each visit: products seen, put into the cart, taken to the checkout, bought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from sandbox.generator.columns import MINUTE, SECOND, blank, money, take, times
from sandbox.generator.draw import Floats, Ints, chance, counts, repeat_each
from sandbox.generator.products import CATEGORIES
from sandbox.generator.touch.past import Past, Table, positions, whole

if TYPE_CHECKING:
    from sandbox.generator.touch.web import Visits

NAMES: Final = ("session_start", "view_item", "add_to_cart", "begin_checkout", "purchase")
START, VIEW, ADD, CHECKOUT, PURCHASE = range(5)
Block = tuple[Ints, Ints, Ints, Ints, Ints]  # session, name, product (-1: none), quantity, moment


def draw_events(rng: np.random.Generator, past: Past, visits: Visits) -> Table:
    """The table web_events, oldest first."""
    every = np.arange(len(visits.kind), dtype=np.int64)
    is_buying = visits.kind == 0
    buying, leaving = np.flatnonzero(is_buying), np.flatnonzero(visits.kind == 1)
    bought, left = _lines(past, visits, buying, leaving)
    line_visit, product, quantity = (np.r_[a, b] for a, b in zip(bought, left, strict=True))
    views, adds = _looks(rng, past, visits)
    length = visits.ended - visits.started
    ending = np.r_[buying, leaving]
    begun = visits.ended[ending] - np.where(is_buying[ending], length[ending] // 8, 0)
    seen = rng.random(len(line_visit)) * 0.5
    added = seen + 0.05 + rng.random(len(line_visit)) * 0.25
    blocks = (
        _block(every, START, visits.started),
        _block(line_visit, VIEW, _at(visits, line_visit, seen), product),
        views,
        _block(line_visit, ADD, _at(visits, line_visit, added), product, quantity),
        adds,
        _block(ending, CHECKOUT, begun),
        _block(buying, PURCHASE, visits.ended[buying]),
    )
    session, name, item, count, moment = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    moment = np.minimum(moment, past.now - SECOND) // SECOND
    order = np.argsort(moment, kind="stable")
    session, name, item, count, moment = (part[order] for part in (session, name, item, count, moment))
    is_purchase = name == PURCHASE
    subject = np.where(is_purchase, visits.subject[session], 0)
    paid = np.rint(np.asarray(past.orders.columns["total"]) * 100).astype(np.int64)
    cents = np.where(is_purchase, paid[subject], past.catalogue.price_cents[np.maximum(item, 0)] * count)
    has_item = item >= 0
    return {
        "event_id": np.arange(1, len(order) + 1, dtype=np.int64),
        "session_id": session + 1,
        "name": take(NAMES, name),
        "product_id": blank(~has_item, take(past.catalogue.product_id, np.maximum(item, 0))),
        "quantity": pa.array(count, mask=~has_item),
        "value": _absent(money(cents), ~(has_item | is_purchase)),
        "order_id": blank(~is_purchase, take(past.orders.order_id, subject)),
        "occurred_at": times(moment * SECOND),
    }


def _absent(column: pa.Array, mask: Any) -> pa.Array:
    return blank(mask, column)


def _block(session: Ints, name: int, moment: Ints, product: Ints | None = None, quantity: Ints | None = None) -> Block:
    size = len(session)
    return (
        session,
        np.full(size, name, dtype=np.int64),
        np.full(size, -1, dtype=np.int64) if product is None else product,
        np.ones(size, dtype=np.int64) if quantity is None else quantity,
        moment,
    )


def _at(visits: Visits, session: Ints, part: Floats) -> Ints:
    start = visits.started[session]
    return np.asarray(start + ((visits.ended[session] - start) * part).astype(np.int64), dtype=np.int64)


def _lines(past: Past, visits: Visits, buying: Ints, leaving: Ints) -> tuple[tuple[Ints, ...], tuple[Ints, ...]]:
    """Session, product and quantity of each line of the orders and checkouts that visits end in."""
    orders = past.orders
    of_order = np.full(len(orders.row), -1, dtype=np.int64)
    of_order[visits.subject[buying]] = buying
    session = of_order[orders.line_order]
    mine = np.flatnonzero(session >= 0)
    bought = session[mine], orders.line_product[mine], orders.line_quantity[mine]
    lines = past.tables["checkout_lines"]
    checkout = positions(lines["checkout_id"], past.tables["checkouts"]["checkout_id"])
    of_checkout = np.full(len(past.tables["checkouts"]["checkout_id"]), -1, dtype=np.int64)
    of_checkout[visits.subject[leaving]] = leaving
    session = of_checkout[checkout]
    mine = np.flatnonzero(session >= 0)
    product = positions(lines["product_id"], past.catalogue.product_id)
    quantity = lines["quantity"] if isinstance(lines["quantity"], np.ndarray) else whole(lines["quantity"])
    return bought, (session[mine], product[mine], quantity[mine])


def _looks(rng: np.random.Generator, past: Past, visits: Visits) -> tuple[Block, Block]:
    """Products seen while looking around, mostly of the favourite category; some are put into a cart and left there."""
    looking = np.flatnonzero(visits.kind >= 2)
    which, turn = repeat_each(1 + counts(rng, 1.0, len(looking), spread=1.0))
    session = looking[which]
    size = len(session)
    person = np.maximum(visits.person[session], 0)
    likes = chance(rng, 0.65, size) & (visits.person[session] >= 0)
    category = np.where(likes, past.tastes.category[person], rng.integers(0, len(CATEGORIES), size))
    product = past.catalogue.draw(rng, category)
    moment = visits.started[session] + ((turn + rng.random(size)) * 2 * MINUTE).astype(np.int64)
    wanted = np.flatnonzero(chance(rng, 0.09, size))
    views = _block(session, VIEW, moment, product)
    return views, _block(session[wanted], ADD, moment[wanted] + MINUTE, product[wanted])
