"""The warehouse: Arrow in and out, all or nothing, clear errors."""

import pyarrow as pa
import pytest

from orchestration.settings import Settings
from orchestration.warehouse import Warehouse, WarehouseError

PEOPLE = pa.table(
    {"id": ["a", "b"], "tags": pa.array([["x", "y"], None], pa.list_(pa.string())), "body": ['{"k": 1}', None]}
)


def _create(warehouse: Warehouse) -> None:
    with warehouse.transaction() as transaction:
        transaction.execute("create table people (id text primary key, tags text[], body jsonb)")


def _insert(warehouse: Warehouse) -> None:
    with warehouse.transaction() as transaction:
        transaction.ingest("incoming", PEOPLE, mode="create", temporary=True)
        transaction.execute("insert into people select id, tags, body::jsonb from incoming")


def test_arrow_comes_back_as_it_went_in(warehouse: Warehouse) -> None:
    _create(warehouse)
    _insert(warehouse)
    rows = warehouse.read("select id, tags, body ->> 'k' as k from people where id = $1", ("a",)).to_pylist()
    assert rows == [{"id": "a", "tags": ["x", "y"], "k": "1"}]


def test_an_error_leaves_nothing_behind(warehouse: Warehouse) -> None:
    _create(warehouse)
    with pytest.raises(ZeroDivisionError), warehouse.transaction() as transaction:
        transaction.execute("insert into people values ('c', null, null)")
        raise ZeroDivisionError
    assert warehouse.read("select count(*) as n from people")["n"].to_pylist() == [0]


def test_has_table(warehouse: Warehouse) -> None:
    assert not warehouse.has_table("public", "people")
    _create(warehouse)
    assert warehouse.has_table("public", "people")


def test_an_unreachable_server_is_one_clear_error() -> None:
    url = "postgresql://ada:s3cret@127.0.0.1:1/shop"
    with pytest.raises(WarehouseError, match=r"no Postgres answers at 127\.0\.0\.1:1/shop for user ada") as caught:
        Warehouse.open(Settings(database_url=url))
    assert "s3cret" not in str(caught.value)
