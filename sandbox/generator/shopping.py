"""Orders on the web, in stores and on Instagram; collections in store, abandoned checkouts and returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from sandbox.generator.columns import (
    DAY,
    HOUR,
    Text,
    blank,
    choose,
    join,
    missing,
    money,
    number,
    take,
    times,
)
from sandbox.generator.draw import Flags, Ints, chance, counts, repeat_each, stream, weighted, weighted_by
from sandbox.generator.moments import active_end, after, between
from sandbox.generator.people import People
from sandbox.generator.products import CATEGORIES, Catalogue
from sandbox.generator.record_frame import Records
from sandbox.generator.systems import INSTAGRAM, SHOP, TILL

WEB, STORE, INSTAGRAM_SHOP = range(3)
CHANNELS: Final = ("web", "store", "instagram")
LOCATIONS: Final = ("Harbour Street", "Old Mill", "Station Arcade", "Riverside", "North Gate", "Market Square")
CODES: Final = ("WELCOME10", "SPRING15", "LOYAL20", "GAMENIGHT", "SORRY10")
Table = dict[str, Any]


@dataclass(frozen=True)
class Tastes:
    """What each person likes: a favourite category, a way to shop, and how much."""

    category: Ints
    picks_up: Flags
    eagerness: np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Orders:
    """One row per order, oldest first; `row` is the record that bought, -1 at an anonymous till sale."""

    row: Ints
    ordered: Ints
    channel: Ints
    pickup: Flags
    order_id: Text
    name: Text
    category: Ints
    columns: Table
    lines: Table
    line_order: Ints
    line_product: Ints
    line_quantity: Ints


def draw_tastes(seed: int, people: int) -> Tastes:
    """Tastes of every person; a few buy very much."""
    rng = stream(seed, "tastes")
    eagerness = np.where(chance(rng, 0.06, people), rng.uniform(2.5, 5.0, people), rng.gamma(1.6, 0.55, people))
    return Tastes(weighted(rng, (24, 18, 15, 19, 12, 12), people), chance(rng, 0.22, people), eagerness)


def draw_orders(
    seed: int, people: People, tastes: Tastes, records: Records, catalogue: Catalogue, as_of: int
) -> Orders:
    """Two years of orders."""
    rng = stream(seed, "orders")
    row, channel, ordered = _purchases(rng, people, tastes, records, as_of)
    size = len(row)
    person = np.where(row >= 0, records.person[row], rng.integers(0, people.count, size))
    pickup = (channel == WEB) & chance(rng, np.where(tastes.picks_up[person], 0.45, 0.04), size)
    line_order, line_number = repeat_each(1 + weighted(rng, (55, 27, 12, 6), size))
    loyal = chance(rng, 0.68, len(line_order)) | (line_number == 0)
    favourite = np.where(chance(rng, 0.72, size), tastes.category[person], rng.integers(0, len(CATEGORIES), size))
    category = np.where(loyal, favourite[line_order], rng.integers(0, len(CATEGORIES), len(line_order)))
    line_product = catalogue.draw(rng, category)
    quantity = 1 + weighted(rng, (86, 11, 3), len(line_order))
    unit = catalogue.price_cents[line_product]
    goods = np.bincount(line_order, weights=unit * quantity, minlength=size).astype(np.int64)
    reduced = chance(rng, 0.24, size)
    discount = np.where(reduced, goods * rng.choice(np.array([10, 15, 20]), size) // 100, 0)
    position = np.arange(size, dtype=np.int64)
    order_id, name = number(5_400_000_000_000 + position * 32_768), join("#", number(1001 + position))
    columns = {
        "order_id": order_id,
        "order_name": name,
        "record_id": blank(row < 0, take(records.record_id, np.maximum(row, 0))),
        "channel": take(CHANNELS, channel),
        "is_pickup": pickup,
        "location": blank(~((channel == STORE) | pickup), take(LOCATIONS, _stores(rng, person))),
        "total": money(goods - discount),
        "discount": money(discount),
        "discount_code": blank(~reduced, take(CODES, rng.integers(0, len(CODES), size))),
        "currency": take(["USD"], np.zeros(size, dtype=np.int64)),
        "ordered_at": times(ordered),
        **_progress(rng, ordered, channel, pickup, as_of),
    }
    lines = {
        "order_line_id": number(13_700_000_000_000 + np.arange(len(line_order)) * 32_768),
        "order_id": take(order_id, line_order),
        "product_id": take(catalogue.product_id, line_product),
        "quantity": quantity,
        "unit_price": money(unit),
    }
    return Orders(
        row, ordered, channel, pickup, order_id, name, favourite, columns, lines, line_order, line_product, quantity
    )


def _purchases(
    rng: np.random.Generator, people: People, tastes: Tastes, records: Records, as_of: int
) -> tuple[Ints, Ints, Ints]:
    """Who buys where and when, in the order of time."""
    rows = records.of_kind(SHOP, TILL)
    person, is_till = records.person[rows], records.kind[rows] == TILL
    bought = counts(rng, np.where(is_till, 2.6, 4.6) * tastes.eagerness[person], len(rows), spread=4.0)
    on_instagram = np.zeros(people.count, dtype=bool)
    on_instagram[records.person[records.kind == INSTAGRAM]] = True
    habits = np.array([[78.0, 18.0, 4.0], [56.0, 16.0, 28.0], [6.0, 94.0, 0.0]])
    habit = np.where(is_till, 2, on_instagram[person].astype(np.int64))
    at, _ = repeat_each(bought)
    row, channel = rows[at], weighted_by(rng, habits, habit[at])
    end = active_end(records.created[row], people.active_until[records.person[row]], as_of)
    ordered = between(rng, records.created[row], end, 0.9)
    passers_by = int(0.07 * len(row))
    row = np.r_[row, np.full(passers_by, -1, dtype=np.int64)]
    channel = np.r_[channel, np.full(passers_by, STORE, dtype=np.int64)]
    ordered = np.r_[ordered, between(rng, np.full(passers_by, as_of - 730 * DAY), np.full(passers_by, as_of))]
    order = np.argsort(ordered, kind="stable")
    return row[order], channel[order], ordered[order]


def _stores(rng: np.random.Generator, person: Ints) -> Ints:
    home_store = person % len(LOCATIONS)
    return np.where(chance(rng, 0.85, len(person)), home_store, rng.integers(0, len(LOCATIONS), len(person)))


def _progress(rng: np.random.Generator, ordered: Ints, channel: Ints, pickup: Flags, as_of: int) -> Table:
    """Payment and delivery, as far as they have come by now."""
    size = len(ordered)
    at_till = channel == STORE
    cancelled_at = after(rng, ordered, 6)
    cancelled = ~at_till & chance(rng, 0.02, size) & (cancelled_at < as_of)
    fulfilled_at = np.where(at_till, ordered, after(rng, ordered, 20, 60))
    fulfilled = ~cancelled & (fulfilled_at <= as_of)
    delivered_at = np.where(at_till, ordered, after(rng, fulfilled_at, np.where(pickup, 20.0, 60.0), 240))
    delivered = fulfilled & (delivered_at <= as_of)
    pending = ~at_till & ~cancelled & (ordered > as_of - 2 * DAY) & chance(rng, 0.2, size)
    updated = np.where(delivered, delivered_at, np.where(fulfilled, fulfilled_at, ordered))
    paid = np.where(pending, "PENDING", "PAID")
    status = np.where(cancelled, np.where(chance(rng, 0.5, size), "VOIDED", "REFUNDED"), paid).astype(object)
    partly = fulfilled & ~delivered & chance(rng, 0.1, size)
    return {
        "financial_status": status,
        "fulfilment_status": choose(
            fulfilled.astype(np.int64) + partly, "UNFULFILLED", "FULFILLED", "PARTIALLY_FULFILLED"
        ),
        "fulfilled_at": times(fulfilled_at, ~fulfilled),
        "delivered_at": times(delivered_at, ~delivered),
        "cancelled_at": times(cancelled_at, ~cancelled),
        "updated_at": times(np.where(cancelled, cancelled_at, updated)),
    }


def draw_returns(seed: int, orders: Orders, as_of: int) -> Table:
    """Returns of delivered orders; their orders' payment status changes in `orders.columns`."""
    rng = stream(seed, "returns")
    size = len(orders.row)
    delivered_at = orders.columns["delivered_at"].cast("int64").fill_null(as_of).to_numpy(zero_copy_only=False)
    there = ~missing(orders.columns["delivered_at"])
    requested = after(rng, delivered_at, 130, 300)
    returned = np.flatnonzero(there & (requested < as_of) & chance(rng, 0.09, size))
    items = np.bincount(orders.line_order, weights=orders.line_quantity, minlength=size).astype(np.int64)[returned]
    quantity = 1 + (items * rng.random(len(returned))).astype(np.int64)
    requested = requested[returned]
    closed_at = after(rng, requested, 150, 600)
    closed = closed_at < as_of
    declined = chance(rng, 0.06, len(returned))
    refunded = closed & ~declined
    status = orders.columns["financial_status"].copy()
    status[returned[refunded]] = np.where(quantity[refunded] >= items[refunded], "REFUNDED", "PARTIALLY_REFUNDED")
    touched = orders.columns["updated_at"].cast("int64").to_numpy(zero_copy_only=False).copy()
    touched[returned] = np.where(closed, closed_at, requested)
    orders.columns.update(financial_status=status, updated_at=times(touched))
    reasons = ("SIZE_TOO_SMALL", "SIZE_TOO_LARGE", "UNWANTED", "DEFECTIVE", "WRONG_ITEM", "STYLE", "NOT_AS_DESCRIBED")
    return {
        "return_id": number(7_300_000_000_000 + np.arange(len(returned)) * 32_768),
        "order_id": take(orders.order_id, returned),
        "status": np.where(declined & closed, "DECLINED", np.where(closed, "CLOSED", "OPEN")),
        "reason": take(reasons, weighted(rng, (20, 14, 25, 12, 8, 12, 9), len(returned))),
        "quantity": quantity,
        "requested_at": times(requested),
        "closed_at": times(closed_at, ~closed),
    }


def draw_checkouts(
    seed: int, people: People, tastes: Tastes, records: Records, orders: Orders, catalogue: Catalogue, as_of: int
) -> tuple[Table, Table]:
    """Checkouts left before payment: some became one of the orders later, most did not."""
    rng = stream(seed, "checkouts")
    later = np.flatnonzero((orders.channel == WEB) & (orders.row >= 0) & chance(rng, 0.09, len(orders.row)))
    shop = records.of_kind(SHOP)
    at, _ = repeat_each(counts(rng, 0.7, len(shop), spread=0.8))
    left = shop[at]
    end = active_end(records.created[left], people.active_until[records.person[left]], as_of)
    left_at = between(rng, records.created[left], end, 0.6)
    hesitated = (rng.exponential(20, len(later)) * HOUR).astype(np.int64) + HOUR
    bought_at = orders.ordered[later]
    row = np.r_[orders.row[later], left]
    started: Ints = np.r_[np.maximum(bought_at - hesitated, records.created[orders.row[later]]), left_at]
    completed: Ints = np.r_[bought_at, left_at]
    is_completed: Flags = np.arange(len(row)) < len(later)
    size_of = np.bincount(orders.line_order, minlength=len(orders.row))[later]
    times_each = np.r_[size_of, 1 + weighted(rng, (60, 28, 12), len(left))]
    line_checkout, line_number = repeat_each(times_each)
    first_line = np.searchsorted(orders.line_order, later)
    copied = is_completed[line_checkout]
    source = np.where(copied, np.r_[first_line, np.zeros(len(left), np.int64)][line_checkout] + line_number, 0)
    wanted = np.where(
        chance(rng, 0.6, len(row)), tastes.category[records.person[row]], rng.integers(0, len(CATEGORIES), len(row))
    )
    product = np.where(copied, orders.line_product[source], catalogue.draw(rng, wanted[line_checkout]))
    quantity = np.where(copied, orders.line_quantity[source], 1)
    unit = catalogue.price_cents[product]
    total = np.bincount(line_checkout, weights=unit * quantity, minlength=len(row)).astype(np.int64)
    checkout_id = number(37_000_000_000_000 + np.argsort(np.argsort(started, kind="stable")) * 32_768)
    table = {
        "checkout_id": checkout_id,
        "record_id": take(records.record_id, row),
        "total": money(total),
        "currency": take(["USD"], np.zeros(len(row), dtype=np.int64)),
        "started_at": times(started),
        "completed_at": times(completed, ~is_completed),
        "updated_at": times(np.where(is_completed, completed, started)),
    }
    lines = {
        "checkout_id": take(checkout_id, line_checkout),
        "product_id": take(catalogue.product_id, product),
        "quantity": quantity,
        "unit_price": money(unit),
    }
    return table, lines
