"""`braid identity review`: ask people about a sample of pairs, and say from their answers how good identity is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import typer
from rich.markup import escape

from identity.artifact import ModelMismatch
from identity.labelling.answers import UnreadableAnswers, labelling_sheet, read_sheet
from identity.labelling.estimators import TooFewAnswers, estimate, expected_widths
from identity.labelling.recalibration import COST_RATIO, calibration_table, recalibrate
from identity.labelling.sampling import SampleSettings
from orchestration.identity_commands.plan import By
from orchestration.identity_commands.review_screen import ask, show_calibration, show_report
from orchestration.identity_review import NothingToReview, Review, ReviewStore
from orchestration.identity_store import IdentityStore
from orchestration.terminal import console, fail, load_settings, warehouse_errors, whoever_types
from orchestration.warehouse import Warehouse

Labels = Annotated[int, typer.Option(help="how many pairs to ask about", min=20, max=100_000)]
Seed = Annotated[int, typer.Option(help="another seed, another sample", min=0)]
Level = Annotated[float, typer.Option(help="how often an interval covers the truth", min=0.5, max=0.999)]

_DEFAULTS = SampleSettings()


def register(app: typer.Typer) -> None:
    """Add `review` with its commands to `braid identity`."""
    group = typer.Typer(help="How good identity is: judge a sample of pairs, and see what follows from it.")
    group.callback(invoke_without_command=True)(review)
    for command in (draw, report, calibrate):
        group.command()(command)
    group.command("export")(export_file)
    group.command("import")(import_file)
    app.add_typer(group, name="review")


def review(context: typer.Context, by: By = None) -> None:
    """Judge the pairs of the sample, one after the other; stop whenever you like, and go on later.

    Draws a sample first if there is none. Every answer is a judgement: it counts from the next run on.
    """
    if context.invoked_subcommand is not None:
        return
    who = whoever_types(by)
    with warehouse_errors():
        store = _store()
        try:
            current = store.latest()
        except NothingToReview:
            current = _draw(store, _DEFAULTS, who)
        _say_if_outdated(store, current)
        try:
            ask(store, current, who)
        except ModelMismatch as error:
            raise fail(f"{escape(str(error))}.") from None


def draw(
    labels: Labels = _DEFAULTS.labels,
    seed: Seed = _DEFAULTS.seed,
    by: By = None,
) -> None:
    """Draw a new sample of the customers that are live now; the answers to an earlier one are kept as judgements."""
    who = whoever_types(by)
    with warehouse_errors():
        current = _draw(_store(), SampleSettings(labels=labels, seed=seed), who)
    asked = pc.sum(current.strata["sampled"]).as_py()
    console.print(
        f"{current.sample_id}: {asked:,} pairs in {current.strata.num_rows} strata. `braid identity review` asks.",
        highlight=False,
    )


def export_file(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="it will hold personal data")],
    every: Annotated[bool, typer.Option("--all", help="also pairs that have been answered")] = False,
) -> None:
    """Write the pairs that are still to be judged, with the values of both records, to fill in elsewhere."""
    if file.suffix != ".csv":
        raise fail(f"{escape(str(file))} must end in .csv")
    with warehouse_errors():
        store, current = _current()
        queue = store.answers(current)
        if not every:
            queue = queue.filter(pc.is_null(queue["verdict"]))
        queue = queue.drop_columns(["verdict"])
        ids = pc.unique(pa.concat_arrays([queue[side].combine_chunks() for side in ("record_id_a", "record_id_b")]))
        sheet = labelling_sheet(queue, store.records(ids.to_pylist()), current.sample_id)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # Only its owner may read it, from its first byte on.
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            pacsv.write_csv(sheet, out)
    except OSError as error:
        raise fail(f"{escape(str(file))} cannot be written: {error.strerror}.") from None
    console.print(
        f"{sheet.num_rows:,} pairs written to {escape(str(file))}. Fill in the column verdict (same, different, "
        "unsure), then `braid identity review import`. It holds personal data: remove it when you are done.",
        highlight=False,
    )


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="as `review export` wrote it, filled in")],
    by: By = None,
) -> None:
    """Read verdicts from a file; all of it, or nothing when a line is wrong. Lines without a verdict are left out."""
    who = whoever_types(by)
    with warehouse_errors():
        store, current = _current()
        try:
            answers = read_sheet(_read_csv(file), store.answers(current), current.sample_id)
        except UnreadableAnswers as error:
            raise fail(f"{escape(str(file))}: {escape(str(error))}.") from None
        added = store.answer_all(current, answers, by=who)
    console.print(f"{added:,} answers added. `braid identity review report` says what follows.", highlight=False)


def report(level: Level = 0.95) -> None:
    """Precision, recall and F1 of pairs with their intervals, by stratum, and what more answers would buy."""
    with warehouse_errors():
        store, current = _current()
        _say_if_outdated(store, current)
        answers = _given(store, current)
        try:
            found = estimate(current.strata, answers, level=level)
        except TooFewAnswers as error:
            raise fail(f"{escape(str(error))}: `braid identity review` asks.") from None
        more = {factor: expected_widths(current.strata, answers, factor, level=level) for factor in (2.0, 4.0)}
    show_report(console, current, answers, found, more)


def calibrate(
    out: Annotated[Path | None, typer.Option(help="where to write the proposal, .json")] = None,
    cost_ratio: Annotated[
        float, typer.Option(help="missed matches that a wrong merge is worth", min=0.01)
    ] = COST_RATIO,
) -> None:
    """What the answers say of the probabilities and of the threshold: a proposal, which nothing applies by itself."""
    with warehouse_errors():
        store, current = _current()
        answers = _given(store, current)
        proposal = recalibrate(current.strata, answers, threshold=current.threshold, cost_ratio=cost_ratio)
    show_calibration(console, proposal, calibration_table(current.strata, answers))
    if out is not None:
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_text(proposal.fragment(sample_id=current.sample_id, model_id=current.model_id) + "\n")
        except OSError as error:
            raise fail(f"{escape(str(out))} cannot be written: {error.strerror}.") from None
        console.print(f"Proposal written to {escape(str(out))}", highlight=False)


def _store() -> ReviewStore:
    return ReviewStore(IdentityStore(Warehouse.open(load_settings())))


def _current() -> tuple[ReviewStore, Review]:
    store = _store()
    try:
        return store, store.latest()
    except NothingToReview as error:
        raise fail(f"{escape(str(error))}.") from None


def _draw(store: ReviewStore, settings: SampleSettings, who: str) -> Review:
    try:
        return store.draw(settings, who)
    except (NothingToReview, ModelMismatch, ValueError) as error:
        raise fail(f"{escape(str(error))}.") from None


def _given(store: ReviewStore, current: Review) -> pa.Table:
    answers = store.answers(current)
    return answers.filter(pc.is_valid(answers["verdict"]))


def _say_if_outdated(store: ReviewStore, current: Review) -> None:
    if not store.is_live(current):
        console.print(
            f"{current.sample_id} judges the run {escape(current.run_id)}; a newer one has been published since. "
            "`braid identity review draw` samples that.",
            highlight=False,
        )


def _read_csv(file: Path) -> pa.Table:
    """Every column as text.

    Raises:
        UnreadableAnswers: if there is no such file, or it is no CSV.
    """
    try:
        with file.open("rb") as opened:
            header = pacsv.open_csv(opened).schema.names
        types = pacsv.ConvertOptions(column_types={name: pa.string() for name in header}, strings_can_be_null=True)
        parse = pacsv.ParseOptions(newlines_in_values=True)
        return pacsv.read_csv(file, convert_options=types, parse_options=parse)
    except OSError as error:
        raise UnreadableAnswers(f"it cannot be read ({error.strerror or 'no such file'})") from None
    except pa.ArrowInvalid:
        # The error of the parser repeats the line, which holds personal data.
        raise UnreadableAnswers("it is not a CSV with one header and lines of the same number of fields") from None
