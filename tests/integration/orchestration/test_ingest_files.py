"""A folder of mapped files into raw tables, and every source as Dagster assets."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg
import pytest
import yaml

from orchestration.assets.raw import build_raw_assets
from orchestration.settings import Settings
from orchestration.sources.errors import SourceError
from orchestration.sources.load import load
from orchestration.warehouse import Warehouse

MAPPING = {
    "files": [
        {
            "glob": "members*.csv",
            "stream": "members",
            "source": "loyalty",
            "entity": "member",
            "kind": "people",
            "id": "no",
            "fields": {"full_name": "name", "emails": ["email"]},
        },
        {
            "glob": "visits.jsonl",
            "stream": "visits",
            "source": "till",
            "entity": "visit",
            "kind": "interactions",
            "id": "id",
            "person": "member",
            "person_source": "loyalty",
            "person_entity": "member",
            "fields": {"occurred_at": "at", "channel": {"value": "store"}},
        },
    ]
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "mapping.yml").write_text(yaml.safe_dump(MAPPING))
    (folder / "members_1.csv").write_text('no,name,email\n1,"Lovelace, Ada",a@x.com\n2,"Say ""hi""\nBo",b@x.com\nbad\n')
    (folder / "members_2.csv").write_text("no,name,email\n3,Zoé \\N,\n,No id,n@x.com\n")
    (folder / "visits.jsonl").write_text('{"id": "v1", "member": 1, "at": "2026-01-01T00:00:00Z"}\nbroken\n')
    return Settings(home=tmp_path / "home", files=folder)


def names(warehouse: Warehouse) -> dict[str | None, str]:
    found = warehouse.read(
        "select native_id, payload->>'full_name' as name from raw_files.people where native_id is not null"
    )
    return dict(zip(found["native_id"].to_pylist(), found["name"].to_pylist(), strict=True))


def rows_loaded(settings: Settings, warehouse: Warehouse) -> dict[str, tuple[int, int]]:
    report = load("files", settings, warehouse)
    return {stream.stream: (stream.rows_loaded, stream.rows_with_error) for stream in report.streams}


def test_files_arrive_whole_and_only_once(settings, warehouse):
    assert rows_loaded(settings, warehouse) == {"people": (5, 2), "interactions": (2, 1), "read_files": (3, 0)}
    assert names(warehouse) == {"1": "Lovelace, Ada", "2": 'Say "hi"\nBo', "3": "Zoé \\N"}
    for path in settings.files.iterdir():
        os.utime(path)
    assert rows_loaded(settings, warehouse) == {"people": (0, 0), "interactions": (0, 0), "read_files": (0, 0)}


def test_only_the_file_that_changed_is_read_again(settings, warehouse):
    rows_loaded(settings, warehouse)
    (settings.files / "members_2.csv").write_text("no,name,email\n3,Zoé Renamed,\n4,New,\n")
    assert rows_loaded(settings, warehouse)["people"] == (2, 0)
    assert names(warehouse)["3"] == "Zoé Renamed"


def test_a_changed_mapping_reads_its_files_again(settings, warehouse):
    rows_loaded(settings, warehouse)
    changed = yaml.safe_load((settings.files / "mapping.yml").read_text())
    changed["files"][0]["fields"]["country"] = {"value": "US"}
    (settings.files / "mapping.yml").write_text(yaml.safe_dump(changed))
    assert rows_loaded(settings, warehouse) == {"people": (5, 2), "interactions": (0, 0), "read_files": (2, 0)}


def test_a_renamed_column_changes_no_table_and_heals_when_corrected(settings, warehouse):
    rows_loaded(settings, warehouse)
    before = names(warehouse)
    good = (settings.files / "members_1.csv").read_text()
    (settings.files / "members_1.csv").write_text("no,name,e_mail\n1,Changed,a@x.com\n")
    with pytest.raises(SourceError, match=r"^files\.members: members_1\.csv .* no column 'email'.*'e_mail'"):
        load("files", settings, warehouse)
    assert names(warehouse) == before
    (settings.files / "members_1.csv").write_text(good + "9,Nine,n@x.com\n")
    assert rows_loaded(settings, warehouse)["people"][0] == 4


class Given(dg.ConfigurableResource):
    """The fixture's warehouse, as the asset asks for it."""

    conninfo: str

    def open(self) -> Warehouse:
        from orchestration.warehouse import Address

        return Warehouse(Address.from_url(self.conninfo))


def _of_files(settings):
    (assets,) = (one for one in build_raw_assets(settings) if one.node_def.name == "raw_files")
    return assets


def test_the_assets_of_a_source_report_what_they_loaded(settings, warehouse):
    assets = _of_files(settings)
    given = Given(conninfo=warehouse.address.conninfo)
    result = dg.materialize([assets], resources={"warehouse": given})
    people = dg.AssetKey(["raw_files", "people"])
    (event,) = result.asset_materializations_for_node("raw_files")[:1]
    assert event.asset_key == people
    assert event.metadata["rows loaded"].value == 5
    assert event.metadata["rows with an ingest error"].value == 2
    assert assets.group_names_by_key[people] == "raw"


def test_a_failing_source_fails_its_assets_with_the_one_clear_error(settings, warehouse):
    (settings.files / "mapping.yml").unlink()
    assets = _of_files(settings)
    given = Given(conninfo=warehouse.address.conninfo)
    result = dg.materialize([assets], resources={"warehouse": given}, raise_on_error=False)
    assert not result.success
    (failure,) = result.get_step_failure_events()
    assert "there is no mapping.yml" in failure.event_specific_data.user_failure_data.description


def test_only_configured_sources_have_assets(tmp_path):
    (events,) = build_raw_assets(Settings(home=tmp_path, files=None))
    assert {key.path[0] for key in events.keys} == {"raw_events"}
