"""Settings: frozen, complete or absent, and a mistake is named without its value."""

from pathlib import Path

import pytest
import typer
from pydantic import ValidationError

from activation.consent import GateRules
from orchestration.cli import load_settings
from orchestration.instance import dagster_home
from orchestration.settings import Settings


def test_nothing_is_needed() -> None:
    settings = Settings()
    assert not settings.has_sources
    assert settings.drop_folder == settings.home / "outbox"


def test_a_source_comes_from_nested_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRAID_SHOPIFY__URL", "https://braid.myshopify.com/")
    monkeypatch.setenv("BRAID_SHOPIFY__ACCESS_TOKEN", "shpat_secret")
    settings = Settings()
    assert settings.has_sources
    assert settings.shopify is not None
    assert settings.shopify.url == "https://braid.myshopify.com"
    assert "shpat_secret" not in repr(settings)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().default_region = "GB"  # type: ignore[misc]


def test_a_half_configured_source_is_one_clear_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BRAID_ZENDESK__URL", "https://braid.zendesk.com")
    monkeypatch.setenv("BRAID_ZENDESK__API_TOKEN", "a secret token")
    monkeypatch.setenv("BRAID_ZENDESK__APITOKEN", "a secret typo")
    with pytest.raises(typer.Exit):
        load_settings()
    said = capsys.readouterr().err
    assert "BRAID_ZENDESK__EMAIL" in said
    assert "BRAID_ZENDESK__APITOKEN" in said
    assert "secret" not in said


def test_folders_are_those_of_where_the_command_was_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRAID_FILES", "people")
    settings = Settings()
    monkeypatch.chdir("/")
    assert settings.home == tmp_path / ".braid"
    assert settings.files == tmp_path / "people"
    assert settings.drop_folder == tmp_path / ".braid" / "outbox"


@pytest.mark.parametrize("url", ["s3://bucket/audiences", "memory://drop", "simplecache::s3://bucket/x"])
def test_a_url_to_drop_files_at_stays_as_it_was_typed(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("BRAID_FILE_DROP", url)
    assert Settings().drop_folder == url
    assert Settings().accounts["file_drop"] == {"folder": url}


def test_a_folder_to_drop_files_in_is_that_of_where_the_command_was_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRAID_FILE_DROP", "drop")
    settings = Settings()
    monkeypatch.chdir("/")
    assert settings.drop_folder == tmp_path / "drop"


def test_a_kind_of_place_that_nobody_knows_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BRAID_FILE_DROP", "s4://ada:secret@bucket/audiences")
    with pytest.raises(typer.Exit):
        load_settings()
    said = capsys.readouterr().err
    assert "BRAID_FILE_DROP" in said and "there is no kind of place s4://" in said
    assert "secret" not in said


def test_the_gate_is_as_it_is_until_the_company_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().gate_rules == GateRules()
    monkeypatch.setenv("BRAID_GATE_VERIFIED_ONLY", "sms, whatsapp")
    monkeypatch.setenv("BRAID_GATE_PROMOTION_BLOCKED_BY", "")
    assert Settings().gate_rules == GateRules(verified_only=("sms", "whatsapp"), promotion_blocked_by=())


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("BRAID_GATE_VERIFIED_ONLY", "email,smss", "smss is no channel; use email, sms, phone, whatsapp, advertising"),
        ("BRAID_GATE_VERIFIED_ONLY", "none", "none is no channel"),
        ("BRAID_GATE_PROMOTION_BLOCKED_BY", "unhappy recently", "unhappy recently is no name of a segment"),
    ],
)
def test_a_rule_of_the_gate_that_cannot_be_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(typer.Exit):
        load_settings()
    said = capsys.readouterr().err
    assert variable in said and told in said


def test_dagster_keeps_the_home_that_it_was_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "theirs"))
    assert dagster_home(Settings(home=tmp_path)) == tmp_path / "theirs"
    assert not (tmp_path / "theirs").exists()
    monkeypatch.delenv("DAGSTER_HOME")
    assert (dagster_home(Settings(home=tmp_path)) / "dagster.yaml").exists()


def test_bounds_of_identity_are_set_one_by_one_and_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRAID_IDENTITY_BOUND__LARGEST_COMPONENT", "off")
    monkeypatch.setenv("BRAID_IDENTITY_BOUND__MERGES_ALWAYS_ALLOWED", "3")
    monkeypatch.setenv("BRAID_IDENTITY_STRONG_IDS", "loyalty:member, erp:account")
    monkeypatch.setenv("BRAID_IDENTITY_ENGINE", "spark")
    settings = Settings()
    assert settings.identity_engine == "spark"
    assert settings.identity_apply == "auto"
    assert settings.identity_bound.largest_component is None
    assert settings.identity_bound.merges_always_allowed == 3
    assert (
        settings.identity_bound.largest_share_merged
        == Settings.model_fields["identity_bound"].default.largest_share_merged
    )
    assert settings.identity_strong_ids == {"loyalty:member", "erp:account"}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("BRAID_IDENTITY_BOUND__LARGEST_COMPONENT", "0"),
        ("BRAID_IDENTITY_BOUND__LARGEST", "3"),
        ("BRAID_IDENTITY_STRONG_IDS", "loyalty"),
        ("BRAID_IDENTITY_APPLY", "later"),
        ("BRAID_IDENTITY_ENGINE", "abacus"),
    ],
)
def test_a_bound_that_is_none_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(typer.Exit):
        load_settings()
    assert variable in capsys.readouterr().err
