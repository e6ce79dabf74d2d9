"""What a run publishes: the whole of it on the first run, what a change can reach afterwards, to the same end."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.orchestration.conftest import IdentityRoom

TABLES = {
    "record_customers": "record_id",
    "edges": "record_id_a, record_id_b",
    "identifiers": "record_id, kind, raw_value",
    "shared_identifiers": "kind, value",
}


def published(room: IdentityRoom) -> dict[str, list[dict[str, Any]]]:
    return {
        table: room.warehouse.read(f"select * from identity.{table} order by {key}").to_pylist()
        for table, key in TABLES.items()
    }


def cache(room: IdentityRoom) -> Path:
    from pathlib import Path

    return Path(room.environment["BRAID_HOME"]) / "identity" / "matching.duckdb"


def settled(room: IdentityRoom) -> dict[str, list[dict[str, Any]]]:
    """What a run over everything publishes from the same records: the cache is forgotten, and one bound is another."""
    cache(room).unlink()
    assert room.run(identity_bound={"newly_reachable": 1}).success
    return published(room)


def test_a_run_that_matches_what_changed_publishes_what_a_run_over_everything_would(busy_room: IdentityRoom) -> None:
    busy_room.add_person(40, "shopify:customer", "zendesk:user")
    busy_room.add_person(3, "salesforce:contact")
    busy_room.remove("zendesk:user:7")
    with busy_room.warehouse.connect() as connection:
        connection.execute(
            "update identity.identity_records set emails = '{new@mail.example}', phones = '{}' "
            "where record_id = 'zendesk:user:9'"
        )
    result = busy_room.run()
    assert result.success
    (done,) = [
        event.materialization.metadata
        for event in result.get_asset_materialization_events()
        if event.materialization.asset_key.path[-1] == "record_customers"
    ]
    assert done["rows_removed"].value == 1
    found = published(busy_room)
    assert len(found["record_customers"]) == 82
    assert settled(busy_room) == found


def test_everybody_may_go_and_come_back(busy_room: IdentityRoom) -> None:
    before = busy_room.customers()
    with busy_room.warehouse.connect() as connection:
        connection.execute("create table identity.elsewhere as table identity.identity_records")
        connection.execute("truncate identity.identity_records")
    assert busy_room.run().success
    assert published(busy_room) == {table: [] for table in TABLES}
    with busy_room.warehouse.connect() as connection:
        connection.execute("insert into identity.identity_records table identity.elsewhere")
    assert busy_room.run().success
    assert busy_room.customers() == before


def test_an_identifier_of_many_people_is_published_as_shared(room: IdentityRoom) -> None:
    for number in range(40):
        room.add_person(number, "shopify:customer", "zendesk:user")
    people = ("Otto Adler", "Maria Vance", "Kwame Boateng", "Yuki Tanabe", "Lucia Ferro", "Per Holm", "Ravi Nair")
    for number, name in enumerate(people):
        given, family = name.split()
        room.add(
            f"salesforce:contact:{number}",
            full_name=name,
            given_name=given,
            family_name=family,
            emails=["the.office@mail.example"],
            birth_date=date(1950 + number * 3, 1 + number, 2 + number),
        )
    assert room.run().success
    shared = published(room)["shared_identifiers"]
    assert [(row["kind"], row["value"], row["records"]) for row in shared] == [("email", "the.office@mail.example", 7)]
