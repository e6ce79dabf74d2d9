"""The values that a comparison saw: the fields of a record as its source wrote them, masked unless asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from identity.why.masking import folded, mask, record_label

FIELDS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "external_id": (("external_ids", "id"),),
    "email": (("emails", "email"),),
    "phone": (("phones", "phone"),),
    "account": (("handles", "handle"),),
    "user_name": (("handles", "handle"), ("emails", "email"), ("full_name", "name"), ("family_name", "name")),
    "given_name": (("given_name", "name"), ("full_name", "name")),
    "family_name": (("family_name", "name"), ("full_name", "name"), ("former_family_names", "name")),
    "namesakes": (("given_name", "name"), ("family_name", "name"), ("full_name", "name")),
    "birth_date": (("birth_date", "date"),),
    "address": (("street", "street"), ("postcode", "postcode"), ("city", "city")),
    "country": (("country", "country"), ("phones", "phone")),
    "birth_place": (("birth_place", "city"),),
    "occupation": (("occupation", "word"),),
    "mention": (("mentions", "mention"), ("record_id", "id"), ("emails", "email"), ("phones", "phone")),
}
"""Per comparison the fields of `contract.IDENTITY_RECORDS` that it reads, and how each is masked."""

# What must not be readable in a record's id when values are masked.
_PERSONAL: Final = ("full_name", "given_name", "family_name", "emails", "phones", "handles")
_SHORTEST_PERSONAL: Final = 3


@dataclass(frozen=True)
class RecordView:
    """A record as it is shown: its id (masked where the id itself is personal), source, and what it is called."""

    record_id: str
    source: str
    name: str
    customer_id: str | None
    link_strength: float | None


class Reader:
    """Shows the values of some records, masked or whole."""

    def __init__(self, records: pa.Table, customers: pa.Table, *, show_values: bool) -> None:
        """Hold records (`contract.IDENTITY_RECORDS`) and their customers (`contract.RECORD_CUSTOMERS`)."""
        self._records = {row["record_id"]: row for row in records.to_pylist()}
        self._customers = {row["record_id"]: row for row in customers.to_pylist()}
        self._show = show_values

    def view(self, record_id: str) -> RecordView:
        """The record at a glance."""
        row, held = self._records[record_id], self._customers.get(record_id, {})
        return RecordView(
            self.label(record_id), row["source"], self._name(row), held.get("customer_id"), held.get("link_strength")
        )

    def label(self, record_id: str) -> str:
        """The record's id, masked where it holds a personal value of the record."""
        if self._show:
            return record_id
        row = self._records.get(record_id, {})
        values = [text for field in _PERSONAL for text in texts(row, field)]
        # A handle without its platform and an address without its host name the person just as well.
        parts = [part for text in values for part in (text, text.rpartition(":")[2], text.partition("@")[0])]
        plain = {folded(part) for part in parts}
        return record_label(record_id, frozenset(value for value in plain if len(value) >= _SHORTEST_PERSONAL))

    def seen(self, record_id: str, comparison: str) -> tuple[str, ...]:
        """What a comparison could see of the record."""
        row = self._records[record_id]
        shown = [
            self.label(text) if kind == "id" and text in self._records else self._mention_or(kind, text)
            for field, kind in FIELDS.get(comparison, ())
            for text in texts(row, field)
        ]
        return tuple(dict.fromkeys(shown))

    def _mention_or(self, kind: str, text: str) -> str:
        said, _, record_id = text.partition("=")
        if kind == "mention" and said == "order" and record_id in self._records:
            return f"order={self.label(record_id)}"
        return self.shown(kind, text)

    def mentions(self, record_id: str) -> list[str]:
        """What the record's person wrote, as it is: for counting, not for showing."""
        return texts(self._records[record_id], "mentions")

    def names_several(self, record_id: str) -> bool:
        """Whether the record names several records of one kind as itself."""
        named = set(texts(self._records[record_id], "external_ids"))
        return len(named) > len({key.rpartition(":")[0] for key in named})

    def shown(self, kind: str, value: str) -> str:
        """One value, masked unless values are to be shown."""
        return value if self._show else mask(kind, value)

    def _name(self, row: Mapping[str, Any]) -> str:
        parts = [row["given_name"], row["family_name"]]
        whole = row["full_name"] or " ".join(part for part in parts if part)
        if whole:
            return self.shown("name", whole)
        for field, kind in (("handles", "handle"), ("emails", "email"), ("phones", "phone")):
            found = texts(row, field)
            if found:
                return self.shown(kind, found[0])
        return "(no name)"


def texts(row: Mapping[str, Any], field: str) -> list[str]:
    """The values of a field as texts, whether it holds one or many."""
    value = row.get(field)
    if value is None:
        return []
    return [str(item) for item in value if item] if isinstance(value, list) else [str(value)]
