"""Values that belong to nobody, everywhere at once: they bring no two people together who were apart without them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from identity.evaluation import evaluate
from identity.pipeline import resolve
from identity.settings import IdentitySettings
from sandbox.generator import generate
from sandbox.records import identity_records, truth

POISONED = 5000
FAMILIES = 300
NAMESAKES = 50
PASTED = "lena.hartwig@northwire.example"
HOTLINE = "+1 415 712 0199"
BLANKS = ("", " ", "N/A", "n/a", "-", "none", "None", "null", "unknown", "test@test.com", "no@email.com", "000", ".")
EMPTY_NUMBERS = ("", "N/A", "-", "none", "null", "unknown", "000", "0000000000", "111-111-1111", "+1 000 000 0000")


def clusters(records: pa.Table) -> dict[str, str]:
    found = resolve(
        records,
        previous=None,
        ledger=None,
        run_id="poison",
        now=datetime(2026, 11, 1, tzinfo=UTC),
        settings=IdentitySettings(),
    ).record_customers
    return dict(zip(found["record_id"].to_pylist(), found["customer_id"].to_pylist(), strict=True))


def wrong_pairs(found: dict[str, str], person: dict[str, str]) -> set[tuple[str, str]]:
    """Pairs of people with records in one customer."""
    held: dict[str, set[str]] = {}
    for record, customer in found.items():
        held.setdefault(customer, set()).add(person[record])
    return {(a, b) for people in held.values() for a in people for b in people if a < b}


def with_namesakes(records: pa.Table, person: dict[str, str]) -> tuple[pa.Table, set[str]]:
    """The records with one name and one birthday given to fifty people of fifty households, and who those are."""
    people = sorted(set(person.values()))
    chosen = set(people[:: len(people) // NAMESAKES][:NAMESAKES])
    rows = records.to_pylist()
    for row in rows:
        if person[row["record_id"]] in chosen:
            row |= {"given_name": "Maria", "family_name": "Silvestri", "full_name": "Maria Silvestri"}
            row |= {"birth_date": date(1984, 5, 17), "handles": [], "former_family_names": []}
    return pa.Table.from_pylist(rows, schema=records.schema), chosen


def poisoned(records: pa.Table, person: dict[str, str]) -> pa.Table:
    random = np.random.default_rng(5)
    rows = records.to_pylist()
    pasted = set(random.choice(len(rows), POISONED, replace=False).tolist())
    families = sorted({(row["family_name"], row["postcode"]) for row in rows if row["family_name"] and row["postcode"]})
    lucky = {families[place] for place in random.choice(len(families), FAMILIES, replace=False)}
    for place, row in enumerate(rows):
        row["emails"] = [*(row["emails"] or []), BLANKS[place % len(BLANKS)]]
        row["phones"] = [*(row["phones"] or []), EMPTY_NUMBERS[place % len(EMPTY_NUMBERS)]]
        # Everybody writes of the shop's numbers, and of nothing in particular.
        row["mentions"] = [f"email={PASTED}", f"phone={HOTLINE}", *(f"email={blank}" for blank in BLANKS), "order="]
        if place in pasted:
            row["emails"].append(PASTED)
        if (row["family_name"], row["postcode"]) in lucky:
            row["phones"].append(HOTLINE)
        for column in ("city", "street", "postcode"):
            if row[column] is None:
                row[column] = ("", "N/A", "-", "unknown", "none")[place % 5]
    return pa.Table.from_pylist(rows, schema=records.schema)


@pytest.fixture(scope="module")
def world() -> tuple[pa.Table, dict[str, str]]:
    made = generate(people=2000, seed=17)
    told = truth(made)
    person = dict(zip(told["record_id"].to_pylist(), told["person_id"].cast(pa.string()).to_pylist(), strict=True))
    return identity_records(made), person


def recall(found: dict[str, str], person: dict[str, str]) -> float:
    told = pa.table({"record_id": list(person), "person_id": list(person.values())})
    return evaluate(pa.table({"record_id": list(found), "customer_id": list(found.values())}), told).recall


def test_poison_brings_no_two_people_together(world: tuple[pa.Table, dict[str, str]]) -> None:
    records, person = world
    clean, dirty = clusters(records), clusters(poisoned(records, person))
    new = wrong_pairs(dirty, person) - wrong_pairs(clean, person)
    assert not new, f"{len(new)} pairs of people are together only with the poison"
    assert recall(dirty, person) >= recall(clean, person) - 0.02


def test_fifty_people_of_one_name_and_birthday_stay_fifty(world: tuple[pa.Table, dict[str, str]]) -> None:
    records, person = world
    with_them, chosen = with_namesakes(records, person)
    found = clusters(poisoned(with_them, person))
    together = {pair for pair in wrong_pairs(found, person) if set(pair) <= chosen}
    assert not together, f"{len(together)} pairs of {NAMESAKES} namesakes are together"
