"""What a company sets of the gate in the environment holds wherever something is sent."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import Result
from dagster import AssetKey, DagsterInstance, materialize
from typer.testing import CliRunner

from activation.consent import GateRules
from activation.publish import publish
from activation.sync.engine import run_sync
from orchestration.assets.activation import build_activation_assets
from orchestration.cli import app
from orchestration.resources import WarehouseResource, run_warehouse, sync_warehouse
from orchestration.settings import Settings
from tests.integration.activation.sync.newsletter import NEWSLETTER, agreed, published
from tests.integration.activation.sync.pretend_tool import PretendTool

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
BLOCK = """\
destination: file_drop
model: segment:vip
channel: email
purpose: marketing
options: {file: by_block}
mapping: {first_name: name.given}
"""


@pytest.fixture
def company(world: Any, warehouse: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """c1 may be written to; c2's address is not vouched for; c3 is in a segment that the company blocks."""
    for customer_id, also in (("c1", []), ("c2", []), ("c3", ["agents_only"])):
        world.customer(
            customer_id, email=f"{customer_id}@mail.org", consent={"email": "granted"}, segments=["vip", *also]
        )
    publish(world.connection, "r1", AS_OF)
    world.execute("update activation.contact_permissions set verified = false where customer_id = 'c2'")
    (tmp_path / "syncs").mkdir()
    (tmp_path / "syncs" / "vip_file.yml").write_text(BLOCK)
    monkeypatch.setenv("BRAID_HOME", str(tmp_path / "braid"))
    monkeypatch.setenv("BRAID_DATABASE_URL", warehouse.address.conninfo)
    monkeypatch.setenv("BRAID_SYNCS", str(tmp_path / "syncs"))
    monkeypatch.setenv("BRAID_FILE_DROP", str(tmp_path / "drop"))
    return tmp_path / "drop"


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRAID_GATE_VERIFIED_ONLY", "email, sms")
    monkeypatch.setenv("BRAID_GATE_PROMOTION_BLOCKED_BY", "agents_only")


@pytest.fixture
def braid() -> Callable[..., Result]:
    return lambda *arguments: CliRunner().invoke(app, ["sync", *arguments])


def run_assets(*names: str) -> None:
    settings = Settings()
    wanted = {AssetKey(["activation", name]) for name in names}
    warehouse = WarehouseResource(settings)
    done = materialize(
        [asset for asset in build_activation_assets(settings) if asset.keys & wanted],
        instance=DagsterInstance.ephemeral(),
        resources={"warehouse": run_warehouse(warehouse), "sync_warehouse": sync_warehouse(warehouse)},
    )
    assert done.success


def listed(file: Path) -> list[str]:
    with file.open(newline="", encoding="utf-8") as rows:
        key = "key" if file.stem == "by_block" else "customer_id"
        return sorted(row[key] for row in csv.DictReader(rows))


def test_without_a_word_of_the_company_all_three_may_be_written_to(company: Path) -> None:
    run_assets("file_drop", "vip_file")
    assert listed(company / "vip.csv") == listed(company / "by_block.csv") == ["c1", "c2", "c3"]


@pytest.mark.usefixtures("strict")
def test_the_file_drop_and_the_assets_of_syncs_ask_by_the_companys_rules(company: Path) -> None:
    run_assets("file_drop", "vip_file")
    assert listed(company / "vip.csv") == listed(company / "by_block.csv") == ["c1"]


@pytest.mark.usefixtures("strict")
def test_so_do_the_commands(company: Path, braid: Callable[..., Result]) -> None:
    planned = json.loads(braid("plan", "vip_file", "--json").stdout)
    assert planned["left_out"] == {"promotion_blocked": 1, "unverified": 1}
    assert braid("run", "vip_file").exit_code == 0
    assert listed(company / "by_block.csv") == ["c1"]
    verified = braid("verify", "vip_file").output
    assert "1 rows are held as they were acknowledged" in verified
    assert "wait for the next run" not in verified


def test_who_was_sent_under_looser_rules_is_taken_back(company: Path, request: pytest.FixtureRequest) -> None:
    run_assets("vip_file")
    request.getfixturevalue("strict")
    run_assets("vip_file")
    assert listed(company / "by_block.csv") == ["c1"]


def test_what_comes_about_while_a_sync_runs_is_judged_by_the_same_rules(world: Any) -> None:
    for customer_id in ("c1", "c2", "c3"):
        agreed(world, customer_id)
    published(world)
    tool = PretendTool(batch_size=1)

    def no_longer_vouched_for(where: str) -> None:
        if where == "before" and len(tool.people) == 1:
            with psycopg.connect(world.connection.info.dsn) as other:
                other.execute("update activation.contact_permissions set verified = false where customer_id = 'c3'")
                other.execute(
                    "insert into activation.suppressions (customer_id, reason, added_by) "
                    "values ('somebody else', 'asked', 'Grace')"
                )

    tool.trouble = no_longer_vouched_for
    run_sync(world.connection, NEWSLETTER, tool, rules=GateRules(verified_only=("email",)))
    assert set(tool.people) == {"c1@mail.org", "c2@mail.org"}
