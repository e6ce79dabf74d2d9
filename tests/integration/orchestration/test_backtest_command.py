"""`braid segments backtest` over customers whose story is known: what would have been, and nothing live is touched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from psycopg import sql

from orchestration.dbt_manifest import ManifestError
from orchestration.segment_commands.scratch_build import PREFIX, built_as_of, depends_on_now, live_manifest
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse, WarehouseError
from tests.integration.orchestration.told_customers import AS_OF, PLAYERS, ToldCustomers, customer, told_customers

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def told(postgres: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ToldCustomers]:
    with told_customers(postgres, tmp_path_factory.mktemp("backtest")) as found:
        yield found


@pytest.fixture(scope="module")
def settings(told: ToldCustomers) -> Settings:
    return Settings(home=told.home, as_of=AS_OF)


def looked_back(told: ToldCustomers, segment: str, on: str) -> dict[str, Any]:
    result = told.on_project("segments", "backtest", segment, "--on", on, "--customers", "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def then(found: dict[str, Any]) -> set[str]:
    return {entry["customer_id"] for entry in found["customers"] if entry["change"] != "entered"}


def everything(warehouse: Warehouse) -> list[Any]:
    """Every relation with the file that holds its rows and the transaction that made it: a rebuilt one has another."""
    found = warehouse.read(
        "select n.nspname || '.' || c.relname || ' ' || c.oid || ' ' || c.relfilenode || ' ' || c.xmin as seen "
        "from pg_class as c join pg_namespace as n on n.oid = c.relnamespace "
        "where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1"
    )
    return list(found["seen"].to_pylist())


def rows(warehouse: Warehouse) -> dict[str, str]:
    """A digest of each table with the transaction that wrote each row."""
    names = warehouse.read(
        "select n.nspname || '.' || c.relname as name "
        "from pg_class as c join pg_namespace as n on n.oid = c.relnamespace "
        "where c.relkind = 'r' and n.nspname in ('identity', 'golden', 'marts', 'segments', 'build_state') order by 1"
    )
    return {
        name: warehouse.read(
            f"select coalesce(md5(string_agg(t.xmin::text || t::text, '|' order by t::text)), '') as d from {name} as t"
        )["d"][0].as_py()
        for name in names["name"].to_pylist()
    }


def scratch_schemas(warehouse: Warehouse) -> list[str]:
    found = warehouse.read(
        "select nspname::text as name from pg_namespace where starts_with(nspname::text, $1)", (PREFIX,)
    )
    return list(found["name"].to_pylist())


def test_who_would_have_been_in_it_beside_today(told: ToldCustomers) -> None:
    before_the_fourth_game = looked_back(told, "players", "2025-10-04")
    assert {name: before_the_fourth_game[name] for name in ("then", "now", "stayed", "entered", "left")} == {
        "then": 0, "now": 20, "stayed": 0, "entered": 20, "left": 0
    }  # fmt: skip
    # The day is taken at its end.
    on_its_day = looked_back(told, "players", "2025-10-05")
    assert then(on_its_day) == {customer(number) for number in PLAYERS}
    assert on_its_day["stayed"] == 20
    assert "today's" in on_its_day["note"]


def test_nothing_live_is_touched_and_nothing_is_left(told: ToldCustomers) -> None:
    relations, contents = everything(told.warehouse), rows(told.warehouse)
    found = told.on_project("segments", "backtest", "lapsing", "--on", "2025-12-01")
    assert found.exit_code == 0, found.output
    assert everything(told.warehouse) == relations
    assert rows(told.warehouse) == contents
    assert scratch_schemas(told.warehouse) == []


def test_it_is_what_a_build_of_that_day_would_have_been(
    told: ToldCustomers, postgres: Warehouse, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same warehouse before the later orders came in, served on that day as a whole."""
    segments = ("players", "store_folk", "lapsing", "new_customers", "recent_buyers_suppression", "vip", "cross_sell")
    with told_customers(postgres, tmp_path_factory.mktemp("that_day")) as that_day:
        with that_day.warehouse.connect() as connection:
            connection.execute("delete from raw_shopify.orders where payload ->> 'createdAt' > '2025-11-07'")
        that_day.serve(as_of="2025-11-07T00:00:00+00:00")
        expected = {segment: that_day.members(segment) for segment in segments}
    models = _to_build(told, segments)
    with built_as_of(
        told.warehouse,
        Settings(home=told.home, as_of=AS_OF),
        models,
        datetime(2025, 11, 7, tzinfo=UTC),
        told.project,
    ):
        found = {segment: told.members(segment, schema=f"{PREFIX}segments") for segment in segments}
    assert found == expected
    assert any(found.values())


def _to_build(told: ToldCustomers, segments: tuple[str, ...]) -> list[str]:
    manifest = live_manifest(told.warehouse, Settings(home=told.home, as_of=AS_OF), told.project)
    return depends_on_now(manifest, [f"seg_{segment}" for segment in segments])


def test_golden_profiles_are_read_where_they_are(told: ToldCustomers) -> None:
    models = _to_build(told, ("players",))
    assert {"seg_players", "customer_features", "customer_figures"} <= set(models)
    assert "customers" not in models
    assert "consents" not in models


def test_schemas_are_dropped_after_an_error_too(told: ToldCustomers, settings: Settings) -> None:
    moment = datetime(2025, 11, 7, tzinfo=UTC)
    with pytest.raises(ZeroDivisionError), built_as_of(told.warehouse, settings, [], moment, told.project):
        with told.warehouse.connect() as connection:
            connection.execute(sql.SQL("create schema {}").format(sql.Identifier(f"{PREFIX}segments")))
        raise ZeroDivisionError
    with (
        pytest.raises(ManifestError, match="dbt run failed"),
        built_as_of(told.warehouse, settings, ["seg_players", "--nonsense"], moment, told.project),
    ):
        pass
    assert scratch_schemas(told.warehouse) == []


def test_what_a_killed_one_left_is_cleared(told: ToldCustomers, settings: Settings) -> None:
    with told.warehouse.connect() as connection:
        connection.execute(f"create schema {PREFIX}marts")
        connection.execute(f"create table {PREFIX}marts.orders as select 1 as wrong")
    with built_as_of(told.warehouse, settings, [], datetime(2025, 11, 7, tzinfo=UTC), told.project):
        assert scratch_schemas(told.warehouse) == []


def test_two_at_once_keep_out_of_each_others_way(told: ToldCustomers, settings: Settings) -> None:
    moment = datetime(2025, 11, 7, tzinfo=UTC)
    with built_as_of(told.warehouse, settings, [], moment, told.project):
        with told.warehouse.connect() as connection:
            connection.execute(f"create schema {PREFIX}segments")
        with (
            pytest.raises(WarehouseError, match="another backtest is at work"),
            built_as_of(told.warehouse, settings, [], moment, told.project),
        ):
            pass
        assert scratch_schemas(told.warehouse) == [f"{PREFIX}segments"]


@pytest.mark.parametrize(
    ("segment", "on", "words"),
    [
        ("playerz", "2025-11-07", "did you mean players?"),
        ("players", "2025-02-30", "no day of the calendar"),
        ("players", "yesterday", "no day of the calendar"),
        ("players", "2026-02-02", "in the future"),
    ],
)
def test_what_cannot_be_asked_is_told(segment: str, on: str, words: str, told: ToldCustomers) -> None:
    result = told.on_project("segments", "backtest", segment, "--on", on)
    assert (result.exit_code, words in result.output) == (1, True), result.output


def test_a_segment_that_was_never_built_says_what_to_do(told: ToldCustomers, warehouse: Warehouse) -> None:
    fresh = ToldCustomers(warehouse, told.project, told.home)
    result = fresh.on_project("segments", "backtest", "players", "--on", "2025-11-07")
    assert (result.exit_code, "`braid run` first" in result.output) == (1, True)
