"""A sandbox whose help desk and CRM know nine people, and eight of them as customers of Braid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from activation.publish import publish
from sandbox.serve import serve
from sandbox.world import TABLES, World
from tests.integration.activation.crm.crm_tools import EIGHT, Person, Tools

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def tools(tmp_path: Path) -> Iterator[Tools]:
    tables = {name: schema.empty_table() for name, schema in TABLES.items()}
    rows = []
    for number in range(1, 10):
        for system, entity, native in (
            ("zendesk", "user", f"{9000 + number}"),
            ("salesforce", "contact", f"003A{number}"),
        ):
            rows.append(
                {
                    "record_id": f"{system}:{entity}:{native}",
                    "system": system,
                    "entity": entity,
                    "native_id": native,
                    "full_name": f"Caller {number}",
                    "family_name": f"Caller{number}",
                    "email": f"p{number}@mail.org",
                    "created_at": AS_OF,
                    "updated_at": AS_OF,
                }
            )
    tables["records"] = pa.Table.from_pylist(rows, schema=TABLES["records"])
    running = Tools(serve(World(tables, AS_OF, 1), tmp_path / "state"))
    yield running
    running.sandbox.close()


def add(world: Any, person: Person) -> None:
    world.customer(
        person.key,
        email=person.email,
        segments=["vip"],
        consent={"email": "granted"},
        records=[f"zendesk:user:{9000 + person.number}", f"salesforce:contact:003A{person.number}"],
        lifetime_value=person.value,
    )


@pytest.fixture
def eight(world: Any) -> Any:
    for person in EIGHT.values():
        add(world, person)
    publish(world.connection, "r1", AS_OF)
    return world


@pytest.fixture
def move_on(eight: Any) -> Any:
    """A day later: one leaves, one has another address, one loses a field, one spends more, one comes."""

    def moved() -> None:
        for table in ("golden.customers", "golden.contact_points", "identity.record_customers"):
            eight.execute(f"delete from {table} where customer_id = 'c8'")
        eight.execute(
            "update golden.contact_points set value = 'new@mail.org', match_key = 'new@mail.org' "
            "where customer_id = 'c2' and kind = 'email'"
        )
        eight.execute("update golden.customers set email = 'new@mail.org' where customer_id = 'c2'")
        eight.execute("delete from segments.customer_personas where customer_id = 'c3'")
        eight.execute("update marts.customer_metrics set lifetime_value = 99.25 where customer_id = 'c4'")
        add(eight, Person(9, "p9@mail.org"))
        publish(eight.connection, "r2", AS_OF)

    return moved
