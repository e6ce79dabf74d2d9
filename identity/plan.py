"""Identity changes are planned, then applied: what a run would do to the customers that are live, and what is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from identity.customer_id import Assignment
from identity.judgement import Constraints
from identity.plan_bounds import Bounds
from identity.plan_facts import Facts


@dataclass(frozen=True)
class Plan:
    """What a run would do, what of it is held back, and the customers that are left when that is kept back.

    `changes`: per `contract.PLAN_CHANGES`, sorted by `change_id`; `proposal`: the assignment without holding anything;
    `assignment`: the one to publish; `clusters`: `record_id, cluster` that it stands on, sorted by `record_id`;
    `summary`: figures for people and for asset metadata.
    """

    changes: pa.Table
    proposal: Assignment
    assignment: Assignment
    clusters: pa.Table
    summary: dict[str, int | float]


def make_plan(
    clusters: pa.Table,
    previous: pa.Table | None,
    ledger: pa.Table | None,
    *,
    run_id: str,
    now: datetime,
    bounds: Bounds | None = None,
    decisions: pa.Table | None = None,
    judgements: Constraints | None = None,
    facts: Facts | None = None,
) -> Plan:
    """Give the clusters their customer ids, tell what that changes, and hold back what breaks a bound."""
    raise NotImplementedError
