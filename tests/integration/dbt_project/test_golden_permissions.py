"""What may be sent to an address is never widened: random records with addresses, merged and split at random.

The models fold; what they must say is worked out here a second time, from the seed and the records, in Python.
"""

from __future__ import annotations

import csv
import itertools
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import hypothesis
import hypothesis.strategies as st
import pytest

from orchestration.warehouse import Warehouse

Dbt = Callable[..., subprocess.CompletedProcess[str]]
SEED: Final = Path(__file__).parents[3] / "dbt_project/seeds/consent_states.csv"
WORDS: Final = {
    "shopify:customer": {
        "email_marketing_state": ["SUBSCRIBED", "SUBSCRIBED", "UNSUBSCRIBED", "NOT_SUBSCRIBED", "REDACTED", "INVENTED"],
        "sms_marketing_state": ["SUBSCRIBED", "SUBSCRIBED", "UNSUBSCRIBED", "NOT_SUBSCRIBED", "INVENTED"],
    },
    "salesforce:contact": {"email_opt_out": ["true", "false"], "do_not_call": ["true", "false"]},
    "loyalty:member": {"email_marketing_consent": ["true", "false"], "sms_marketing_consent": ["true", "false"]},
}
TABLES: Final = {
    "shopify:customer": ("shopify", "stg_shopify__customers"),
    "salesforce:contact": ("salesforce", "stg_salesforce__contacts"),
    "loyalty:member": ("files", "stg_files__people"),
}
CHANNELS: Final = {"email": ("email", "advertising"), "phone": ("sms", "phone", "whatsapp", "advertising")}
CLASSES: Final = ("personal", "personal", "household", "business", "recycled", "junk")

Permissions = dict[tuple[str, str, str], frozenset[str]]
"""What is granted per customer, kind and address."""


class Record(NamedTuple):
    """A source record: what it says by field, the numbers of its addresses, and where it falls before and after."""

    kind: str
    said: dict[str, str]
    emails: frozenset[int]
    phones: frozenset[int]
    part: int
    half: int


@st.composite
def records(draw: st.DrawFn) -> Record:
    kind = draw(st.sampled_from(sorted(WORDS)))
    fields = {name: draw(st.none() | st.sampled_from(words)) for name, words in WORDS[kind].items()}
    return Record(
        kind,
        {name: word for name, word in fields.items() if word is not None},
        draw(st.frozensets(st.integers(0, 2), max_size=2)),
        draw(st.frozensets(st.integers(0, 1), max_size=1)),
        draw(st.integers(0, 3)),
        draw(st.integers(0, 1)),
    )


class Cluster(NamedTuple):
    """Records that are one person after all, and whose each of the addresses is."""

    records: list[Record]
    classes: tuple[str, ...]


CLUSTERS: Final = st.builds(
    Cluster, st.lists(records(), min_size=2, max_size=6), st.tuples(*[st.sampled_from(CLASSES)] * 5)
)


@pytest.fixture(scope="module")
def clusters() -> list[Cluster]:
    """Some three hundred clusters, drawn before anything runs: one dbt run judges them all."""
    found: list[Cluster] = []

    @hypothesis.settings(max_examples=300, database=None, phases=[hypothesis.Phase.generate])
    @hypothesis.given(CLUSTERS)
    def draw(cluster: Cluster) -> None:
        found.append(cluster)

    draw()
    return found


@pytest.fixture
def prepared(warehouse: Warehouse, dbt: Dbt) -> Iterator[Warehouse]:
    done = dbt(warehouse, "build", "--selector", "prepare", "--exclude", "resource_type:test")
    assert done.returncode == 0, done.stdout
    with warehouse.connect() as connection:
        for _, table in TABLES.values():
            connection.execute(f"create table staging.held as table staging.{table}")
            connection.execute(f"drop view staging.{table} cascade")
            connection.execute(f"alter table staging.held rename to {table}")
    yield warehouse


def addresses(number: int, cluster: Cluster, record: Record) -> list[tuple[str, str, str]]:
    """Kind, value and class of each address of a record; every cluster has addresses of its own."""
    mails = [("email", f"p{number}.{n}@a.example", cluster.classes[n]) for n in record.emails]
    return mails + [("phone", f"+49{number:05}{n}", cluster.classes[3 + n]) for n in record.phones]


def land(warehouse: Warehouse, clusters: Sequence[Cluster]) -> dict[str, tuple[int, Record]]:
    """Write every record as its source and identity know it; returns them by record id."""
    landed: dict[str, tuple[int, Record]] = {}
    with warehouse.connect() as connection, connection.cursor() as cursor:
        for number, cluster in enumerate(clusters):
            for place, record in enumerate(cluster.records):
                native = f"{number}.{place}"
                record_id = f"{record.kind}:{native}"
                landed[record_id] = (number, record)
                cursor.execute(
                    "insert into identity.identity_records (record_id, source, entity, native_id) values (%s,%s,%s,%s)",
                    (record_id, *record.kind.split(":"), native),
                )
                names, words = ["record_id", *record.said], [record_id, *record.said.values()]
                marks = ", ".join(["%s"] * len(words))
                table = TABLES[record.kind][1]
                cursor.execute(f"insert into staging.{table} ({', '.join(names)}) values ({marks})", words)
                for kind, value, _ in addresses(number, cluster, record):
                    cursor.execute(
                        "insert into identity.identifiers values (%s, %s, %s, %s, %s, true, null)",
                        (record_id, kind, value, value, value),
                    )
            shared = {a for record in cluster.records for a in addresses(number, cluster, record) if a[2] != "personal"}
            cursor.executemany(
                "insert into identity.shared_identifiers (kind, value, class, records) values (%s, %s, %s, 9)",
                sorted(shared),
            )
    return landed


def folded(warehouse: Warehouse, dbt: Dbt, owners: dict[str, str], *arguments: str) -> Permissions:
    """What the models grant when each record belongs to its owner."""
    with warehouse.connect() as connection, connection.cursor() as cursor:
        cursor.execute("truncate identity.record_customers")
        cursor.executemany("insert into identity.record_customers values (%s, %s, 1.0)", list(owners.items()))
    done = dbt(
        warehouse, "build", "--select", "+contact_permissions,path:models/golden", "path:seeds/golden",
        "consent_states", "survivorship_rules", "source_priorities", "--exclude", "resource_type:test",
        "test_type:unit", *arguments,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    rows = warehouse.read("select customer_id, kind, value, granted from golden.contact_permissions").to_pylist()
    return {(r["customer_id"], r["kind"], r["value"]): frozenset(r["granted"]) for r in rows}


def meanings() -> dict[tuple[str, str, str], dict[str, str]]:
    """What each word of a source means, by question; straight from the seed."""
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    with SEED.open() as file:
        for row in csv.DictReader(file):
            word = found.setdefault((row["source"], row["field"], row["stated"]), {})
            word[f"{row['channel']}:{row['purpose']}"] = row["state"]
    return found


def expected(landed: dict[str, tuple[int, Record]], clusters: Sequence[Cluster], owners: dict[str, str]) -> Permissions:
    """What may be used for what, by the rules of docs/consent.md and by nothing of the models."""
    means = meanings()

    def says(record: Record, state: str) -> frozenset[str]:
        source = TABLES[record.kind][0]
        questions: set[str] = set()
        for field, word in record.said.items():
            if (source, field, word) in means:
                questions |= {q for q, s in means[source, field, word].items() if s == state}
            elif state == "denied":  # a new word refuses all that its field speaks of
                questions |= {q for (s, f, _), told in means.items() if (s, f) == (source, field) for q in told}
        return frozenset(questions)

    granted: Permissions = {}
    for owner, group in itertools.groupby(sorted(owners, key=lambda r: owners[r]), key=lambda r: owners[r]):
        mine = [landed[record_id] for record_id in group]
        refused = frozenset[str]().union(*(says(record, "denied") for _, record in mine))
        for number, record in mine:
            for kind, value, what in addresses(number, clusters[number], record):
                usable = frozenset() if what in ("junk", "recycled") else frozenset(CHANNELS[kind])
                if what != "personal":
                    usable -= {"advertising"}
                agreed = {q for q in says(record, "granted") if q.split(":")[0] in usable}
                agreed |= {f"{channel}:service" for channel in usable - {"advertising"}}
                key = (owner, kind, value)
                granted[key] = granted.get(key, frozenset()) | (frozenset(agreed) - refused)
    return granted


def narrows(before: Permissions, after: Permissions, successors: Mapping[str, Collection[str]]) -> None:
    """Of no address is more granted than somebody was granted of it before."""
    for (customer, kind, value), granted in after.items():
        known = [before.get((former, kind, value), frozenset()) for former in successors[customer]]
        assert granted <= frozenset[str]().union(*known), (customer, kind, value)


@pytest.mark.slow
def test_a_merge_never_widens_what_is_sent_to_an_address(
    prepared: Warehouse, dbt: Dbt, clusters: list[Cluster]
) -> None:
    landed = land(prepared, clusters)
    worlds = {
        "alone": {record_id: record_id for record_id in landed},
        "apart": {record_id: f"{number}/{record.part}" for record_id, (number, record) in landed.items()},
        "merged": {record_id: f"{number}" for record_id, (number, _) in landed.items()},
        "split": {record_id: f"{number}|{record.half}" for record_id, (number, record) in landed.items()},
    }
    granted = {name: folded(prepared, dbt, owners) for name, owners in worlds.items()}

    for name, owners in worlds.items():
        assert granted[name] == expected(landed, clusters, owners), name
    assert {q for questions in granted["merged"].values() for q in questions} >= {
        "email:marketing", "advertising:marketing", "sms:marketing", "email:service", "phone:service",
    }  # fmt: skip
    for later in ("apart", "merged", "split"):
        formers: dict[str, set[str]] = {}
        for record_id, owner in worlds[later].items():
            formers.setdefault(owner, set()).add(record_id)
        narrows(granted["alone"], granted[later], formers)
    parts: dict[str, set[str]] = {}
    for record_id, owner in worlds["merged"].items():
        parts.setdefault(owner, set()).add(worlds["apart"][record_id])
    narrows(granted["apart"], granted["merged"], parts)

    # Merging again what was split leaves what a build from nothing gives.
    again = folded(prepared, dbt, worlds["merged"])
    assert again == granted["merged"] == folded(prepared, dbt, worlds["merged"], "--full-refresh")
