"""`braid suppress`: add, list, remove and import, as a person types them; no address is ever shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from activation.schema import migrate
from orchestration.cli import app
from orchestration.terminal import console
from orchestration.warehouse import Warehouse

if TYPE_CHECKING:
    from click.testing import Result

    Braid = Callable[..., Result]
ADDRESS = "ann.person@a.example"


@pytest.fixture
def braid(warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Braid:
    """Runs `braid suppress …`; what is typed at a prompt is `typed`."""
    with warehouse.connect() as connection:
        migrate(connection)
        with connection.transaction():
            connection.execute("insert into activation.profiles values ('c_ann', '{}', 1, gen_random_uuid())")
    monkeypatch.setenv("BRAID_DATABASE_URL", warehouse.address.conninfo)
    monkeypatch.setenv("BRAID_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(console, "width", 200)
    return lambda *arguments, typed=None: CliRunner().invoke(app, ["suppress", *arguments], input=typed)


def said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    assert "ann.person" not in result.output
    return result.output


def test_an_address_is_suppressed_shown_and_lifted(braid: Braid) -> None:
    added = said(braid("add", "--channel", "email", "--reason", "objected", "--by", "Lee", typed=f"{ADDRESS}\n"))
    assert "an e-mail address, email, marketing and service: is suppressed from now on" in added
    assert "was suppressed already" in said(
        braid("add", "--channel", "email", "--reason", "objected", "--address", "-", typed=f"{ADDRESS}\n")
    )
    listed = said(braid("list"))
    assert "an e-mail address" in listed and "objected" in listed and "Lee" in listed
    assert "nothing suppresses them" in said(braid("list", "--address", "-", typed="other@a.example\n"))
    assert "1 lifted" in said(braid("remove", "--address", "-", "--by", "Kim", typed=f" {ADDRESS.upper()}\n"))
    assert "nobody is suppressed" in said(braid("list"))
    assert "by Kim" in said(braid("list", "--ended"))


def test_a_customer_is_suppressed_until_a_day_and_lifted_by_id(braid: Braid) -> None:
    said(braid("add", "--customer", "c_ann", "--until", "2090-01-31"))
    assert "2090-01-31" in said(braid("list", "--customer", "c_ann"))
    assert "1 lifted" in said(braid("remove", "1"))
    gone = braid("remove", "1")
    assert gone.exit_code == 1 and "nothing was lifted" in gone.output


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("add", "--address", "ann.person@"), "no usable e-mail address"),
        (("add", "--customer", "nobody"), "not known"),
        (("add", "--customer", "c_ann", "--address", ADDRESS), "not both"),
        (("add", "--customer", "c_ann", "--channel", "pigeon"), "the channel is none of"),
        (("add", "--customer", "c_ann", "--until", "ann.person"), "no date"),
        (("remove", "1", "--customer", "c_ann"), "not both"),
    ],
)
def test_what_is_wrong_is_one_line_that_repeats_nothing(braid: Braid, arguments: tuple[str, ...], problem: str) -> None:
    refused = braid(*arguments)
    assert refused.exit_code == 1
    assert problem in refused.output and "Traceback" not in refused.output and "ann.person" not in refused.output


def test_a_file_is_imported_and_its_bad_lines_set_aside(braid: Braid, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(f"address\n{ADDRESS}\n+442071838750\nnothing\n")
    done = braid("import", str(file), "--purpose", "marketing", "--reason", "unsubscribed", "--by", "Lee")
    assert done.exit_code == 2, done.output
    assert "3 lines: 2 suppressed, 0 were already, 1 could not be read." in done.output
    assert "list.quarantined.csv" in done.output and "ann.person" not in done.output
    assert "unsubscribed" in said(braid("list"))


def test_before_anything_is_published_it_says_so(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BRAID_DATABASE_URL", warehouse.address.conninfo)
    monkeypatch.setenv("BRAID_HOME", str(tmp_path / "home"))
    refused = CliRunner().invoke(app, ["suppress", "list"])
    assert refused.exit_code == 1 and "nothing is published yet" in refused.output
