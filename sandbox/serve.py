"""Serves the look-alikes over HTTP, on a thread of its own or for as long as a process lives."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.vendors.app import Vendors, build
from sandbox.vendors.exports.folder import MAPPING, write_files
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
    state: Path
    files: Path | None = None
    _door: _Door | None = field(default=None, repr=False)
    _server: uvicorn.Server | None = field(default=None, repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)

    def environment(self) -> dict[str, str]:
        """The BRAID_… variables of `orchestration.settings` that point Braid at this sandbox."""
        found = {"BRAID_AS_OF": self.world.as_of.isoformat()}
        for name, vendor in self.vendors.by_name.items():
            found |= vendor.environment(f"{self.url}/{name}")
        if self.files is not None and (self.files / MAPPING).exists():
            found["BRAID_FILES"] = str(self.files.resolve())
        return found

    def advance(self, world: World) -> None:
        """Serve another world, such as the same one a day later, at the same addresses and in the same files.

        What was written to the vendors stays; faults and limits that a test set are forgotten.
        """
        self.vendors.close()
        self.world, self.vendors = world, build(world, self.state)
        if self._door is not None:
            self._door.app = self.vendors.app
        if self.files is not None:
            write_files(world, self.files)

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


class _Door:
    """What the server calls: the vendors of whichever world is shown."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def serve(world: World, state: Path, *, host: str = "127.0.0.1", port: int = 0, files: Path | None = None) -> Sandbox:
    """Serve every vendor of that world on one port, until closed.

    Args:
        world: What the vendors know.
        state: A folder for what is written to them; it survives a restart.
        host: Address to listen on.
        port: Port to listen on; any free one when 0.
        files: A folder for what the retailer's other systems export; `environment` names it as BRAID_FILES.

    Raises:
        SandboxError: if the port is taken or the server does not start.
    """
    vendors = build(world, state)
    if files is not None:
        write_files(world, files)
    door = _Door(vendors.app)
    config = uvicorn.Config(
        door,
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
    return Sandbox(f"http://{host}:{bound}", world, vendors, state, files, door, server, thread)


def _run(server: uvicorn.Server) -> None:
    try:
        server.run()
    except SystemExit:
        # uvicorn exits the process when it cannot bind; on this thread, `serve` reports it.
        return
