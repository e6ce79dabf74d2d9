"""`braid identity judge | unmerge | undo | judgements`: a person's word about records, which outweighs the model."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import pyarrow as pa
import pyarrow.compute as pc
import typer
from rich.markup import escape

from identity.judgement import constraints, new_judgement
from identity.judgement import undo as undo_judgements
from identity.judgement import unmerge as unmerge_record
from orchestration.identity_commands.plan import By, Why
from orchestration.identity_judgements import JudgementLog
from orchestration.identity_store import IdentityStore
from orchestration.split_outlook import held_by
from orchestration.terminal import console, fail, load_settings, warehouse_errors, whoever_types
from orchestration.warehouse import Warehouse

_COUNTS = "It counts from the next `braid run` on, or now: `braid identity plan`, then `apply`."


class Verdict(StrEnum):
    """What a person can say about two records."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


def register(app: typer.Typer) -> None:
    """Add `judge`, `unmerge`, `undo` and `judgements` to `braid identity`."""
    for command in (judge, unmerge, undo, judgements):
        app.command()(command)


def judge(
    record_id: Annotated[str, typer.Argument(metavar="RECORD", help="<source>:<entity>:<native id>")],
    other_record_id: Annotated[str, typer.Argument(metavar="RECORD", help="the other one")],
    verdict: Annotated[Verdict, typer.Argument(help="unsure takes back what was said of the two before")],
    why: Why,
    by: By = None,
) -> None:
    """Say whether two records are one person. The model never overrules it; a newer judgement does."""
    who = whoever_types(by)
    with warehouse_errors():
        log = _log()
        _refuse_unknown(log, record_id, other_record_id)
        seen = log.seen(record_id, other_record_id)
        try:
            rows = new_judgement(
                record_id,
                other_record_id,
                verdict.value,
                judged_by=who,
                judged_at=datetime.now(UTC),
                reason=why,
                match_weight=seen.match_weight,
                model_id=seen.model_id,
            )
        except ValueError as error:
            raise fail(escape(str(error))) from None
        log.append(rows)
    together = seen.customer_id_a is not None and seen.customer_id_a == seen.customer_id_b
    customers = ", ".join(sorted({seen.customer_id_a or "none yet", seen.customer_id_b or "none yet"}))
    console.print(
        f"{rows['judgement_id'][0].as_py()}: {verdict.value}. They are in {'one customer' if together else 'customers'}"
        f" now: {customers}. {_COUNTS}",
        highlight=False,
        markup=False,
    )


def unmerge(
    record_id: Annotated[str, typer.Argument(metavar="RECORD", help="<source>:<entity>:<native id>")],
    why: Why,
    by: By = None,
    alone: Annotated[bool, typer.Option("--alone", help="take out this record only, not those it came with")] = False,
) -> None:
    """Undo a merge: the record, and those that were its customer before, are not the others of its customer."""
    who = whoever_types(by)
    settings = load_settings()
    with warehouse_errors():
        store = IdentityStore(Warehouse.open(settings))
        log = store.judgements
        _refuse_unknown(log, record_id)
        found = log.customer_of(record_id)
        if found is None:
            raise fail(f"{escape(record_id)} has no customer yet: `braid run` gives it one.")
        customer_id, records = found
        mine, theirs = (None if alone else log.sides(record_id)) or ([record_id], records)
        now = datetime.now(UTC)
        try:
            rows = pa.concat_tables(
                unmerge_record(one, [one, *theirs], judged_by=who, judged_at=now, reason=why) for one in mine
            )
        except ValueError as error:
            raise fail(escape(str(error))) from None
        log.append(rows)
        outlook = _outlook(held_by(store, settings, mine, records), manual=settings.identity_apply == "manual")
    others = len(set(theirs) - set(mine))
    console.print(
        f"{', '.join(mine)} {'is' if len(mine) == 1 else 'are'} to leave {customer_id}, away from {others:,} records "
        f"({len(rows):,} judgements). {_COUNTS}\n{outlook}",
        highlight=False,
        markup=False,
    )


def _outlook(because: tuple[str, ...], *, manual: bool) -> str:
    """Whether the next plan lets the split through."""
    if because:
        return (
            f"But the split would be held back for a person ({', '.join(because)}), and they stay one customer until "
            "it is released: `braid identity plan` names the change, `braid identity release CHANGE --why …` lets it "
            "through."
        )
    if manual:
        return "No bound holds it; plans wait for `braid identity apply` here (BRAID_IDENTITY_APPLY=manual)."
    return "No bound and no decision holds it back."


def undo(
    judgement_ids: Annotated[list[str], typer.Argument(metavar="JUDGEMENT…", help="as `judgements` shows them")],
    why: Why,
    by: By = None,
) -> None:
    """Take judgements back: each pair is judged as it was before, and nothing is deleted."""
    who = whoever_types(by)
    with warehouse_errors():
        log = _log()
        try:
            rows = undo_judgements(log.every(), judgement_ids, judged_by=who, judged_at=datetime.now(UTC), reason=why)
        except ValueError as error:
            raise fail(escape(str(error))) from None
        log.append(rows)
    console.print(f"{len(rows):,} judgements are taken back. {_COUNTS}", highlight=False)


def judgements(
    record: Annotated[str | None, typer.Option(help="only those about this record")] = None,
    every: Annotated[bool, typer.Option("--all", help="also those that a newer one of the pair has replaced")] = False,
) -> None:
    """List what people decided about records, the newest first."""
    with warehouse_errors():
        log = _log()
        told = log.every()
        known = log.known_records()
    folded = constraints(told, known)
    if record is not None:
        told = told.filter(pc.or_(pc.equal(told["record_id_a"], record), pc.equal(told["record_id_b"], record)))
    if not len(told):
        about = "about that record" if record else "yet"
        console.print(f"No judgements {about}: `braid identity judge RECORD RECORD same|different --why …` makes one.")
        return
    outweighed = dict(
        zip(*(folded.set_aside[name].to_pylist() for name in ("judgement_id", "outweighed_by")), strict=True)
    )
    idle = set(folded.idle["judgement_id"].to_pylist())
    pairs = set()
    for row in reversed(told.to_pylist()):
        pair = (row["record_id_a"], row["record_id_b"])
        if pair in pairs and not every:
            continue
        counts = "replaced" if pair in pairs else _counts(row["judgement_id"], row["verdict"], outweighed, idle)
        pairs.add(pair)
        when = f"{row['judged_at']:%Y-%m-%d %H:%M}"
        # A block of lines each: ids are there to be copied.
        head = f"{row['judgement_id']}  [bold]{row['verdict']}[/], {when}, by {escape(row['judged_by'])}"
        console.print(head, highlight=False)
        console.print(escape(f"    {pair[0]} and {pair[1]}"), highlight=False)
        console.print(escape(f"    why: {row['reason']}; counts: {counts}"), highlight=False)


def _counts(judgement_id: str, verdict: str, outweighed: dict[str, str], idle: set[str]) -> str:
    if verdict == "unsure":
        return "nothing stands"
    if judgement_id in outweighed:
        return f"no: contradicts the newer {outweighed[judgement_id]}"
    return "no: a record is gone" if judgement_id in idle else "yes"


def _log() -> JudgementLog:
    return IdentityStore(Warehouse.open(load_settings())).judgements


def _refuse_unknown(log: JudgementLog, *record_ids: str) -> None:
    unknown = log.unknown(list(record_ids))
    if unknown:
        raise fail(
            f"there is no record {escape(', '.join(unknown))}. A record is <source>:<entity>:<native id>, as in "
            "`select record_id, full_name from identity.identity_records`."
        )
