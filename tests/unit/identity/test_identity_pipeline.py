"""Identity end to end on made-up people: right, the same in any order, and unmoved by poison."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from identity import contract
from identity.artifact import ModelMismatch, load_model
from identity.columns import conform
from identity.evaluation import evaluate
from identity.pipeline import Resolution, input_digest, resolve
from identity.settings import IdentitySettings
from sandbox.generator import generate
from sandbox.records import identity_records, truth

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = IdentitySettings()


def run(records: pa.Table, previous: Resolution | None = None) -> Resolution:
    return resolve(
        records,
        previous=previous.record_customers if previous else None,
        ledger=previous.ledger_events if previous else None,
        run_id="run",
        now=NOW,
        settings=SETTINGS,
    )


def people(*rows: dict[str, Any]) -> pa.Table:
    """Records `test:person:<n>` with the given fields."""
    named = [
        {"record_id": f"test:person:{n}", "source": "test", "entity": "person", "native_id": str(n), **row}
        for n, row in enumerate(rows)
    ]
    fields = [field for field in contract.IDENTITY_RECORDS if any(field.name in row for row in named)]
    return pa.Table.from_pylist(named, schema=pa.schema(fields))


def together(resolution: Resolution, records: list[str]) -> bool:
    found = {row["record_id"]: row["customer_id"] for row in resolution.record_customers.to_pylist()}
    return len({found[record] for record in records}) == 1


@pytest.fixture(scope="module")
def world() -> tuple[pa.Table, pa.Table]:
    made = generate(people=500, seed=11)
    return identity_records(made), truth(made)


@pytest.fixture(scope="module")
def resolved(world: tuple[pa.Table, pa.Table]) -> Resolution:
    return run(world[0])


def test_the_sandbox_is_resolved_well(resolved: Resolution, world: tuple[pa.Table, pa.Table]) -> None:
    quality = evaluate(resolved.record_customers, world[1])
    assert quality.precision >= 0.99
    assert quality.recall >= 0.90


def test_tables_are_per_contract(resolved: Resolution, world: tuple[pa.Table, pa.Table]) -> None:
    assert resolved.record_customers.schema == contract.RECORD_CUSTOMERS
    assert resolved.edges.schema == contract.EDGES
    assert resolved.identifiers.schema == contract.IDENTIFIERS
    assert resolved.ledger_events.schema == contract.CUSTOMER_LEDGER
    assert sorted(resolved.record_customers["record_id"].to_pylist()) == sorted(world[0]["record_id"].to_pylist())
    assert all(0.0 <= value <= 1.0 for value in resolved.record_customers["link_strength"].to_pylist())
    pairs = resolved.edges.to_pylist()
    assert all(edge["record_id_a"] < edge["record_id_b"] for edge in pairs)
    assert {edge["accepted"] for edge in pairs} == {True, False}


def test_patterns_speak_and_adding_up_their_weights_gives_the_match_weight_but_for_rarity(resolved: Resolution) -> None:
    meaning = {row["pattern"]: json.loads(row["evidence"]) for row in resolved.edge_patterns.to_pylist()}
    assert resolved.edge_patterns.schema == contract.EDGE_PATTERNS
    assert set(resolved.edges["pattern"].to_pylist()) <= set(meaning)
    for edge in resolved.edges.slice(0, 50).to_pylist():
        evidence = meaning[edge["pattern"]]
        assert evidence[-1]["comparison"] == "prior"
        assert all(item["words"] for item in evidence)
        # A household may explain a pair better than strangers do, never worse; each rare value adds at most 5 bits.
        assert edge["match_weight"] <= sum(item["weight"] for item in evidence) + 5.0 * len(evidence)


def test_any_order_of_rows_gives_the_same_answer(resolved: Resolution, world: tuple[pa.Table, pa.Table]) -> None:
    records = world[0]
    shuffled = records.take(np.random.default_rng(3).permutation(records.num_rows))
    again = run(shuffled)
    assert again.record_customers == resolved.record_customers
    assert again.edges == resolved.edges
    assert again.model == resolved.model
    assert input_digest(shuffled, None, again.model) == again.input_digest == resolved.input_digest


def test_a_second_run_over_the_same_records_is_no_event(resolved: Resolution, world: tuple[pa.Table, pa.Table]) -> None:
    again = run(world[0], resolved)
    assert again.ledger_events.num_rows == 0
    assert again.record_customers == resolved.record_customers


def test_the_digest_sees_every_change(world: tuple[pa.Table, pa.Table]) -> None:
    records = world[0]
    digest = input_digest(records)
    renamed = records.set_column(
        records.column_names.index("full_name"), "full_name", pa.array(["Someone"] * records.num_rows)
    )
    assert input_digest(records.slice(1)) != digest
    assert input_digest(renamed) != digest
    assert input_digest(records, None, "{}") != digest


def test_a_model_comes_back_and_refuses_other_comparisons(resolved: Resolution) -> None:
    model = load_model(resolved.model)
    assert 0 < model.model.prior < 1
    assert model.text == resolved.model and model.model_id == resolved.model_id
    changed = json.loads(resolved.model) | {"feature_hash": "other"}
    with pytest.raises(ModelMismatch, match="train a new one"):
        load_model(json.dumps(changed))


def test_poison_merges_nobody(world: tuple[pa.Table, pa.Table]) -> None:
    records, person = world
    pasted = records.to_pylist()
    for number, row in enumerate(pasted):
        row["emails"] = [*row["emails"], "team@bigcorp.com"] if number % 2 else [*row["emails"], "N/A"]
        row["phones"] = [*row["phones"], "000-0000"] if number % 3 else [*row["phones"], "+1 415 712 0123"]
    poisoned = evaluate(run(pa.Table.from_pylist(pasted, schema=records.schema)).record_customers, person)
    assert poisoned.precision >= 0.985
    assert poisoned.recall >= 0.85


def test_father_and_son_and_twins_stay_apart(world: tuple[pa.Table, pa.Table]) -> None:
    home = {"street": "5 Harbour Street", "city": "Leeds", "postcode": "LS1 4AP", "country": "GB"}
    phone = ["+44 113 496 0999"]
    family = [
        {"given_name": "Oscar", "family_name": "Wetherby", "birth_date": date(1950, 3, 4), "phones": phone},
        {"given_name": "Oscar", "family_name": "Wetherby", "birth_date": date(1981, 9, 21), "phones": phone},
        {"given_name": "Lena", "family_name": "Wetherby", "birth_date": date(1985, 5, 6), "phones": phone},
        {"given_name": "Tom", "family_name": "Wetherby", "birth_date": date(1985, 5, 6), "phones": phone},
    ]
    added = people(*({**home, **row} for row in family))
    found = run(pa.concat_tables([world[0], conform(added, contract.IDENTITY_RECORDS)]))
    assert not together(found, ["test:person:0", "test:person:1"])
    assert not together(found, ["test:person:2", "test:person:3"])


def test_a_handful_of_records_is_enough() -> None:
    twice = {"given_name": "Ada", "family_name": "Lovelace", "emails": ["ada@analytical.org"]}
    other = {"given_name": "Charles", "family_name": "Babbage", "emails": ["charles@engine.org"]}
    found = run(
        people(twice, other, {**twice, "given_name": "ADA"}, {"given_name": "Mary", "family_name": "Somerville"})
    )
    assert together(found, ["test:person:0", "test:person:2"])
    assert not together(found, ["test:person:0", "test:person:1"])


@pytest.mark.parametrize("rows", [[], [{"full_name": "Ada"}], [{"full_name": "Ada"}, {}], [{}, {}]])
def test_nearly_nothing_is_no_error(rows: list[dict[str, Any]]) -> None:
    found = run(people(*rows) if rows else contract.IDENTITY_RECORDS.empty_table())
    assert found.record_customers.num_rows == len(rows)
    assert found.summary["customers"] == len(rows)


def test_records_that_do_not_fit_the_contract_are_refused() -> None:
    once = people({"full_name": "Ada"})
    with pytest.raises(ValueError, match="more than once"):
        run(pa.concat_tables([once, once]))
    with pytest.raises(ValueError, match="native_id is missing"):
        run(once.drop_columns(["native_id"]))
    with pytest.raises(ValueError, match="cannot be read as"):
        run(once.append_column("birth_date", pa.array(["soon"])))
