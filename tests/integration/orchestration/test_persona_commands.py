"""`braid personas` over customers whose story is known: three kinds of them, found, named and kept."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.warehouse import Warehouse
from tests.integration.orchestration.told_customers import (
    BROWSERS,
    PLAYERS,
    STORE_FOLK,
    ToldCustomers,
    customer,
    told_customers,
)

pytestmark = pytest.mark.slow
KINDS = {frozenset(customer(number) for number in kind) for kind in (PLAYERS, STORE_FOLK, BROWSERS)}


@pytest.fixture(scope="module")
def told(postgres: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ToldCustomers]:
    with told_customers(postgres, tmp_path_factory.mktemp("personas")) as found:
        yield found


@pytest.fixture
def proposal(told: ToldCustomers, tmp_path: Path) -> Path:
    file = tmp_path / "proposal.yml"
    result = told.braid("personas", "propose", "--out", str(file))
    assert result.exit_code == 0, result.output
    return file


def named(proposal: Path) -> Path:
    """The proposal as a person leaves it."""
    loaded: dict[str, Any] = yaml.safe_load(proposal.read_text())
    for place, persona in enumerate(loaded["personas"]):
        persona |= {"persona": f"kind_{place}", "label": f"Kind {place}"}
    proposal.write_text(yaml.safe_dump(loaded))
    return proposal


@pytest.fixture
def seeds(told: ToldCustomers, tmp_path: Path) -> Path:
    """The seeds in a repository of their own, committed."""
    folder = tmp_path / "seeds"
    folder.mkdir()
    for name in ("personas.csv", "persona_weights.csv"):
        shutil.copy(told.project / "seeds" / name, folder / name)
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=x", "-c", "user.email=x@y", "commit", "-qm", "x"]):
        subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True)
    return folder


def personas_of(warehouse: Warehouse) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in warehouse.read("select persona, customer_id from segments.customer_personas").to_pylist():
        found.setdefault(row["persona"], set()).add(row["customer_id"])
    return found


def test_everybody_is_exactly_one(told: ToldCustomers) -> None:
    counts = told.warehouse.read(
        "select count(*) as n, count(distinct customer_id) as customers from segments.customer_personas"
    ).to_pylist()
    assert counts == [{"n": 60, "customers": 60}]


def test_the_cards_are_listed(told: ToldCustomers) -> None:
    cards = json.loads(told.braid("personas", "list", "--json").stdout)
    assert sum(card["customer_count"] for card in cards) == 60
    assert round(sum(card["share"] or 0 for card in cards), 2) == 1
    store = next(card for card in cards if "store" in card["journey"])
    assert store["categories"] == ["Books"]
    shown = told.braid("personas", "list")
    assert (shown.exit_code, "comes by: store" in shown.output) == (0, True), shown.output


def test_the_kinds_that_there_are_are_proposed(told: ToldCustomers, proposal: Path) -> None:
    found = yaml.safe_load(proposal.read_text())
    assert (found["customers"], found["agreement"]) == (60, 1.0)
    assert [persona["share"] for persona in found["personas"]] == [0.3333] * 3
    assert any("store share" in persona["description"] for persona in found["personas"])
    again = proposal.with_name("again.yml")
    told.braid("personas", "propose", "--out", str(again))
    assert yaml.safe_load(again.read_text()) == found


def test_a_proposal_with_names_in_it_is_not_written_over(told: ToldCustomers, proposal: Path) -> None:
    before = proposal.read_text()
    refused = told.braid("personas", "propose", "--out", str(proposal))
    assert (refused.exit_code, proposal.read_text()) == (1, before)
    assert told.braid("personas", "propose", "--out", str(proposal), "--force").exit_code == 0


def test_a_group_without_a_name_is_not_kept(told: ToldCustomers, proposal: Path, seeds: Path) -> None:
    before = (seeds / "personas.csv").read_text()
    refused = told.braid("personas", "keep", str(proposal), "--yes", "--seeds", str(seeds))
    assert (refused.exit_code, "group_1 has no name yet" in refused.output) == (1, True)
    assert (seeds / "personas.csv").read_text() == before


def test_what_is_kept_is_shown_asked_and_undone_by_git(told: ToldCustomers, proposal: Path, seeds: Path) -> None:
    before = (seeds / "personas.csv").read_text()
    command = ("personas", "keep", str(named(proposal)), "--seeds", str(seeds))
    declined = told.braid(*command, typed="n\n")
    assert "+kind_0,Kind 0" in declined.output
    assert "-occasional_shopper" in declined.output
    assert (seeds / "personas.csv").read_text() == before
    assert told.braid(*command, "--yes").exit_code == 0
    assert "kind_2" in (seeds / "personas.csv").read_text()
    assert "nothing to do" in told.braid(*command).output
    subprocess.run(["git", "checkout", "--", "personas.csv", "persona_weights.csv"], cwd=seeds, check=True)
    assert (seeds / "personas.csv").read_text() == before


def test_what_git_could_not_bring_back_is_not_overwritten(told: ToldCustomers, proposal: Path, seeds: Path) -> None:
    edited = (seeds / "personas.csv").read_text().replace("Big spender", "Whale")
    (seeds / "personas.csv").write_text(edited)
    refused = told.braid("personas", "keep", str(named(proposal)), "--yes", "--seeds", str(seeds))
    assert (refused.exit_code, "does not have yet" in refused.output) == (1, True)
    assert (seeds / "personas.csv").read_text() == edited


def test_the_warehouse_scores_what_was_kept_as_it_was_proposed(
    told: ToldCustomers, proposal: Path, seeds: Path
) -> None:
    assert told.braid("personas", "keep", str(named(proposal)), "--yes", "--seeds", str(seeds)).exit_code == 0
    kept = {path: path.read_text() for path in sorted((told.project / "seeds").glob("persona*.csv"))}
    try:
        for path in kept:
            path.write_text((seeds / path.name).read_text())
        told.dbt("build", "--select", "personas", "persona_weights", "customer_personas", "persona_cards")
        assert {frozenset(customers) for customers in personas_of(told.warehouse).values()} == KINDS
    finally:
        for path, text in kept.items():
            path.write_text(text)


def test_nothing_built_is_told(warehouse: Warehouse, told: ToldCustomers, tmp_path: Path) -> None:
    fresh = ToldCustomers(warehouse, told.project, told.home)
    for arguments in (["list"], ["propose", "--out", str(tmp_path / "x.yml")]):
        result = fresh.braid("personas", *arguments)
        assert (result.exit_code, "`braid run`" in result.output) == (1, True), result.output
