"""The sandbox's people, a few of our own, and what some of them wrote in messages."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from identity.columns import conform
from identity.contract import IDENTITY_RECORDS
from identity.pipeline import Resolution, resolve
from identity.settings import IdentitySettings
from sandbox.generator import generate
from sandbox.records import identity_records, truth
from sandbox.world import World

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OLUCHI = {"given_name": "Oluchi", "family_name": "Wetherington", "emails": ["oluchi.w@bluepine.example"]}
BARNABY = {
    "given_name": "Barnaby", "family_name": "Quillfeather", "emails": ["b.quill@harbourpost.example"],
    "phones": ["+44 113 496 0321"], "country": "GB",
}  # fmt: skip
BUYERS: dict[str, dict[str, Any]] = {
    "shop:customer:901": OLUCHI,
    "crm:contact:901": OLUCHI | {"phones": ["+44 113 496 0177"], "country": "GB"},
    "shop:customer:902": BARNABY,
}


def rows(records: dict[str, dict[str, Any]]) -> pa.Table:
    """Records of the contract from some of their columns, by record id."""
    full = []
    for record_id, row in records.items():
        source, entity, native = record_id.split(":")
        full.append({"record_id": record_id, "source": source, "entity": entity, "native_id": native, **row})
    return conform(pa.Table.from_pylist(full, schema=IDENTITY_RECORDS), IDENTITY_RECORDS)


@lru_cache
def made(people: int = 150, seed: int = 5) -> World:
    return generate(people=people, seed=seed)


def resolved(ours: dict[str, dict[str, Any]], world: World | None = None, **more: Any) -> Resolution:
    """Our records and the buyers, among the sandbox's."""
    records = pa.concat_tables([conform(identity_records(world or made()), IDENTITY_RECORDS), rows(BUYERS | ours)])
    return resolve(records, previous=None, ledger=None, run_id="1", now=NOW, settings=IdentitySettings(), **more)


def customers(found: Resolution) -> dict[str, str]:
    ids = (found.record_customers[name].to_pylist() for name in ("record_id", "customer_id"))
    return dict(zip(*ids, strict=True))


def mates(found: Resolution, record_id: str) -> set[str]:
    """The other records of its customer."""
    of = customers(found)
    return {other for other, customer in of.items() if customer == of[record_id]} - {record_id}


def with_mentions(world: World, *, own: float, others: float, seed: int) -> pa.Table:
    """The sandbox's records, some of whose people wrote an order number: of their own, or of somebody else."""
    records, draw = conform(identity_records(world), IDENTITY_RECORDS), np.random.default_rng(seed)
    known = truth(world)
    person = dict(zip(known["record_id"].to_pylist(), known["person_id"].to_pylist(), strict=True))
    table = records.to_pylist()
    buyers = [row["record_id"] for row in table if row["source"] == "shopify"]
    of_person: dict[int, list[str]] = {}
    for buyer in buyers:
        of_person.setdefault(person[buyer], []).append(buyer)
    for row in table:
        if row["source"] not in ("meta", "x", "zendesk"):
            continue
        mine = of_person.get(person[row["record_id"]], [])
        written = [mine[draw.integers(len(mine))]] if mine and draw.random() < own else []
        written += [buyers[draw.integers(len(buyers))]] if draw.random() < others else []
        row["mentions"] = [f"order={buyer}" for buyer in written]
    return pa.Table.from_pylist(table, schema=IDENTITY_RECORDS)
