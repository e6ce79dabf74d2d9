"""`braid privacy`: what a person sees and gets, and what a killed erasure leaves."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from activation.sync.forgetting import forget
from orchestration.cli import app
from orchestration.warehouse import Warehouse
from tests.integration.activation.privacy.database_text import copy_raw, restore_raw, rows_by_table, where_found
from tests.integration.dbt_project.conftest import database

ADA = ("ada@new.example", "ada@old.example", "Lovelace", "442071838750", "ada.l")
_KILLED = """
import os, signal, sys
from activation.privacy import erasure
from orchestration.cli import app

real = erasure._treat
def treat(connection, entry, *others):
    if entry.place == sys.argv[1]:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(connection, entry, *others)
erasure._treat = treat
app(["privacy", "erase", "ada", "--yes", "--by", "officer"])
"""


@dataclass(frozen=True)
class Office:
    """`braid` pointed at a copy of the built company, with a home of its own."""

    warehouse: Warehouse
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "BRAID_DATABASE_URL": self.warehouse.address.conninfo,
            "BRAID_HOME": str(self.home),
            "BRAID_DEFAULT_REGION": "GB",
            "COLUMNS": "200",
        }

    def braid(self, *arguments: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(app, ["privacy", *arguments], env=self.environment, input=typed)

    def erased(self, *arguments: str) -> str:
        """The id of a new erasure, of Ada unless others are named."""
        done = self.braid("erase", *(arguments or ("ada",)), "--yes", "--by", "officer")
        assert done.exit_code == 0, done.output
        return str(
            self.warehouse.read("select erasure_id from activation.erasures order by erased_at desc")["erasure_id"][0]
        )


@pytest.fixture
def office(postgres: Warehouse, built: Warehouse, tmp_path: Path) -> Iterator[Office]:
    (tmp_path / "home" / "identity").mkdir(parents=True)
    (tmp_path / "home" / "identity" / "matching.duckdb").write_text("features of Ada Lovelace")
    (tmp_path / "home" / "dlt" / "braid_zendesk").mkdir(parents=True)
    with database(postgres, f"office_{os.getpid()}", like=built.address.database) as warehouse:
        yield Office(warehouse, tmp_path / "home")


def test_a_plan_says_what_would_happen_and_does_nothing(office: Office) -> None:
    before = rows_by_table(office.warehouse)
    done = office.braid("erase", "ada_once", "--plan")
    assert done.exit_code == 0, done.output
    assert "raw_zendesk.ticket_comments" in done.output
    assert "newsletter_klaviyo: 1 rows are to be deleted there" in done.output
    refused = office.braid("erase", "ada", typed="n\n")
    assert refused.exit_code == 1
    assert rows_by_table(office.warehouse) == before
    assert not (office.home / "privacy.key").exists()
    assert not any(word.lower() in done.output.lower() for word in ADA)


def test_what_a_plan_counts_is_what_the_receipt_says(office: Office) -> None:
    planned = office.braid("erase", "ada", "--plan").output
    erasure = office.erased()
    receipt = office.braid("receipt", erasure)
    assert receipt.exit_code == 0, receipt.output
    lines = {
        line.split()[0]: line.split()[1:3] for line in planned.splitlines() if line.startswith(("raw_", "golden."))
    }
    told = {
        line.split()[0]: line.split()[1:3]
        for line in receipt.output.splitlines()
        if line.startswith(("raw_", "golden."))
    }
    assert told == lines
    assert len(told) > 20
    assert "pending" in receipt.output
    assert not any(word.lower() in receipt.output.lower() for word in ADA)
    stored = json.loads(office.braid("receipt", erasure, "--json").output)
    assert [d["state"] for d in stored["destinations"]] == ["pending", "pending"]


def _counted(shown: str) -> dict[str, list[str]]:
    """Table -> outcome and rows, of what is deleted alike in a plan and in truth."""
    return {
        line.split()[0]: line.split()[1:3]
        for line in shown.splitlines()
        if line.startswith(("raw_", "golden.", "marts"))
    }


def test_caches_go_and_the_key_is_for_its_owner_alone(office: Office) -> None:
    office.erased()
    assert not (office.home / "identity" / "matching.duckdb").exists()
    assert not (office.home / "dlt").exists()
    assert stat.S_IMODE((office.home / "privacy.key").stat().st_mode) == 0o600


def test_when_every_destination_has_acknowledged_the_erasure_is_complete(office: Office) -> None:
    erasure = office.erased()
    assert "pending: newsletter_klaviyo, zendesk_users" in office.braid("list").output
    with office.warehouse.connect() as connection:
        connection.execute("delete from activation.deliveries where erase_requested and destination = 'zendesk_users'")
    assert "pending: newsletter_klaviyo " in office.braid("list").output
    with office.warehouse.connect() as connection:
        connection.execute("delete from activation.deliveries where erase_requested")
    assert "acknowledged" in office.braid("receipt", erasure).output
    assert "pending" not in office.braid("list").output
    assert where_found(office.warehouse, ADA) == {}


def test_a_destination_that_was_let_go_is_not_said_to_have_acknowledged(office: Office) -> None:
    erasure = office.erased()
    with office.warehouse.connect() as connection:
        assert forget(connection, "zendesk_users", "Grace").erasures > 0
    assert "pending: newsletter_klaviyo; forgotten: zendesk_users" in office.braid("list").output
    stored = json.loads(office.braid("receipt", erasure, "--json").output)
    assert {d["destination"]: d["state"] for d in stored["destinations"]} == {
        "newsletter_klaviyo": "pending",
        "zendesk_users": "forgotten",
    }
    shown = office.braid("receipt", erasure).output
    assert "Grace let this sync go before the tool had acknowledged" in shown
    assert "make sure that the person is deleted there" in shown
    assert "acknowledged 20" not in shown, "when it was acknowledged"


@pytest.mark.parametrize("place", ["raw_shopify.customers", "golden.customers", "activation.audit"])
def test_a_killed_erasure_run_again_ends_as_an_undisturbed_one(office: Office, place: str) -> None:
    before = rows_by_table(office.warehouse)
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, place],
        env={**os.environ, **office.environment},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert rows_by_table(office.warehouse) == before
    office.erased()
    with office.warehouse.connect() as connection:
        connection.execute("delete from activation.deliveries where erase_requested")
    assert where_found(office.warehouse, ADA) == {}


def test_one_that_was_interrupted_after_its_transaction_is_finished_by_the_next(office: Office) -> None:
    office.erased()
    (office.home / "identity" / "matching.duckdb").write_text("features of Ada Lovelace")
    again = office.braid("erase", "ada_once", "--yes")
    assert again.exit_code == 0, again.output
    assert "erased before" in again.output
    assert not (office.home / "identity" / "matching.duckdb").exists()


def test_who_still_sends_them_is_listed_and_a_new_contract_lets_them_back(office: Office) -> None:
    raw = copy_raw(office.warehouse)
    erasure = office.erased()
    restore_raw(office.warehouse, raw, load_id="next week")
    assert "zendesk/users: 1 rows held back" in office.braid("withhold").output
    assert "zendesk users" in office.braid("receipt", erasure).output
    restore_raw(office.warehouse, raw, load_id="the week after")
    allowed = office.braid("allow", "--erasure", erasure, "--by", "officer")
    assert allowed.exit_code == 0, allowed.output
    assert "No new load" in office.braid("withhold").output
    assert "raw_zendesk.users" in where_found(office.warehouse, ADA)


def test_an_address_that_is_allowed_is_typed_unseen_and_kept_nowhere(office: Office) -> None:
    office.erased()
    allowed = office.braid("allow", "--address", "-", "--by", "officer", typed="Ada@New.example\n")
    assert "1 tombstones are lifted" in allowed.output, allowed.output
    assert "Nothing keeps that away" in office.braid("allow", "--record", "zendesk:user:3", "--by", "o").output
    with office.warehouse.connect() as connection:
        connection.execute("delete from activation.deliveries where erase_requested")
    assert where_found(office.warehouse, ADA) == {}


def test_an_export_has_everything_and_is_the_owners_alone(office: Office, tmp_path: Path) -> None:
    done = office.braid("export", "ada_once", "--out", str(tmp_path / "ada.json"))
    assert done.exit_code == 0, done.output
    told = json.loads((tmp_path / "ada.json").read_text())
    assert {row["source"] for row in told["values"]} >= {"shopify", "salesforce"}
    assert told["former_customer_ids"] == ["ada_once"]
    assert told["tables"]["raw_zendesk.ticket_comments"][0]["payload"]["body"]
    assert len(told["tables"]["raw_shopify.orders"]) == 3
    text = json.dumps(told)
    assert "bob@bo.example" not in text
    page = (tmp_path / "ada.html").read_text()
    assert "ada@new.example" in page
    HTMLParser().feed(page)
    for name in ("ada.json", "ada.html"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    audited = office.warehouse.read("select customer_ids from activation.audit where action = 'privacy.export'")
    assert audited.to_pylist() == [{"customer_ids": ["ada", "ada_once"]}]
    again = office.braid("export", "ada", "--out", str(tmp_path / "ada.json"))
    assert again.exit_code == 1
    assert "is there already" in again.output


def test_every_word_of_an_export_is_gone_after_the_erasure(office: Office) -> None:
    """Export and erasure are of one registry: what one shows, the other takes away."""
    before = json.loads(office.braid("export", "ada").output)
    office.erased()
    with office.warehouse.connect() as connection:
        connection.execute("delete from activation.deliveries where erase_requested")
        left = {
            table: connection.execute(f"select to_jsonb(t) from {table} as t").fetchall() for table in before["tables"]
        }
    minimised = {"identity.customer_ledger", "identity.change_decisions", "activation.audit"}
    for table in set(before["tables"]) - minimised:
        still = [row for row in before["tables"][table] if (row,) in left[table]]
        assert still == [], table


def test_what_cannot_be_done_is_said_in_one_line(office: Office) -> None:
    for arguments, words in {
        ("erase", "nobody", "--yes"): "no customer nobody was ever known",
        ("erase", "ada", "--record", "zendesk:user:3", "--yes"): "has no record zendesk:user:3",
        ("export", "nobody"): "no customer nobody was ever known",
        ("receipt", "er_1"): "there is no erasure er_1",
        ("allow", "--record", "a:b:1"): "nobody was erased",
    }.items():
        done = office.braid(*arguments)
        assert done.exit_code == 1, (arguments, done.output)
        assert words in done.output
        assert "Traceback" not in done.output
