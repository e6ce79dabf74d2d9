"""What people decided about two records: `identity.judgements`, to which rows are only ever added."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pyarrow as pa

from identity import contract
from orchestration.warehouse import Warehouse


@dataclass(frozen=True)
class Seen:
    """What identity makes of two records as last published; null where it says nothing."""

    customer_id_a: str | None
    customer_id_b: str | None
    match_weight: float | None
    model_id: str | None


class JudgementLog:
    """Read and add judgements; whoever opened the `IdentityStore` knows that the table is there."""

    def __init__(self, warehouse: Warehouse) -> None:
        """Keep the judgements in this warehouse."""
        self._warehouse = warehouse

    def every(self) -> pa.Table:
        """All judgements, the oldest first: `contract.JUDGEMENTS`."""
        columns = ", ".join(contract.JUDGEMENTS.names)
        return self._warehouse.read(f"select {columns} from identity.judgements order by judged_at, judgement_id").cast(
            contract.JUDGEMENTS
        )

    def append(self, judgements: pa.Table) -> int:
        """Add rows per `contract.JUDGEMENTS`, those left out that are there already; return how many are new."""
        names = ", ".join(contract.JUDGEMENTS.names)
        with self._warehouse.transaction() as transaction:
            transaction.ingest("incoming_judgements", judgements, mode="create", temporary=True)
            added = transaction.read(
                f"""
                with added as (
                    insert into identity.judgements ({names})
                    select {names} from incoming_judgements
                    on conflict do nothing
                    returning 1
                )
                select count(*) as n from added
                """
            )
        return int(added["n"][0].as_py())

    def known_records(self) -> pa.ChunkedArray:
        """The ids of all source records."""
        if not self._warehouse.has_table("identity", "identity_records"):
            return pa.chunked_array([], pa.string())
        return self._warehouse.read("select record_id from identity.identity_records")["record_id"]

    def unknown(self, record_ids: list[str]) -> list[str]:
        """Those of the ids that no source record has."""
        if not self._warehouse.has_table("identity", "identity_records"):
            return record_ids
        with self._warehouse.connect() as connection:
            found = connection.execute(
                "select record_id from identity.identity_records where record_id = any(%s)", (record_ids,)
            ).fetchall()
        return [record_id for record_id in record_ids if (record_id,) not in found]

    def seen(self, record_id: str, other_record_id: str) -> Seen:
        """What the published results say of two records."""
        a, b = sorted((record_id, other_record_id))
        with self._warehouse.connect() as connection:
            row = connection.execute(
                """
                select
                    (select customer_id from identity.record_customers where record_id = %(a)s),
                    (select customer_id from identity.record_customers where record_id = %(b)s),
                    (select match_weight from identity.edges where record_id_a = %(a)s and record_id_b = %(b)s),
                    (select model_id from identity.runs order by published_at desc limit 1)
                """,
                {"a": a, "b": b},
            ).fetchone()
        customer_a, customer_b, weight, model_id = row if row else (None, None, None, None)
        return Seen(customer_a, customer_b, weight, model_id if weight is not None else None)

    def customer_of(self, record_id: str) -> tuple[str, list[str]] | None:
        """The customer of a record as last published, and all records of it; null if it has none."""
        with self._warehouse.connect() as connection:
            found = connection.execute(
                """
                select customer_id, array_agg(record_id order by record_id collate "C")
                from identity.record_customers
                where customer_id = (select customer_id from identity.record_customers where record_id = %s)
                group by customer_id
                """,
                (record_id,),
            ).fetchone()
        return (found[0], found[1]) if found else None

    def sides(self, record_id: str) -> tuple[list[str], list[str]] | None:
        """The two sides that were put together when the record last met the others of its customer.

        Returns:
            The record with those that were its customer before, and the records of the customers that they met; null
            when the record was never merged with anybody.
        """
        with self._warehouse.connect() as connection:
            found = connection.execute(
                """
                select c.before
                from identity.plan_changes as c
                inner join identity.plans as p using (plan_id)
                where
                    p.state = 'applied' and not c.held and cardinality(c.former_customer_ids) > 1
                    and strpos(c.before, to_json(%s::text)::text) > 0
                order by p.applied_at desc
                limit 1
                """,
                (record_id,),
            ).fetchone()
            if not found:
                return None
            before: dict[str, list[str]] = json.loads(found[0])
            own = next((records for records in before.values() if record_id in records), None)
            if own is None:
                return None
            others = [other for records in before.values() if records is not own for other in records]
            together = connection.execute(
                """
                select record_id from identity.record_customers
                where
                    record_id = any(%s)
                    and customer_id = (select customer_id from identity.record_customers where record_id = %s)
                """,
                (own + others, record_id),
            ).fetchall()
        here = {row[0] for row in together}
        mine, theirs = sorted(here & set(own)), sorted(here & set(others))
        return (mine, theirs) if mine and theirs else None
