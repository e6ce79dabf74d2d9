"""The registry knows every table of a whole build: a new table, or a new column, cannot be forgotten."""

from __future__ import annotations

import pytest

from activation.privacy.registry import live_tables, unregistered
from tests.integration.activation.privacy.conftest import Company


def test_every_table_of_a_whole_build_is_in_the_registry(company: Company) -> None:
    with company.warehouse.connect() as connection:
        assert len(live_tables(connection)) > 150
        assert unregistered(connection) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("create table golden.nicknames (customer_id text, nickname text)", "golden.nicknames is not in the registry"),
        (
            "alter table marts.service_topics add column asked_by text",
            "marts.service_topics was judged free of personal data without asked_by",
        ),
        ("create table raw_shopify.gift_cards (record_key text)", "raw_shopify.gift_cards is not in the registry"),
        ("create schema loyalty; create table loyalty.cards (n text)", "loyalty.cards is not in the registry"),
        ("create materialized view marts.names as select 'Ada' as name", "marts.names is not in the registry"),
    ],
)
def test_what_nobody_declared_is_told(company: Company, change: str, problem: str) -> None:
    with company.warehouse.connect() as connection:
        connection.execute(change)
        assert unregistered(connection) == [problem]


def test_what_a_killed_load_or_backtest_left_counts_as_what_it_was_meant_for(company: Company) -> None:
    with company.warehouse.connect() as connection:
        connection.execute("create schema raw_shopify_staging; create schema braid_backtest_golden")
        connection.execute("create table raw_shopify_staging.customers (like raw_shopify.customers)")
        connection.execute("create table braid_backtest_golden.customers (like golden.customers)")
        assert unregistered(connection) == []
