"""50,000 records of real historical people, brought as a file, through the same job to golden profiles."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Company

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = ROOT.parent / "shared" / "data" / "historical_50k.parquet"
FLOOR = {"precision": 0.97, "recall": 0.82, "F1": 0.89}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PEOPLE.exists(), reason=f"needs {PEOPLE.name}, which does not come with the project"),
]


def test_real_people_reach_golden_profiles(bare_company: Company, tmp_path: Path) -> None:
    folder = tmp_path / "historical"
    folder.mkdir()
    shutil.copy(PEOPLE, folder)
    shutil.copy(ROOT / "docs" / "examples" / "historical_50k" / "mapping.yml", folder)
    output = bare_company.braid("run", "--files", str(folder))

    warehouse = bare_company.warehouse
    records = warehouse.read("select count(*) as n from identity.record_customers")["n"][0].as_py()
    assert records == 50_578
    named = warehouse.read("select count(*) as n from golden.customers where full_name is not null")["n"][0].as_py()
    assert named > 4_000
    leaked = warehouse.read("select count(*) as n from raw_files.people where payload::text like '%cluster%'")
    assert leaked["n"][0].as_py() == 0  # the truth never reaches the warehouse
    for measure, floor in FLOOR.items():
        found = re.search(rf"{measure} (\d\.\d+)", output)
        assert found, output
        assert float(found[1]) >= floor, output
