"""Identity changes are planned, then applied: what a run would do to the customers that are live, and what is held."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from identity.columns import Column, conform, one_array
from identity.contract import CUSTOMER_LEDGER
from identity.customer_id import Assignment, founded, settle
from identity.holdings import Holdings, look_up
from identity.inheritance import NEW, OPEN
from identity.judgement import Constraints
from identity.ledger import Bools, Ints
from identity.plan_bounds import Bounds, broken_bounds, too_many_merged
from identity.plan_decisions import decided
from identity.plan_facts import Facts
from identity.plan_groups import Groups, change_ids, group_changes
from identity.plan_reasons import judged, kinds, lists_of, merged_customers, reasons
from identity.plan_table import changes_table


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
    scope: Column | None = None,
) -> Plan:
    """Give the clusters their customer ids, tell what that changes, and hold back what goes too far.

    A change is a connected group of former customers and proposed clusters that have records in common, in which
    anything differs. Held, its records stay in the customers that they had, its new records are alone, and its removed
    records are gone all the same; what is not held comes out exactly as proposed. A change is held if the newest
    decision about it says so, or if it breaks a bound and was not released. A change that takes nobody apart and puts
    nobody together has nothing to hold. The first run has no customers to be careful of: only the bounds of a single
    customer (its records, its strong ids) hold anything back.

    Args:
        clusters: `record_id, cluster` as `customer_id.assign` takes them; optional `link_strength`, 0 to 1.
        previous: `record_id, customer_id` of the last run; null on the first.
        ledger: every event so far, oldest first, per `contract.CUSTOMER_LEDGER`; null on the first run.
        run_id: written to the changes and events.
        now: written to the events; with a time zone.
        bounds: null is the defaults.
        decisions: of stewards, per `contract.CHANGE_DECISIONS`; null is none.
        judgements: what clustering had to obey, to tell which changes people asked for; null is nothing.
        facts: what the caller knows of records and customers; null is nothing.
        scope: the `record_id`s that the run looked at, those included that are gone, where `clusters` are not all
            records: whole customers, and every other is as it was. `previous` and `ledger` are whole all the same: an
            id that is outside may claim a record that is inside, and shares are of all customers. Null is all.

    Raises:
        ValueError: if `previous` holds an id that does not live according to the ledger, or the scope parts a customer.
    """
    bounds, facts = bounds or Bounds(), facts or Facts()
    record_ids, founder = founded(clusters)
    holdings = look_up(record_ids, previous, conform(ledger, CUSTOMER_LEDGER) if ledger is not None else None, scope)
    proposal, inheritance = settle(holdings, founder, run_id=run_id, now=now)
    groups = group_changes(holdings, founder, inheritance.customer)
    ids = _every_id(holdings, proposal, groups)
    joined, parted = judged(groups, holdings, judgements)
    named = change_ids(holdings, groups)
    because = _held_because(groups, holdings, ids, named, joined, bounds, decisions, facts)
    held = np.zeros(groups.count, dtype=np.bool_)
    held[because["group"].to_numpy(np.int64)] = True
    changes = changes_table(
        groups,
        holdings,
        ids,
        _strengths(clusters, record_ids),
        facts,
        {
            "run_id": pa.repeat(run_id, groups.count),
            "change_id": named,
            "kind": kinds(groups),
            "held": pa.array(held),
            "held_because": lists_of(because, groups.count),
            "reasons": reasons(groups, holdings, joined | parted, facts),
        },
    )
    final, assignment = founder, proposal
    if held.any():
        final = _kept_back(groups, held)
        assignment, _ = settle(holdings, final, _as_proposed(groups, holdings, held), run_id=run_id, now=now)
    return Plan(
        changes=changes,
        proposal=proposal,
        assignment=assignment,
        clusters=pa.table({"record_id": record_ids, "cluster": pa.array(final)}),
        summary=_summary(changes, holdings, proposal, assignment, _count(founder), _count(final)),
    )


def _every_id(holdings: Holdings, proposal: Assignment, groups: Groups) -> pa.StringArray:
    """Each id by its place: those issued, and then the new ones of the proposal."""
    issued = holdings.issued.customer_ids
    fresh = np.flatnonzero((groups.customer >= len(issued)) & (groups.founder == np.arange(len(groups.founder))))
    return pa.concat_arrays([issued, one_array(proposal.customers["customer_id"]).take(pa.array(fresh))])


def _held_because(
    groups: Groups,
    holdings: Holdings,
    ids: pa.StringArray,
    named: pa.StringArray,
    joined: Bools,
    bounds: Bounds,
    decisions: pa.Table | None,
    facts: Facts,
) -> pd.DataFrame:
    """The changes to hold, and why: `group, because`."""
    changes = pd.DataFrame({"change_id": named.to_pandas()})
    members = pd.DataFrame(
        {
            "change_id": named.take(pa.array(groups.members_group)).to_pandas(),
            "customer_id": ids.take(pa.array(groups.members)).to_pandas(),
        }
    )
    told = decided(changes, members, decisions).merge(changes.reset_index(names="group"), on="change_id")
    released = told.loc[told["decision"] == "release", "group"].to_numpy(np.int64)
    holds = told[told["decision"] == "hold"]
    by_people = pd.DataFrame({"group": holds["group"], "because": "decision: held by " + holds["words"]})
    free = ~groups.regroups
    free[released] = True
    alone = pd.concat([by_people, broken_bounds(groups, holdings, facts, bounds)]).astype({"group": "int64"})
    alone = alone[~free[alone["group"].to_numpy(np.int64)]]
    exempt = free | joined
    exempt[alone["group"].to_numpy(np.int64)] = True
    many = too_many_merged(merged_customers(groups), exempt, holdings.customer_count, bounds)
    every: pd.DataFrame = pd.concat([alone, many])
    return every


def _kept_back(groups: Groups, held: Bools) -> Ints:
    """The founder of each record's cluster when those of held changes stay where they were, and the new ones alone."""
    records = len(groups.founder)
    places = np.arange(records)
    first = np.full(len(groups.kept_size) + 1, records, dtype=np.int64)
    np.minimum.at(first, groups.former, places)
    stays = np.where(groups.former >= 0, first[groups.former], places)
    return np.where(np.append(held, False)[groups.group], stays, groups.founder)


def _as_proposed(groups: Groups, holdings: Holdings, held: Bools) -> Ints:
    """What needs no settling again, per record: the ids of the changes that are not held, so that they stay."""
    new = groups.customer >= len(holdings.issued.customer_ids)
    return np.where(np.append(held, False)[groups.group], OPEN, np.where(new, NEW, groups.customer))


def _strengths(clusters: pa.Table, record_ids: pa.StringArray) -> pa.Array | None:
    if "link_strength" not in clusters.column_names:
        return None
    order = pc.index_in(record_ids, value_set=one_array(clusters["record_id"]).cast(pa.string()))
    return one_array(clusters["link_strength"]).take(order).cast(pa.float64())


def _count(founder: Ints) -> int:
    return int((founder == np.arange(len(founder))).sum())


def _summary(
    changes: pa.Table, holdings: Holdings, proposal: Assignment, assignment: Assignment, proposed: int, after: int
) -> dict[str, int | float]:
    kind = {row["values"]: row["counts"] for row in changes["kind"].value_counts().to_pylist()}
    held = changes.filter(changes["held"])
    merged = {
        name: pc.sum(table["customers_merged"]).as_py() or 0 for name, table in (("all", changes), ("held", held))
    }
    before = holdings.customer_count
    elsewhere = int(holdings.elsewhere.sum())
    return {
        "changes": len(changes),
        "changes_held": len(held),
        **{f"changes_{name}": count for name, count in sorted(kind.items())},
        "customers_before": before,
        "customers_proposed": elsewhere + proposed,
        "customers_after": elsewhere + after,
        "customers_merged": merged["all"] - merged["held"],
        "customers_merge_held": merged["held"],
        "share_merged": round((merged["all"] - merged["held"]) / before, 6) if before else 0.0,
        "records_held": pc.sum(held["records"]).as_py() or 0,
        "id_stability_proposed": round(proposal.stability, 6),
        "id_stability": round(assignment.stability, 6),
    }
