"""`braid sync pause` and `resume`."""

from __future__ import annotations

from typing import Annotated

import typer

from activation.schema import require_current
from activation.sync.history import pause as pause_sync
from activation.sync.history import resume as resume_sync
from orchestration.sync_commands.opened import Name, connected, find
from orchestration.terminal import console, load_settings, whoever_types


def register(app: typer.Typer) -> None:
    """Add `pause` and `resume` to `braid sync`."""
    app.command(name="pause")(pause)
    app.command(name="resume")(resume)


def pause(
    sync: Name,
    reason: Annotated[str | None, typer.Option(help="why, for whoever asks")] = None,
    by: Annotated[str | None, typer.Option(help="who decides; the user of this terminal if not given")] = None,
) -> None:
    """Send nothing more to a tool but what people withdraw, until `braid sync resume`."""
    settings = load_settings()
    find(settings, sync)
    who = whoever_types(by)
    with connected(settings) as connection:
        require_current(connection)
        done = pause_sync(connection, sync, who, reason)
    console.print(f"{sync} is paused." if done else f"{sync} was paused already.", highlight=False)


def resume(sync: Name) -> None:
    """Let a paused sync go on with its next run."""
    settings = load_settings()
    find(settings, sync)
    with connected(settings) as connection:
        require_current(connection)
        done = resume_sync(connection, sync)
    console.print(f"{sync} goes on." if done else f"{sync} was not paused.", highlight=False)
