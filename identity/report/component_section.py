"""Customers to doubt: the largest, the weakest held together, those whose records contradict each other most."""

from __future__ import annotations

from typing import Final

import pandas as pd

from identity.report import html
from identity.report.facts import SHOWN_FIELDS, Facts

_MOST: Final = 5
_MEMBERS: Final = 12
_COLUMNS: Final = ("full_name", "given_name", "family_name", "emails", "phones", "birth_date", "postcode")


def components(facts: Facts) -> tuple[str, str, str]:
    """The worst customers by each measure, with their records."""
    found = _measured(facts)
    several = found[found["records"] > 1]
    contradicted = several[several["against"] > 0]
    groups = (
        ("Largest", several.sort_values(["records", "customer_id"], ascending=[False, True])),
        ("Weakest link", several.sort_values(["weakest", "customer_id"])),
        ("Most contradictions", contradicted.sort_values(["against", "customer_id"], ascending=[False, True])),
    )
    return html.section(
        "components",
        "Customers to doubt",
        html.paragraph(
            "Weakest link: the match probability of the weakest evidence that ties a record to the core of its "
            "customer. Contradictions: pairs of its records that, on their own, speak against being one person."
        ),
        *(_group(facts, title, worst.head(_MOST)) for title, worst in groups),
    )


def _measured(facts: Facts) -> pd.DataFrame:
    customers = facts.customers.groupby("customer_id", as_index=False).agg(
        records=("record_id", "size"), weakest=("link_strength", "min")
    )
    against = facts.accepted & (facts.weights < 0)
    counted = facts.customers["customer_id"].iloc[facts.left[against]].value_counts()
    customers["against"] = customers["customer_id"].map(counted).fillna(0).astype(int)
    return customers


def _group(facts: Facts, title: str, worst: pd.DataFrame) -> str:
    shown = [
        html.details(
            f"Customer {row.customer_id}: {row.records} records, weakest link {row.weakest:.4f}, "
            f"{row.against} contradictions",
            _members(facts, str(row.customer_id)),
        )
        for row in worst.itertuples()
    ]
    return html.subtitle(title) + ("".join(shown) or html.paragraph("None."))


def _members(facts: Facts, customer_id: str) -> str:
    members = facts.customers[facts.customers["customer_id"] == customer_id].sort_values(["link_strength", "record_id"])
    strengths = dict(zip(members["record_id"], members["link_strength"], strict=True))
    rows = facts.rows_of(list(strengths)[:_MEMBERS])
    fields = [field for field in _COLUMNS if any(row[field] is not None for row in rows.values())]
    fields = fields or [field for field in SHOWN_FIELDS if any(row[field] is not None for row in rows.values())]
    cells = [
        (
            facts.label(record_id),
            f"{strengths[record_id]:.4f}",
            *(facts.shown(field, rows[record_id][field]) for field in fields),
        )
        for record_id in list(strengths)[:_MEMBERS]
    ]
    more = f" (the weakest {_MEMBERS} of {len(strengths)})" if len(strengths) > _MEMBERS else ""
    return html.table(
        f"Records{more}", ("record", "link strength", *(field.replace("_", " ") for field in fields)), cells
    )
