"""Publication: only differences are written, all of them or none."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from activation.database import ActivationError
from activation.publish import publish
from activation.schema import VERSION, migrate, version

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


def rows_of_activation(world) -> dict[str, list[tuple]]:
    tables = ("profiles", "profile_identifiers", "consents", "timeline", "segments", "segment_members")
    return {
        table: world.rows(f"select xmin::text, t.* from activation.{table} as t order by t::text") for table in tables
    }


def two_customers(world) -> None:
    world.customer(
        "c1", email="ada@mail.com", records=["shopify:customer:1"], segments=["vip"], consent={"email": "granted"}
    )
    world.customer("c2", email="bob@mail.com", records=["zendesk:user:7"], name="Bob Ray")
    for number in range(3):
        world.interaction(number, "c1")
    world.interaction(9, None)


def test_first_publication_copies_everything_and_the_second_writes_nothing(world) -> None:
    two_customers(world)
    first = publish(world.connection, "r1", AS_OF)
    assert first.tables["profiles"].inserted == 2
    assert first.tables["timeline"].inserted == 3, "the anonymous sale has no timeline"
    before = rows_of_activation(world)
    second = publish(world.connection, "r2", AS_OF)
    assert second.changed == 0
    assert {name: t.unchanged for name, t in second.tables.items()} == {
        name: t.inserted for name, t in first.tables.items()
    }
    assert rows_of_activation(world) == before, "not even a row version was written"
    assert world.rows("select run_id from activation.publications") == [("r1",)]


def test_the_session_time_zone_is_not_a_change(world) -> None:
    two_customers(world)
    publish(world.connection, "r1", AS_OF)
    world.execute("set timezone = 'Asia/Tokyo'")
    world.execute("set datestyle = 'German'")
    assert publish(world.connection, "r2", AS_OF).changed == 0


def test_only_what_differs_is_written(world) -> None:
    two_customers(world)
    publish(world.connection, "r1", AS_OF)
    world.execute("update marts.interactions set subject = 'other' where interaction_id = 'i0001'")
    world.execute("delete from marts.interactions where interaction_id = 'i0002'")
    world.interaction(4, "c2")
    world.execute("update golden.consents set state = 'denied'")
    report = publish(world.connection, "r2", AS_OF)
    assert dataclasses.astuple(report.tables["timeline"]) == (1, 1, 1, 1)
    assert dataclasses.astuple(report.tables["consents"]) == (0, 1, 0, 0)
    assert dataclasses.astuple(report.tables["profiles"]) == (0, 2, 0, 0), "profiles tell of the latest touchpoints"
    assert report.tables["profile_identifiers"].changed == 0


def test_days_since_the_last_order_alone_is_no_change(world) -> None:
    two_customers(world)
    publish(world.connection, "r1", AS_OF)
    world.execute("update marts.customer_metrics set days_since_last_order = 1")
    assert publish(world.connection, "r2", AS_OF).changed == 0


def test_the_document_holds_what_an_agent_needs(world) -> None:
    two_customers(world)
    for number in range(7):
        world.insert(
            "marts.conversations",
            (f"t{number}", "c1", AS_OF, AS_OF + timedelta(hours=number), ["x", "phone"], None, [], "inbound", True),
        )
    publish(world.connection, "r1", AS_OF)
    ((document,),) = world.rows("select document from activation.profiles where customer_id = 'c1'")
    assert [talk["conversation_id"] for talk in document["conversations"]] == ["t6", "t5", "t4", "t3", "t2"]
    assert document["conversations"][0]["channels"] == ["x", "phone"]
    assert document["name"] == {"full": "Ada Lovelace", "given": "Ada", "family": "Lovelace"}
    assert document["primary"]["email"] == "ada@mail.com"
    assert [(one["channel"], one["purpose"], one["state"]) for one in document["consents"]] == [
        ("email", "marketing", "granted")
    ]
    assert document["persona"] == {"name": "loyalist", "reason": "three orders"}
    assert document["segments"] == ["vip"]
    assert document["metrics"]["lifetime_value"] == 10.5
    assert document["open_ticket_count"] == 1
    assert document["contact_points"][0]["record_ids"] == ["shopify:customer:1"]


def test_a_merged_id_leads_to_the_last_survivor(world) -> None:
    for number in (1, 2, 3):
        world.customer(f"c{number}", email=f"a{number}@mail.com", records=[f"zendesk:user:{number}"])
    publish(world.connection, "r1", AS_OF)
    world.move("c1", "c2")
    world.move("c2", "c3")
    publish(world.connection, "r2", AS_OF)
    redirects = (
        "select match_key, customer_id from activation.profile_identifiers where kind = 'customer_id' order by 1"
    )
    assert world.rows(redirects) == [("c1", "c3"), ("c2", "c3")]
    ((former,),) = world.rows("select document -> 'former_customer_ids' from activation.profiles")
    assert former == ["c1", "c2"]


def test_a_circle_in_the_ledger_ends(world) -> None:
    two_customers(world)
    for loser, survivor in (("x", "y"), ("y", "x"), ("z", "c1")):
        world.insert("identity.customer_ledger", ("r", "merged", loser, survivor, None, AS_OF))
    publish(world.connection, "r1", AS_OF)
    redirects = "select match_key, customer_id from activation.profile_identifiers where kind = 'customer_id'"
    assert world.rows(redirects) == [("z", "c1")]


def test_a_failing_publication_changes_nothing_and_quotes_nobody(world) -> None:
    two_customers(world)
    publish(world.connection, "r1", AS_OF)
    before = rows_of_activation(world)
    world.customer("c3", email="secret@mail.com")
    world.execute("insert into segments.segment_memberships values ('vip', 'c3', null), ('vip', 'c3', null)")
    with pytest.raises(ActivationError, match="segment_members") as failure:
        publish(world.connection, "r2", AS_OF)
    assert "c3" not in str(failure.value)
    assert failure.value.__cause__ is None
    assert rows_of_activation(world) == before


def test_a_missing_source_table_is_named(world) -> None:
    world.execute("drop table marts.customer_metrics")
    with pytest.raises(ActivationError, match=r"missing marts\.customer_metrics"):
        publish(world.connection, "r1", AS_OF)


def test_a_missing_source_column_is_named(world) -> None:
    world.execute("alter table golden.customers drop column instagram_handle cascade")
    world.execute("create table golden.profiles (customer_id text)")
    with pytest.raises(ActivationError, match="document"):
        publish(world.connection, "r1", AS_OF)


def test_an_open_transaction_is_refused(world) -> None:
    world.connection.execute("select 1")
    with pytest.raises(ActivationError, match="open transaction"):
        publish(world.connection, "r1", AS_OF)


def test_two_publications_at_once_are_refused(world, warehouse, monkeypatch) -> None:
    two_customers(world)
    with warehouse.connect() as other:
        other.execute("select pg_advisory_lock(hashtextextended('braid activation publication', 0))")
        other.commit()
        monkeypatch.setattr("activation.database.PATIENCE", 0.05)
        with pytest.raises(ActivationError, match="already running"):
            publish(world.connection, "r1", AS_OF)
    monkeypatch.undo()
    assert publish(world.connection, "r1", AS_OF).changed > 0


def test_migration_happens_once_and_a_newer_schema_is_refused(world) -> None:
    assert migrate(world.connection) == VERSION
    assert migrate(world.connection) == 0
    with world.connection.transaction():
        assert version(world.connection) == VERSION
    world.execute("insert into activation.schema_versions (version) values (999)")
    with pytest.raises(ActivationError, match="newer"):
        migrate(world.connection)
