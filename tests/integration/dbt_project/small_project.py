"""A dbt project of five models and a source, with Braid's materialisation `difference`, over rows landed by hand."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from orchestration.warehouse import Warehouse
from tests.dbt_child import BRAID_DBT, PROJECT, run_child

MODELS = {
    "touches.sql": """
        {{ config(materialized='difference', key=['id'], announces='customer', watches=['prices']) }}
        select id, customer, amount * (select price from {{ ref('prices') }}) as amount from public.landed
    """,
    "prices.sql": "select price from public.landed_prices",
    "totals.sql": """
        {{ config(materialized='difference', key=['customer'], scope='customer', follows=['touches']) }}
        select touches.customer, sum(touches.amount) as amount, count(*) as touches
        from {{ ref('touches') }} as touches
        where touches.customer is not null and {{ only_changed('touches.customer') }}
        group by touches.customer
    """,
    "noted.sql": """
        {{ config(materialized='difference', key=['id'], scope='customer', follows=['touches'], nobody=true) }}
        select id, customer, amount from {{ ref('touches') }}
        where customer is not null and {{ only_changed('customer') }}
        union all
        select id, customer, amount from {{ ref('touches') }} where customer is null
    """,
    "known.sql": """
        {{ config(materialized='difference', key=['person'], scope='person', follows=['hand.people']) }}
        select person, name from {{ source('hand', 'people') }} where {{ only_changed('person') }}
    """,
}
PEOPLE = {"announces": ["person"], "compares": ["person", "name"]}
COLUMNS: dict[str, dict[str, str]] = {
    "touches": {"id": "text", "customer": "text", "amount": "numeric(18,2)"},
    "totals": {"customer": "text", "amount": "numeric(18,2)", "touches": "bigint"},
    "noted": {"id": "text", "customer": "text", "amount": "numeric(18,2)"},
    "known": {"person": "text", "name": "text"},
}


class Project:
    """The project in a folder, and what its tables must say."""

    def __init__(self, folder: Path, warehouse: Warehouse) -> None:
        self.folder, self.warehouse = folder, warehouse
        (folder / "models").mkdir(parents=True)
        shutil.copytree(PROJECT / "macros" / "difference", folder / "macros" / "difference")
        shutil.copy(PROJECT / "macros" / "generate_schema_name.sql", folder / "macros")
        shutil.copy(PROJECT / "profiles.yml", folder)
        (folder / "dbt_project.yml").write_text(
            "name: small\nversion: '1.0.0'\nprofile: braid\n"
            "on-run-start: ['{{ create_difference_state() }}', '{{ let_sources_announce() }}']\n"
            "on-run-end: '{{ forget_seen_changes() }}'\n"
        )
        for name, text in MODELS.items():
            self.write(name, text)
        self.contracts(COLUMNS)

    def write(self, name: str, text: str) -> None:
        (self.folder / "models" / name).write_text(text)

    def contracts(self, columns: dict[str, dict[str, str]]) -> None:
        models = [
            {
                "name": name,
                "config": {"contract": {"enforced": True}},
                "columns": [{"name": column, "data_type": type_} for column, type_ in of.items()],
            }
            for name, of in columns.items()
        ]
        source = {"name": "hand", "schema": "public", "tables": [{"name": "people", "config": {"meta": PEOPLE}}]}
        (self.folder / "models" / "models.yml").write_text(
            json.dumps({"version": 2, "models": models, "sources": [source]})
        )

    def run(self, *arguments: str, command: str = "build", fails: bool = False) -> str:
        done = run_child([*BRAID_DBT, command, *arguments], self.folder / "target", self.warehouse, project=self.folder)
        assert (done.returncode != 0) == fails, done.stdout
        return done.stdout

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        with self.warehouse.connect(autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def written(self, table: str) -> dict[str, str]:
        """Per key the transaction that wrote the row: a row that was not written keeps its own."""
        key = next(iter(COLUMNS[table]))
        return dict(self.sql(f"select {key}, cast(xmin as text) from staging.{table}"))

    def check(self) -> None:
        """The tables say what a look at everything landed says, and nothing waits to be seen."""
        wanted = self.sql("select id, customer, amount * (select price from landed_prices) from landed order by id")
        assert self.sql("select id, customer, amount from staging.touches order by id") == wanted
        assert self.sql("select id, customer, amount from staging.noted order by id") == wanted
        totals = self.sql(
            "select customer, sum(amount * (select price from landed_prices)), count(*) from landed "
            "where customer is not null group by customer order by customer"
        )
        assert self.sql("select customer, amount, touches from staging.totals order by customer") == totals
        self.check_people()

    def check_people(self) -> None:
        """The same for what a source told."""
        people = self.sql("select person, name from people order by person")
        assert self.sql("select person, name from staging.known order by person") == people
        assert self.sql("select count(*) from build_state.changes") == [(0,)]


def landed(folder: Path, warehouse: Warehouse) -> Project:
    """The project in `folder` over five rows of three customers and one of nobody, and three people of the source."""
    made = Project(folder, warehouse)
    made.sql("create table landed (id text primary key, customer text, amount numeric)")
    made.sql("create table landed_prices (price numeric)")
    made.sql("insert into landed_prices values (1)")
    made.sql("create table people (person text primary key, name text, seen integer)")
    made.sql("insert into people values ('p1', 'Ada', 1), ('p2', 'Bob', 1), ('p3', 'Cy', 1)")
    made.sql(
        "insert into landed values "
        "('1', 'ada', 10), ('2', 'ada', 5.125), ('3', 'bob', 7), ('4', null, 3), ('5', 'cy', 1)"
    )
    return made
