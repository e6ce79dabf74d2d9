"""An erased person is nowhere, does not come back with the same data, and nobody else is touched."""

from __future__ import annotations

import pytest

from activation.database import ActivationError
from activation.privacy.subject import AlreadyErased, NobodyFound
from activation.privacy.tombstones import TombstoneKey
from tests.integration.activation.privacy.conftest import Company
from tests.integration.activation.privacy.database_text import copy_raw, restore_raw, rows_by_table, where_found

ADA = ("ada@new.example", "ada@old.example", "Lovelace", "442071838750", "ada.l", "Ada+shop", 'shopify:customer:1"')
"""How Ada is known: addresses, name, number, handle, and a record of hers at the end of a list or a text."""

RAW_ROWS = 24
"""Her rows in raw, over all streams."""

# Where her customer id stays, which nobody else will ever have.
OWN = {
    "activation.erasures",
    "activation.erasure_outcomes",
    "activation.erasure_destinations",
    "activation.tombstones",
    "activation.tombstone_key",
    "activation.checked_loads",
    "activation.withheld_rows",
    "identity.customer_ledger",
    "identity.change_decisions",
    "activation.audit",
    "build_state.changes",  # that everything changed, by no name
}
BUILT = ("staging.", "identity.identity_records", "golden.", "marts.", "segments.seg", "activation.profile")


def test_nothing_of_an_erased_person_is_left_in_any_table(company: Company) -> None:
    assert len(where_found(company.warehouse, ADA)) > 30
    company.erase("ada_once")
    assert list(where_found(company.warehouse, ADA)) == ["activation.deliveries"]
    company.acknowledge()
    assert where_found(company.warehouse, ADA) == {}


def test_everybody_else_is_as_before_to_the_byte(company: Company) -> None:
    before = rows_by_table(company.warehouse)
    company.erase("ada")
    after = rows_by_table(company.warehouse)
    assert set(after) == set(before)
    for table in set(before) - OWN - {"activation.deliveries"}:
        assert set(after[table]) <= set(before[table]), table
    with company.warehouse.connect() as connection:
        told = connection.execute("select relation, changed_key from build_state.changes").fetchall()
    assert set(told) >= {("identity.record_customers", None), ("identity.identifiers", None)}
    assert all(name is None for _, name in told)
    with company.warehouse.connect() as connection:
        keyed = connection.execute(
            "select table_schema || '.' || table_name from information_schema.columns "
            "where column_name = 'customer_id' "
            "and table_schema in ('golden', 'marts', 'segments', 'activation', 'identity')"
        ).fetchall()
    others = {"bob", "cleo", "dan", "eve", "finn", "gus", "hana", "ivo", "june", "kim", "lea"}
    compared = 0
    for (table,) in keyed:
        if table in before:
            mine = [row for row in before[table] if any(f"{name}," in row or f",{name}" in row for name in others)]
            assert [row for row in mine if row in set(after[table]) or "ada" in row] == mine, table
            compared += len(mine)
    assert compared > 500


def test_the_same_data_again_brings_nobody_back_through_the_real_models(company: Company) -> None:
    raw = copy_raw(company.warehouse)
    company.erase("ada")
    company.acknowledge()
    company.build()
    without_her = {t: rows for t, rows in rows_by_table(company.warehouse).items() if t.startswith(BUILT)}
    restore_raw(company.warehouse, raw, load_id="next week")
    assert "raw_shopify.customers" in where_found(company.warehouse, ADA)
    withheld = company.withhold()
    assert withheld.total == RAW_ROWS
    assert withheld.rows["shopify/orders", "an identifier of an erased person"] == 1
    assert withheld.rows["zendesk/ticket_metrics", "part of what an erased person did"] == 1
    company.build()
    assert where_found(company.warehouse, ADA) == {}
    again = {t: rows for t, rows in rows_by_table(company.warehouse).items() if t.startswith(BUILT)}
    assert again == without_her
    assert company.withhold().total == 0


def test_next_weeks_file_may_call_her_something_else(company: Company) -> None:
    company.erase("ada")
    company.tell(
        """insert into raw_files.people (record_key, payload, _dlt_load_id) values
        ('crm:lead:77', '{"source": "crm", "entity": "lead", "native_id": "77", "full_name": "A. L.",
            "phones": ["020 7183 8750"], "country": "United Kingdom"}', 'new'),
        ('crm:lead:78', '{"source": "crm", "entity": "lead", "native_id": "78", "full_name": "A. L.",
            "emails": ["Ada <ADA+new@new.example>"]}', 'new'),
        ('crm:lead:79', '{"source": "crm", "entity": "lead", "native_id": "79",
            "handles": ["Instagram:@Ada.L"]}', 'new'),
        ('crm:lead:80', '{"source": "crm", "entity": "lead", "native_id": "80",
            "external_ids": ["shopify:customer:1"]}', 'new'),
        ('crm:lead:81', '{"source": "crm", "entity": "lead", "native_id": "81", "full_name": "Zed",
            "emails": ["zed@new.example"], "phones": ["020 7183 8751"]}', 'new')""",
        """insert into raw_zendesk.tickets (record_key, payload, _dlt_load_id) values
        ('99', '{"id": 99, "requester_id": 1, "subject": "Me again", "created_at": "2026-02-01T00:00:00Z"}', 'new')""",
        """insert into raw_zendesk.ticket_comments (record_key, payload, _dlt_load_id) values
        ('991', '{"id": 991, "ticket_id": 99, "author_id": 2, "body": "Dear Ada Lovelace"}', 'new')""",
    )
    assert company.withhold().total == 6
    with company.warehouse.connect() as connection:
        assert connection.execute("select record_key from raw_files.people where _dlt_load_id = 'new'").fetchall() == [
            ("crm:lead:81",)
        ]
    # A later answer in the withheld ticket, in a later load, names nobody but the ticket.
    company.tell(
        """insert into raw_zendesk.ticket_comments (record_key, payload, _dlt_load_id) values
        ('992', '{"id": 992, "ticket_id": 99, "author_id": 2, "body": "Ada Lovelace, are you there?"}', 'newer')"""
    )
    assert company.withhold().rows == {("zendesk/ticket_comments", "part of what an erased person did"): 1}
    company.acknowledge()
    assert where_found(company.warehouse, ADA) == {}


def test_whoever_shares_a_mailbox_keeps_it(company: Company) -> None:
    """Cleo and Dan are a couple with one mailbox and one number: erasing Cleo is not erasing Dan."""
    raw = copy_raw(company.warehouse)
    company.erase("cleo")
    restore_raw(company.warehouse, raw, load_id="next week")
    company.withhold()
    company.build()
    assert where_found(company.warehouse, ["shopify:customer:3", "loyalty:member:M-3", "Cleo"]) == {
        place: ["cleo"] for place in ("activation.customer_ids", "activation.erasures", "identity.customer_ledger")
    }
    with company.warehouse.connect() as connection:
        dan = connection.execute("select email, phone from golden.customers where customer_id = 'dan'").fetchall()
        assert dan == [("pair@home.example", "+442071838751")]


def test_a_living_customer_who_takes_over_an_address_is_not_held_back(company: Company) -> None:
    company.erase("ada")
    company.tell(
        """update raw_shopify.customers set _dlt_load_id = 'new', payload = jsonb_set(
            payload, '{defaultEmailAddress,emailAddress}', '"ada@new.example"') where record_key = '2'"""
    )
    assert company.withhold().total == 0


def test_a_load_is_looked_at_once_and_what_no_load_brought_every_time(company: Company) -> None:
    raw = copy_raw(company.warehouse)
    company.erase("ada")
    restore_raw(company.warehouse, raw, load_id=None)
    assert company.withhold().total == RAW_ROWS
    restore_raw(company.warehouse, raw, load_id=None)
    assert company.withhold().total == RAW_ROWS
    restore_raw(company.warehouse, raw, load_id="1769904000.5")
    assert company.withhold().total == 0


def test_without_its_key_no_run_goes_on(company: Company) -> None:
    company.withhold(key=None)  # nobody was erased: no key is needed
    company.erase("ada")
    with pytest.raises(ActivationError, match="key of their tombstones is missing"):
        company.withhold(key=None)
    with pytest.raises(ActivationError, match="another key"):
        company.withhold(key=TombstoneKey(b"another"))


def test_who_was_erased_or_never_known_is_said(company: Company) -> None:
    company.erase("ada")
    with pytest.raises(AlreadyErased, match="was erased"):
        company.erase("ada_once")
    with pytest.raises(NobodyFound, match="no customer nobody was ever known"):
        company.erase("nobody")
    with pytest.raises(NobodyFound, match="has no record zendesk:user:3"):
        company.erase("bob", ["zendesk:user:3"])


def test_some_records_go_and_the_rest_of_the_customer_is_made_anew(company: Company) -> None:
    company.erase("ada", ["zendesk:user:1", "meta:instagram_user:91"])
    hers = ["ada@old.example", "zendesk:user:1", "meta:instagram_user:91"]
    assert set(where_found(company.warehouse, hers)) == set()
    company.build()
    assert where_found(company.warehouse, hers) == {}
    with company.warehouse.connect() as connection:
        assert connection.execute(
            "select email, record_count from golden.customers where customer_id = 'ada'"
        ).fetchall() == [("ada@new.example", 5)]
        assert connection.execute("select count(*) from activation.profiles where customer_id = 'ada'").fetchall() == [
            (1,)
        ]
        scope, places = connection.execute(
            "select scope, (select count(*) from activation.erasure_outcomes where affected_rows > 0) "
            "from activation.erasures"
        ).fetchall()[0]
    assert scope == "records"
    assert places > 30
