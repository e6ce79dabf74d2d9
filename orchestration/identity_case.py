"""From the warehouse, what explains a few records: theirs and their neighbours' rows, never whole tables."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from identity import contract
from identity.artifact import FrozenModel, load_model
from identity.columns import conform
from identity.compare import compare_pairs
from identity.why.case import Case
from orchestration.warehouse import Transaction

# Records that may be near, by each way of finding them; and records read of any customer.
_MOST_CANDIDATES: Final = 60
_MOST_OF_ONE: Final = 20
_MOST_RECORDS: Final = 1_000
# What makes a record worth comparing, and how much: two points do.
_ALIKE: Final = {"birth_date": 2, "full_name": 2, "given_name": 1, "family_name": 1, "postcode": 1}


class NothingPublished(LookupError):
    """No run has published customers yet."""


class CaseReader:
    """Reads cases in one transaction, so that all of a case is of the same publication."""

    def __init__(self, transaction: Transaction) -> None:
        """Look at the tables there are.

        Raises:
            NothingPublished: if there are none, or no run has been published.
        """
        self._transaction = transaction
        names = (
            "('identity_records'), ('record_customers'), ('edges'), ('judgements'), ('shared_identifiers'), ('runs')"
        )
        found = transaction.read(
            f"select name from (values {names}) as t (name) where to_regclass('identity.' || name) is not null"
        )
        self._tables = set(found["name"].to_pylist())
        if not {"identity_records", "record_customers", "edges", "runs"} <= self._tables:
            raise NothingPublished("no run has published customers yet: `braid run` does")

    def is_record(self, record_id: str) -> bool:
        """Whether there is a source record of this id."""
        sql = "select 1 as found from identity.identity_records where record_id = $1"
        return bool(self._transaction.read(sql, (record_id,)).num_rows)

    def customer_of(self, record_id: str) -> str | None:
        """The customer of a record; null if the record is newer than the last run."""
        sql = "select customer_id from identity.record_customers where record_id = $1"
        found = self._transaction.read(sql, (record_id,))["customer_id"].to_pylist()
        return found[0] if found else None

    def is_customer(self, customer_id: str) -> bool:
        """Whether the id has records now."""
        sql = "select 1 as found from identity.record_customers where customer_id = $1 limit 1"
        return bool(self._transaction.read(sql, (customer_id,)).num_rows)

    def ledger(self) -> pa.Table:
        """Every event in the life of customer ids, oldest first: `contract.CUSTOMER_LEDGER`."""
        columns = ", ".join(contract.CUSTOMER_LEDGER.names)
        rows = self._transaction.read(f"select {columns} from identity.customer_ledger order by event_number")
        return rows.cast(contract.CUSTOMER_LEDGER)

    def of_pair(self, record_a: str, record_b: str) -> Case:
        """Two records, with the records of their customers."""
        customers = self._customers_of([record_a, record_b])
        members = self._records_of(customers, _MOST_RECORDS)
        return self._case(
            list(dict.fromkeys([record_a, record_b, *members])), carriers=self._carriers([record_a, record_b])
        )

    def of_customer(self, customer_id: str) -> Case:
        """A customer's records, with those of the customers that may be near."""
        members = self._records_of([customer_id], _MOST_RECORDS)
        carriers = self._carriers(members)
        near = [*self._rejected(members), *_some_of(carriers, set(members)), *self._alike(members)]
        others = self._records_of(
            [customer for customer in self._customers_of(near) if customer != customer_id], _MOST_OF_ONE
        )
        return self._case([*members, *others], carriers=carriers)

    def _case(self, record_ids: list[str], *, carriers: pa.Table) -> Case:
        frozen = self._frozen()
        records = self._among("select * from identity.identity_records where record_id in ({ids})", record_ids)
        records = conform(records, contract.IDENTITY_RECORDS)
        edges = self._edges(record_ids)
        concerned = {*record_ids, *edges["record_id_a"].to_pylist(), *edges["record_id_b"].to_pylist()}
        columns = ", ".join(contract.RECORD_CUSTOMERS.names)
        sql = f"select {columns} from identity.record_customers where record_id in ({{ids}})"
        shared = self._shared(record_ids)
        return Case(
            records=records,
            customers=self._among(sql, sorted(concerned)).cast(contract.RECORD_CUSTOMERS),
            edges=edges,
            frozen=frozen,
            compare=lambda pairs: compare_pairs(records, pairs, frozen, shared),
            judgements=self._judgements(record_ids),
            shared=shared,
            carriers=carriers.drop_columns(["some"]),
        )

    def _frozen(self) -> FrozenModel:
        found = self._transaction.read("""
            select models.model #>> '{}' as model
            from identity.runs join identity.models using (model_id) order by runs.published_at desc limit 1
        """)
        if not found.num_rows:
            raise NothingPublished("no run has published a model yet: `braid run` does")
        return load_model(found["model"][0].as_py())

    def _among(self, sql: str, ids: Iterable[str]) -> pa.Table:
        """Run a query in which `{ids}` stands for a list of ids."""
        listed = "select jsonb_array_elements_text($1::text::jsonb)"
        return self._transaction.read(sql.format(ids=listed), (json.dumps(list(ids)),))

    def _customers_of(self, record_ids: list[str]) -> list[str]:
        sql = "select distinct customer_id from identity.record_customers where record_id in ({ids}) order by 1"
        return [str(customer) for customer in self._among(sql, record_ids)["customer_id"].to_pylist()]

    def _records_of(self, customers: list[str], most: int) -> list[str]:
        """Records of each customer, the firmest held first, at most so many of each."""
        sql = f"""
            select record_id from (
                select record_id, customer_id,
                    row_number() over (partition by customer_id order by link_strength desc, record_id) as place
                from identity.record_customers where customer_id in ({{ids}})
            ) as ranked where place <= {most} order by customer_id, place
        """
        return [str(record) for record in self._among(sql, customers)["record_id"].to_pylist()]

    def _edges(self, record_ids: list[str]) -> pa.Table:
        columns = "record_id_a, record_id_b, match_weight, match_probability, accepted"
        return self._among(
            f"""
            with wanted as materialized (select record_id from ({{ids}}) as t (record_id))
            select {columns} from identity.edges where record_id_a in (select record_id from wanted)
            union
            select {columns} from identity.edges where record_id_b in (select record_id from wanted)
            """,
            record_ids,
        )

    def _rejected(self, members: list[str]) -> list[str]:
        """Records that came near ours in the last run, the nearest first."""
        edges = self._edges(members)
        edges = edges.filter(pc.invert(edges["accepted"]))
        rows = edges.sort_by([("match_weight", "descending"), ("record_id_a", "ascending")])
        held = set(members)
        ends = zip(rows["record_id_a"].to_pylist(), rows["record_id_b"].to_pylist(), strict=True)
        found = (record for pair in ends for record in pair if record not in held)
        return list(dict.fromkeys(found))[:_MOST_CANDIDATES]

    def _carriers(self, members: list[str]) -> pa.Table:
        """How many records carry each identifier of ours, and some of them: `kind, value, records, some`."""
        return self._among(
            f"""
            with ours as materialized (
                select distinct kind, match_key from identity.identifiers
                where record_id in ({{ids}}) and match_key is not null
            )
            select kind, match_key as value, count(distinct record_id) as records,
                (array_agg(distinct record_id order by record_id))[1:{_MOST_OF_ONE}] as some
            from identity.identifiers join ours using (kind, match_key)
            group by kind, match_key
            order by kind, match_key
            """,
            members,
        )

    def _alike(self, members: list[str]) -> list[str]:
        """Records with the same birth date, whole name, or two of given name, family name and postcode."""
        told = self._among(
            f"select {', '.join(_ALIKE)} from identity.identity_records where record_id in ({{ids}})", members
        )
        values = {column: _as_written(told[column].drop_null().to_pylist()) for column in _ALIKE}
        values = {column: found for column, found in values.items() if found}
        if not values:
            return []
        # Plain lists of values keep this to one quick pass over the records.
        agrees = {column: f"coalesce({column} = any(${place}), false)" for place, column in enumerate(values, start=1)}
        score = " + ".join(f"{_ALIKE[column]} * {condition}::int" for column, condition in agrees.items())
        rows = self._transaction.read(
            f"""
            select record_id, {score} as score from identity.identity_records
            where ({" or ".join(agrees.values())}) and {score} > 1
            order by score desc, record_id limit {_MOST_CANDIDATES + len(members)}
            """,
            list(values.values()),
        )
        held = set(members)
        return [record for record in rows["record_id"].to_pylist() if record not in held][:_MOST_CANDIDATES]

    def _judgements(self, record_ids: list[str]) -> pa.Table | None:
        if "judgements" not in self._tables:
            return None
        columns = ", ".join(contract.JUDGEMENTS.names)
        rows = self._among(
            f"""
            with wanted as materialized (select record_id from ({{ids}}) as t (record_id))
            select {columns} from identity.judgements
            where record_id_a in (select record_id from wanted) or record_id_b in (select record_id from wanted)
            """,
            record_ids,
        )
        return rows.cast(contract.JUDGEMENTS)

    def _shared(self, record_ids: list[str]) -> pa.Table | None:
        if "shared_identifiers" not in self._tables:
            return None
        return self._among(
            """
            select * from identity.shared_identifiers
            where (kind, value) in (
                select kind, match_key from identity.identifiers where record_id in ({ids})
            )
            """,
            record_ids,
        )


def _some_of(carriers: pa.Table, held: set[str]) -> list[str]:
    """Other records that carry one of our identifiers."""
    found = (record for some in carriers["some"].to_pylist() for record in some)
    return list(dict.fromkeys(record for record in found if record not in held))[:_MOST_CANDIDATES]


def _as_written(values: list[Any]) -> list[Any]:
    """The values in the ways that they are usually written."""
    ways = [value for value in values if not isinstance(value, str)]
    texts = [value for value in values if isinstance(value, str)]
    return sorted({*ways, *(way for text in texts for way in (text, text.lower(), text.upper(), text.title()))})
