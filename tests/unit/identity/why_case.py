"""A small resolved world to explain: the sandbox's people, and some records of our own among them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from identity import contract
from identity.artifact import FrozenModel, load_model
from identity.columns import conform
from identity.compare import compare_pairs
from identity.comparison_catalogue import EVERY_COMPARISON
from identity.model import Model
from identity.pipeline import resolve
from identity.settings import IdentitySettings
from identity.why.case import Case
from sandbox.generator import generate
from sandbox.records import identity_records

TOLD = date(1984, 5, 6)
OURS: list[dict[str, Any]] = [
    {
        "given_name": "Zebulon",
        "family_name": "Quackenbush",
        "emails": ["zeb.q@harbourpost.net"],
        "phones": ["+12025550143"],
    },
    {"given_name": "Zebulon", "family_name": "Quackenbush", "emails": ["zeb.q@harbourpost.net"], "birth_date": TOLD},
    {"given_name": "Zebulon", "family_name": "Quackenbush", "birth_date": TOLD, "postcode": "20500", "country": "US"},
    {"emails": ["nobody.else@harbourpost.net"]},
    {"given_name": "Wilhelmina", "birth_date": date(1951, 2, 3)},
]


def named(rows: list[dict[str, Any]]) -> pa.Table:
    """Records `test:person:<n>` with the given fields, per contract."""
    full = [
        {"record_id": f"test:person:{n}", "source": "test", "entity": "person", "native_id": str(n), **row}
        for n, row in enumerate(rows)
    ]
    return conform(pa.Table.from_pylist(full, schema=contract.IDENTITY_RECORDS), contract.IDENTITY_RECORDS)


@lru_cache
def world() -> Case:
    """The case of everybody at once, as a run leaves it."""
    records = pa.concat_tables([identity_records(generate(people=150, seed=5)), named(OURS)])
    found = resolve(
        records,
        previous=None,
        ledger=None,
        run_id="run",
        now=datetime(2026, 1, 1, tzinfo=UTC),
        settings=IdentitySettings(),
    )
    frozen = load_model(found.model)
    return Case(
        records=records,
        customers=found.record_customers,
        edges=found.edges,
        frozen=frozen,
        compare=lambda pairs: compare_pairs(records, pairs, frozen, None),
    )


# Bits of each level, the one for everything else first, against strangers and against a household.
BITS = {
    "email": ((-1.0, 3.0, 2.0, 5.0, 6.0, 12.0), (0.0, 3.0, 2.0, 0.0, 1.0, 4.0)),
    "given_name": (
        (-6.0, 1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0, 6.0, 5.0),
        (-5.0, 1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 5.0, 6.0, 5.0),
    ),
    "birth_date": ((-8.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 10.0), (-7.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 9.0)),
}


def told_model() -> FrozenModel:
    """A frozen model of three comparisons with the weights of `BITS`."""
    comparisons = tuple(comparison for comparison in EVERY_COMPARISON if comparison.name in BITS)
    m = tuple(np.full(comparison.level_count, 0.5) for comparison in comparisons)
    u = tuple(0.5 * np.exp2(-np.array(BITS[comparison.name][0])) for comparison in comparisons)
    household = tuple(0.5 * np.exp2(-np.array(BITS[comparison.name][1])) for comparison in comparisons)
    model = Model(comparisons, m, u, (household,), 0.02, (0.01,))
    return FrozenModel(model, (), (), 2.0, IdentitySettings(), "told", 10)


def told(
    customers: dict[str, list[str]], levels: dict[tuple[str, str], dict[str, int]], edges: dict[tuple[str, str], float]
) -> Case:
    """A case in which we say what is found: per pair of records the level of each comparison, and the edges stored."""
    holders = {record: customer for customer, members in customers.items() for record in members}
    frozen = told_model()

    def compare(pairs: pa.Table) -> pa.Table:
        ends = list(zip(pairs["record_id_a"].to_pylist(), pairs["record_id_b"].to_pylist(), strict=True))
        return pa.table(
            {
                **{
                    f"record_id_{end}": pa.array([pair[place] for pair in ends], pa.string())
                    for place, end in enumerate("ab")
                },
                "match_weight": pa.array([edges.get(pair, -9.0) for pair in ends], pa.float64()),
                "match_probability": pa.array([0.5 for _ in ends], pa.float64()),
                "evidence": pa.array([json.dumps(_evidence(levels.get(pair, {}))) for pair in ends], pa.string()),
            }
        )

    return Case(
        records=named([{"record_id": record, "given_name": "Zebulon"} for record in sorted(holders)]),
        customers=pa.table(
            {
                "record_id": sorted(holders),
                "customer_id": [holders[record] for record in sorted(holders)],
                "link_strength": [0.9] * len(holders),
            }
        ),
        edges=pa.table(
            {
                "record_id_a": pa.array([pair[0] for pair in edges], pa.string()),
                "record_id_b": pa.array([pair[1] for pair in edges], pa.string()),
                "match_weight": pa.array(edges.values(), pa.float64()),
                "match_probability": pa.array([0.5] * len(edges), pa.float64()),
            }
        ),
        frozen=frozen,
        compare=compare,
    )


def _evidence(levels: dict[str, int]) -> list[dict[str, Any]]:
    return [
        *({"comparison": name, "level": level, "weight": BITS[name][0][level]} for name, level in levels.items()),
        {"comparison": "prior", "weight": -5.0},
    ]
