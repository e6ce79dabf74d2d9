"""`braid identity dedupe`: find the people in any table, or in several, from the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from identity.commands.console import say_quality, say_recognised, say_result
from identity.commands.model_settings import settings_of
from identity.commands.outputs import clusters_table, edges_table, refuse_overwriting
from identity.commands.people import Asked, read_people
from identity.commands.stages import Stages
from identity.engines.protocol import EngineError
from identity.evaluation import evaluate
from identity.pipeline import resolve
from identity.recognise.mapping_file import read_mapping_file
from identity.report import Source, report_html
from identity.settings import EngineName
from identity.tables.writing import refuse_unwritable, write_table

_RUN = "dedupe"


def dedupe(
    people: Annotated[list[Path], typer.Argument(help="tables of people: .csv, .tsv, .parquet or .jsonl")],
    id_column: Annotated[
        str | None, typer.Option(help="the column that tells the rows apart; without it one is found, or rows numbered")
    ] = None,
    out: Annotated[Path, typer.Option(help="where the clusters go: .csv, .parquet or .jsonl")] = Path(
        "clusters.parquet"
    ),
    edges: Annotated[Path | None, typer.Option(help="where the compared pairs go, with their weights")] = None,
    report: Annotated[Path | None, typer.Option(help="where an HTML report goes, one file that works offline")] = None,
    show_values: Annotated[bool, typer.Option(help="show people's data in the report, which else masks it")] = False,
    model: Annotated[Path | None, typer.Option(help="where the learnt model goes, as JSON")] = None,
    with_model: Annotated[Path | None, typer.Option(help="a model written by --model, instead of learning one")] = None,
    mapping: Annotated[Path | None, typer.Option(help="a YAML file that says which column is what")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="what a column holds, as name=field (or name=ignore); may be given several times"),
    ] = None,
    one_per_source: Annotated[
        bool, typer.Option(help="each input (or each source that a column names) holds a person at most once")
    ] = False,
    truth_column: Annotated[str | None, typer.Option(help="who is who, if known: to measure, never to match")] = None,
    default_region: Annotated[
        str | None, typer.Option(help="region of phone numbers without a country code; US when not given")
    ] = None,
    engine: Annotated[
        EngineName, typer.Option(help="where records are compared: spark needs braid[spark] and Java 17; same result")
    ] = "duckdb",
    encoding: Annotated[str | None, typer.Option(help="of CSV files; found out when not given")] = None,
    delimiter: Annotated[str | None, typer.Option(help="of CSV files; found out when not given")] = None,
) -> None:
    """Find the records of one person in a table, or across several: no labels, no configuration.

    Writes one row per input row: the id, `customer_id`, and `cluster_confidence` (how firmly the row belongs there).
    Columns are recognised by name and content; what was recognised, and why, is said.
    """
    errors = Console(stderr=True, soft_wrap=True)
    console = Console(soft_wrap=True)
    outputs = [path for path in (out, edges, report, model) if path is not None]
    try:
        refuse_overwriting(outputs, [*people, *(path for path in (mapping, with_model) if path is not None)])
        for path in (out, edges):
            if path is not None:
                refuse_unwritable(path)
        frozen = with_model.read_text(encoding="utf-8") if with_model is not None else None
        settings = settings_of(frozen, default_region, one_per_source=one_per_source)
        settings = settings.model_copy(update={"engine": engine})
        asked = Asked(
            id_column,
            truth_column,
            tuple(column or ()),
            read_mapping_file(mapping) if mapping else None,
            settings.default_region,
            encoding,
            "\t" if delimiter in ("\\t", "tab") else delimiter,
        )
        with Stages(errors) as stages:
            with stages.stage("reading"):
                found = read_people(people, asked)
            with stages.stage("resolving"):
                resolution = resolve(
                    found.records,
                    previous=None,
                    ledger=None,
                    run_id=_RUN,
                    now=datetime.now(UTC),
                    settings=settings,
                    model=frozen,
                    progress=stages.begin,
                )
            with stages.stage("writing"):
                write_table(clusters_table(found, resolution), out)
                if edges is not None:
                    write_table(edges_table(resolution), edges)
                if model is not None:
                    _write_text(resolution.model, model)
            if report is not None:
                with stages.stage("reporting"):
                    sources = tuple(
                        Source(one.name, one.read.table.num_rows, one.recognised.columns, one.notices)
                        for one in found.inputs
                    )
                    seconds = dict(stages.seconds)
                    _write_text(
                        report_html(sources, found.records, resolution, seconds, show_values=show_values), report
                    )
    except (ValueError, OSError, EngineError) as error:
        errors.print(f"[red]{type(error).__name__}[/red]: {escape(str(error))}", highlight=False)
        raise typer.Exit(1) from None
    say_recognised(console, found)
    say_result(console, resolution, sum(stages.seconds.values()), outputs)
    if found.truth is not None:
        say_quality(console, evaluate(resolution.record_customers, found.truth))


def _write_text(text: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def register(app: typer.Typer) -> None:
    """Add the command to `braid identity`."""
    app.command()(dedupe)
