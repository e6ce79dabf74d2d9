"""Children of a run never outlive it: a killed demo leaves no retailer, a killed run no dbt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

_DEMO = """
import sys, time
from pathlib import Path
from orchestration.demo import open_shop
with open_shop(Path(sys.argv[1]), people=60, seed=3) as shop:
    print(shop.environment["SANDBOX_URL"], flush=True)
    time.sleep(60)
"""
_DBT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c",
    "import sys, time; sys.modules['dbt.cli.main'] = type(sys)('fake'); "
    "sys.modules['dbt.cli.main'].cli = lambda: time.sleep(60); "
    "from orchestration.dbt_process import main; main()"])
print(child.pid, flush=True)
time.sleep(60)
"""


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _gone(pid: int) -> bool:
    for _ in range(200):
        if not _alive(pid):
            return True
        time.sleep(0.05)
    return False


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in found.split()]


pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")


def test_a_killed_demo_leaves_no_retailer(tmp_path: Path) -> None:
    demo = subprocess.Popen([sys.executable, "-c", _DEMO, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert demo.stdout is not None
    assert demo.stdout.readline().startswith("http")
    (retailer,) = _children(demo.pid)
    demo.send_signal(signal.SIGKILL)
    demo.communicate()
    assert _gone(retailer)


def test_a_killed_run_leaves_no_dbt(tmp_path: Path) -> None:
    run = subprocess.Popen(
        [sys.executable, "-c", _DBT], stdout=subprocess.PIPE, text=True, env={**os.environ, "BRAID_HOME": str(tmp_path)}
    )
    assert run.stdout is not None
    dbt = int(run.stdout.readline())
    time.sleep(1)
    assert _alive(dbt)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert _gone(dbt)
