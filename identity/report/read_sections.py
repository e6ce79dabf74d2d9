"""What was read: the inputs, their columns, and how full the fields are."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from identity.contract import IDENTITY_RECORDS
from identity.report import html
from identity.report.charts import completeness
from identity.report.facts import Facts, Source

_KEYS = {"record_id", "source", "entity", "native_id", "created_at", "updated_at"}
_NOT_USED = "not used"
_FIGURES = (
    "records", "customers", "records_per_customer", "largest_customer", "records_alone", "pairs_compared", "edges_kept",
    "identifiers", "identifiers_rejected", "threshold", "model_id", "model_trained", "comparisons", "blocking_rules",
)  # fmt: skip


def summary(facts: Facts) -> tuple[str, str, str]:
    """The figures of the run."""
    figures = facts.resolution.summary
    rows = [(name.replace("_", " "), figures[name]) for name in _FIGURES if name in figures]
    return html.section("summary", "Summary", html.table("Figures of the run", ("figure", "value"), rows))


def inputs(facts: Facts) -> tuple[str, str, str]:
    """Each input's columns, what they were taken for and why."""
    return html.section("inputs", "What was read", *(_input(source) for source in facts.sources))


def _input(source: Source) -> str:
    rows = [
        (
            column.name,
            column.field.replace("_", " ") if column.field else _NOT_USED,
            column.why,
            f"{column.filled / source.rows:.0%}" if column.field else None,
            column.distinct if column.field else None,
        )
        for column in source.columns
    ]
    headers = ("column", "read as", "because", "filled", "distinct values")
    caption = f"Columns of {source.name}, {source.rows:,} rows"
    notices = (html.paragraph(notice[:1].upper() + notice[1:] + ".", kind="note") for notice in source.notices)
    return html.subtitle(source.name) + html.table(caption, headers, rows, unused=_NOT_USED) + "".join(notices)


def filled(facts: Facts) -> tuple[str, str, str]:
    """How full each field is, per source."""
    rows = _filled(facts.records)
    if len(facts.sources) == 1 and len({row["source_dataset"] for row in rows}) == 1:
        rows = [{**row, "source_dataset": facts.sources[0].name} for row in rows]
    headers = ("field", "source", "records", "empty", "filled")
    cells = [
        (
            row["column_name"].replace("_", " "),
            row["source_dataset"],
            row["total_rows_inc_nulls"],
            row["total_null_rows"],
            f"{row['completeness']:.1%}",
        )
        for row in rows
    ]
    return html.section(
        "completeness",
        "Completeness",
        html.paragraph("Only fields that at least one record holds are shown."),
        html.figure(completeness(rows)),
        html.table("Completeness of each field", headers, cells),
    )


def _filled(records: pa.Table) -> list[dict[str, Any]]:
    names = [
        field.name
        for field in IDENTITY_RECORDS
        if field.name not in _KEYS and records[field.name].null_count < records.num_rows
    ]
    counted = records.group_by("source").aggregate([("record_id", "count"), *((name, "count") for name in names)])
    counted = counted.sort_by("source")
    return [
        {
            "source_dataset": row["source"],
            "column_name": name,
            "total_rows_inc_nulls": row["record_id_count"],
            "total_null_rows": row["record_id_count"] - row[f"{name}_count"],
            "completeness": row[f"{name}_count"] / row["record_id_count"],
        }
        for row in counted.to_pylist()
        for name in names
    ]


def shared_identifiers(facts: Facts, most: int = 25) -> tuple[str, str, str]:
    """Identifiers that records of several customers carry: they were not enough to make them one."""
    carried = facts.resolution.identifiers.select(["record_id", "kind", "match_key"])
    carried = carried.filter(pc.is_valid(carried["match_key"]))
    carried = carried.join(facts.resolution.record_customers.select(["record_id", "customer_id"]), "record_id")
    counted = carried.group_by(["kind", "match_key"]).aggregate(
        [("record_id", "count_distinct"), ("customer_id", "count_distinct")]
    )
    several = counted.filter(pc.greater(counted["customer_id_count_distinct"], 1)).sort_by(
        [("customer_id_count_distinct", "descending"), ("kind", "ascending"), ("match_key", "ascending")]
    )
    rows = [
        (
            row["kind"],
            facts.shown({"email": "emails", "phone": "phones"}.get(row["kind"], "handles"), row["match_key"]),
            row["record_id_count_distinct"],
            row["customer_id_count_distinct"],
        )
        for row in several.slice(0, most).to_pylist()
    ]
    return html.section(
        "shared",
        "Identifiers that several customers share",
        html.paragraph(
            f"{several.num_rows:,} e-mail addresses, phone numbers and handles stand on records of several customers.",
            "The records that carry them disagree too much about who they are for the value to identify anybody, or "
            "other evidence keeps them apart.",
        ),
        html.table(
            f"The {min(most, several.num_rows)} shared by the most customers",
            ("kind", "value", "records", "customers"),
            rows,
        ),
    )


def timings(facts: Facts) -> tuple[str, str, str]:
    """How long each stage took."""
    rows = [(name, f"{seconds:.2f}") for name, seconds in facts.seconds.items()]
    rows.append(("all of it, without this report", f"{sum(facts.seconds.values()):.2f}"))
    return html.section("timings", "Timings", html.table("Seconds by stage", ("stage", "seconds"), rows))
