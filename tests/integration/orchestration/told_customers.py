"""Sixty customers whose story is known, served by a copy of the dbt project that has audiences of its own.

1 to 20 are players: a game a month on the web, July to December 2025. 21 to 40 come to the store: three discounted
books, the last in January 2026. 41 to 60 never bought. Those with an odd number agreed to marketing by e-mail, the
others refused.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from click.testing import Result
from psycopg import sql
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.dbt_manifest import PROJECT_DIR
from orchestration.warehouse import Warehouse
from tests.dbt_child import BRAID_DBT, run_child
from tests.integration.dbt_project.conftest import land

AS_OF = "2026-02-01T00:00:00+00:00"
PLAYERS, STORE_FOLK, BROWSERS = range(1, 21), range(21, 41), range(41, 61)
AUDIENCES: dict[str, dict[str, Any]] = {
    "players": {"purpose": "marketing", "where": {"trait": "order_count", "at_least": 4}},
    "store_folk": {"purpose": "service", "where": {"all": [{"trait": "store_order_count", "at_least": 2}]}},
}
_HEAD = {"label": "Some", "description": "Some.", "owner": "marketing", "destinations": ["file_drop"]}


def customer(number: int) -> str:
    return f"cus_{number:02d}"


def declare(project: Path, name: str, where: Any, *, purpose: str = "marketing") -> Path:
    path = project / "audiences" / f"{name}.yml"
    audience = {**_HEAD, "purpose": purpose, "minimum_link_strength": 0.5, "where": where}
    path.write_text(yaml.safe_dump(audience, sort_keys=False))
    return path


@dataclass
class ToldCustomers:
    """The warehouse, the copy of the project, and `braid` pointed at both."""

    warehouse: Warehouse
    project: Path
    home: Path

    def braid(self, *arguments: str, typed: str | None = None, as_of: str | None = AS_OF) -> Result:
        environment = {
            "BRAID_DATABASE_URL": self.warehouse.address.conninfo,
            "BRAID_HOME": str(self.home),
            "BRAID_AS_OF": as_of,
            "COLUMNS": "200",
        }
        return CliRunner().invoke(app, list(arguments), env=environment, input=typed)

    def on_project(self, *arguments: str, as_of: str | None = AS_OF) -> Result:
        return self.braid(*arguments, "--project", str(self.project), as_of=as_of)

    def dbt(self, *arguments: str, as_of: str = AS_OF) -> None:
        done = run_child(
            [*BRAID_DBT, *arguments, "--vars", json.dumps({"as_of": as_of})],
            self.home / "dbt",
            self.warehouse,
            project=self.project,
        )
        assert done.returncode == 0, done.stdout

    def serve(self, *, as_of: str = AS_OF) -> None:
        self.dbt("seed", as_of=as_of)
        self.dbt("run", "--selector", "prepare", as_of=as_of)
        self.dbt("run", "--selector", "serve", as_of=as_of)

    def members(self, segment: str, *, schema: str = "segments") -> set[str]:
        found = self.warehouse.read(f"select customer_id from {schema}.seg_{segment}")
        return set(found["customer_id"].to_pylist())


def _order(number: int, person: int, day: str, product: str, source: str, **other: Any) -> dict[str, Any]:
    money = {"shopMoney": {"amount": "40.00", "currencyCode": "USD"}}
    return {
        "legacyResourceId": str(number),
        "customer": {"legacyResourceId": str(person)},
        "createdAt": f"{day}T12:00:00Z",
        "displayFinancialStatus": "PAID",
        "totalPriceSet": money,
        "sourceName": source,
        "lineItems": {
            "nodes": [
                {"id": f"gid://shopify/LineItem/{number}", "quantity": 1, "product": {"legacyResourceId": product}}
            ]
        },
        **other,
    }


def _tell(warehouse: Warehouse) -> None:
    land(
        warehouse,
        "shopify",
        "products",
        {"legacyResourceId": "1", "title": "Game", "productType": "Games"},
        {"legacyResourceId": "2", "title": "Book", "productType": "Books"},
    )
    orders, people = [], []
    for person in PLAYERS:
        for month in range(7, 13):
            orders.append(_order(person * 100 + month, person, f"2025-{month:02d}-05", "1", "web"))
    discount = {"totalDiscountsSet": {"shopMoney": {"amount": "5.00", "currencyCode": "USD"}}}
    for person in STORE_FOLK:
        for place, day in enumerate(("2025-10-10", "2025-11-10", "2026-01-20")):
            orders.append(_order(person * 100 + place, person, day, "2", "pos", **discount))
    for person in (*PLAYERS, *STORE_FOLK, *BROWSERS):
        state = "SUBSCRIBED" if person % 2 else "UNSUBSCRIBED"
        email = {"emailAddress": f"somebody{person}@example.com", "marketingState": state}
        people.append(
            {
                "legacyResourceId": str(person),
                "firstName": "Some",
                "defaultEmailAddress": email,
                "createdAt": "2025-06-01T00:00:00Z",
            }
        )
    land(warehouse, "shopify", "customers", *people)
    land(warehouse, "shopify", "orders", *orders)


def _identify(warehouse: Warehouse) -> None:
    with warehouse.connect() as connection:
        connection.execute(
            "insert into identity.record_customers select record_id, 'cus_' || lpad(native_id, 2, '0'), 1.0 "
            "from identity.identity_records"
        )
        connection.execute(
            "insert into identity.identifiers (record_id, kind, raw_value, value, match_key, is_valid) "
            "select record_id, 'email', emails[1], emails[1], emails[1], true from identity.identity_records"
        )


_template: dict[str, str] = {}


@contextmanager
def told_customers(postgres: Warehouse, folder: Path) -> Iterator[ToldCustomers]:
    """A fresh database in which everybody was served; the first call builds it, the others copy it."""
    project = folder / "dbt_project"
    shutil.copytree(PROJECT_DIR, project, ignore=shutil.ignore_patterns("target", "logs", "audiences"))
    (project / "audiences").mkdir()
    (project / "models/segments/audiences").mkdir()
    for name, audience in AUDIENCES.items():
        declare(project, name, audience["where"], purpose=audience["purpose"])
    name = f"told_{folder.name.replace('-', '_')}_{os.getpid()}"
    with postgres.connect(autocommit=True) as connection:
        copied = sql.SQL(" template {}").format(sql.Identifier(_template["name"])) if _template else sql.SQL("")
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)) + copied)
    told = ToldCustomers(Warehouse(postgres.address.with_database(name)), project, folder / "home")
    built = told.on_project("audiences", "build")
    assert built.exit_code == 0, built.output
    if not _template:
        _tell(told.warehouse)
        told.dbt("seed")
        told.dbt("run", "--selector", "prepare")
        _identify(told.warehouse)
        told.serve()
        _template["name"] = f"{name}_served"
        with postgres.connect(autocommit=True) as connection:
            connection.execute(
                sql.SQL("create database {} template {}").format(
                    sql.Identifier(_template["name"]), sql.Identifier(name)
                )
            )
    yield told
    with postgres.connect(autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
