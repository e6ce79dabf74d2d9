"""`kill -9` between all statements and requests of a sync: the next one ends right, and sends nothing twice.

The sync runs in a forked process that kills itself; what the tool holds is in a file, as a vendor outlives its client.
"""

from __future__ import annotations

import os
import pickle
import signal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from activation.schema import migrate
from activation.sync.block import SyncBlock
from activation.sync.engine import run_sync
from orchestration.warehouse import Warehouse
from tests.integration.activation.sync.pretend_tool import PretendTool
from tests.integration.activation.sync.published_people import Person, wanted, write

BLOCK = SyncBlock.model_validate(
    {
        "name": "audience", "destination": "pretend", "model": "segment:vip", "mode": "mirror", "channel": "email",
        "purpose": "marketing", "minimum_link_strength": 0, "mapping": {"value": "metrics.lifetime_value"},
        "cap": {"removed": 1, "changed": 1},
    }
)  # fmt: skip
BEFORE = {
    "c1": Person("a@mail.org"),
    "c2": Person("b@mail.org"),
    "c3": Person("c@mail.org"),
    "c4": Person("family@mail.org"),
    "c5": Person("family@mail.org"),
}
# c1 is merged into c2, who takes its address over; c3 withdraws; c4 leaves the family's mailbox to c5; c6 comes.
AFTER = {
    "c2": Person("a@mail.org", value=2),
    "c3": Person("c@mail.org", granted=False),
    "c4": Person("family@mail.org", member=False),
    "c5": Person("family@mail.org"),
    "c6": Person("d@mail.org"),
}
STATE = ("people", "writes", "applied")


class Mortal:
    """Counts what happens, and dies at the given count."""

    def __init__(self, at: int) -> None:
        self.left = at

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class MortalConnection(psycopg.Connection[Any]):
    mortal: Mortal | None = None

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        if self.mortal is None:
            return super().execute(*args, **kwargs)
        self.mortal.step()
        done = super().execute(*args, **kwargs)
        self.mortal.step()
        return done


class MortalTool(PretendTool):
    """Its state is in a file after every row; it dies between rows as well."""

    mortal: Mortal | None = None
    file: Path

    def _apply(self, row: Any) -> None:
        super()._apply(row)
        self.file.write_bytes(pickle.dumps({name: getattr(self, name) for name in STATE}))
        if self.mortal is not None:
            self.mortal.step()


def loaded(file: Path, readable: bool) -> MortalTool:
    tool = MortalTool(batch_size=2, readable=readable)
    tool.file = file
    if file.exists():
        for name, value in pickle.loads(file.read_bytes()).items():
            setattr(tool, name, value)
    return tool


def killed_at(conninfo: str, file: Path, readable: bool, at: int) -> bool:
    """Run a sync in a process of its own that dies at its `at`-th step; False when it came to its end before."""
    child = os.fork()
    if child == 0:
        try:
            mortal = Mortal(at)
            connection = MortalConnection.connect(conninfo)
            connection.mortal = mortal
            tool = loaded(file, readable)
            tool.mortal = mortal
            run_sync(connection, BLOCK, tool)
        except BaseException:
            os._exit(1)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


@pytest.mark.parametrize(("readable", "stride"), [(True, 2), (False, 3)])
def test_killed_at_every_point(warehouse: Warehouse, tmp_path: Path, readable: bool, stride: int) -> None:
    """Between two statements there are two steps, and between them only a commit: every other one tells them all."""
    with warehouse.connect() as connection:
        migrate(connection)
        at, killed = 0, True
        while killed:
            at += stride
            with connection.transaction():
                connection.execute("truncate activation.deliveries, activation.dead_letters, activation.syncs cascade")
            file = tmp_path / f"tool{at}"
            write(connection, BEFORE)
            run_sync(connection, BLOCK, loaded(file, readable))
            write(connection, AFTER)
            first = loaded(file, readable)
            killed = killed_at(warehouse.address.conninfo, file, readable, at)
            tool = loaded(file, readable)
            run_sync(connection, BLOCK, tool)
            desired = wanted(connection, BLOCK, AFTER)
            assert set(tool.people) == {"a@mail.org", "family@mail.org", "d@mail.org"} == set(desired), at
            assert tool.people["a@mail.org"] == {"value": 2}
            since = tool.writes[len(first.writes) :]
            # c2 now has c1's address: both rows say something of it, once.
            assert all(since.count(one) == 1 for one in since), (at, since)
            assert run_sync(connection, BLOCK, tool).plan.to_send == 0
            with connection.transaction():
                states = connection.execute(
                    "select status, count(*) from activation.syncs where status = 'running' group by 1"
                ).fetchall()
            assert states == []
    assert at > 60
