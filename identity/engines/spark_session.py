"""A Spark session for one run: the caller's own, or one on this machine that is gone when the run is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from identity.engines.protocol import EngineError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_OLDEST_JAVA: Final = 17
SHARED_FOLDER: Final = "spark.braid.folder"
"""A Spark setting: a folder that driver and executors all see; needed where they are not one machine."""
# Whoever wants others says so in PYSPARK_SUBMIT_ARGS, which Spark lets win, or brings a session.
_LOCAL: Final = {
    "spark.app.name": "braid",
    "spark.master": "local[*]",
    "spark.driver.memory": "2g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.session.timeZone": "UTC",
}


@contextmanager
def open_session() -> Iterator[tuple[SparkSession, Path]]:
    """A session and a folder that its tasks can read and write, both gone at the end.

    A session that is active in this thread is used, and left open.

    Raises:
        EngineError: if pyspark or Java is missing, or Java too old, or Spark does not start.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise EngineError("engine spark needs pyspark: pip install 'braid[spark]', or use engine duckdb") from error
    # Nothing here goes through pandas.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    active = SparkSession.getActiveSession()
    if active is not None:
        with _folder(active.conf.get(SHARED_FOLDER, None)) as folder:
            yield active, folder
        return
    check_java()
    with _folder(None) as scratch, _started(scratch) as session:
        shared = session.conf.get(SHARED_FOLDER, None)
        if shared is None:
            yield session, scratch
            return
        with _folder(shared) as folder:
            yield session, folder


@contextmanager
def _folder(inside: str | None) -> Iterator[Path]:
    """A folder for people's data: nobody else may look into it, and nothing of it is left behind."""
    folder = Path(tempfile.mkdtemp(prefix="braid-spark-", dir=inside))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def check_java() -> None:
    """Refuse to go on without a Java that Spark runs on.

    Raises:
        EngineError: if there is none, or it is older than 17.
    """
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(str(Path(home) / "bin" / "java") if home else "java")
    todo = f"install Java {_OLDEST_JAVA} or newer (on Debian: openjdk-17-jre-headless), or use engine duckdb"
    if java is None:
        where = f"there is none in JAVA_HOME ({home})" if home else "there is none on the PATH"
        raise EngineError(f"engine spark needs Java, and {where}: {todo}")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603
    version = java_version(said)
    if version is None or version < _OLDEST_JAVA:
        found = f"Java {version}" if version is not None else "of a version that cannot be told"
        raise EngineError(f"engine spark needs Java {_OLDEST_JAVA}, and {java} is {found}: {todo}")


def java_version(said: str) -> int | None:
    """The major version in what `java -version` says; `1.8` is 8."""
    found = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(found[1]) if found else None


@contextmanager
def _started(scratch: Path) -> Iterator[SparkSession]:
    """A Java process with a session in it; what it writes to its standard error goes to a file of the folder."""
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    # The Java process of a session that the caller has stopped lives on in pyspark: it is used again.
    is_running = SparkContext._gateway is not None
    conf = SparkConf(loadDefaults=is_running)
    # Shuffles hold people's data too.
    folders = {"spark.local.dir": scratch / "shuffles", "spark.sql.warehouse.dir": scratch / "warehouse"}
    for name, value in (_LOCAL | folders).items():
        conf.setIfMissing(name, str(value))
    log = scratch / "spark.log"
    launch: Any = launch_gateway  # which has no types
    gateway: Any = None
    try:
        if not is_running:
            with log.open("w") as written:
                gateway = launch(conf, popen_kwargs={"stderr": written, "stdout": written, "cwd": scratch})
        # Without a configuration of its own it takes that of the Java process, which is the above and the caller's.
        context = SparkContext(conf=conf) if is_running else SparkContext(gateway=gateway)
        context.pythonExec = os.environ.get("PYSPARK_PYTHON", sys.executable)
        session = SparkSession(context)
    except Exception as error:
        _end(gateway)
        last = log.read_text(errors="replace").strip().splitlines()[-3:] if log.exists() else []
        raise EngineError(
            f"Spark did not start ({type(error).__name__}): {' '.join(last)[-500:] or error}; see that "
            "`spark-submit --version` works, or use engine duckdb"
        ) from error
    try:
        yield session
    except PySparkException as error:
        # Asked now: it reads its own message from the Java process.
        said = in_short(str(error))
        raise EngineError(
            f"Spark gave up ({type(error).__name__}): {said}; give it more memory "
            "(PYSPARK_SUBMIT_ARGS='--driver-memory 4g pyspark-shell'), or use engine duckdb"
        ) from None
    finally:
        session.stop()
        _end(gateway)


def in_short(message: str) -> str:
    """Of a message with traces of two languages the line that tells most: the last that is neither.

    What stands in quotes is left out: it may be somebody's name.
    """
    lines = [line for line in message.split("JVM stacktrace:")[0].splitlines() if line.strip()]
    told = [line for line in lines if not line.startswith((" ", "\t", "SQLSTATE"))]
    return _QUOTED.sub("'…'", (told or ["no message"])[-1])[:300]


def _end(gateway: Any) -> None:
    """End the Java process, which pyspark would keep, with its memory, for as long as Python runs."""
    from pyspark import SparkContext

    if gateway is None or gateway.proc is None:
        return
    SparkContext._gateway = SparkContext._jvm = None
    with suppress(OSError):
        gateway.shutdown()
        gateway.proc.stdin.close()
    try:
        gateway.proc.wait(timeout=20)
    except subprocess.TimeoutExpired:
        gateway.proc.kill()
        gateway.proc.wait()
