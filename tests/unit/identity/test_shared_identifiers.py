"""What many people share is told from what one person uses, by how far its records disagree."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from identity import contract
from identity.columns import conform
from identity.feature_worker import build_features
from identity.prepare import load_features
from identity.shared_identifiers import shared_identifiers


def learn(kind: str, rows: list[dict[str, Any]]) -> pa.Table:
    named = [
        {"record_id": f"{n}", "source": "s", "entity": "e", "native_id": f"{n}", **row} for n, row in enumerate(rows)
    ]
    fields = [field for field in contract.IDENTITY_RECORDS if any(field.name in row for row in named)]
    records = conform(pa.Table.from_pylist(named, schema=pa.schema(fields)), contract.IDENTITY_RECORDS)
    with duckdb.connect() as connection:
        load_features(connection, build_features(records, "US").table)
        found = connection.sql(f"select * from {kind}_behaviour").to_arrow_table()
        published = shared_identifiers(connection, ("email", "phone"))
    assert published.schema == contract.SHARED_IDENTIFIERS
    assert set(published["class"].to_pylist()) <= {"household", "business", "recycled", "junk"}
    return found


def behaviour(kind: str, rows: list[dict[str, Any]]) -> dict[str, tuple[int, bool]]:
    return {row["value"]: (row["records"], row["is_shared"]) for row in learn(kind, rows).to_pylist()}


def kind_of(kind: str, rows: list[dict[str, Any]]) -> str:
    (row,) = learn(kind, rows).to_pylist()
    return str(row["class"])


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


STRANGERS = [
    ("Ada", "Lovelace"),
    ("Byron", "Kestrel"),
    ("Clara", "Wetherby"),
    ("Dmitri", "Olsen"),
    ("Esther", "Marchetti"),
    ("Farid", "Nakamura"),
    ("Gudrun", "Pereira"),
    ("Hugo", "Zielinski"),
    ("Ines", "Thorvald"),
    ("Jomo", "Bancroft"),
    ("Katya", "Quigley"),
    ("Lemuel", "Ferreira"),
    ("Mireille", "Sandoval"),
    ("Nils", "Abernathy"),
    ("Oona", "Vukovic"),
    ("Priya", "Castellano"),
]


def strangers(count: int, **shared: Any) -> list[dict[str, Any]]:
    return [
        {"given_name": given, "family_name": family, "postcode": f"LS{place + 1} 4AP", **shared}
        for place, (given, family) in enumerate(STRANGERS[:count])
    ]


def test_the_class_of_a_value_is_how_its_records_behave() -> None:
    phone = ["+1 415 712 0123"]
    family = [{"given_name": given, "family_name": "Wetherby", "phones": phone} for given in ("Ada", "Byron", "Clara")]
    assert kind_of("phone", family) == "household"
    flat = [{**row, "postcode": "LS1 4AP"} for row in strangers(3, phones=phone)]
    assert kind_of("phone", flat) == "household"
    assert kind_of("email", strangers(5, emails=["info@inkwell.org"])) == "business"
    assert kind_of("phone", strangers(6, phones=phone)) == "business"
    assert kind_of("phone", strangers(16, phones=phone)) == "junk"
    assert kind_of("email", [{"emails": ["scan@inkwell.org"]} for _ in range(31)]) == "junk"
    assert kind_of("email", [{"emails": ["scan@inkwell.org"]} for _ in range(5)]) == "personal"


def test_a_number_that_one_had_after_the_other_is_recycled() -> None:
    first, second = strangers(2, phones=["+1 415 712 0123"])
    early = {"created_at": datetime(2019, 1, 1, tzinfo=UTC), "updated_at": datetime(2020, 1, 1, tzinfo=UTC)}
    late = {"created_at": datetime(2023, 1, 1, tzinfo=UTC), "updated_at": datetime(2024, 1, 1, tzinfo=UTC)}
    assert kind_of("phone", [{**first, **early}, {**first, **early}, {**second, **late}]) == "recycled"
    assert kind_of("phone", [{**first, **early}, {**first, **late}, {**second, **late}]) == "business"


def test_a_value_depends_on_its_own_records_alone() -> None:
    rows = strangers(6, phones=["+1 415 712 0123"])
    others = [{"given_name": "Zed", "phones": ["+1 415 712 0777"]}, {"given_name": "Yan", "emails": ["y@inkwell.org"]}]
    (alone,) = learn("phone", rows).to_pylist()
    among = {row["value"]: row for row in learn("phone", rows + others).to_pylist()}
    assert among[alone["value"]] == alone
