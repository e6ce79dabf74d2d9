"""The command line: help that helps, errors that say what to do."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app

COMMANDS = {"run", "demo", "status", "serve", "clean", "api-key", "audit", "identity"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BRAID_HOME", str(tmp_path / "braid"))
    return tmp_path / "braid"


def test_every_command_has_its_help() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    for command in COMMANDS:
        assert command in shown
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


def test_a_run_without_sources_says_what_to_do() -> None:
    result = CliRunner().invoke(app, ["run"])
    assert result.exit_code == 1
    assert "--files" in result.stderr
    assert "braid demo" in result.stderr


def test_an_unreachable_warehouse_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRAID_DATABASE_URL", "postgresql://ada:s3cret@127.0.0.1:1/shop")
    result = CliRunner().invoke(app, ["status"])
    assert result.exit_code == 1
    assert "no Postgres answers at 127.0.0.1:1/shop" in result.stderr
    assert "s3cret" not in result.output + result.stderr
    assert "Traceback" not in result.output + result.stderr


def test_clean_forgets_nothing_when_there_is_nothing(home: Path) -> None:
    result = CliRunner().invoke(app, ["clean"])
    assert result.exit_code == 0
    assert "nothing to forget" in result.output
    assert not home.exists()


def test_clean_asks_first(home: Path) -> None:
    home.mkdir()
    (home / "note").write_text("kept")
    assert CliRunner().invoke(app, ["clean"], input="n\n").exit_code == 1
    assert (home / "note").exists()
    assert CliRunner().invoke(app, ["clean", "--yes"]).exit_code == 0
    assert not home.exists()
