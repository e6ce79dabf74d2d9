"""The role of the API in the database: it reads what is served, appends to its own tables, and can do nothing else."""

from __future__ import annotations

import logging

import httpx
import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from activation.access import role
from activation.access.keys import create_key
from activation.api import pools
from activation.api.app import create_app
from activation.api.config import ApiConfig
from activation.publish import publish
from orchestration.warehouse import Address, Warehouse
from tests.integration.activation.access.conftest import AS_OF

FORBIDDEN = [
    "select * from golden.customers",
    "select * from golden.profiles",
    "select * from identity.record_customers",
    "select * from marts.interactions",
    "select * from segments.segment_memberships",
    "select * from raw_shopify.customers",
    "insert into activation.profiles select * from activation.profiles",
    "update activation.profiles set link_strength = 1",
    "delete from activation.profiles",
    "truncate activation.timeline",
    "insert into activation.publications (run_id, as_of, changes) values ('x', now(), '{}')",
    "select * from activation.deliveries",
    "select * from activation.audit",
    "update activation.audit set action = 'nothing'",
    "delete from activation.audit",
    "select activation.minimise_audit(array['c1'], 'x')",
    "insert into activation.api_keys (key_id, name, key_hash, scopes, rate_limit) values ('k', 'k', '', '{admin}', 1)",
    "update activation.api_keys set scopes = '{admin}'",
    "update activation.api_keys set revoked_at = null",
    "delete from activation.api_keys",
    "create table activation.mine (x int)",
    "create table public.mine (x int)",
    "create role braid_friend",
]
ALLOWED = [
    "select * from activation.profiles",
    "select * from activation.profile_identifiers",
    "select * from activation.timeline",
    "select * from activation.segments",
    "select * from activation.segment_members",
    "select * from activation.publications",
    "select * from activation.api_keys",
    "update activation.api_keys set last_used_at = now()",
    "insert into activation.audit (action) values ('test')",
]


@pytest.fixture
def as_the_api(published):
    published.execute("create schema raw_shopify")
    published.execute("create table raw_shopify.customers (email text)")
    published.connection.execute(f"set role {role.ROLE}")
    published.connection.commit()
    yield published.connection
    published.connection.rollback()
    published.connection.execute("reset role")
    published.connection.commit()


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_the_role_cannot(as_the_api, statement) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        as_the_api.execute(statement)


@pytest.mark.parametrize("statement", ALLOWED)
def test_the_role_can(as_the_api, statement) -> None:
    as_the_api.execute(statement)


@pytest.mark.parametrize("pool", ["pool", "writing_pool"])
def test_the_pools_run_under_it(app, serve, pool) -> None:
    @app.get("/who")
    async def who() -> dict[str, str]:
        async with getattr(app.state, pool).connection() as connection:
            row = await (await connection.execute("select current_user::text as name")).fetchone()
        return dict(row)

    @app.get("/golden")
    async def golden() -> str:
        async with getattr(app.state, pool).connection() as connection:
            await connection.execute("select * from golden.customers")
        return "read"

    @app.get("/write")
    async def write() -> str:
        async with getattr(app.state, pool).connection() as connection:
            await connection.execute("update activation.profiles set link_strength = 0")
        return "written"

    url = serve(app)
    assert httpx.get(f"{url}/who").json() == {"name": role.ROLE}
    assert httpx.get(f"{url}/golden").status_code == 500
    assert httpx.get(f"{url}/write").status_code == 500


def test_making_it_twice_changes_nothing(published) -> None:
    grants = "select relname, relacl::text from pg_class where relnamespace = 'activation'::regnamespace order by 1"
    before = published.rows(grants)
    assert role.ensure_role(published.connection) is None
    assert published.rows(grants) == before


def test_a_right_that_somebody_added_is_taken_back(published) -> None:
    published.execute(f"grant insert on activation.profiles to {role.ROLE}")
    assert role.ensure_role(published.connection) is None
    assert published.rows("select has_table_privilege(%s, 'activation.profiles', 'insert')", [role.ROLE]) == [(False,)]


@pytest.fixture
def other_name(monkeypatch, postgres):
    """A role that no other database of the server knows."""
    monkeypatch.setattr(role, "ROLE", "braid_api_elsewhere")
    monkeypatch.setattr(pools, "ROLE", "braid_api_elsewhere")
    yield "braid_api_elsewhere"


def user_of(warehouse: Warehouse, name: str, rights: str) -> Warehouse:
    """A user of few rights who owns the database, as a managed Postgres gives."""
    address = warehouse.address
    with warehouse.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("create role {} login " + rights).format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("alter database {} owner to {}").format(sql.Identifier(address.database), sql.Identifier(name))
        )
    return Warehouse(Address(address.host, address.port, name, address.password, address.database))


def forget(warehouse: Warehouse, *names: str) -> None:
    with warehouse.connect(autocommit=True) as connection:
        for name in names:
            if connection.execute("select to_regrole(%s)", [name]).fetchone() != (None,):
                identifier = sql.Identifier(name)
                connection.execute(sql.SQL("reassign owned by {} to current_user").format(identifier))
                connection.execute(sql.SQL("drop owned by {}").format(identifier))
                connection.execute(sql.SQL("drop role {}").format(identifier))


def test_a_user_who_may_make_roles_makes_it(warehouse, other_name, request) -> None:
    request.addfinalizer(lambda: forget(warehouse, other_name, "role_maker"))
    from tests.integration.activation.conftest import World

    with user_of(warehouse, "role_maker", "createrole").connect() as connection:
        World(connection).customer("c1")
        publish(connection, "r1", AS_OF)
        assert role.ensure_role(connection) is None
        connection.execute(f"set role {other_name}")
        connection.execute("select * from activation.profiles")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select * from golden.customers")


def test_without_the_right_to_make_roles_it_says_so_and_serves(warehouse, other_name, serve, caplog, request) -> None:
    request.addfinalizer(lambda: forget(warehouse, "plain"))
    from tests.integration.activation.conftest import World

    plain = user_of(warehouse, "plain", "")
    with plain.connect() as connection:
        World(connection).customer("c1")
        with caplog.at_level(logging.WARNING):
            publish(connection, "r1", AS_OF)
        assert f"create role {other_name} nologin" in caplog.text
        assert "permission denied to create role" in (role.ensure_role(connection) or "")
        key = create_key(connection, "tests").key
    url = serve(create_app(ApiConfig(conninfo=SecretStr(plain.address.conninfo), connection_timeout=2)))
    assert httpx.get(f"{url}/v1/profiles/c1", headers={"Authorization": f"Bearer {key}"}).status_code == 200
