"""The loyalty programme: every member's tier, balance and years, and the movements of points since it went digital."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.generator.columns import DAY, blank, join, missing, number, take, times
from sandbox.generator.draw import Floats, Ints, chance, stream
from sandbox.generator.moments import between
from sandbox.generator.systems import LOYALTY
from sandbox.generator.touch.past import Past, Table

TIERS: Final = ("bronze", "silver", "gold", "platinum")
TIER_POINTS: Final = (400, 1200, 3000)
"""Points ever earned from which on a member is silver, gold, platinum."""
REASONS: Final = ("purchase", "reward", "birthday", "opening balance")
YEAR: Final = 365 * DAY


def draw_loyalty(seed: int, past: Past) -> dict[str, Table]:
    """The tables loyalty_status and loyalty_points."""
    rng = stream(seed, "loyalty")
    rows = past.records.of_kind(LOYALTY)
    member = past.records_of(LOYALTY)
    created = past.records.created[rows]
    is_old = chance(rng, 0.22, len(rows))
    since = np.where(is_old, created - (rng.uniform(0.5, 13, len(rows)) * YEAR).astype(np.int64), created)
    earning = _earned(past, member)
    opening = rows[is_old]
    given = (rng.gamma(1.5, 160, len(opening)) + 20).astype(np.int64)
    celebrating = rows[chance(rng, 0.5, len(rows))]
    birthday = between(rng, past.records.created[celebrating], np.full(len(celebrating), past.now))
    row = np.r_[earning[0], opening, celebrating]
    points = np.r_[earning[2], given, np.full(len(celebrating), 50)]
    reason = np.repeat([0, 3, 2], [len(earning[0]), len(opening), len(celebrating)])
    order = np.r_[earning[1], np.full(len(opening) + len(celebrating), -1)]
    moved = np.r_[earning[3], past.records.created[opening], birthday]
    earned = np.asarray(np.bincount(row, points, len(past.records.kind)), dtype=np.float64)
    # Half of those who can afford it have redeemed some.
    able = rows[(earned[rows] >= 300) & chance(rng, 0.5, len(rows))]
    last = np.zeros(len(past.records.kind), dtype=np.int64)
    np.maximum.at(last, row, moved)
    spent = (earned[able] * rng.uniform(0.3, 0.9, len(able)) // 100 * 100).astype(np.int64)
    row, points = np.r_[row, able], np.r_[points, -spent]
    reason, order = np.r_[reason, np.full(len(able), 1)], np.r_[order, np.full(len(able), -1)]
    moved = np.r_[moved, between(rng, last[able], np.full(len(able), past.now), 2.0)]
    sequence = np.argsort(moved, kind="stable")
    row, points, reason, order, moved = (part[sequence] for part in (row, points, reason, order, moved))
    balance = np.bincount(row, weights=points, minlength=len(past.records.kind))
    np.maximum.at(last, row, moved)
    return {
        "loyalty_status": {
            "record_id": take(past.records.record_id, rows),
            "tier": take(TIERS, _tiers(earned[rows])),
            "points": balance[rows].astype(np.int64),
            "member_since": times(since),
            "updated_at": times(np.maximum(last[rows], past.records.updated[rows])),
        },
        "loyalty_points": {
            "movement_id": join("LT", number(np.arange(1, len(row) + 1), 9)),
            "record_id": take(past.records.record_id, row),
            "points": points.astype(np.int64),
            "reason": take(REASONS, reason),
            "order_id": blank(order < 0, take(past.orders.order_id, np.maximum(order, 0))),
            "moved_at": times(moved),
        },
    }


def _earned(past: Past, member: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Member's record, order, points and moment of each purchase that earned points: one for each unit of money."""
    orders = past.orders
    person = np.where(orders.row >= 0, past.records.person[orders.row], 0)
    card = np.where(orders.row >= 0, member[person], -1)
    counted = np.flatnonzero(
        (card >= 0) & missing(orders.columns["cancelled_at"]) & (orders.ordered >= past.records.created[card])
    )
    total: Floats = np.asarray(orders.columns["total"])[counted]
    return card[counted], counted, np.floor(total).astype(np.int64), orders.ordered[counted]


def _tiers(earned: Floats) -> Ints:
    return np.digitize(earned, TIER_POINTS).astype(np.int64)
