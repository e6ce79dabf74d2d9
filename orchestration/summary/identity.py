"""Who is who: records and customers, what waits for a person, and how right it is where a truth is known."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from identity.evaluation import evaluate
from orchestration.identity_store import IdentityStore
from orchestration.settings import Settings
from orchestration.sources import files as file_source
from orchestration.summary.figures import Block, Facts, count, sentence
from orchestration.warehouse import Warehouse

_CUSTOMERS = """
    select
        count(*) as records,
        count(distinct customer_id) as customers,
        count(*) - count(distinct customer_id) as joined
    from identity.record_customers
"""

_WRITTEN = """
    select count(distinct customers.customer_id) as customers
    from identity.edges as edges
    inner join identity.edge_patterns as patterns
        on
            edges.pattern = patterns.pattern
            and patterns.model_id = (select model_id from identity.runs order by published_at desc limit 1)
    inner join identity.record_customers as customers on edges.record_id_a = customers.record_id
    inner join identity.record_customers as others
        on edges.record_id_b = others.record_id and customers.customer_id = others.customer_id
    where
        edges.accepted
        and jsonb_path_exists(patterns.evidence::jsonb, '$[*] ? (@.comparison == "mention" && @.weight > 0)')
"""


def who_is_who(facts: Facts) -> list[Block]:
    """How many records became how many customers, and for how many a message told."""
    found = facts.row(_CUSTOMERS)
    if not found["records"]:
        return [Block("Identity", (sentence("There is no source record yet, so there is no customer."),))]
    written = facts.row(_WRITTEN)["customers"]
    lines = [f"**{count(found['records'])} source records → {count(found['customers'])} customers**"]
    if written:
        lines.append(
            f"For {count(written)} of them an order number, e-mail or phone that they wrote in a message speaks too."
        )
    return [Block("Identity", tuple(sentence(line) for line in lines))]


def waiting(warehouse: Warehouse) -> list[Block]:
    """A plan that a person has to look at, if there is one."""
    plan = IdentityStore(warehouse).plans.latest()
    if plan is not None and plan.state == "proposed":
        line = f"{plan.plan_id} waits for `braid identity apply`: {plan.summary['changes']:,} changes."
    elif plan is not None and plan.summary["changes_held"]:
        held = plan.summary["changes_held"]
        line = f"{held:,} changes of customers are held: `braid identity plan` says why."
    else:
        return []
    return [Block("Identity waits for a person", (sentence(line),))]


def accuracy(warehouse: Warehouse, settings: Settings, truth: Path | None) -> list[Block]:
    """Pairs of records against a truth that the pipeline never saw: the sandbox's, or that of labelled files."""
    if truth is not None:
        known = pq.read_table(truth, columns=["record_id", "person_id"])
    elif settings.files is not None:
        known = file_source.truth(settings.files)
    else:
        return []
    if len(known) == 0:
        return []
    score = evaluate(warehouse.read("select record_id, customer_id from identity.record_customers"), known)
    line = f"precision **{score.precision:.4f}**, recall **{score.recall:.4f}**, F1 **{score.f1:.4f}**"
    return [Block("Identity against the truth, pair by pair", (sentence(line),))]
