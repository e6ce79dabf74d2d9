"""Service figures over raw rows of help desk, phone and survey: later runs, a backtest, and nothing at all."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from psycopg import sql

from orchestration.warehouse import Warehouse

Dbt = Callable[..., subprocess.CompletedProcess[str]]
STEPS = (
    ("seed", "--select", "service_topic_words"),
    ("run", "--select", "+path:models/marts/service", "conversations"),
    ("test", "--select", "marts_service_figures_add_up"),
)
TABLES = (
    "service_cases",
    "service_handovers",
    "service_days",
    "service_figures",
    "channel_consistency",
    "channel_handovers",
    "service_topics",
)


def rows(warehouse: Warehouse, query: str) -> list[tuple[Any, ...]]:
    with warehouse.connect() as connection:
        return connection.execute(sql.SQL(query)).fetchall()


def contents(warehouse: Warehouse) -> dict[str, list[str]]:
    return {
        table: sorted(str(row[0]) for row in rows(warehouse, f"select to_jsonb(t) from marts.{table} as t"))
        for table in TABLES
    }


def put(warehouse: Warehouse, source: str, stream: str, *payloads: dict[str, Any]) -> None:
    """Land payloads as ingestion would; a later one of the same id takes the place of the former."""
    table = sql.Identifier(f"raw_{source}", stream)
    with warehouse.connect() as connection:
        connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(f"raw_{source}")))
        connection.execute(
            sql.SQL(
                "create table if not exists {} (record_key text primary key, native_id text, cursor_value text, "
                "payload jsonb not null, ingest_error text, _dlt_load_id text, _dlt_id text)"
            ).format(table)
        )
        for payload in payloads:
            key = str(payload["id"])
            connection.execute(
                sql.SQL(
                    "insert into {} values (%s, %s, null, %s) on conflict (record_key) do update "
                    "set payload = excluded.payload"
                ).format(table),
                (key, key, json.dumps(payload)),
            )


def ticket(number: int, status: str, channel: str, at: str) -> dict[str, Any]:
    return {"id": number, "requester_id": 1, "via": {"channel": channel}, "status": status, "created_at": at}


def metric(number: int, replied: int | None, solved_at: str | None) -> dict[str, Any]:
    reply = {"reply_time_in_minutes": {"calendar": replied}} if replied is not None else {}
    return {"id": number, "ticket_id": number, "solved_at": solved_at, "updated_at": "2026-01-31T00:00:00Z", **reply}


def build(dbt: Dbt, warehouse: Warehouse) -> None:
    for step in STEPS:
        done = dbt(warehouse, *step)
        assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_a_case_from_question_to_solution_over_four_runs(warehouse: Warehouse, dbt: Dbt) -> None:
    build(dbt, warehouse)
    assert contents(warehouse) == {table: [] for table in TABLES}, "no input is no output"

    put(
        warehouse,
        "zendesk",
        "tickets",
        ticket(1, "open", "email", "2026-01-05T10:00:00Z"),
        ticket(2, "solved", "chat", "2026-01-06T10:00:00Z"),
    )
    put(
        warehouse,
        "zendesk",
        "ticket_metrics",
        metric(1, None, None),
        metric(2, 30, "2026-01-06T12:00:00Z"),
    )
    build(dbt, warehouse)
    with warehouse.connect() as connection:
        connection.execute(
            "insert into identity.record_customers (record_id, customer_id, link_strength) "
            "values ('zendesk:user:1', 'ada', 1)"
        )
    build(dbt, warehouse)
    month = (
        "select cases_opened, cases_solved, backlog, average_resolution_minutes, share_answered_within_two_hours, "
        "repeat_contacts, handovers from marts.service_figures where level = 'month' and month = '2026-01-01'"
    )
    assert rows(warehouse, month) == [(2, 1, 1, 120, 0.5, 1, 1)]
    assert rows(warehouse, "select from_channel, to_channel, median_hours from marts.channel_handovers") == [
        ("email", "chat", 24)
    ]

    before = contents(warehouse)
    build(dbt, warehouse)
    assert contents(warehouse) == before, "a second run changes nothing"

    put(warehouse, "zendesk", "tickets", ticket(1, "closed", "email", "2026-01-05T10:00:00Z"))
    put(warehouse, "zendesk", "ticket_metrics", metric(1, 60, "2026-01-05T16:00:00Z"))
    build(dbt, warehouse)
    assert rows(warehouse, month) == [(2, 2, 0, 240, 1, 1, 1)]

    put(warehouse, "zendesk", "ticket_metrics", metric(1, 60, "2026-02-02T10:00:00Z"))
    build(dbt, warehouse)
    assert rows(warehouse, month) == [(2, 1, 1, 120, 1, 1, 1)], "what is solved after now is open"
