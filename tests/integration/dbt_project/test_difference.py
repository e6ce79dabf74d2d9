"""The materialisation `difference`: a table kept equal to its query, its followers, failures and changes of text."""

from __future__ import annotations

import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from orchestration.warehouse import Warehouse
from tests.dbt_child import DBT, PROJECT, run_child

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


pytestmark = pytest.mark.slow


class Project:
    """A dbt project of five models and a source, with Braid's materialisation."""

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

    def run(self, *arguments: str, fails: bool = False) -> str:
        done = run_child([*DBT, "build", *arguments], self.folder / "target", self.warehouse, project=self.folder)
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


@pytest.fixture
def project(warehouse: Warehouse, tmp_path: Path) -> Project:
    made = Project(tmp_path / "small", warehouse)
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


def test_later_runs_write_only_what_differs(project: Project) -> None:
    project.run()
    # 5.125 is rounded by the contract: compared with what the query says it must not differ for ever.
    assert project.sql("select amount from staging.touches where id = '2'") == [(Decimal("5.13"),)]
    project.sql("update landed set amount = 5 where id = '2'")
    project.run()
    project.check()
    touches, totals = project.written("touches"), project.written("totals")
    state = project.sql("select * from build_state.models order by relation")
    project.run()
    assert (project.written("touches"), project.written("totals")) == (touches, totals)
    assert project.sql("select * from build_state.models order by relation") == state
    # Inserted, updated, deleted, moved from one customer to another, and a customer who is gone.
    project.sql("insert into landed values ('6', 'dee', 2)")
    project.sql("update landed set amount = 8 where id = '3'")
    project.sql("update landed set customer = 'bob' where id = '2'")
    project.sql("delete from landed where id = '5'")
    project.run()
    project.check()
    again = project.written("touches")
    assert {key for key in again if again[key] != touches.get(key)} == {"2", "3", "6"}
    again = project.written("totals")
    assert {key for key in again if again[key] != totals.get(key)} == {"ada", "bob", "dee"}


def test_rows_of_nobody_are_kept_equal_though_nobody_tells_of_them(project: Project) -> None:
    project.run()
    project.sql("update landed set amount = 4 where id in ('2', '4')")
    project.sql("insert into landed values ('6', null, 2), ('7', null, 3), ('8', null, 4)")
    project.run()
    project.check()
    noted = project.written("noted")
    # Somebody turns out to be nobody, nobody somebody, and one of nobody's is gone.
    project.sql("update landed set customer = null where id = '3'")
    project.sql("update landed set customer = 'ada' where id = '4'")
    project.sql("delete from landed where id = '6'")
    project.run()
    project.check()
    again = project.written("noted")
    assert {key for key in again if again[key] != noted.get(key)} == {"3", "4"}


def test_what_a_failed_run_left_is_made_good(project: Project) -> None:
    project.run()
    project.sql("insert into landed values ('6', 'dee', 2)")
    project.write("totals.sql", MODELS["totals.sql"].replace("sum(", "sum(1 / 0 * "))
    project.run(fails=True)
    assert project.sql("select customer from staging.totals order by 1") == [("ada",), ("bob",), ("cy",)]
    project.write("totals.sql", MODELS["totals.sql"])
    project.run()
    assert ("dee",) in project.sql("select customer from staging.totals")


def test_a_run_of_one_model_leaves_the_news_for_its_followers(project: Project) -> None:
    project.run()
    project.sql("insert into landed values ('6', 'dee', 2)")
    project.run("--select", "touches")
    project.run("--select", "touches")
    project.run("--select", "totals")
    project.sql("update landed set amount = 5 where id = '2'")
    project.run()
    project.check()


@pytest.mark.parametrize("change", ["query", "watched", "shape", "full refresh", "upstream anew"])
def test_everything_is_computed_again_when_more_than_rows_changed(project: Project, change: str) -> None:
    project.run()
    project.sql("update landed set amount = 5 where id = '2'")
    project.run()
    project.sql("update staging.totals set amount = -1 where customer = 'cy'")
    untouched = project.written("touches")
    if change == "query":
        project.write("totals.sql", MODELS["totals.sql"].replace("sum(touches.amount)", "sum(touches.amount) + 0"))
    elif change == "watched":
        project.sql("update landed_prices set price = 2")
    elif change == "shape":
        columns = {**COLUMNS, "totals": {**COLUMNS["totals"], "touches": "integer"}}
        project.contracts(columns)
        project.write("totals.sql", MODELS["totals.sql"].replace("count(*)", "cast(count(*) as integer)"))
    elif change == "full refresh":
        project.run("--full-refresh", "--select", "totals")
    else:
        project.run("--full-refresh", "--select", "touches")
    project.run()
    project.check()
    if change == "query":
        assert project.written("touches") == untouched


def test_a_follower_that_does_not_restrict_itself_is_refused(project: Project) -> None:
    project.write("totals.sql", MODELS["totals.sql"].replace("{{ only_changed('touches.customer') }}", "true"))
    assert "never says only_changed" in project.run(fails=True)


def test_a_query_that_repeats_a_key_stops_the_run(project: Project) -> None:
    project.run()
    project.write(
        "touches.sql", MODELS["touches.sql"] + " union all select '1', 'ada', 98 union all select '1', 'bob', 99"
    )
    assert "could not create unique index" in project.run(fails=True)
    assert project.sql("select count(*) from staging.touches") == [(5,)]


def test_a_source_announces_whoever_writes_it(project: Project) -> None:
    project.run()
    project.sql("insert into people values ('p4', 'Dee', 1)")
    project.sql("update people set name = 'Bobby' where person = 'p2'")
    project.sql("update people set person = 'p5' where person = 'p1'")
    project.sql("delete from people where person = 'p3'")
    project.sql("update people set seen = 2")  # nobody asked for that column
    told = project.sql("select changed_key from build_state.changes where relation = 'public.people' order by 1")
    assert told == [("p1",), ("p2",), ("p3",), ("p4",), ("p5",)]
    before = project.written("known")
    project.run()
    project.check_people()
    again = project.written("known")
    assert {key for key in again if again[key] != before.get(key)} == {"p2", "p4", "p5"}
    project.sql("truncate people")
    project.run()
    project.check_people()


def test_a_source_says_everything_when_very_much_is_written_or_was_written_unseen(project: Project) -> None:
    everything = "select count(*) from build_state.changes where relation = 'public.people' and changed_key is null"
    few = ("--vars", '{"most_announced": 2}')
    project.run(*few)
    project.sql("insert into people select 'q' || n, 'Q', 1 from generate_series(1, 3) as n")
    assert project.sql(everything) == [(1,)]
    project.run(*few)
    project.check_people()
    # The table was made anew, so nobody told of what it holds now.
    project.sql("drop table people")
    project.sql("create table people (person text primary key, name text, seen integer)")
    project.sql("insert into people values ('p9', 'Ida', 1)")
    project.run(*few)
    project.check_people()


def test_a_follower_waits_for_who_is_writing_a_source(project: Project) -> None:
    """A later change may be committed first: whoever had seen it would never look back for the earlier one."""
    project.run()
    with project.warehouse.connect() as slow, ThreadPoolExecutor(1) as pool:
        slow.execute("insert into people values ('slow', 'Slow', 1)")
        project.sql("insert into people values ('quick', 'Quick', 1)")
        run = pool.submit(project.run)
        waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'pg_advisory_lock'"
        deadline = time.monotonic() + 60
        while project.sql(waiting) != [(1,)] and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not run.done()
        slow.commit()
        run.result()
    project.check_people()
    project.run()
    project.check_people()


def test_a_source_that_announces_nothing_is_not_followed(project: Project) -> None:
    path = project.folder / "models" / "models.yml"
    path.write_text(path.read_text().replace('"announces"', '"tells"'))
    assert "which announces nothing" in project.run(fails=True)
