"""Row counts of what dbt built come with Dagster's events, without a view's query being run once more."""

from __future__ import annotations

from typing import Any

import pytest
from dagster import AssetCheckResult, Output

from orchestration.row_counts import with_row_counts
from orchestration.warehouse import Warehouse

_NODES = {
    f"model.braid.{name}": {"relation_name": f'"public"."{name}"', "config": {"materialized": kind}}
    for name, kind in (("people", "table"), ("shown", "view"), ("not_there", "difference"))
}


@pytest.fixture
def built(warehouse: Warehouse) -> Warehouse:
    """A table of three rows, and a view that cannot be run."""
    with warehouse.connect(autocommit=True) as connection:
        connection.execute("create table people as select * from generate_series(1, 3) as person")
        connection.execute("create view shown as select 1 / (person - person) as never from people")
    return warehouse


def _output(name: str) -> Output[Any]:
    return Output(None, output_name=name, metadata={"unique_id": f"model.braid.{name}"})


def test_a_table_is_counted_and_keeps_what_else_is_known_of_it(built: Warehouse) -> None:
    (event,) = with_row_counts([_output("people")], _NODES, built)
    assert event.metadata["dagster/row_count"].value == 3
    assert event.metadata["unique_id"].value == "model.braid.people"
    assert event.output_name == "people"


@pytest.mark.parametrize("name", ["shown", "not_there", "of_another_project"])
def test_what_cannot_or_should_not_be_counted_passes_as_it_is(built: Warehouse, name: str) -> None:
    sent = _output(name)
    assert list(with_row_counts([sent], _NODES, built)) == [sent]


def test_events_come_in_their_order_and_one_by_one(built: Warehouse) -> None:
    passed: list[str] = []

    def told() -> Any:
        for name in ("people", "shown"):
            passed.append(name)
            yield _output(name)
        yield AssetCheckResult(passed=True)

    events = with_row_counts(told(), _NODES, built)
    assert next(events).output_name == "people"
    assert passed == ["people"]
    assert [type(event) for event in events] == [Output, AssetCheckResult]
