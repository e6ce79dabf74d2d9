"""The changes of a plan as rows that people and tables can read: per `contract.PLAN_CHANGES`."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.columns import one_array
from identity.contract import PLAN_CHANGES
from identity.holdings import Holdings
from identity.ledger import Ints, places_of
from identity.packed_text import listed, packed, quoted
from identity.plan_facts import Facts
from identity.plan_groups import Groups
from identity.plan_reasons import added_records, count_groups, merged_customers, moved_records


def changes_table(
    groups: Groups,
    holdings: Holdings,
    ids: pa.StringArray,
    strengths: pa.Array | None,
    facts: Facts,
    columns: dict[str, pa.Array],
) -> pa.Table:
    """Per `contract.PLAN_CHANGES`, sorted by `change_id`.

    Args:
        groups: the changes.
        holdings: their records.
        ids: every customer id by its place, the proposed new ones included.
        strengths: the link strength of each record; null when not known.
        facts: the caller's.
        columns: the other columns, one value per group.
    """
    count, records = groups.count, len(groups.founder)
    touched = np.flatnonzero(groups.group >= 0)
    names = pa.concat_arrays([holdings.record_ids, holdings.gone])
    was = np.flatnonzero((groups.group >= 0) & (groups.former >= 0))
    gone = records + np.arange(len(holdings.gone))
    before = _Sets(
        np.r_[groups.group[was], groups.group_gone], np.r_[groups.former[was], holdings.loser], np.r_[was, gone]
    )
    after = _Sets(groups.group[touched], groups.customer[touched], touched)
    removed = count_groups(groups.group_gone, count)
    members = count_groups(groups.members_group, count)
    strength = pa.nulls(count, pa.float64())
    if strengths is not None:
        least = np.full(count, np.inf)
        np.minimum.at(least, groups.group[touched], np.asarray(strengths)[touched])
        strength = pa.array(least, mask=np.isinf(least))
    columns = columns | {
        "former_customer_ids": before.customers(ids, count),
        "customer_ids": after.customers(ids, count),
        "before": before.json(ids, names, count),
        "after": after.json(ids, names, count),
        "records": count_groups(groups.group[touched], count) + removed,
        "records_added": added_records(groups),
        "records_removed": removed,
        "records_moved": moved_records(groups),
        "customers_merged": merged_customers(groups),
        "link_strength": strength,
        "share_of_customers": members / max(holdings.customer_count, 1),
        "facts": _customer_facts(groups, ids, facts.customers),
    }
    arrays = [pa.array(columns[field.name], field.type) for field in PLAN_CHANGES]
    return pa.table(arrays, schema=PLAN_CHANGES).sort_by("change_id")


class _Sets:
    """Records of each group by customer, in the order of customers and records."""

    def __init__(self, group: Ints, customer: Ints, record: Ints) -> None:
        order = np.lexsort((record, customer, group))
        self._group, self._customer, self._record = group[order], customer[order], record[order]
        self._first = np.ones(len(order), dtype=np.bool_)
        self._first[1:] = (np.diff(self._group) != 0) | (np.diff(self._customer) != 0)

    def customers(self, ids: pa.StringArray, count: int) -> pa.ListArray:
        """The customers of each group."""
        return listed(ids.take(pa.array(self._customer[self._first])), self._group[self._first], count)

    def json(self, ids: pa.StringArray, records: pa.StringArray, count: int) -> pa.StringArray:
        """`{customer id: [record ids]}` of each group."""
        opens = np.ones(len(self._group), dtype=np.bool_)
        opens[1:] = np.diff(self._group) != 0
        customer = quoted(ids.take(pa.array(self._customer)))
        first = pc.binary_join_element_wise(pa.array(np.where(opens, "", "], ")), customer, ": [", "")
        lead = pc.if_else(pa.array(self._first), first, ", ")
        inner = packed([lead, quoted(records.take(pa.array(self._record)))], self._group, count)
        return pc.if_else(pc.equal(inner, ""), "{}", pc.binary_join_element_wise("{", inner, "]}", ""))


def _customer_facts(groups: Groups, ids: pa.StringArray, customers: pa.Table | None) -> pa.Array:
    if customers is None or len(customers.column_names) < 2:
        return pa.repeat("{}", groups.count)
    place = places_of(customers["customer_id"], ids.take(pa.array(groups.members)))
    known = customers.filter(pa.array(place >= 0))
    known = known.append_column("change_group", pa.array(groups.members_group[place[place >= 0]]))
    sums = ", ".join(_folded(field) for field in customers.schema if field.name != "customer_id")
    with duckdb.connect() as connection:
        connection.register("known", known)
        told: pa.Table = connection.sql(
            f"select change_group, to_json(facts)::text as facts from"
            f" (select change_group, struct_pack({sums}) as facts from known group by change_group)"
        ).to_arrow_table()
    row = np.full(groups.count, -1)
    row[told["change_group"].to_numpy()] = np.arange(len(told))
    return pc.fill_null(one_array(told["facts"]).take(pa.array(row, mask=row < 0)), "{}")


def _folded(field: pa.Field) -> str:
    name = '"' + field.name.replace('"', '""') + '"'
    if pa.types.is_list(field.type) or pa.types.is_large_list(field.type):
        return f"{name} := list_sort(list_distinct(flatten(list({name}))))"
    kind = "double" if pa.types.is_floating(field.type) else "bigint"
    return f"{name} := coalesce(sum({name}::{kind}), 0)::{kind}"
