"""What `braid identity review` shows: two records beside each other, the report, the proposal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from identity.labelling.answers import FIELDS, VERDICTS
from identity.labelling.estimators import Estimates, Interval, count_answers
from identity.labelling.recalibration import Proposal
from identity.labelling.sampling import STRATA
from orchestration.identity_review import Review, ReviewStore
from orchestration.terminal import console

_KEYS: Final = "[bold]s[/]ame person, [bold]d[/]ifferent, [bold]u[/]nsure, [bold]q[/]uit"
_OF_OTHERS: Final = 4  # values shown of a customer's other records, per field


def ask(store: ReviewStore, review: Review, who: str, read_key: Callable[[], str] | None = None) -> None:
    """Ask about the pairs that have no answer yet, in the order of the queue, until there is none or `q` is typed.

    `read_key` reads one answer; the default prompts in the terminal, the end of the input quits.
    """
    read = read_key or _prompt
    answers = store.answers(review)
    waiting = answers.filter(pc.is_null(answers["verdict"])).to_pylist()
    done = answers.num_rows - len(waiting)
    for number, pair in enumerate(waiting):
        records = store.records([pair["record_id_a"], pair["record_id_b"]])
        if records.num_rows < 2:
            console.print(f"{done + number + 1}: one of the two records is gone; left out.")
            continue
        console.rule(f"{done + number + 1} of {answers.num_rows}")
        _show_pair(store, review, pair, records)
        key = _verdict(read)
        if key == "q":
            console.print(
                f"Stopped after {done + number:,} of {answers.num_rows:,}. The same command goes on from here."
            )
            return
        store.answer(review, pair, VERDICTS[key], by=who)
    console.print("Every pair of the sample has been asked about. `braid identity review report` says what follows.")


def _verdict(read: Callable[[], str]) -> str:
    while True:
        key = read().strip().lower()
        if key == "q" or key in VERDICTS:
            return key
        console.print(f"Please type one of: {_KEYS}")


def _prompt() -> str:
    try:
        return str(typer.prompt("s/d/u/q", prompt_suffix="> "))
    except typer.Abort:
        return "q"


def _show_pair(store: ReviewStore, review: Review, pair: dict[str, Any], records: pa.Table) -> None:
    rows = {row["record_id"]: row for row in records.to_pylist()}
    ids = [pair["record_id_a"], pair["record_id_b"]]
    companions = [store.companions(one) for one in ids]
    # What one customer's other records say is the question itself where both records are of that customer.
    known = [[] if ids[1 - side] in others else others for side, others in enumerate(companions)]
    others = [store.records(some).to_pylist() if some else [] for some in known]
    table = Table("", *map(escape, ids), box=None)
    for field in FIELDS:
        cells = [_cell(rows[one][field], [row[field] for row in rest]) for one, rest in zip(ids, others, strict=True)]
        if any(cells):
            table.add_row(field.replace("_", " "), *cells)
    console.print(table)
    if any(others):
        console.print("[dim]in brackets: what other records of the same customer say[/]")
    for item in store.evidence(review, records):
        console.print(f"  {item['weight']:+6.1f} bits  {escape(str(item['words']))}", highlight=False)
    weight = pair["match_weight"]
    console.print("never scored before" if weight is None else f"match weight {weight:+.1f} bits", highlight=False)
    console.print(_KEYS)


def _cell(value: Any, others: list[Any]) -> str:
    own = _values(value)
    rest = [text for text in dict.fromkeys(t for other in others for t in _values(other)) if text not in own]
    shown = f"[dim]({escape(', '.join(rest[:_OF_OTHERS]))}{' …' if len(rest) > _OF_OTHERS else ''})[/]" if rest else ""
    return " ".join(part for part in (escape(", ".join(own)), shown) if part)


def _values(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list):
        return [str(one) for one in value if one is not None]
    return [value.isoformat() if isinstance(value, date) else str(value)]


def show_report(
    out: Console, review: Review, answers: pa.Table, found: Estimates, more: dict[float, dict[str, float]]
) -> None:
    """The estimates, the strata, and how wide the intervals would be with more answers."""
    counts = found.answers
    by_verdict = ", ".join(f"{counts[verdict]:,} {verdict}" for verdict in ("same", "different", "unsure"))
    out.print(
        f"{review.sample_id}: {sum(counts.values()):,} answers ({by_verdict}), drawn {review.drawn_at:%Y-%m-%d} "
        f"of the run {escape(review.run_id)}",
        highlight=False,
    )
    table = Table("pairs", "estimate", f"{found.level:.0%} interval", "what it is", box=None)
    for name, interval, words in (
        ("precision", found.precision, "of the pairs put together, those that are one person"),
        ("recall", found.recall, "of all pairs of one person, those put together"),
        ("  where anything connects", found.recall_connected, "the same among pairs that some evidence connects"),
        ("F1", found.f1, "harmonic mean of precision and recall"),
    ):
        table.add_row(name, f"{interval.estimate:.4f}", _ends(interval), words)
    out.print(table)
    if counts["unsure"]:
        out.print(
            f"Were every unsure pair a mistake: precision {found.against[0]:.4f}, recall {found.against[1]:.4f}. "
            f"Were none: {found.in_favour[0]:.4f}, {found.in_favour[1]:.4f}.",
            highlight=False,
        )
    if found.surprises:
        out.print(
            f"[yellow]{found.surprises} of the random pairs, which nothing connects, are one person:[/] blocking "
            "misses far more than is allowed for. Look at them before you trust the rest.",
            highlight=False,
        )
    if found.unanswered:
        out.print(f"No answers yet, so by the model's word: {escape('; '.join(found.unanswered))}.", highlight=False)
    out.print(_by_stratum(review.strata, answers))
    out.print(
        "With more answers like these the intervals would be this wide: "
        + "; ".join(
            f"{factor:g} times as many: precision {widths['precision']:.3f}, recall {widths['recall_connected']:.3f}"
            for factor, widths in more.items()
        )
        + f" (now {found.precision.width:.3f} and {found.recall_connected.width:.3f}).",
        highlight=False,
    )


def _by_stratum(strata: pa.Table, answers: pa.Table) -> Table:
    same, different, unsure = count_answers(strata.cast(STRATA), answers)
    table = Table("stratum", "pairs", "asked", "same", "different", "unsure", "one person", "model", box=None)
    for row, yes, no, open_ in zip(strata.to_pylist(), same, different, unsure, strict=True):
        error = f" ± {row['pairs_error']:,.0f}" if row["pairs_error"] else ""
        share = f"{yes / (yes + no):.3f}" if yes + no else ""
        cells = (f"{row['pairs']:,.0f}{error}", f"{row['sampled']:,}", f"{yes:,}", f"{no:,}", f"{open_:,}", share)
        table.add_row(row["stratum"], *cells, f"{row['prior']:.3f}")
    return table


def show_calibration(out: Console, proposal: Proposal, rows: list[tuple[str, int, Interval, float]]) -> None:
    """What the answers say of the probabilities and of the threshold."""
    table = Table("match probability", "answers", "one person", "95% interval", "model says", box=None)
    for band, answers, interval, model in rows:
        table.add_row(band, f"{answers:,}", f"{interval.estimate:.3f}", _ends(interval), f"{model:.3f}")
    out.print(table)
    out.print(
        f"{proposal.answers:,} scored pairs, worth {proposal.effective:.0f} equal ones: calibrated bits = "
        f"{proposal.offset:+.2f} (± {proposal.offset_error:.2f}) "
        f"+ {proposal.slope:.2f} (± {proposal.slope_error:.2f}) · bits.",
        highlight=False,
    )
    best = proposal.threshold
    out.print(
        f"With a wrong merge worth {proposal.cost_ratio:g} missed ones, the best threshold is {best.bits:.2f} bits, "
        f"90% interval {best.low:.2f} to {best.high:.2f}; in use: {proposal.current:.2f}.",
        highlight=False,
    )
    out.print(
        "The answers speak against the threshold in use: try it as a planned run of its own first."
        if proposal.is_called_for
        else "The answers do not speak against the threshold in use: leave it."
    )


def _ends(interval: Interval) -> str:
    return f"{interval.low:.4f} to {interval.high:.4f}"
