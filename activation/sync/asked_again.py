"""The gate, asked again about a batch when it may have come to answer otherwise since the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import sql

from activation.consent import GateRules, permitted
from activation.database import Connection
from activation.sync.block import SyncBlock
from activation.sync.permission import stamp
from activation.sync.rows import Row


def still_permitted(
    connection: Connection, block: SyncBlock, rules: GateRules | None, batch: list[Row], as_planned: Sequence[Any]
) -> list[Row]:
    """The batch without those whom the gate has come to refuse since the plan was made.

    Args:
        connection: without an open transaction.
        block: the sync that asks.
        rules: the gate's.
        batch: removals, which are not asked about, or none.
        as_planned: the stamp of the plan.
    """
    if batch[0].is_removal:
        return batch
    with connection.transaction():
        now = stamp(connection)
    if now == as_planned:
        return batch
    used = {row.customer_id: row.addresses for row in batch if row.customer_id is not None}
    refused = _no_longer_permitted(connection, block, rules, used)
    return [row for row in batch if row.customer_id not in refused]


def _no_longer_permitted(
    connection: Connection, block: SyncBlock, rules: GateRules | None, addresses: Mapping[str, tuple[str, ...]]
) -> frozenset[str]:
    """Of customers, with the addresses that they were about to be sent with: who may not be, or not with these."""
    with connection.transaction():
        answers = {
            customer_id: (exclusion, frozenset(allowed or ()))
            for customer_id, allowed, exclusion in connection.execute(
                sql.SQL("select customer_id, addresses, exclusion from ({}) as answers").format(
                    permitted(block, rules, only=addresses)
                )
            )
        }
    return frozenset(
        customer_id
        for customer_id, used in addresses.items()
        if customer_id not in answers
        or answers[customer_id][0] is not None
        or not answers[customer_id][1].issuperset(used)
    )
