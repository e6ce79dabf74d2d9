"""The ledger of one person in Postgres: read without the millions of events of others, rewritten, and closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from activation.database import Connection
from identity.contract import CUSTOMER_LEDGER
from identity.ledger_erasure import erase

_COLUMNS = ", ".join(CUSTOMER_LEDGER.names)


@dataclass(frozen=True)
class NumberedLedger:
    """Events per `contract.CUSTOMER_LEDGER`, oldest first, and the number of each in the table."""

    events: pa.Table
    numbers: tuple[int, ...]


def ledger_of(connection: Connection, customer_ids: Sequence[str], record_ids: Sequence[str] = ()) -> NumberedLedger:
    """All events of the customers that are connected with these ids, and those that name these records.

    Whoever shares an event with them is read whole, so that what became of their records can be told.
    """
    ids: set[str] = set()
    found = set(customer_ids)
    while found - ids:
        ids |= found
        rows = connection.execute(
            "select customer_id, related_customer_id from identity.customer_ledger "
            "where customer_id = any(%(ids)s) or related_customer_id = any(%(ids)s) "
            "or founding_record_id = any(%(records)s) or record_ids && %(records)s",
            {"ids": list(ids), "records": list(record_ids)},
        ).fetchall()
        found = {name for row in rows for name in row if name}
    rows = connection.execute(
        f"select event_number, {_COLUMNS} from identity.customer_ledger where customer_id = any(%s) "
        "or related_customer_id = any(%s) order by event_number",
        [list(ids), list(ids)],
    ).fetchall()
    arrays = [
        pa.array([row[place] for row in rows], field.type) for place, field in enumerate(CUSTOMER_LEDGER, start=1)
    ]
    return NumberedLedger(pa.table(arrays, schema=CUSTOMER_LEDGER), tuple(row[0] for row in rows))


def rewrite_ledger(
    connection: Connection, customer_ids: Sequence[str], record_ids: Sequence[str], *, whole: bool, run_id: str
) -> int:
    """End the ids for ever when the whole customer goes, and take the records out of every event.

    Returns:
        The number of events that were rewritten.
    """
    numbered = ledger_of(connection, customer_ids, record_ids)
    erasure = erase(
        numbered.events,
        list(customer_ids) if whole else [],
        run_id=run_id,
        now=datetime.now(UTC),
        record_ids=record_ids,
    )
    rewritten = [
        (row["founding_record_id"], row["record_ids"], numbered.numbers[row["position"]])
        for row in erasure.redactions.to_pylist()
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "update identity.customer_ledger set founding_record_id = %s, record_ids = %s where event_number = %s",
            rewritten,
        )
        places = ", ".join(["%s"] * len(CUSTOMER_LEDGER))
        cursor.executemany(
            f"insert into identity.customer_ledger ({_COLUMNS}) values ({places})",
            [tuple(event.values()) for event in erasure.events.to_pylist()],
        )
    return len(rewritten)
