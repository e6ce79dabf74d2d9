"""What every customer id ever issued stands for: resolved from the ledger by identity's own code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from activation.database import Connection
from identity.ledger import LedgerIndex

# Ids that were minted and nothing else stand for themselves; of those that met others, every event is needed.
_EVENTFUL: Final = """
    with links as (
        select customer_id, related_customer_id
        from identity.customer_ledger
        where event not in ('minted', 'revived', 'left')
    ),
    eventful as (
        select customer_id from links
        union
        select related_customer_id from links where related_customer_id is not null
    )
    select ledger.event, ledger.customer_id, ledger.related_customer_id, ledger.occurred_at
    from identity.customer_ledger as ledger
    inner join eventful on eventful.customer_id = ledger.customer_id
    order by ledger.event_number
"""

_LEDGER: Final = pa.schema(
    [
        ("event", pa.string()),
        ("customer_id", pa.string()),
        ("related_customer_id", pa.string()),
        ("occurred_at", pa.timestamp("us", tz="UTC")),
    ]
)


def prepare(connection: Connection) -> None:
    """Make the temporary table `resolved_ids` of every id that is not simply alive, until the transaction ends.

    Columns: customer_id, status (`living`, `redirected`, `retired`, `erased`), successor (the id to use; null when
    every record is gone), siblings (other living ids that records of it may be in).
    """
    connection.execute(
        "create temporary table resolved_ids (customer_id text primary key, status text not null, successor text, "
        "siblings text[] not null) on commit drop"
    )
    events = connection.execute(_EVENTFUL).fetchall()
    columns = list(zip(*events, strict=True)) if events else [()] * len(_LEDGER)
    ledger = pa.table(
        [pa.array(values, field.type) for values, field in zip(columns, _LEDGER, strict=True)], schema=_LEDGER
    )
    with connection.cursor().copy("copy pg_temp.resolved_ids from stdin") as rows:
        for row in _resolved(ledger):
            rows.write_row(row)
    connection.execute("analyze pg_temp.resolved_ids")


def _resolved(ledger: pa.Table) -> Iterator[tuple[str, str, str | None, list[str]]]:
    index = LedgerIndex(ledger)
    for customer_id in dict.fromkeys(ledger["customer_id"].to_pylist()):
        found = index.resolve(customer_id)
        if found.status != "living" or found.siblings:
            yield customer_id, found.status, found.customer_id, list(found.siblings)


CUSTOMER_IDS: Final = "select customer_id, status, successor, siblings from pg_temp.resolved_ids"

REDIRECTS: Final = """
    select resolved.customer_id as former, resolved.successor as current
    from pg_temp.resolved_ids as resolved
    inner join golden.customers as successor on successor.customer_id = resolved.successor
    where resolved.status = 'redirected'
    and not exists (select 1 from golden.customers as alive where alive.customer_id = resolved.customer_id)
"""
"""`former, current`: ids that were merged away and the customer that lives on."""
