"""A small sandbox with a few of its records left out, resolved, and open for look-ups."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa

from identity.artifact import FrozenModel, load_model
from identity.columns import conform
from identity.contract import IDENTITY_RECORDS
from identity.lookup.finder import Finder
from identity.pipeline import resolve
from identity.settings import IdentitySettings
from identity.state import MatchState, open_state
from sandbox.generator import generate
from sandbox.records import identity_records

SETTINGS = IdentitySettings()
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """`records` that are known, those `late` that are not, what was published, and the finder."""

    records: pa.Table
    late: pa.Table
    state: MatchState
    frozen: FrozenModel
    customers: pa.Table
    digest: str
    finder: Finder

    def customer_of(self, record_id: str) -> str:
        place = self.customers["record_id"].to_pylist().index(record_id)
        return str(self.customers["customer_id"][place])


@contextmanager
def open_world(
    people: int, left_out: int, *more: dict[str, object], judgements: pa.Table | None = None
) -> Iterator[World]:
    """A sandbox of so many people and `more` records of one's own."""
    made = conform(identity_records(generate(people=people, seed=3)), IDENTITY_RECORDS)
    late = np.zeros(len(made), dtype=np.bool_)
    late[np.random.default_rng(1).choice(len(made), left_out, replace=False)] = True
    known = pa.concat_tables([made.filter(pa.array(~late)), *map(record, more)])
    with open_state() as state:
        found = resolve(
            known,
            previous=None,
            ledger=None,
            run_id="1",
            now=NOW,
            settings=SETTINGS,
            state=state,
            judgements=judgements,
        )
        frozen = load_model(found.model)
        finder = Finder.of_state(state, frozen, found.record_customers)
        yield World(
            known, made.filter(pa.array(late)), state, frozen, found.record_customers, found.input_digest, finder
        )
        finder.close()


def record(fields: dict[str, object]) -> pa.Table:
    """A row of the contract from some of its columns."""
    record_id = str(fields["record_id"])
    source, entity, native = record_id.split(":")
    lists = {field.name: [] for field in IDENTITY_RECORDS if pa.types.is_list(field.type)}
    row = lists | {"source": source, "entity": entity, "native_id": native} | fields
    return pa.Table.from_pylist([row], schema=IDENTITY_RECORDS)
