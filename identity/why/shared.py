"""Identifiers of a customer that several people share: demoted to household links, with what they are and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from identity.feature_worker import build_features
from identity.why.case import Case
from identity.why.values import Reader

_KNOWN: Final = {"kind", "value"}


@dataclass(frozen=True)
class SharedIdentifier:
    """An identifier that no longer identifies: its kind, its value (masked), its class, the evidence, who carries it.

    `evidence`: whatever the table of shared identifiers says besides, in its own words.
    """

    kind: str
    value: str
    evidence: dict[str, Any]
    carried_by: tuple[str, ...]


def shared_by(case: Case, members: list[str], reader: Reader) -> tuple[SharedIdentifier, ...]:
    """The demoted identifiers that records of a customer carry, by kind and value.

    Args:
        case: `shared` has `kind`, `value` (in the form that is compared) and the evidence.
        members: record ids.
        reader: how values are shown.
    """
    if case.shared is None or not case.shared.num_rows:
        return ()
    features = build_features(case.records, case.frozen.settings.default_region).table.to_pylist()
    held = set(members)
    carriers: dict[tuple[str, str], list[str]] = {}
    for row in features:
        for kind in ("email", "phone"):
            for value in row[f"{kind}s"] or []:
                if row["record_id"] in held:
                    carriers.setdefault((kind, value), []).append(row["record_id"])
    rows = [row for row in case.shared.to_pylist() if (row["kind"], row["value"]) in carriers]
    return tuple(
        SharedIdentifier(
            row["kind"],
            reader.shown(row["kind"], row["value"]),
            {name: value for name, value in row.items() if name not in _KNOWN and value is not None},
            tuple(reader.label(record) for record in sorted(carriers[(row["kind"], row["value"])])),
        )
        for row in sorted(rows, key=lambda row: (row["kind"], row["value"]))
    )
