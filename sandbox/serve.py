"""Serves the look-alikes over HTTP, on a thread of its own or for as long as a process lives."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn

from sandbox.vendors.app import Vendors, build
from sandbox.world import World

_PATIENCE = 30.0


class SandboxError(RuntimeError):
    """The sandbox cannot be served; the message says why."""


@dataclass
class Sandbox:
    """The running look-alikes."""

    url: str
    world: World
    vendors: Vendors = field(repr=False)
    files: Path | None = None
    _server: uvicorn.Server | None = field(default=None, repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)

    def environment(self) -> dict[str, str]:
        """The BRAID_… variables of `orchestration.settings` that point Braid at this sandbox."""
        found = {"BRAID_AS_OF": self.world.as_of.isoformat()}
        for name, vendor in self.vendors.by_name.items():
            found |= vendor.environment(f"{self.url}/{name}")
        if self.files is not None:
            found["BRAID_FILES"] = str(self.files.resolve())
        return found

    def close(self) -> None:
        """Stop serving; what was written stays in the state folder."""
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(_PATIENCE)
            self._thread = None
            self.vendors.close()

    def __enter__(self) -> Self:
        """Itself, already serving."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self.close()


def serve(world: World, state: Path, *, host: str = "127.0.0.1", port: int = 0, files: Path | None = None) -> Sandbox:
    """Serve every vendor of that world on one port, until closed.

    Args:
        world: What the vendors know.
        state: A folder for what is written to them; it survives a restart.
        host: Address to listen on.
        port: Port to listen on; any free one when 0.
        files: A folder that `environment` names as BRAID_FILES.

    Raises:
        SandboxError: if the port is taken or the server does not start.
    """
    vendors = build(world, state)
    config = uvicorn.Config(
        vendors.app,
        host=host,
        port=port,
        log_level="critical",
        access_log=False,
        lifespan="off",
        loop="asyncio",
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=_run, args=(server,), name="sandbox", daemon=True)
    thread.start()
    waited_until = time.monotonic() + _PATIENCE
    while not server.started:
        if not thread.is_alive() or time.monotonic() > waited_until:
            vendors.close()
            raise SandboxError(f"the sandbox cannot listen on {host}:{port}; is the port taken? Try another --port")
        time.sleep(0.01)
    bound = server.servers[0].sockets[0].getsockname()[1]
    return Sandbox(f"http://{host}:{bound}", world, vendors, files, server, thread)


def _run(server: uvicorn.Server) -> None:
    try:
        server.run()
    except SystemExit:
        # uvicorn exits the process when it cannot bind; on this thread, `serve` reports it.
        return
