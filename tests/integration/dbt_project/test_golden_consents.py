"""A merge never widens permission: the fold of consent over random clusters of records, against the rule in Python."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import numpy as np

from orchestration.warehouse import Warehouse

RECORDS, CUSTOMERS, ROUNDS = 900, 250, 3
STATES = [None, "SUBSCRIBED", "UNSUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "REDACTED", "INVENTED_TOMORROW"]
REFUSALS = {"UNSUBSCRIBED", "REDACTED", "INVENTED_TOMORROW"}


def fold(stated: set[str | None]) -> str:
    if stated & REFUSALS:
        return "denied"
    return "granted" if "SUBSCRIBED" in stated else "unknown"


def test_consent_is_the_most_restrictive_of_random_clusters(
    warehouse: Warehouse, dbt: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    rng = np.random.default_rng(4)
    prepared = dbt(warehouse, "build", "--selector", "prepare")
    assert prepared.returncode == 0, prepared.stdout
    with warehouse.connect() as connection:
        connection.execute("create table staging.held as table staging.stg_shopify__customers")
        connection.execute("drop view staging.stg_shopify__customers")
        connection.execute("alter table staging.held rename to stg_shopify__customers")
    states = [STATES[i] for i in rng.integers(0, len(STATES), RECORDS)]
    with warehouse.connect() as connection, connection.cursor() as cursor:
        cursor.executemany(
            "insert into staging.stg_shopify__customers (record_id, email_marketing_state) values (%s, %s)",
            [(f"shopify:customer:{n}", state) for n, state in enumerate(states)],
        )

    # Each round merges at random: fewer customers hold the same records.
    folded: list[dict[str, str]] = []
    merged: dict[str, str] = {}
    owners = rng.integers(0, CUSTOMERS, RECORDS)
    for _ in range(ROUNDS):
        with warehouse.connect() as connection, connection.cursor() as cursor:
            cursor.execute("truncate identity.record_customers")
            cursor.executemany(
                "insert into identity.record_customers values (%s, %s, 1.0)",
                [(f"shopify:customer:{n}", f"c{owner}") for n, owner in enumerate(owners)],
            )
        done = dbt(
            warehouse,
            "build",
            "--select",
            "consent_states",
            "consent_statements",
            "consents",
            "--exclude",
            "test_type:unit",
        )
        assert done.returncode == 0, done.stdout
        found = warehouse.read("select customer_id, state from golden.consents where channel = 'email'").to_pylist()
        folded.append({row["customer_id"]: row["state"] for row in found})
        expected: dict[str, set[str | None]] = {}
        for state, owner in zip(states, owners, strict=True):
            expected.setdefault(f"c{owner}", set()).add(state)
        assert folded[-1] == {customer: fold(stated) for customer, stated in expected.items()}
        if len(folded) > 1:
            widened = [c for c, state in folded[-2].items() if state == "denied" and folded[-1][merged[c]] != "denied"]
            assert not widened
        merged = {f"c{owner}": f"c{owner // 2}" for owner in owners}
        owners = owners // 2
