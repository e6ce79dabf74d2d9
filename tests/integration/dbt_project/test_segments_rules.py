"""The rule language: what each operator means, what a wrong rule is told, and that the list of segments is whole."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestration.warehouse import Warehouse
from tests.dbt_child import PROJECT, run_child

AS_OF = "2026-06-30T12:00:00+00:00"
COMPILE_EACH = """
import json, sys
from dbt.cli.main import dbtRunner
rules, variables = json.loads(sys.stdin.read()), sys.argv[2]
runner = dbtRunner()
parsed = runner.invoke(["--quiet", "parse", "--vars", variables])
assert parsed.success, parsed.exception
told = []
for rule in rules:
    said = []
    parsed.result.nodes.pop("sql_operation.braid.inline_query", None)  # a failed compilation leaves it behind
    runner = dbtRunner(manifest=parsed.result, callbacks=[lambda event: said.append(event.info.msg)])
    inline = "{{ segment(" + json.dumps(json.dumps(rule)) + ") }}"
    done = runner.invoke(["--quiet", "compile", "--inline", inline, "--vars", variables])
    told.append(done.result.results[0].node.compiled_code if done.success else " ".join(["error:", *said]))
json.dump(told, open(sys.argv[3], "w"))
"""


def compiled(warehouse: Warehouse, folder: Path, rules: list[Any]) -> list[str]:
    """The SQL of each rule, or `error: …`; dbt is started once for all of them."""
    done = run_child(
        [sys.executable, "-c", COMPILE_EACH, "--vars", json.dumps({"as_of": AS_OF}), str(folder / "told.json")],
        folder,
        warehouse,
        typed=json.dumps(rules),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told: list[str] = json.loads((folder / "told.json").read_text())
    return told


HOLDS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "at least": ({"trait": "order_count", "at_least": 3}, {"ann"}),
    "at most leaves out what is not known": ({"trait": "order_count", "at_most": 3}, {"ann", "bob"}),
    "above": ({"trait": "order_count", "above": 3}, set()),
    "below": ({"trait": "order_count", "below": 3}, {"bob"}),
    "between has both edges": ({"trait": "order_count", "between": [2, 3]}, {"ann", "bob"}),
    "is": ({"trait": "city", "is": "BATH"}, {"ann"}),
    "is not, also of who has none": ({"trait": "city", "is_not": "bath"}, {"bob", "cas"}),
    "in": ({"trait": "city", "in": ["Bath", "O'Fallon"]}, {"ann", "bob"}),
    "not in, also of who has none": ({"trait": "city", "not_in": ["Bath"]}, {"bob", "cas"}),
    "known": ({"trait": "city", "known": True}, {"ann", "bob"}),
    "not known": ({"trait": "city", "known": False}, {"cas"}),
    "boolean": ({"trait": "has_email", "is": False}, {"bob"}),
    "includes any of": ({"trait": "order_channels", "includes": ["Web", "store"]}, {"ann", "bob"}),
    "excludes": ({"trait": "order_channels", "excludes": "store"}, {"bob", "cas"}),
    "an empty list is not known": ({"trait": "order_channels", "known": False}, {"cas"}),
    "an empty document is not known": ({"trait": "cross_sell_suggestions", "known": True}, {"ann"}),
    "within, the edge and no future": ({"trait": "last_order_at", "within_days": 10}, {"ann"}),
    "older than": ({"trait": "last_order_at", "older_than_days": 10}, {"cas"}),
    "before a day": ({"trait": "last_order_at", "before": "2026-06-20"}, {"cas"}),
    "after a day": ({"trait": "last_order_at", "after": "2026-06-20"}, {"bob"}),
    "anniversary ahead, over new year's and on 28 February": (
        {"trait": "birth_date", "anniversary_within_days": 1},
        {"ann"},
    ),
    "anniversary of 29 February": ({"trait": "birth_date", "anniversary_within_days": 243}, {"ann", "bob"}),
    "not of a whole": (
        {"not": {"all": [{"trait": "order_count", "at_least": 2}, {"trait": "city", "is": "Bath"}]}},
        {
            "bob",
            "cas",
        },
    ),
    "any": ({"any": [{"trait": "city", "is": "Bath"}, {"trait": "has_email", "is": False}]}, {"ann", "bob"}),
    "events in a window": ({"event": "order_line", "where": {"category": "games"}, "within_days": 90}, {"ann"}),
    "events, none of them": ({"event": "order_line", "where": {"category": ["Games"]}, "is": 0}, {"bob", "cas"}),
    "events, a condition on a column": (
        {"event": "order_line", "where": {"quantity": {"at_least": 2}}, "at_least": 2},
        {"bob"},
    ),
    "events of tomorrow do not count": ({"event": "order_line", "at_least": 1}, {"ann", "bob"}),
    "looked at and never bought": (
        {"event": "product_view", "unless_bought": "product_id", "within_days": 30},
        {"bob"},
    ),
    "another segment": ({"not": {"segment": "vip"}}, {"bob", "cas"}),
}

WRONG: dict[str, tuple[Any, tuple[str, ...]]] = {
    "a misspelt trait": (
        {"all": [{"trait": "city", "known": True}, {"trait": "ordr_count", "at_least": 3}]},
        ("condition 1.2", '"ordr_count"', "the nearest are order_count"),
    ),
    "an operator of another type": ({"trait": "order_count", "includes": 3}, ("order_count is a number", '"includes"')),
    "a value of another type": ({"trait": "order_count", "at_least": "three"}, ('"at_least" takes a number',)),
    "a switch where a number is due": ({"trait": "order_count", "is": True}, ('"is" takes a number',)),
    "no operator": ({"trait": "order_count"}, ("needs exactly one of",)),
    "two operators": ({"trait": "order_count", "at_least": 1, "at_most": 2}, ("needs exactly one of", "between")),
    "bounds the wrong way round": ({"trait": "order_count", "between": [5, 2]}, ("the smaller first",)),
    "half a day": ({"trait": "last_order_at", "within_days": 1.5}, ("a whole number of days",)),
    "a day that no calendar has": ({"trait": "last_order_at", "before": "2026-13-01"}, ("a date in quotes",)),
    "an unknown segment": ({"any": [{"segment": "vips"}]}, ("condition 1.1", "the nearest are vip")),
    "an unknown event": ({"event": "ordr_line"}, ('no event "ordr_line"', "order_line")),
    "an unknown column of an event": ({"event": "order_line", "where": {"catgory": "x"}}, ('"catgory"', "category")),
    "two kinds at once": ({"trait": "city", "segment": "vip"}, ("exactly one of", "trait and segment")),
    "nothing to choose from": ({"any": []}, ("at least one",)),
    "a word too many": ({"segment": "vip", "at_least": 3}, ('"at_least" does not go with "segment"',)),
    "not a rule": (["vip"], ("a rule is a YAML mapping",)),
}


@pytest.fixture(scope="module")
def told(postgres: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Warehouse, dict[str, str]]]:
    """Three people in a database of their own, and every rule as dbt compiles it."""
    name = f"rules_{os.getpid()}"
    with postgres.connect(autocommit=True) as connection:
        connection.execute(f"create database {name}")
    warehouse = Warehouse(postgres.address.with_database(name))
    with warehouse.connect() as connection:
        connection.execute(
            """
            create schema segments; create schema marts;
            create table segments.customer_features (
                customer_id text, order_count bigint, city text, has_email boolean, order_channels text[],
                cross_sell_suggestions jsonb, last_order_at timestamptz, birth_date date
            );
            insert into segments.customer_features values
                ('ann', 3, 'Bath', true, '{store,web}', '[1]', '2026-06-20T12:00:00+00:00', '1980-06-30'),
                ('bob', 2, 'O''Fallon', false, '{web}', '[]', '2026-07-01T00:00:00+00:00', '2000-02-29'),
                ('cas', null, null, true, '{}', null, '2026-06-19T23:59:59+00:00', null);
            create table segments.seg_vip (customer_id text, reason jsonb);
            insert into segments.seg_vip values ('ann', '{}');
            create table marts.order_lines (
                customer_id text, product_id text, title text, category text, quantity bigint, is_sale boolean,
                ordered_at timestamptz
            );
            insert into marts.order_lines values
                ('ann', 'chess', 'Chess', 'Games', 1, true, '2026-06-20'),
                ('bob', 'go', 'Go', 'Games', 9, false, '2026-06-20'),
                ('bob', 'tea', 'Tea', 'Kitchen', 2, true, '2020-01-01'),
                ('bob', 'pot', 'Pot', 'Kitchen', 2, true, '2020-01-01'),
                ('cas', 'go', 'Go', 'Games', 1, true, '2026-07-01'), (null, 'go', 'Go', 'Games', 1, true, '2026-06-20');
            create table marts.touchpoints (
                customer_id text, kind text, product_id text, product_title text, occurred_at timestamptz
            );
            insert into marts.touchpoints values
                ('ann', 'product_view', 'chess', 'Chess', '2026-06-20'),
                ('bob', 'product_view', 'go', 'Go', '2026-06-20'),
                ('cas', 'visit', 'go', 'Go', '2026-06-20');
            """
        )
    cases = {words: rule for words, (rule, _) in (HOLDS | WRONG).items()}
    sql = compiled(warehouse, tmp_path_factory.mktemp("rules"), list(cases.values()))
    yield warehouse, dict(zip(cases, sql, strict=True))
    with postgres.connect(autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


@pytest.mark.parametrize("words", HOLDS)
def test_a_rule_holds_for_whom_it_says(told: tuple[Warehouse, dict[str, str]], words: str) -> None:
    warehouse, sql = told
    assert not sql[words].startswith("error"), sql[words]
    for zone in ("UTC", "Pacific/Auckland"):  # a day is a day of UTC, wherever the session is
        with warehouse.connect() as connection:
            connection.execute(f"set time zone '{zone}'")
            found = {row[0] for row in connection.execute(sql[words].encode())}
        assert found == HOLDS[words][1], zone


@pytest.mark.parametrize("words", WRONG)
def test_a_wrong_rule_is_told_where_and_what(told: tuple[Warehouse, dict[str, str]], words: str) -> None:
    _, sql = told
    assert sql[words].startswith("error")
    assert [part for part in ("the rule of inline_query", *WRONG[words][1]) if part not in sql[words]] == []


def test_a_reason_says_what_was_seen(told: tuple[Warehouse, dict[str, str]]) -> None:
    warehouse, sql = told
    with warehouse.connect() as connection:
        reasons = dict(connection.execute(sql["any"].encode()).fetchall())
    assert reasons["ann"] == {
        "conditions": [
            {"condition": "city: is Bath", "seen": "Bath", "met": True},
            {"condition": "e-mail known: is false", "seen": True, "met": False},
        ]
    }
    with warehouse.connect() as connection:
        ((_, reason),) = connection.execute(sql["events in a window"].encode())
    assert reason["conditions"][0]["seen"] == {
        "times": 1,
        "last_at": "2026-06-20T00:00:00Z",
        "product_ids": ["chess"],
        "titles": ["Chess"],
    }


def test_the_list_of_segments_is_that_of_the_files() -> None:
    models = PROJECT / "models" / "segments"
    listed = (PROJECT / "macros" / "segment_names.sql").read_text()
    names = [line.strip(" ',") for line in listed.splitlines() if line.startswith("    '")]
    assert names == sorted(path.stem.removeprefix("seg_") for path in models.glob("seg_*.sql"))
    assert len(names) >= 25
