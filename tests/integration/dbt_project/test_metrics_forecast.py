"""The forecast against what came: a year of the sandbox is hidden from it, then looked up."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from psycopg import sql

from orchestration.warehouse import Warehouse
from sandbox.generator import generate
from sandbox.records import truth

Dbt = Callable[..., subprocess.CompletedProcess[str]]
NOW = datetime(2026, 2, 1, tzinfo=UTC)  # `as_of` of the fixture `dbt`
YEAR = timedelta(days=365.25)
ORDERS = (
    "order_id text, customer_id text, channel text, bought_through text, is_sale boolean, currency text, revenue "
    "numeric(18, 2), kept_revenue numeric(18, 2), discount_amount numeric(18, 2), discount_code text, is_returned "
    "boolean, return_amount numeric(18, 2), ordered_at timestamptz"
)
LINES = "customer_id text, category text, quantity bigint, ordered_at timestamptz, is_sale boolean"
# Per buyer: what was expected, what came, and what the year before would have said.
COMPARED = """
    select
        forecast.expected_orders_next_year::float8 as expected,
        (forecast.expected_orders_next_year * forecast.expected_order_value)::float8 as expected_value,
        count(*) filter (where orders.ordered_at > $1)::float8 as came,
        coalesce(sum(orders.kept_revenue) filter (where orders.ordered_at > $1), 0)::float8 as came_value,
        count(*) filter (where orders.ordered_at between $2 and $1)::float8 as year_before
    from marts.customer_forecast as forecast
    inner join marts.orders as orders on forecast.customer_id = orders.customer_id and orders.is_sale
    group by 1, 2, forecast.customer_id
"""


def sandbox_orders(people: int, seed: int) -> pa.Table:
    """Orders of the sandbox with their true person, moved in time so that its last year begins at `NOW`."""
    world = generate(people, seed)
    columns = ("order_id", "record_id", "channel", "financial_status", "total", "discount", "currency", "ordered_at")
    orders = pd.DataFrame({name: world.tables["orders"][name] for name in columns})
    orders = orders.merge(truth(world).to_pandas(), on="record_id")
    moved = pd.to_datetime(orders["ordered_at"], utc=True) + (NOW + YEAR - world.as_of)
    return pa.table(
        {
            "order_id": orders["order_id"].astype(str),
            "customer_id": orders["person_id"].astype(str),
            "channel": orders["channel"].astype(str),
            "is_sale": ~orders["financial_status"].isin(["VOIDED"]),
            "currency": orders["currency"].astype(str),
            "revenue": orders["total"].astype(float),
            "discount_amount": orders["discount"].astype(float),
            "ordered_at": moved,
        }
    )


@pytest.fixture(scope="module")
def compared(postgres: Warehouse, dbt: Dbt) -> Iterator[pd.DataFrame]:
    name = f"forecast_{os.getpid()}"
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    warehouse = Warehouse(postgres.address.with_database(name))
    with warehouse.connect() as connection:
        connection.execute(f"create schema marts; create table marts.orders ({ORDERS})")
        connection.execute(f"create table marts.order_lines ({LINES})")
    with warehouse.transaction() as transaction:
        transaction.ingest("landed", sandbox_orders(2000, 7), schema="marts", mode="create")
    with warehouse.connect() as connection:
        connection.execute(
            "insert into marts.orders select order_id, customer_id, channel, 'online', is_sale, currency, revenue, "
            "revenue, discount_amount, null, false, 0, ordered_at from marts.landed"
        )
    done = dbt(warehouse, "run", "--select", "customer_sales", "customer_forecast")
    assert done.returncode == 0, done.stdout
    yield warehouse.read(COMPARED, (NOW, NOW - YEAR)).to_pandas()
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def error(expected: Any, came: Any) -> float:
    return float(((expected - came) ** 2).mean() ** 0.5)


def test_as_many_orders_come_as_were_expected(compared: pd.DataFrame) -> None:
    assert len(compared) > 300
    assert compared["expected"].sum() == pytest.approx(compared["came"].sum(), rel=0.3)
    assert compared["expected_value"].sum() == pytest.approx(compared["came_value"].sum(), rel=0.3)


def test_it_is_nearer_than_taking_the_year_before_for_the_next(compared: pd.DataFrame) -> None:
    assert error(compared["expected"], compared["came"]) < 0.95 * error(compared["year_before"], compared["came"])


def test_who_is_expected_to_buy_more_buys_more(compared: pd.DataFrame) -> None:
    forecast = compared["expected"].corr(compared["came"], method="spearman")
    naive = compared["year_before"].corr(compared["came"], method="spearman")
    assert forecast > 0.3
    assert forecast > naive + 0.1
