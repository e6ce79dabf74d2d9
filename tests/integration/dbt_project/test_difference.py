"""The materialisation `difference`: a table kept equal to its query, its followers, failures and changes of text."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.warehouse import Warehouse
from tests.integration.dbt_project.small_project import COLUMNS, MODELS, Project, landed

pytestmark = pytest.mark.slow


@pytest.fixture
def project(warehouse: Warehouse, tmp_path: Path) -> Project:
    return landed(tmp_path / "small", warehouse)


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
        assert project.sql(waiting) == [(1,)]
        slow.commit()
        run.result()
    project.check_people()
    project.run()
    project.check_people()


def test_a_source_that_announces_nothing_is_not_followed(project: Project) -> None:
    path = project.folder / "models" / "models.yml"
    path.write_text(path.read_text().replace('"announces"', '"tells"'))
    assert "which announces nothing" in project.run(fails=True)
