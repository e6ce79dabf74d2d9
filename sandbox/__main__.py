"""`python -m sandbox serve`: the retailer's vendors as a process of their own, until terminated."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pyarrow.parquet as pq
import typer

from sandbox.generator import generate
from sandbox.generator.build import AS_OF
from sandbox.records import whole_truth
from sandbox.serve import SandboxError, serve
from sandbox.world import TABLES, World

app = typer.Typer(add_completion=False, help="A made-up omnichannel retailer behind look-alikes of its vendors' APIs.")


@app.callback()
def _commands() -> None:
    """Keep `serve` a command of its own."""


def world_in(home: Path, people: int, seed: int, as_of: datetime = AS_OF) -> World:
    """The world in `home`, made anew only for other people, another seed or another present."""
    # A world that an older release made lacks tables.
    tables = hashlib.sha256(repr(TABLES).encode()).hexdigest()[:16]
    wanted = {"people": people, "seed": seed, "as_of": as_of.isoformat(), "tables": tables}
    note = home / "world" / "made_for.json"
    if note.exists() and json.loads(note.read_text()) == wanted:
        return World.load(home / "world")
    note.unlink(missing_ok=True)
    # What was written to the vendors of another world would meet people it was not about.
    shutil.rmtree(home / "state", ignore_errors=True)
    world = generate(people, seed, as_of)
    world.save(home / "world")
    _write_whole(note, json.dumps(wanted))
    return world


def _write_whole(path: Path, text: str) -> None:
    """Write a file that is never seen half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text)
    draft.replace(path)


def _stop_with(parent: int, stop: threading.Event) -> None:
    """A demo that is killed cannot stop its retailer; this one notices."""
    while os.getppid() == parent and not stop.wait(0.5):
        pass
    stop.set()


@app.command("serve")
def serve_command(
    home: Annotated[Path, typer.Option(help="folder for the world, the truth, the files and what is written")],
    people: Annotated[int, typer.Option(min=1)] = 2000,
    seed: int = 7,
    port: Annotated[int, typer.Option(help="any free one when 0")] = 0,
    as_of: Annotated[datetime, typer.Option(help="the retailer's present")] = AS_OF,
    with_parent: Annotated[bool, typer.Option("--with-parent", help="end when the starting process ends")] = False,
) -> None:
    """Make the world once, serve it, and write HOME/environment.json when ready."""
    stop = threading.Event()
    if with_parent:
        threading.Thread(target=_stop_with, args=(os.getppid(), stop), daemon=True).start()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    ready = home / "environment.json"
    ready.unlink(missing_ok=True)
    world = world_in(home, people, seed, as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC))
    pq.write_table(whole_truth(world), home / "truth.parquet")
    try:
        sandbox = serve(world, home / "state", port=port, files=home / "files")
    except SandboxError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    with sandbox:
        _write_whole(ready, json.dumps({**sandbox.environment(), "SANDBOX_URL": sandbox.url}, indent=2))
        typer.echo(f"the sandbox retailer answers at {sandbox.url} (process {os.getpid()})")
        stop.wait()
    ready.unlink(missing_ok=True)


if __name__ == "__main__":
    app()
