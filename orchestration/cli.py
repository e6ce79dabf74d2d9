"""`braid`: run the job, try the demo, serve what was published."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any

import psycopg
import typer

from activation.commands.api_keys import build_app
from activation.commands.audit import register as register_audit
from activation.commands.events import build_events_app
from activation.database import ActivationError
from identity.cli import app as identity_app
from orchestration.audience_commands import register as register_audiences
from orchestration.identity_commands import explain, ids, judge, plan, review, who
from orchestration.persona_commands import register as register_personas
from orchestration.privacy_commands import register as register_privacy
from orchestration.segment_commands import register as register_segments
from orchestration.settings import Settings
from orchestration.suppression_commands import register as register_suppressions
from orchestration.sync_commands import register as register_syncs
from orchestration.terminal import console, fail, load_settings, warehouse_errors


def open_connection() -> psycopg.Connection[Any]:
    """A connection to the warehouse of the environment, for the commands of other rooms."""
    from orchestration.warehouse import Warehouse

    with warehouse_errors():
        return Warehouse.open(load_settings()).connect()


app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Braid: one customer from many records, and why.",
)
for commands in (plan, judge, ids, explain, review, who):
    commands.register(identity_app)
app.add_typer(identity_app, name="identity")
app.add_typer(build_app(open_connection), name="api-key")
app.add_typer(build_events_app(open_connection), name="events")
register_audit(app, open_connection)
register_segments(app)
register_audiences(app)
register_personas(app)
register_suppressions(app)
register_syncs(app)
register_privacy(app)

People = Annotated[int, typer.Option(help="How many people the sandbox retailer has met.", min=50)]
Seed = Annotated[int, typer.Option(help="Another seed, another retailer.")]


@app.command()
def run(
    files: Annotated[
        Path | None,
        typer.Option(help="A folder of CSV, JSONL or Parquet with a mapping.yml.", exists=True, file_okay=False),
    ] = None,
) -> None:
    """Run the whole job once, for the sources in the environment and the files given."""
    if files is not None:
        os.environ["BRAID_FILES"] = str(files.resolve())
    settings = load_settings()
    if not settings.has_sources and not _events_came(settings):
        raise fail(
            "there is nothing to read from: configure a source (see the README), or give a folder with --files. "
            "`braid demo` shows everything on a made-up retailer."
        )
    _run(settings, truth=None)


@app.command()
def demo(people: People = 2000, seed: Seed = 7) -> None:
    """Open the sandbox retailer, run the whole job on it, and show what came out."""
    from orchestration.demo import DemoError, enter, open_shop

    home = load_settings().home
    console.print(f"Opening the sandbox retailer: {people:,} people, seed {seed} …")
    try:
        with open_shop(home, people=people, seed=seed) as shop:
            enter(shop)
            _run(load_settings(), truth=shop.truth)
    except DemoError as error:
        raise fail(str(error)) from None
    console.print("\nNext: [bold]make serve[/] opens Dagster's UI and the API on what you just built.")


@app.command()
def status() -> None:
    """Show what the last run left: rows per stage, segments, deliveries."""
    from orchestration.summary import print_summary

    with warehouse_errors():
        print_summary(load_settings(), console)


@app.command()
def serve(
    ui_port: Annotated[int, typer.Option(help="Dagster's UI.")] = 3000,
    api_port: Annotated[int, typer.Option(help="The profile API.")] = 8000,
    workers: Annotated[int, typer.Option(help="Processes that answer the API.", min=1, max=64)] = 1,
) -> None:
    """Serve Dagster's UI and the profile API until interrupted."""
    from orchestration.demo import enter, open_shop, remembered
    from orchestration.serve import serve_all

    settings = load_settings()
    last_demo = None if settings.has_sources else remembered(settings.home)
    if last_demo:
        console.print("No source is configured: serving the demo's retailer.")
    with open_shop(settings.home, **last_demo) if last_demo else nullcontext() as shop:
        if shop is not None:
            enter(shop)
        with warehouse_errors():
            try:
                serve_all(load_settings(), console, ui_port=ui_port, api_port=api_port, workers=workers)
            except ActivationError as error:
                raise fail(str(error)) from None


@app.command()
def clean(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget everything below Braid's home: the embedded database with all in it, run history, the demo's retailer."""
    import shutil

    from orchestration.warehouse import start_embedded

    home = load_settings().home
    if not home.exists():
        console.print(f"There is no {home}: nothing to forget.")
        return
    if not yes:
        typer.confirm(f"Remove {home.resolve()} with the embedded database in it?", abort=True)
    if (home / "postgres" / "PG_VERSION").exists():
        with warehouse_errors():
            start_embedded(home / "postgres").stop()
    shutil.rmtree(home)
    console.print(f"Removed {home}.")


def _events_came(settings: Settings) -> bool:
    """Whether the API has taken events, which are a source that nobody configures; no server is started to ask."""
    from orchestration.sources.events import events_wait
    from orchestration.warehouse import Warehouse

    if settings.database_url is None and not (settings.home / "postgres" / "PG_VERSION").exists():
        return False
    with warehouse_errors():
        return events_wait(Warehouse.open(settings))


def _run(settings: Settings, *, truth: Path | None) -> None:
    from orchestration.run import run_job
    from orchestration.summary import print_summary

    with warehouse_errors():
        outcome = run_job(settings)
        if not outcome.success:
            raise fail("the run failed; what was published before is still served.\n  " + "\n  ".join(outcome.problems))
        print_summary(settings, console, truth=truth)
