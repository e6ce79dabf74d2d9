"""`braid identity who`: which customer somebody is, from what they tell."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from identity.artifact import ModelMismatch, load_model
from identity.lookup.answer import Answer, Candidate
from identity.lookup.finder import Finder, StateMismatch
from orchestration.identity_store import IdentityStore
from orchestration.terminal import console, fail, load_settings, warehouse_errors
from orchestration.warehouse import Warehouse


def register(app: typer.Typer) -> None:
    """Add `who` to `braid identity`."""
    app.command()(who)


def who(
    name: Annotated[str | None, typer.Option(help="the whole name")] = None,
    email: Annotated[list[str] | None, typer.Option(help="may be given several times")] = None,
    phone: Annotated[list[str] | None, typer.Option(help="may be given several times")] = None,
    handle: Annotated[list[str] | None, typer.Option(help="<platform>:<name>")] = None,
    birth_date: Annotated[str | None, typer.Option(help="YYYY-MM-DD")] = None,
    postcode: Annotated[str | None, typer.Option()] = None,
    city: Annotated[str | None, typer.Option()] = None,
    country: Annotated[str | None, typer.Option(help="of phones without a country code, too")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="for machines")] = False,
) -> None:
    """Which customer is this? The likeliest ones, why, and what to ask when it is not clear.

    What is given is compared as a record of its own; nothing is stored.
    """
    told = {
        "full_name": name,
        "emails": email,
        "phones": phone,
        "handles": handle,
        "birth_date": birth_date,
        "postcode": postcode,
        "city": city,
        "country": country,
    }
    record = {column: value for column, value in told.items() if value}
    if not record:
        raise fail("tell at least one thing about the person: --email, --phone, --name, …")
    answer = _answer(record)
    if as_json:
        _say(json.dumps(asdict(answer) | {"is_sure": answer.is_sure}, indent=2, ensure_ascii=False))
    else:
        _say("\n".join(_lines(answer)))


def _answer(record: dict[str, Any]) -> Answer:
    settings = load_settings()
    with warehouse_errors():
        store = IdentityStore(Warehouse.open(settings))
        text = store.model(store.last_publication().model_id)
        if text is None:
            raise fail("no run has published customers yet: `braid run` does.")
        assignment = store.assignment()
    try:
        finder = Finder.open(settings.home / "identity" / "matching.duckdb", load_model(text), assignment)
        return finder.who(record)
    except (FileNotFoundError, StateMismatch, ModelMismatch, ValueError) as error:
        raise fail(f"{error}.") from None


def _lines(answer: Answer) -> list[str]:
    lines = [f"It is customer {answer.customer_id}." if answer.is_sure else "It is not clear who it is."]
    if not answer.candidates:
        return ["It is nobody that we know."]
    for candidate in answer.candidates[:3]:
        lines += ["", *_candidate(candidate)]
    if answer.question is not None:
        lines += ["", f"Ask: {answer.question.words}"]
    return lines


def _candidate(candidate: Candidate) -> list[str]:
    return [
        f"{candidate.customer_id}, {candidate.records} records: probability {candidate.match_probability:.4f} "
        f"({candidate.match_weight:+.1f} bits)",
        *(f"  {fact.bits:+6.1f}  {fact.words}" for fact in candidate.evidence),
    ]


def _say(text: str) -> None:
    console.print(text, markup=False, highlight=False, emoji=False)
