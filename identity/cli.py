"""`braid identity`: find the people in any table, from the command line."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.table import Table

from identity.columns import one_array
from identity.evaluation import Quality, evaluate
from identity.pipeline import Resolution, resolve
from identity.recognise import RecognisedTable, UnrecognisedTable, recognise
from identity.settings import IdentitySettings

app = typer.Typer(no_args_is_help=True, help="Who is who: group records of people into customers and say why.")


@app.callback()
def _identity() -> None:
    """Keep `dedupe` a subcommand: more will stand beside it."""


@app.command()
def dedupe(
    people: Annotated[Path, typer.Argument(help="a table of people, .csv or .parquet")],
    id_column: Annotated[str, typer.Option(help="the column that tells the rows apart")] = "unique_id",
    out: Annotated[Path, typer.Option(help="where the clusters go, .csv or .parquet")] = Path("clusters.parquet"),
    truth_column: Annotated[str | None, typer.Option(help="who is who, if known: to measure, never to match")] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="what a column holds, as name=field; may be given several times")
    ] = None,
    default_region: Annotated[str, typer.Option(help="region of phone numbers without a country code")] = "US",
) -> None:
    """Find the records of one person in a table: no labels, no configuration.

    Writes one row per input row: the id, `customer_id`, and `cluster_confidence` (how firmly the row belongs there).
    """
    errors = Console(stderr=True, soft_wrap=True)
    try:
        table = _read(people)
        started = time.perf_counter()
        recognised = recognise(
            table, id_column, ignored=_truth_columns(table, truth_column), overrides=_overrides(table, column or [])
        )
        resolution = resolve(
            recognised.records,
            previous=None,
            ledger=None,
            run_id="dedupe",
            now=datetime.now(UTC),
            settings=IdentitySettings(default_region=default_region.upper()),
        )
        seconds = time.perf_counter() - started
        _write(_clusters(table, id_column, recognised, resolution), out)
    except (UnrecognisedTable, ValueError, OSError) as error:
        errors.print(f"[red]{type(error).__name__}[/red]: {error}", highlight=False)
        raise typer.Exit(1) from None
    _report(Console(soft_wrap=True), recognised, resolution, seconds, out)
    if truth_column is not None:
        truth = pa.table({"record_id": recognised.records["record_id"], "person_id": _as_text(table[truth_column])})
        _report_quality(Console(soft_wrap=True), evaluate(resolution.record_customers, truth))


def _read(path: Path) -> pa.Table:
    """Read a CSV (every column as text) or a Parquet file.

    Raises:
        ValueError: if it is neither, or cannot be read.
        OSError: if it is not there.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    try:
        if path.suffix == ".parquet":
            return pq.read_table(path)
        if path.suffix == ".csv":
            with path.open("rb") as file:
                header = pacsv.open_csv(file).schema.names
            types = pacsv.ConvertOptions(column_types={name: pa.string() for name in header}, strings_can_be_null=True)
            return pacsv.read_csv(path, convert_options=types)
    except pa.ArrowInvalid as error:
        raise ValueError(f"{path} cannot be read as {path.suffix[1:]}: {str(error).splitlines()[0]}") from error
    raise ValueError(f"{path} is neither .csv nor .parquet")


def _write(clusters: pa.Table, path: Path) -> None:
    if path.suffix not in (".csv", ".parquet"):
        raise ValueError(f"{path} is neither .csv nor .parquet")
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        pacsv.write_csv(clusters, path)
    else:
        pq.write_table(clusters, path)


def _truth_columns(table: pa.Table, truth_column: str | None) -> set[str]:
    if truth_column is None:
        return set()
    if truth_column not in table.column_names:
        raise ValueError(f"there is no column {truth_column!r}; the columns are {', '.join(table.column_names)}")
    return {truth_column}


def _overrides(table: pa.Table, given: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for name, equals, field in pairs:
        if not equals or not field:
            raise ValueError(f"--column {name} must be name=field, for instance mail_addr=emails")
        if name not in table.column_names:
            raise ValueError(f"there is no column {name!r}; the columns are {', '.join(table.column_names)}")
    return {name: field for name, _, field in pairs}


def _as_text(column: pa.ChunkedArray) -> pa.Array:
    return one_array(column).cast(pa.string())


def _clusters(table: pa.Table, id_column: str, recognised: RecognisedTable, resolution: Resolution) -> pa.Table:
    """One row per input row, in the input's order."""
    customers = resolution.record_customers
    place = pc.index_in(one_array(recognised.records["record_id"]), one_array(customers["record_id"]))
    return pa.table(
        {
            id_column: table[id_column],
            "customer_id": one_array(customers["customer_id"]).take(place),
            "cluster_confidence": one_array(customers["link_strength"]).take(place),
        }
    )


def _report(console: Console, recognised: RecognisedTable, resolution: Resolution, seconds: float, out: Path) -> None:
    columns = Table("field", "read from", title="Columns recognised", title_justify="left")
    for field, names in recognised.mapping.items():
        columns.add_row(field.replace("_", " "), ", ".join(names))
    console.print(columns)
    figures = Table("figure", "value", title="Result", title_justify="left")
    summary = resolution.summary
    for name in ("records", "customers", "largest_customer", "records_alone", "pairs_compared", "edges_kept"):
        figures.add_row(name.replace("_", " "), f"{summary[name]:,}")
    figures.add_row("compared by", str(summary["comparisons"]).replace("_", " "))
    figures.add_row("seconds", f"{seconds:.1f}")
    console.print(figures)
    console.print(f"Written to {out}", highlight=False)


def _report_quality(console: Console, quality: Quality) -> None:
    table = Table("", "precision", "recall", "F1", title="Against the truth column", title_justify="left")
    table.add_row("pairs", *(f"{value:.4f}" for value in (quality.precision, quality.recall, quality.f1)))
    bcubed = (quality.bcubed_precision, quality.bcubed_recall, quality.bcubed_f1)
    table.add_row("B-cubed", *(f"{value:.4f}" for value in bcubed))
    console.print(table)
