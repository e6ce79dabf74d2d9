"""`braid segments …` asked with the id of a customer that was merged away: it is old, and on tickets and in mails."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.identity_store import IdentityStore
from orchestration.warehouse import Warehouse

# What the commands read, with the columns that they name.
_WORLD = """
create schema segments;
create table segments.segment_catalogue (segment text, label text, description text, purpose text, size bigint);
create table segments.segment_memberships (segment text, customer_id text);
create table segments.segment_sizes (segment text, size bigint);
create table segments.customer_features (customer_id text);
create table segments.segment_why (
    customer_id text, segment text, position integer, path text, depth integer, kind text, label text, holds boolean,
    seen jsonb);
create table segments.segment_membership_history (
    segment text, customer_id text, entered_at timestamptz, entered_because text, left_at timestamptz,
    left_because text);
insert into segments.segment_catalogue values ('vip', 'VIP', 'who buys most', 'marketing', 1);
insert into segments.customer_features values ('cus_living');
insert into segments.segment_why values ('cus_living', 'vip', 1, '1', 0, 'leaf', 'spent 500', true, '700');
insert into segments.segment_membership_history values
    ('vip', 'cus_living', '2026-03-01', 'identity', null, null),
    ('vip', 'cus_past', '2026-01-01', 'data', '2026-03-01', 'identity');
insert into identity.customer_ledger (run_id, event, customer_id, related_customer_id, occurred_at) values
    ('r1', 'minted', 'cus_living', null, '2026-01-01'),
    ('r1', 'minted', 'cus_past', null, '2026-01-01'),
    ('r1', 'minted', 'cus_silent', null, '2026-01-01'),
    ('r2', 'merged', 'cus_silent', 'cus_past', '2026-02-01'),
    ('r3', 'merged', 'cus_past', 'cus_living', '2026-03-01');
"""


@pytest.fixture
def segments(warehouse: Warehouse, tmp_path: Path) -> Callable[..., Result]:
    IdentityStore(warehouse)
    with warehouse.connect() as connection:
        connection.execute(_WORLD)
    environment = {"BRAID_DATABASE_URL": warehouse.address.conninfo, "BRAID_HOME": str(tmp_path)}
    return lambda *arguments: CliRunner().invoke(app, ["segments", *arguments], env=environment)


@pytest.mark.parametrize("asked", ["cus_past", "cus_silent"])
def test_why_answers_for_the_customer_that_it_became(segments: Callable[..., Result], asked: str) -> None:
    told = segments("why", asked, "vip", "--json")
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["customer_id"] == "cus_living"
    assert f"customer {asked} was merged into cus_living:" in told.stderr


def test_a_living_id_is_answered_without_a_word(segments: Callable[..., Result]) -> None:
    for told in (segments("why", "cus_living", "vip"), segments("history", "--customer", "cus_living")):
        assert (told.exit_code, told.stderr) == (0, "")


def test_the_history_of_a_merged_id_ends_and_says_where_it_goes_on(segments: Callable[..., Result]) -> None:
    told = segments("history", "--customer", "cus_past", "--json")
    (entry,) = json.loads(told.stdout)
    assert (entry["entered_because"], entry["left_because"]) == ("data", "identity")
    assert "customer cus_past was merged into cus_living; until then:" in told.stderr


def test_an_id_without_a_history_of_its_own_is_answered_by_its_successors(segments: Callable[..., Result]) -> None:
    told = segments("history", "--customer", "cus_silent", "--json")
    (entry,) = json.loads(told.stdout)
    assert (entry["entered_because"], entry["left_at"]) == ("identity", None)
    assert "customer cus_silent was merged into cus_living:" in told.stderr
