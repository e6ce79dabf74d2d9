"""One contender on one table, in a process, a folder and a home of its own: what it found, or why it found nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.accuracy.neutral import LabelledSet
from benchmarks.accuracy.protocol import ID
from identity.evaluation import Quality, evaluate

ROOT = Path(__file__).resolve().parents[2]
_EVERY = 0.05  # seconds between looks at the process


@dataclass(frozen=True)
class Contender:
    """`module` under `benchmarks.accuracy.contenders`; `environment`: its virtual environment, null for this one."""

    name: str
    module: str
    environment: str | None = None

    def python(self, environments: Path) -> Path:
        """The interpreter that it runs in."""
        if self.environment is None:
            return Path(sys.executable)
        return environments / self.environment / "bin" / "python"


@dataclass(frozen=True)
class Result:
    """`seconds` of the whole process, imports included; `peak`: GiB, its largest resident set. One of two is null:
    `quality`, or `failure` (why there is none)."""

    contender: str
    seconds: float
    peak: float
    quality: Quality | None
    failure: str | None


def run(contender: Contender, labelled: LabelledSet, environments: Path, limit: float) -> Result:
    """Start the contender on a neutral copy and judge what it wrote; a failure is a result, never an exception.

    Args:
        contender: which.
        labelled: what to cluster and the truth to judge by; the contender gets the first only.
        environments: the folder of the virtual environments.
        limit: seconds after which it is stopped.
    """
    python = contender.python(environments)
    if not python.exists():
        return Result(contender.name, 0.0, 0.0, None, f"not installed: there is no {python}")
    with tempfile.TemporaryDirectory(prefix="people-") as name:
        folder = Path(name)
        people, clusters, log = folder / "people.parquet", folder / "clusters.parquet", folder / "log.txt"
        pq.write_table(labelled.people, people)
        module = f"benchmarks.accuracy.contenders.{contender.module}"
        started = time.perf_counter()
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(python), "-m", module, str(people), str(clusters)],
                cwd=folder,
                env=_environment(folder),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            peak, in_time = _watch(process, started + limit)
        seconds = time.perf_counter() - started
        quality, failure = None, None
        if not in_time:
            failure = f"stopped after {limit:.0f} s"
        elif process.returncode < 0:
            failure = f"killed by {signal.Signals(-process.returncode).name}"
        elif process.returncode:
            failure = _last_line(log)
        else:
            quality, failure = _judge(clusters, labelled.truth)
    return Result(contender.name, seconds, peak, quality, failure)


def _environment(home: Path) -> dict[str, str]:
    """Little: no keys of services, no home in which one run could learn from another's."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "HOME": str(home), "PYTHONPATH": str(ROOT), "COLUMNS": "200"}


def _watch(process: subprocess.Popen[bytes], deadline: float) -> tuple[float, bool]:
    """Wait for the end or the deadline; the peak in GiB, and whether it ended by itself."""
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, _resident_peak(process.pid))
        if time.perf_counter() > deadline:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return peak, False
        time.sleep(_EVERY)
    return peak, True


def _resident_peak(pid: int) -> float:
    """The kernel's own high-water mark, so that nothing between two looks is missed; 0 where there is no /proc.

    Not `ru_maxrss`: a child inherits it from the process that started it.
    """
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024**2
    except OSError:
        pass
    return 0.0


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:200] if lines else "ended with an error and no message"


def _judge(clusters: Path, truth: pa.Table) -> tuple[Quality | None, str | None]:
    """Every record must be in exactly one cluster: whoever leaves the hard ones out would look better than it is."""
    if not clusters.exists():
        return None, "wrote no clusters"
    found = pq.read_table(clusters)
    ids = found[ID].combine_chunks()
    if len(ids) != truth.num_rows or set(ids.to_pylist()) != set(truth["record_id"].to_pylist()):
        return None, f"clustered {len(ids.unique()):,} of {truth.num_rows:,} records in {len(ids):,} rows"
    if found["cluster_id"].null_count:
        return None, f"left {found['cluster_id'].null_count:,} records without a cluster"
    return evaluate(pa.table({"record_id": ids, "customer_id": found["cluster_id"]}), truth), None
