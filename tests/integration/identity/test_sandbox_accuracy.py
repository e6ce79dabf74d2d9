"""The floor under accuracy: three retailers of 2,000 people, default settings, against a truth identity never sees."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from identity.evaluation import evaluate
from identity.pipeline import resolve
from identity.settings import IdentitySettings
from sandbox.generator import generate
from sandbox.records import identity_records, truth
from tests.unit.identity.mention_world import with_mentions


@pytest.mark.parametrize("seed", [7, 11, 23])
def test_the_demo_is_resolved_to_the_accepted_accuracy(seed: int) -> None:
    world = generate(people=2000, seed=seed)
    found = resolve(
        identity_records(world),
        previous=None,
        ledger=None,
        run_id="accuracy",
        now=datetime(2026, 11, 1, tzinfo=UTC),
        settings=IdentitySettings(),
    )
    quality = evaluate(found.record_customers, truth(world))
    assert quality.precision >= 0.995
    assert quality.recall >= 0.95


@pytest.mark.parametrize("seed", [7, 11])
def test_what_people_write_finds_more_and_costs_next_to_nothing(seed: int) -> None:
    world = generate(people=2000, seed=seed)
    found = [
        resolve(
            records,
            previous=None,
            ledger=None,
            run_id="accuracy",
            now=datetime(2026, 11, 1, tzinfo=UTC),
            settings=IdentitySettings(),
        )
        for records in (identity_records(world), with_mentions(world, own=0.2, others=0.03, seed=seed))
    ]
    before, after = (evaluate(one.record_customers, truth(world)) for one in found)
    assert after.recall >= before.recall + 0.003
    assert after.precision >= before.precision - 0.001
