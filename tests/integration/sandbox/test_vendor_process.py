"""`python -m sandbox serve` as a process, the loyalty files, and what must never be served."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pyarrow.parquet as pq
import pytest

from orchestration.settings import Settings
from sandbox.__main__ import world_in
from sandbox.records import whole_truth
from sandbox.serve import Sandbox, SandboxError, serve
from sandbox.vendors.exports.folder import write_files
from sandbox.world import World


def start(home: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "sandbox", "serve", "--people", "60", "--seed", "3", "--home", str(home)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ready(home: Path, process: "subprocess.Popen[str]") -> dict[str, str]:
    told = home / "environment.json"
    for _ in range(600):
        if told.exists():
            return json.loads(told.read_text())
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.05)
    raise AssertionError("the sandbox did not become ready")


def test_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = start(tmp_path)
    try:
        told = ready(tmp_path, process)
        assert httpx.get(f"{told['SANDBOX_URL']}/_sandbox/streams").json()["shopify"]["customers"] > 0
        with monkeypatch.context() as patched:
            for name in [one for one in os.environ if one.startswith("BRAID_")]:
                patched.delenv(name)
            for name, value in told.items():
                patched.setenv(name, value)
            settings = Settings()
        assert settings.salesforce and settings.shopify and settings.zendesk and settings.meta and settings.x
        assert settings.files == tmp_path / "files"
        truth = pq.read_table(tmp_path / "truth.parquet")
        assert truth.column_names == ["record_id", "person_id"]
        assert truth.equals(whole_truth(World.load(tmp_path / "world")))
        assert (tmp_path / "files" / "mapping.yml").exists()
    finally:
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=20)
    assert process.returncode == 0, errors
    assert told["SANDBOX_URL"] in output
    assert not (tmp_path / "environment.json").exists()


def test_the_world_is_made_once(tmp_path: Path) -> None:
    first = world_in(tmp_path, 60, 3)
    made = (tmp_path / "world" / "records.parquet").stat().st_mtime_ns
    assert world_in(tmp_path, 60, 3)["records"].equals(first["records"])
    assert (tmp_path / "world" / "records.parquet").stat().st_mtime_ns == made
    (tmp_path / "state").mkdir()
    assert world_in(tmp_path, 60, 3)["records"].equals(first["records"]) and (tmp_path / "state").exists()
    assert not world_in(tmp_path, 60, 4)["records"].equals(first["records"])
    assert not (tmp_path / "state").exists()


def test_a_world_of_an_older_release_is_made_again(tmp_path: Path) -> None:
    first = world_in(tmp_path, 60, 3)
    note = tmp_path / "world" / "made_for.json"
    note.write_text(json.dumps({key: said for key, said in json.loads(note.read_text()).items() if key != "tables"}))
    (tmp_path / "world" / "web_events.parquet").unlink()
    assert world_in(tmp_path, 60, 3)["web_events"].equals(first["web_events"])


def test_a_half_written_world_is_made_again(tmp_path: Path) -> None:
    first = world_in(tmp_path, 60, 3)
    (tmp_path / "world" / "made_for.json").unlink()
    (tmp_path / "world" / "records.parquet").write_bytes(b"PAR1")
    assert world_in(tmp_path, 60, 3)["records"].equals(first["records"])


def test_a_taken_port_is_said_so(sandbox: Sandbox, world: World, tmp_path: Path) -> None:
    port = int(sandbox.url.rsplit(":", 1)[1])
    with pytest.raises(SandboxError, match="taken"):
        serve(world, tmp_path / "other", port=port)


def test_the_truth_is_never_served(tmp_path: Path) -> None:
    """Every payload of a generated world, whatever fields a client asks for."""
    world = world_in(tmp_path, 60, 3)
    with serve(world, tmp_path / "state") as running:
        streams = [stream for one in running.vendors.by_name.values() for stream in one.streams.values()]
        served = [str(row.payload) for stream in streams for row in stream]
    write_files(world, tmp_path / "files")
    exported = [path.read_text() for path in (tmp_path / "files").rglob("*") if path.is_file()]
    assert len(exported) > 10
    text = "\n".join([*served, *exported])
    people = set(world["people"].column("person_id").to_pylist())
    people |= set(world["touch_records"].column("person_id").drop_null().to_pylist())
    assert not [person for person in people if person in text]
    assert "person_id" not in text
