"""Journeys of hundreds of made-up customers, against the same figures written down a second time in plain Python."""

from __future__ import annotations

import os
import random
import statistics
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

import pytest
from psycopg import sql

from orchestration.warehouse import Warehouse

Dbt = Callable[..., subprocess.CompletedProcess[str]]
NOW = datetime(2026, 2, 1, tzinfo=UTC)  # `as_of` of the fixture `dbt`
CHANNELS = ("web", "store", "instagram", "phone", "unknown")
TIMES = ("first_touch_at", "first_visit_at", "first_cart_at", "first_question_at", "last_question_at")
TABLES = f"""
    create schema golden;
    create schema marts;
    create table golden.customers (customer_id text);
    create table marts.orders (order_id text, customer_id text, is_sale boolean, channel text, currency text,
        revenue numeric(18, 2), ordered_at timestamptz);
    create table marts.channel_days (customer_id text, day date, channel text,
        {" timestamptz, ".join(TIMES)} timestamptz);
"""
Touch = tuple[datetime, str]


class World:
    """Few moments and few channels, so that ties, repetitions and gaps are common."""

    def __init__(self, seed: int, customers: int) -> None:
        draw = random.Random(seed)
        self.days: list[tuple[Any, ...]] = []
        self.orders: list[tuple[Any, ...]] = []
        self.customers = [f"c{number}" for number in range(customers)]
        for customer in self.customers:
            days = {
                (NOW - timedelta(days=draw.choice((0, 1, 2, 20, 50, 51, 90, 150, 400))), draw.choice(CHANNELS))
                for _ in range(draw.randrange(7))
            }
            for day, channel in sorted(days):
                at = day - timedelta(hours=draw.choice((1, 2, 3)))
                asked = draw.choice((None, at))
                later = asked and asked + timedelta(hours=draw.choice((0, 0, 1)))
                first = (draw.choice((at, at, at, None)), draw.choice((None, at)), draw.choice((None, None, at)))
                self.days.append((customer, at.date(), channel, *first, asked, later))
            for number in range(draw.choice((0, 0, 1, 1, 2, 3))):
                at = NOW - timedelta(days=draw.choice((-3, 0, 1, 20, 50)), hours=draw.choice((1, 2)))
                order = (f"{customer}o{number}", customer, draw.random() < 0.9, draw.choice((*CHANNELS[:4], None)))
                self.orders.append((*order, draw.choice(("USD", "USD", "EUR", None)), draw.randrange(50), at))

    def touches(self) -> dict[str, list[Touch]]:
        found: dict[str, list[Touch]] = defaultdict(list)
        for customer, _, channel, first_touch_at, *_ in self.days:
            if first_touch_at:
                found[customer].append((first_touch_at, channel))
        return {customer: sorted(touches) for customer, touches in found.items()}

    def sales(self) -> dict[str, list[tuple[Any, ...]]]:
        found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        for order in self.orders:
            if order[2] and order[6] <= NOW:
                found[order[1]].append(order)
        return {customer: sorted(orders, key=lambda order: (order[6], order[0])) for customer, orders in found.items()}


@pytest.fixture(scope="module")
def world() -> World:
    return World(seed=11, customers=400)


@pytest.fixture(scope="module")
def built(world: World, postgres: Warehouse, dbt: Dbt) -> Iterator[Warehouse]:
    name = f"journeys_{os.getpid()}"
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    warehouse = Warehouse(postgres.address.with_database(name))
    with warehouse.connect() as connection, connection.cursor() as cursor:
        cursor.execute(TABLES)
        cursor.executemany("insert into golden.customers values (%s)", [(customer,) for customer in world.customers])
        cursor.executemany("insert into marts.orders values (%s, %s, %s, %s, %s, %s, %s)", world.orders)
        cursor.executemany("insert into marts.channel_days values (%s, %s, %s, %s, %s, %s, %s, %s)", world.days)
    done = dbt(warehouse, "run", "--select", "path:models/marts/journeys")
    assert done.returncode == 0, done.stdout
    yield warehouse
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def test_transitions_are_every_two_touches_in_a_row(world: World, built: Warehouse) -> None:
    steps: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for customer, touches in world.touches().items():
        for (before, from_channel), (after, to_channel) in pairwise(touches):
            if after - before <= timedelta(days=30):
                steps[from_channel, to_channel].append((customer, (after - before).total_seconds() / 3600))
    found = built.read(
        "select from_channel, to_channel, step_count, customer_count, median_hours::float8 as median_hours, "
        "mean_hours::float8 as mean_hours from marts.journey_transitions"
    ).to_pylist()
    assert {(row["from_channel"], row["to_channel"]) for row in found} == set(steps)
    for row in found:
        of_pair = steps[row["from_channel"], row["to_channel"]]
        assert row["step_count"] == len(of_pair)
        assert row["customer_count"] == len({customer for customer, _ in of_pair})
        assert row["median_hours"] == pytest.approx(statistics.median(hours for _, hours in of_pair), abs=0.006)
        assert row["mean_hours"] == pytest.approx(statistics.mean(hours for _, hours in of_pair), abs=0.006)


def test_paths_are_the_channels_on_the_way_to_the_first_order(world: World, built: Warehouse) -> None:
    touches = world.touches()
    paths: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for customer, orders in world.sales().items():
        _, _, _, channel, currency, revenue, at = orders[0]
        way = [touch for touch in touches.get(customer, []) if at - timedelta(days=90) <= touch[0] <= at]
        names = [name for name, _ in groupby([name for _, name in way] + [channel or "unknown"])]
        path = " > ".join(names) if len(names) <= 6 else "… > " + " > ".join(names[-6:])
        began = min([moment for moment, _ in way] + [at])
        paths[path].append((revenue if currency == "USD" else 0, (at - began).total_seconds() / 86400))
    kept = sorted(paths, key=lambda path: (-len(paths[path]), path.encode()))[:50]
    found = {row["path"]: row for row in built.read("select * from marts.first_order_paths").to_pylist()}
    assert sum(row["customer_count"] for row in found.values()) == sum(map(len, paths.values()))
    alike = [path for path in kept if len(paths[path]) > len(paths[kept[-1]])]  # of ties at the end either may be kept
    assert len(alike) > 5
    for path in alike:
        assert found[path]["customer_count"] == len(paths[path])
        assert float(found[path]["revenue"]) == sum(revenue for revenue, _ in paths[path])
        assert float(found[path]["median_days"]) == pytest.approx(
            statistics.median(days for _, days in paths[path]), abs=0.006
        )


def earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)


def test_stages_are_what_each_customer_did_first(world: World, built: Warehouse) -> None:
    sales = world.sales()
    found = {row["customer_id"]: row for row in built.read("select * from marts.journey_stages").to_pylist()}
    assert set(found) == set(world.customers)
    for customer in world.customers:
        days = [row[3:] for row in world.days if row[0] == customer]
        bought_at = sales[customer][0][6] if customer in sales else None
        bought_again = [order[6] for order in sales.get(customer, []) if bought_at and order[6] > bought_at]
        considering = earliest(*(moment for day in days for moment in (day[2], day[3])), bought_at)
        engaged = earliest(*(day[1] for day in days), considering)
        aware = earliest(*(day[0] for day in days), engaged)
        served = [
            asked if asked > bought_at else later
            for _, _, _, asked, later in days
            if bought_at and asked and later > bought_at
        ]
        row = found[customer]
        assert (row["aware_at"], row["engaged_at"], row["considering_at"]) == (aware, engaged, considering), customer
        assert (row["bought_at"], row["loyal_at"]) == (bought_at, earliest(*bought_again)), customer
        assert row["served_at"] == earliest(*served), customer


def test_drop_off_is_the_sum_of_the_stages(built: Warehouse) -> None:
    reached = built.read(
        "select count(aware_at) as aware, count(engaged_at) as engaged, count(considering_at) as considering, "
        "count(bought_at) as bought, count(served_at) as served, count(loyal_at) as loyal from marts.journey_stages"
    ).to_pylist()[0]
    found = {row["stage"]: row for row in built.read("select * from marts.journey_drop_off").to_pylist()}
    assert {stage: row["reached"] for stage, row in found.items()} == reached
    assert all(count > 0 for count in reached.values())
    for stage, next_stage in pairwise(("aware", "engaged", "considering", "bought", "loyal")):
        assert found[stage]["went_on"] == reached[next_stage]
