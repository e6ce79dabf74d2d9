"""`braid audiences` over customers whose story is known: what is previewed is what dbt builds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from activation.audiences.generated import MODELS
from activation.schema import migrate
from orchestration.warehouse import Warehouse
from tests.integration.orchestration.told_customers import (
    AS_OF,
    PLAYERS,
    STORE_FOLK,
    ToldCustomers,
    customer,
    declare,
    told_customers,
)

pytestmark = pytest.mark.slow

GAMES: Any = {"event": "order_line", "where": {"category": "Games"}, "at_least": 2}


@pytest.fixture(scope="module")
def told(postgres: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ToldCustomers]:
    with told_customers(postgres, tmp_path_factory.mktemp("audiences")) as found:
        yield found


@pytest.fixture
def draft(told: ToldCustomers, tmp_path: Path) -> Path:
    """A folder for drafts, beside the project's own audiences."""
    (tmp_path / "audiences").mkdir()
    return tmp_path


def previewed(told: ToldCustomers, file: Path) -> dict[str, Any]:
    result = told.on_project("audiences", "preview", str(file), "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_what_was_built_is_a_segment_like_the_rest(told: ToldCustomers) -> None:
    assert told.members("players") == {customer(number) for number in PLAYERS}
    listed = told.warehouse.read(
        "select segment, purpose, destinations, size from segments.segment_catalogue where segment = 'store_folk'"
    ).to_pylist()
    assert listed == [{"segment": "store_folk", "purpose": "service", "destinations": ["file_drop"], "size": 20}]
    memberships = told.warehouse.read(
        "select count(*) as n from segments.segment_memberships where segment = 'players'"
    ).to_pylist()
    assert memberships == [{"n": 20}]


def test_a_preview_counts_reach_and_overlaps(told: ToldCustomers, draft: Path) -> None:
    found = previewed(told, declare(draft, "games", {"all": [GAMES, {"segment": "players"}]}))
    assert (found["size"], found["customers"], found["held_back"]) == (20, 60, 0)
    email = next(row for row in found["reach"] if row["channel"] == "email")
    assert {name: count for name, count in email.items() if count} == {
        "channel": "email",
        "reachable": 10,
        "consent_denied": 10,
    }
    assert {"segment": "players", "shared": 20} in found["overlaps"]
    assert "store_folk" not in {row["segment"] for row in found["overlaps"]}


def test_every_customer_counts_once_on_every_channel(told: ToldCustomers, draft: Path) -> None:
    found = previewed(told, declare(draft, "anybody", {"trait": "order_count", "at_least": 0}))
    assert found["size"] == 60
    assert [sum(value for value in row.values() if isinstance(value, int)) for row in found["reach"]] == [60] * 5


def test_a_service_audience_asks_for_no_consent_and_a_suppression_reaches_nobody(
    told: ToldCustomers, draft: Path
) -> None:
    service = previewed(told, declare(draft, "service", GAMES, purpose="service"))
    assert {row["channel"]: row["reachable"] for row in service["reach"]}["email"] == 20
    assert previewed(told, declare(draft, "silent", GAMES, purpose="suppression"))["reach"] == []


def test_a_sample_shows_ids_and_values_and_nobodys_address(told: ToldCustomers, draft: Path) -> None:
    file = declare(draft, "games", GAMES)
    result = told.on_project("audiences", "preview", str(file))
    assert result.exit_code == 0, result.output
    assert "20 of 60 customers" in result.output
    assert "times 6" in result.output
    assert "@" not in result.output
    assert len(previewed(told, file)["sample"]) == 10
    assert previewed(told, file) == previewed(told, file)


def test_nobody_is_an_answer(told: ToldCustomers, draft: Path) -> None:
    file = declare(draft, "nobody", {"trait": "order_count", "at_least": 1000})
    result = told.on_project("audiences", "preview", str(file))
    assert (result.exit_code, "Nobody is in it" in result.output) == (0, True)
    assert previewed(told, file)["sample"] == []


def test_a_preview_leaves_nothing_behind(told: ToldCustomers, draft: Path) -> None:
    def tables() -> list[str]:
        found = told.warehouse.read("select oid::text as oid from pg_class order by 1")
        return list(found["oid"].to_pylist())

    before = tables()
    previewed(told, declare(draft, "games", GAMES))
    assert tables() == before


def test_days_are_counted_to_what_was_published_not_to_the_moment_of_asking(told: ToldCustomers, draft: Path) -> None:
    bought_lately = declare(draft, "lately", {"event": "order_line", "within_days": 90, "at_least": 1})
    then = previewed(told, bought_lately)["size"]
    assert then > 0
    with told.warehouse.connect(autocommit=True) as connection:
        migrate(connection)
        connection.execute(
            "insert into activation.publications (run_id, as_of, changes) values ('told', %s, '{}')", [AS_OF]
        )
    try:
        asked = told.on_project("audiences", "preview", str(bought_lately), "--json", as_of=None)
    finally:
        with told.warehouse.connect(autocommit=True) as connection:
            connection.execute("drop schema activation cascade")
    assert json.loads(asked.stdout)["size"] == then


def test_whatever_the_check_lets_through_dbt_compiles(told: ToldCustomers, draft: Path) -> None:
    rules = [
        {"trait": "order_count", "between": [2, 5]},
        {"trait": "order_count", "not_in": [1, 2]},
        {"trait": "favourite_category", "in": ["Games", "it's"], "label": 'a "quoted" word\\'},
        {"trait": "has_email", "is": True},
        {"trait": "last_order_at", "before": "2026-01-31"},
        {"trait": "last_order_at", "older_than_days": 5},
        {"trait": "birth_date", "anniversary_within_days": 30},
        {"trait": "birth_date", "anniversary_this_month": True},
        {"trait": "channels", "includes": ["web", "store"]},
        {"trait": "channels", "excludes": "phone"},
        {"not": {"segment": "players"}},
        {"event": "product_view", "within_days": 30, "older_than_days": 10, "unless_bought": "category"},
        {"event": "order", "where": {"channel": ["web", "store"], "total_amount": {"above": 10}}, "is": 0},
        {"event": "message", "where": {"direction": "inbound"}, "at_most": 3},
    ]
    found = previewed(told, declare(draft, "everything", {"any": rules}))
    assert found["size"] > 0


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"trait": "ordr_count", "at_least": 1}, "did you mean order_count?"),
        ({"segment": "playerz"}, "did you mean players?"),
    ],
)
def test_a_draft_that_is_wrong_is_told_before_anything_runs(
    rule: Any, words: str, told: ToldCustomers, draft: Path
) -> None:
    result = told.on_project("audiences", "preview", str(declare(draft, "wrong", rule)))
    assert result.exit_code == 1
    assert words in result.output
    assert "wrong.yml:" in result.output


def test_an_audience_of_one_that_was_never_built_says_what_to_do(told: ToldCustomers, draft: Path) -> None:
    new = declare(told.project, "brand_new", GAMES)
    try:
        result = told.on_project("audiences", "preview", str(declare(draft, "upon", {"segment": "brand_new"})))
    finally:
        new.unlink()
    assert result.exit_code == 1
    assert "not been built yet: brand_new" in result.output


def test_check_tells_when_models_are_behind_and_build_writes_and_removes_them(told: ToldCustomers) -> None:
    assert told.on_project("audiences", "check").exit_code == 0
    new = declare(told.project, "brand_new", GAMES)
    behind = told.on_project("audiences", "check")
    assert (behind.exit_code, "seg_brand_new.sql" in behind.output) == (1, True)
    built = told.on_project("audiences", "build")
    assert "new      models/segments/audiences/seg_brand_new.sql" in built.output
    assert "nothing to do" in told.on_project("audiences", "build").output
    new.unlink()
    removed = told.on_project("audiences", "build")
    assert "removed  models/segments/audiences/seg_brand_new.sql" in removed.output
    assert not list((told.project / MODELS).glob("seg_brand_new.*"))
    assert told.on_project("audiences", "check").exit_code == 0


def test_an_audience_that_a_segment_by_hand_needs_is_not_removed(told: ToldCustomers) -> None:
    by_hand = told.project / "models/segments/seg_upon.sql"
    by_hand.write_text('{{ segment({"segment": "players"}) }}')
    declared = told.project / "audiences/players.yml"
    text = declared.read_text()
    declared.unlink()
    try:
        refused = told.on_project("audiences", "build")
    finally:
        declared.write_text(text)
        by_hand.unlink()
    assert refused.exit_code == 1
    assert "seg_upon.sql names players" in refused.output


def test_the_words_are_listed(told: ToldCustomers) -> None:
    listed = json.loads(told.on_project("audiences", "traits", "--json").stdout)
    assert {"trait": "order_count", "type": "number"}.items() <= next(
        entry for entry in listed if entry["trait"] == "order_count"
    ).items()
    shown = told.on_project("audiences", "traits").output
    assert "file_drop" in shown
    assert "order_line" in shown


def test_before_the_first_run_there_is_nothing_to_try_a_rule_on(
    told: ToldCustomers, draft: Path, warehouse: Warehouse
) -> None:
    fresh = ToldCustomers(warehouse, told.project, told.home)
    result = fresh.on_project("audiences", "preview", str(declare(draft, "games", GAMES)))
    assert (result.exit_code, "`braid run` first" in result.output) == (1, True)


def test_store_folk_are_found_by_the_rule(told: ToldCustomers) -> None:
    assert told.members("store_folk") == {customer(number) for number in STORE_FOLK}
