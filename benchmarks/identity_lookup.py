"""How long "who is this?" takes against a million records, how often it is right, and Splink asked the same beside it.

`python -m benchmarks.identity_lookup [FOLDER] --records 1000000`. The folder keeps the records, the state, the
model and the customers, so that a second call need not make them. Splink's `predict_between` gets one row, standardised
already, and the same million standardised rows, with a person model and blocking rules of its own.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from identity.artifact import load_model
from identity.lookup.answer import Answer
from identity.lookup.finder import Finder
from identity.pipeline import resolve
from identity.settings import IdentitySettings
from identity.state import open_state
from sandbox.generator import generate
from sandbox.records import identity_records, truth

RECORDS_PER_PERSON = 3.31
GOAL_P95 = 100.0
STATE, MODEL, CUSTOMERS, RECORDS, TRUTH = (
    "state.duckdb", "model.json", "record_customers.parquet", "records.parquet", "truth.parquet"
)  # fmt: skip
# Contact data by which another system knows a person for sure; somebody who calls or writes does not name them.
_CALLER = {"record_id": None, "external_ids": [], "native_id": None, "source": None, "entity": None}
_PLACE = ("street", "city", "region", "postcode")


@dataclass
class Asked:
    """Milliseconds and outcomes of the look-ups of one kind."""

    milliseconds: list[float] = field(default_factory=list)
    right: int = 0
    wrong: int = 0
    offered: int = 0


def make(folder: Path, records: int, seed: int, console: Console) -> None:
    """Resolve a sandbox once and keep what a look-up needs."""
    if (folder / STATE).exists():
        return
    console.print(f"Resolving a sandbox of about {records:,} records …")
    folder.mkdir(parents=True, exist_ok=True)
    world = generate(int(records / RECORDS_PER_PERSON), seed=seed)
    rows = identity_records(world)
    pq.write_table(rows, folder / RECORDS)
    pq.write_table(truth(world), folder / TRUTH)
    with open_state(folder / STATE) as state:
        found = resolve(
            rows,
            previous=None,
            ledger=None,
            run_id="1",
            now=datetime.now(UTC),
            settings=IdentitySettings(),
            state=state,
        )
    (folder / MODEL).write_text(found.model)
    pq.write_table(found.record_customers, folder / CUSTOMERS)


def questions(records: pa.Table, count: int, seed: int) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    """Kind, the `record_id` that it is about (null: a person whom nobody knows), and what is asked."""
    rng = np.random.default_rng(seed)
    strangers = identity_records(generate(max(count // 8, 50), seed=seed + 1))
    for place in rng.choice(len(records), count // 5, replace=False).tolist():
        known = records.slice(place, 1).to_pylist()[0]
        yield "a record itself, left out", known["record_id"], known
        caller = known | _CALLER
        yield "two letters swapped in each name", known["record_id"], _mistyped(caller, rng)
        yield "another e-mail", known["record_id"], caller | {"emails": [f"new.{rng.integers(1e6)}@elsewhere.example"]}
        silent = dict.fromkeys((*_PLACE, "birth_date"), None) | {"handles": [], "emails": (known["emails"] or [])[:1]}
        yield "name and one e-mail or the phones", known["record_id"], caller | silent
        stranger = strangers.slice(int(rng.integers(len(strangers))), 1).to_pylist()[0]
        yield "nobody we know", None, stranger | _CALLER


def _mistyped(record: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    changed = dict(record)
    for name in ("full_name", "given_name", "family_name"):
        text = record[name]
        if text and len(text) > 3:
            at = int(rng.integers(1, len(text) - 2))
            changed[name] = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return changed


class Truth:
    """Who is who, and which person each customer is for the most part."""

    def __init__(self, people: pa.Table, customers: pa.Table) -> None:
        """Count the people of each customer."""
        self.person = dict(zip(people["record_id"].to_pylist(), people["person_id"].to_pylist(), strict=True))
        with duckdb.connect() as connection:
            connection.register("people", people)
            connection.register("customers", customers)
            rows = connection.execute("""
                select customer_id, mode(person_id) from customers join people using (record_id) group by customer_id
            """)
            self.of_customer = dict(rows.fetchall())
            counted = connection.execute("select person_id, count(*) from people group by person_id")
            self.records = dict(counted.fetchall())

    def judge(self, asked: Asked, answer: Answer, record_id: str | None, *, left_out: bool) -> None:
        """Right: the person's customer, or nobody where nobody is known."""
        person = self.person[record_id] if record_id else None
        if left_out and person is not None and self.records[person] == 1:
            person = None
        found = self.of_customer[answer.customer_id] if answer.customer_id else None
        if found == person:
            asked.right += 1
        elif found is not None:
            asked.wrong += 1
        else:
            asked.offered += any(self.of_customer[other.customer_id] == person for other in answer.candidates)


def ask(finder: Finder, folder: Path, count: int, seed: int) -> dict[str, Asked]:
    """Look all of them up, one after the other."""
    records = pq.read_table(folder / RECORDS)
    known = Truth(pq.read_table(folder / TRUTH), pq.read_table(folder / CUSTOMERS))
    asked: dict[str, Asked] = {}
    for kind, record_id, record in questions(records, count, seed):
        start = time.perf_counter()
        answer = finder.who(record)
        of_kind = asked.setdefault(kind, Asked())
        of_kind.milliseconds.append((time.perf_counter() - start) * 1000)
        known.judge(of_kind, answer, record_id, left_out=record["record_id"] is not None)
    return asked


def ask_splink(folder: Path, count: int, seed: int) -> list[float]:
    """Milliseconds of Splink's `predict_between` for one row and all rows, trained on these."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    with duckdb.connect(str(folder / STATE), read_only=True) as connection:
        people = connection.sql(
            "select rid as unique_id, given, family, birth_date, email, phone, postcode, city from features"
        ).to_arrow_table()
    api = DuckDBAPI()
    everybody = api.register(people)
    rules = [block_on("email"), block_on("phone"), block_on("given", "family"), block_on("family", "birth_date")]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("given", [0.92, 0.8]),
            cl.JaroWinklerAtThresholds("family", [0.92, 0.8]),
            cl.DamerauLevenshteinAtThresholds("birth_date", [1]),
            cl.LevenshteinAtThresholds("email", [2]),
            cl.LevenshteinAtThresholds("phone", [1]),
            cl.ExactMatch("postcode"),
            cl.ExactMatch("city"),
        ],
        blocking_rules_to_generate_predictions=rules,
    )
    linker = Linker(everybody, settings, log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7, seed=1)
    for rule in (block_on("email"), block_on("family", "birth_date")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    spent = []
    for number, place in enumerate(np.random.default_rng(seed).choice(len(people), count + 1, replace=False).tolist()):
        row = people.slice(place, 1).set_column(0, "unique_id", pa.array([-1 - number], people.schema[0].type))
        start = time.perf_counter()
        one = api.register(row)
        linker.inference.predict_between(one, everybody, warning_mode="never").as_record_list()
        spent.append((time.perf_counter() - start) * 1000)
    return spent[1:]


def show(console: Console, asked: dict[str, Asked]) -> tuple[float, float]:
    """One row per kind and one of all; returns the median and the p95 of all, in milliseconds."""
    table = Table("asked about", "look-ups", "p50 ms", "p95 ms", "p99 ms", "right", "wrong person", "right one offered")
    every = Asked(
        [spent for one in asked.values() for spent in one.milliseconds],
        *(sum(getattr(one, name) for one in asked.values()) for name in ("right", "wrong", "offered")),
    )
    for kind, one in (asked | {"all": every}).items():
        count = len(one.milliseconds)
        table.add_row(
            kind,
            str(count),
            *(f"{np.percentile(one.milliseconds, share):.1f}" for share in (50, 95, 99)),
            *(f"{number / count:.3f}" for number in (one.right, one.wrong, one.offered)),
        )
    console.print(table)
    return float(np.median(every.milliseconds)), float(np.percentile(every.milliseconds, 95))


def main() -> None:
    """Print the table, the memory, the load time and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="where to keep, or find, the state; none: a temporary one")
    parser.add_argument("--records", type=int, default=1_000_000, help="about how many, when the state is to be made")
    parser.add_argument("--lookups", type=int, default=500)
    parser.add_argument("--peer-lookups", type=int, default=10, help="0: no Splink")
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    console = Console(width=140)
    with tempfile.TemporaryDirectory(prefix="braid-lookup-") as temporary:
        folder = arguments.folder or Path(temporary)
        make(folder, arguments.records, arguments.seed, console)
        customers = pq.read_table(folder / CUSTOMERS)
        customers = customers.set_column(1, "customer_id", pc.cast(customers["customer_id"], pa.string()))
        start = time.perf_counter()
        finder = Finder.open(folder / STATE, load_model((folder / MODEL).read_text()), customers)
        loaded = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        console.print(
            f"{finder.records:,} records loaded in {loaded:.1f} s; the index holds {finder.nbytes / 1024**2:,.0f} MiB "
            f"(peak of the process so far {peak:.1f} GiB)"
        )
        finder.who({"full_name": "Warm Up", "emails": ["warm.up@elsewhere.example"]})
        median, p95 = show(console, ask(finder, folder, arguments.lookups, arguments.seed))
        console.print(f"p95 {p95:.1f} ms, goal {GOAL_P95:.0f} ms: {'met' if p95 <= GOAL_P95 else 'missed'}")
        if arguments.peer_lookups:
            theirs = float(np.median(ask_splink(folder, arguments.peer_lookups, arguments.seed)))
            console.print(
                f"Splink's predict_between, one row against all: median {theirs:.0f} ms; Braid's look-up: "
                f"{median:.1f} ms; ratio {median / theirs:.2f}"
            )


if __name__ == "__main__":
    main()
