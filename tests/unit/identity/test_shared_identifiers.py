"""What many people share is told from what one person uses, by how far its records disagree."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from identity import contract
from identity.columns import conform
from identity.features import build_features
from identity.prepare import load_features


def behaviour(kind: str, rows: list[dict[str, Any]]) -> dict[str, tuple[int, bool]]:
    named = [
        {"record_id": f"{n}", "source": "s", "entity": "e", "native_id": f"{n}", **row} for n, row in enumerate(rows)
    ]
    fields = [field for field in contract.IDENTITY_RECORDS if any(field.name in row for row in named)]
    records = conform(pa.Table.from_pylist(named, schema=pa.schema(fields)), contract.IDENTITY_RECORDS)
    with duckdb.connect() as connection:
        load_features(connection, build_features(records, "US").table)
        found = connection.execute(f"select value, records, is_shared from {kind}_behaviour").fetchall()
    return {value: (records, shared) for value, records, shared in found}


def test_a_personal_address_keeps_its_owner_through_spelling_errors() -> None:
    rows = [
        {"given_name": given, "emails": ["bill@inkwell.org"]}
        for given in ("William", "Bill", "Wiliam", "William", None)
    ]
    assert behaviour("email", rows) == {"bill@inkwell.org": (5, False)}


def test_a_family_phone_is_shared() -> None:
    rows = [{"given_name": given, "phones": ["+1 415 712 0123"]} for given in ("Ada", "Ada", "Byron", "Byron")]
    assert behaviour("phone", rows) == {"+14157120123": (4, True)}


def test_a_name_in_another_script_does_not_make_an_address_shared() -> None:
    rows = [{"full_name": full, "emails": ["r@inkwell.org"]} for full in ("Ren Maemori", "蓮 前森", "Ren Maemori")]
    assert behaviour("email", rows) == {"r@inkwell.org": (3, False)}
