"""A merge never widens permission: random records, merged and split at random, folded by the models themselves."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from typing import Final

import hypothesis
import hypothesis.strategies as st
import pytest

from orchestration.warehouse import Warehouse

Dbt = Callable[..., subprocess.CompletedProcess[str]]
WORDS: Final = {
    "shopify:customer": {
        "email_marketing_state": ["SUBSCRIBED", "UNSUBSCRIBED", "NOT_SUBSCRIBED", "PENDING", "REDACTED", "INVENTED"],
        "sms_marketing_state": ["SUBSCRIBED", "UNSUBSCRIBED", "NOT_SUBSCRIBED", "REDACTED", "INVENTED"],
    },
    "salesforce:contact": {"email_opt_out": ["true", "false"], "do_not_call": ["true", "false"]},
    "loyalty:member": {"email_marketing_consent": ["true", "false"], "sms_marketing_consent": ["true", "false"]},
}
TABLES: Final = {
    "shopify:customer": "stg_shopify__customers",
    "salesforce:contact": "stg_salesforce__contacts",
    "loyalty:member": "stg_files__people",
}
ORDER: Final = {"denied": 0, "granted": 1, "unknown": 2}
"""Least to most that may still be said: a merge only ever goes down. Unknown is no permission, only no answer yet."""

Record = tuple[str, dict[str, str]]
"""Its kind, and what it says by field."""


@st.composite
def records(draw: st.DrawFn) -> Record:
    kind = draw(st.sampled_from(sorted(WORDS)))
    fields = {name: draw(st.none() | st.sampled_from(words)) for name, words in WORDS[kind].items()}
    return kind, {name: word for name, word in fields.items() if word is not None}


CLUSTERS: Final = st.lists(st.tuples(records(), st.integers(0, 4), st.integers(0, 1)), min_size=2, max_size=8)
"""Records, each with its part of the cluster before, and the half it falls to when the cluster is split again."""


@pytest.fixture(scope="module")
def clusters() -> list[list[tuple[Record, int, int]]]:
    """Some three hundred clusters, drawn before anything runs: one dbt run judges them all."""
    found: list[list[tuple[Record, int, int]]] = []

    @hypothesis.settings(max_examples=300, database=None, phases=[hypothesis.Phase.generate])
    @hypothesis.given(CLUSTERS)
    def draw(cluster: list[tuple[Record, int, int]]) -> None:
        found.append(cluster)

    draw()
    return found


@pytest.fixture
def prepared(warehouse: Warehouse, dbt: Dbt) -> Iterator[Warehouse]:
    done = dbt(warehouse, "build", "--selector", "prepare", "--exclude", "resource_type:test")
    assert done.returncode == 0, done.stdout
    with warehouse.connect() as connection:
        for table in TABLES.values():
            connection.execute(f"create table staging.held as table staging.{table}")
            connection.execute(f"drop view staging.{table} cascade")
            connection.execute(f"alter table staging.held rename to {table}")
    yield warehouse


def land(warehouse: Warehouse, clusters: list[list[tuple[Record, int, int]]]) -> None:
    with warehouse.connect() as connection, connection.cursor() as cursor:
        for number, cluster in enumerate(clusters):
            for place, ((kind, said), _, _) in enumerate(cluster):
                record_id = f"{kind}:{number}.{place}"
                source, entity = kind.split(":")
                cursor.execute(
                    "insert into identity.identity_records (record_id, source, entity, native_id) values (%s,%s,%s,%s)",
                    (record_id, source, entity, f"{number}.{place}"),
                )
                names, words = ["record_id", *said], [record_id, *said.values()]
                marks = ", ".join(["%s"] * len(words))
                cursor.execute(f"insert into staging.{TABLES[kind]} ({', '.join(names)}) values ({marks})", words)


def folded(
    warehouse: Warehouse, dbt: Dbt, owners: dict[str, str], *arguments: str
) -> dict[tuple[str, str, str], tuple[str, str]]:
    """The state and basis per customer, channel and purpose, when each record belongs to its owner."""
    with warehouse.connect() as connection, connection.cursor() as cursor:
        cursor.execute("truncate identity.record_customers")
        cursor.executemany("insert into identity.record_customers values (%s, %s, 1.0)", list(owners.items()))
    models = ("consent_states", "consent_rules", "record_inputs", "consent_statements", "consents")
    done = dbt(warehouse, "build", "--select", *models, "--exclude", "resource_type:test", "test_type:unit", *arguments)
    assert done.returncode == 0, done.stdout
    rows = warehouse.read("select customer_id, channel, purpose, state, basis from golden.consents").to_pylist()
    return {(r["customer_id"], r["channel"], r["purpose"]): (r["state"], r["basis"]) for r in rows}


@pytest.mark.slow
def test_a_merge_never_widens_permission(
    prepared: Warehouse, dbt: Dbt, clusters: list[list[tuple[Record, int, int]]]
) -> None:
    land(prepared, clusters)
    members = {
        f"{kind}:{number}.{place}": (number, part, half)
        for number, cluster in enumerate(clusters)
        for place, ((kind, _), part, half) in enumerate(cluster)
    }
    alone = folded(prepared, dbt, {record: record for record in members})
    apart = folded(prepared, dbt, {record: f"{n}/{part}" for record, (n, part, _) in members.items()})
    merged = folded(prepared, dbt, {record: f"{n}" for record, (n, _, _) in members.items()})
    split = folded(prepared, dbt, {record: f"{n}|{half}" for record, (n, _, half) in members.items()})

    questions = {(channel, purpose) for _, channel, purpose in alone}
    assert len(questions) == 10
    assert {state for state, _ in merged.values()} == {"denied", "granted", "unknown"}
    for record, (number, part, half) in members.items():
        for channel, purpose in questions:
            own = alone[record, channel, purpose][0]
            before = apart[f"{number}/{part}", channel, purpose][0]
            after = merged[f"{number}", channel, purpose][0]
            later = split[f"{number}|{half}", channel, purpose][0]
            # Record, part and whole; and a split gives nobody more than the refusals among their own records allow.
            assert ORDER[after] <= ORDER[before] <= ORDER[own], (record, channel, purpose, own, before, after)
            assert ORDER[after] <= ORDER[later] <= ORDER[own], (record, channel, purpose, own, later, after)
    for number in range(len(clusters)):
        mine = [record for record, (n, _, _) in members.items() if n == number]
        for channel, purpose in questions:
            said = {alone[record, channel, purpose] for record in mine}
            state, basis = merged[f"{number}", channel, purpose]
            # Nobody's permission comes from nowhere: granted is what a record granted, or service by default.
            assert state != "granted" or ("granted", basis) in said
            assert state != "unknown" or {s for s, _ in said} == {"unknown"}

    # Merging again what was split leaves what a build from nothing gives.
    owners = {record: f"{n}" for record, (n, _, _) in members.items()}
    assert folded(prepared, dbt, owners) == merged == folded(prepared, dbt, owners, "--full-refresh")
