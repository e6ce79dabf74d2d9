"""Dropped files of declared syncs: a folder or an object store, CSV or Parquet; the file is what should be held."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from activation.database import ActivationError
from activation.destinations.file_drop import FileDropConfig, drop_files
from activation.destinations.file_store import FileStore
from activation.destinations.registry import build
from activation.publish import publish
from activation.sync.block import SyncBlock
from activation.sync.destination import DestinationError
from activation.sync.engine import run_sync
from tests.integration.activation.ads import ad_tools

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


def block(file_format: str = "csv", **more) -> SyncBlock:
    declared = {
        "name": "vip_file",
        "destination": "file_drop",
        "model": "segment:vip",
        "channel": "email",
        "purpose": "marketing",
        "mapping": {"first_name": "name.given", "value": "metrics.lifetime_value", "vip": "in_segment.vip"},
        "cap": {"removed": 1, "changed": 1},
        "options": {"format": file_format, **more.pop("options", {})},
        **more,
    }
    return SyncBlock.model_validate(declared)


@pytest.fixture(params=["folder", "file", "memory"])
def place(request, tmp_path) -> str:
    where = {"folder": str(tmp_path / "drop"), "file": f"file://{tmp_path}/drop", "memory": f"memory://{tmp_path}/drop"}
    return where[request.param]


def receiver(declared: SyncBlock, place: str):
    return build(declared, {"file_drop": {"folder": place}})


def content(place: str, name: str) -> bytes:
    system, root = fsspec.core.url_to_fs(place)
    return system.cat_file(f"{root}/{name}")


def rows(place: str, file_format: str) -> list[dict]:
    found = content(place, f"vip_file.{file_format}")
    if file_format == "parquet":
        return pq.read_table(pa.BufferReader(found)).to_pylist()
    return list(csv.DictReader(io.StringIO(found.decode())))


def names(place: str) -> set[str]:
    system, root = fsspec.core.url_to_fs(place)
    return {path.rsplit("/", 1)[1] for path in system.ls(root, detail=False)}


@pytest.fixture
def three(world):
    for key, name in (("c1", "Ada Lovelace"), ("c2", "=Cmd Lovelace"), ("c3", "Zoë, Ltd")):
        world.customer(key, email=f"{key}@mail.org", segments=["vip"], consent={"email": "granted"}, name=name)
    world.customer("c4", email="c4@mail.org", segments=["vip"], consent={"email": "denied"})
    publish(world.connection, "r1", AS_OF)
    return world


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_the_file_holds_who_should_be_in_it_and_follows(three, place, file_format) -> None:
    declared = block(file_format)
    assert run_sync(three.connection, declared, receiver(declared, place)).acknowledged == 3
    found = {row["key"]: row for row in rows(place, file_format)}
    number, yes = ("10.5", "true") if file_format == "csv" else (10.5, True)
    assert found["c1"] == {"key": "c1", "email": "c1@mail.org", "first_name": "Ada", "value": number, "vip": yes}
    assert found["c2"]["first_name"] == ("'=Cmd" if file_format == "csv" else "=Cmd"), "a formula is guarded in CSV"
    assert list(found) == ["c1", "c2", "c3"]
    manifest = json.loads(content(place, f"vip_file.{file_format}.manifest.json"))
    assert (manifest["rows"], manifest["sync"]) == (3, "vip_file")
    assert names(place) == {f"vip_file.{file_format}", f"vip_file.{file_format}.manifest.json"}, "no draft is left"

    before = content(place, f"vip_file.{file_format}")
    publish(three.connection, "r2", AS_OF)
    assert run_sync(three.connection, declared, receiver(declared, place)).sent == 0
    assert content(place, f"vip_file.{file_format}") == before

    three.execute("update golden.consents set state = 'denied' where customer_id = 'c1'")
    three.execute("update marts.customer_metrics set lifetime_value = null where customer_id = 'c3'")
    publish(three.connection, "r3", AS_OF)
    assert run_sync(three.connection, declared, receiver(declared, place)).sent == 2
    assert [row["key"] for row in rows(place, file_format)] == ["c2", "c3"]
    assert rows(place, file_format)[1]["value"] in ("", None)


def test_an_advertising_file_has_both_kinds_of_address(world, tmp_path) -> None:
    world.customer("c1", email="a@mail.org", phone="+4791234561", segments=["vip"], consent={"advertising": "granted"})
    publish(world.connection, "r1", AS_OF)
    for file_format, email in (("csv", "a@mail.org"), ("parquet", ["a@mail.org"])):
        declared = block(file_format, channel="advertising", name=f"vip_{file_format}", options={"file": "vip_file"})
        run_sync(world.connection, declared, receiver(declared, str(tmp_path)))
        (row,) = rows(str(tmp_path), file_format)
        assert row["email"] == email


def test_a_file_that_somebody_took_away_is_not_begun_anew_with_a_few_rows(three, tmp_path) -> None:
    declared = block()
    run_sync(three.connection, declared, receiver(declared, str(tmp_path)))
    (tmp_path / "vip_file.csv").unlink()
    three.execute("update marts.customer_metrics set lifetime_value = 99 where customer_id = 'c3'")
    publish(three.connection, "r2", AS_OF)
    with pytest.raises(DestinationError, match=r"vip_file.csv is gone"):
        run_sync(three.connection, declared, receiver(declared, str(tmp_path)))


def test_a_file_that_is_no_longer_ours_is_named(three, tmp_path) -> None:
    declared = block("parquet")
    (tmp_path / "vip_file.parquet").write_text("not parquet")
    with pytest.raises(DestinationError, match="is not the parquet file that Braid wrote"):
        run_sync(three.connection, declared, receiver(declared, str(tmp_path)))


def test_a_place_that_cannot_be_written_is_one_clear_error_and_heals(three, tmp_path) -> None:
    declared = block()
    (tmp_path / "drop").write_text("a file, not a folder")
    with pytest.raises(DestinationError, match="cannot write to"):
        run_sync(three.connection, declared, receiver(declared, str(tmp_path / "drop")))
    (tmp_path / "drop").unlink()
    assert run_sync(three.connection, declared, receiver(declared, str(tmp_path / "drop"))).acknowledged == 3


@pytest.fixture
def without_stores(monkeypatch) -> None:
    """Also where the extras are installed."""
    for name in ("s3fs", "gcsfs", "adlfs"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("s3://bucket/drop", r"pip install 'braid\[s3\]'"),
        ("gs://bucket/drop", r"pip install 'braid\[gcs\]'"),
        ("abfs://box/drop", r"pip install 'braid\[azure\]'"),
        ("fax://x", "fax"),
    ],
)
def test_a_store_whose_library_is_missing_is_told_before_anything_is_sent(url, told, without_stores) -> None:
    declared = block(options={"url": url})
    with pytest.raises(DestinationError, match=told):
        receiver(declared, "/nowhere")


def test_a_mapping_must_not_take_the_files_own_columns(tmp_path) -> None:
    with pytest.raises(DestinationError, match="columns of its own named email"):
        receiver(block(mapping={"email": "name.full"}), str(tmp_path))


@pytest.mark.parametrize("after", [0.0, 0.05, 0.2])
def test_kill_9_while_files_are_written_leaves_whole_files_and_ends_right(three, warehouse, tmp_path, after) -> None:
    declared = block("parquet")
    told = {"conninfo": warehouse.address.conninfo, "block": declared.model_dump(mode="json")}
    told["accounts"] = {"file_drop": {"folder": str(tmp_path)}}
    process = subprocess.Popen([sys.executable, ad_tools.__file__, json.dumps(told)])
    until = time.monotonic() + 30
    while not list(tmp_path.iterdir()) and process.poll() is None and time.monotonic() < until:
        time.sleep(0.001)
    time.sleep(after)
    process.kill()
    process.wait()
    if (tmp_path / "vip_file.parquet").exists():
        assert len(rows(str(tmp_path), "parquet")) == 3
    run_sync(three.connection, declared, receiver(declared, str(tmp_path)))
    assert [row["key"] for row in rows(str(tmp_path), "parquet")] == ["c1", "c2", "c3"]
    assert names(str(tmp_path)) == {"vip_file.parquet", "vip_file.parquet.manifest.json"}
    assert run_sync(three.connection, declared, receiver(declared, str(tmp_path))).sent == 0


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_a_sync_that_ends_between_the_file_and_its_manifest_is_finished_by_the_next(
    three, place, file_format, monkeypatch
) -> None:
    declared = block(file_format)
    publish_file = FileStore.publish

    def ends(store: FileStore, draft: Path, name: str) -> None:
        if name.endswith(".manifest.json"):
            raise KeyboardInterrupt
        publish_file(store, draft, name)

    monkeypatch.setattr(FileStore, "publish", ends)
    with pytest.raises(KeyboardInterrupt):
        run_sync(three.connection, declared, receiver(declared, place))
    monkeypatch.undo()
    report = run_sync(three.connection, declared, receiver(declared, place))
    assert (report.acknowledged, report.confirmed) == (3, 3), "the file held them already"
    assert names(place) == {f"vip_file.{file_format}", f"vip_file.{file_format}.manifest.json"}
    manifest = json.loads(content(place, f"vip_file.{file_format}.manifest.json"))
    assert manifest["sha256"] == hashlib.sha256(content(place, f"vip_file.{file_format}")).hexdigest()
    assert manifest["rows"] == 3


def segment_rows(place: str, name: str) -> list[dict]:
    return pq.read_table(pa.BufferReader(content(place, name))).to_pylist()


def test_segments_are_dropped_as_parquet_to_any_place(three, place) -> None:
    three.execute("update segments.segment_catalogue set minimum_link_strength = 0.5")
    publish(three.connection, "r2", AS_OF)
    config = FileDropConfig(folder=place, format="parquet")
    report = drop_files(three.connection, config)
    assert set(report.written) == {file.segment for file in report.files}
    found = {row["customer_id"]: row for row in segment_rows(place, "vip.parquet")}
    assert set(found) == {"c1", "c2", "c3"}
    assert (found["c1"]["lifetime_value"], found["c2"]["given_name"]) == (10.5, "=Cmd")
    assert segment_rows(place, "cross_sell.parquet") == [], "a segment of nobody is a file with columns"
    files = {file["segment"]: file for file in json.loads(content(place, "manifest.json"))["files"]}
    assert (files["vip"]["file"], files["vip"]["rows"]) == ("vip.parquet", 3)
    assert drop_files(three.connection, config).written == (), "unchanged files are left alone"
    back = drop_files(three.connection, FileDropConfig(folder=place))
    assert set(back.written) == {file.segment for file in report.files}
    assert "vip.parquet" not in names(place), "the file of the former format is taken away"


def test_segments_for_a_store_without_its_library_are_one_clear_error(three, without_stores) -> None:
    with pytest.raises(ActivationError, match=r"pip install 'braid\[s3\]'"):
        drop_files(three.connection, FileDropConfig(folder="s3://bucket/drop"))


def test_a_path_stays_a_path() -> None:
    assert FileDropConfig(folder=Path("/drop")).folder == Path("/drop")
