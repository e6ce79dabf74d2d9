"""`braid identity explain`, from the warehouse: pairs, customers, pictures, and what to do when there is nothing."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from orchestration.identity_case import CaseReader

if TYPE_CHECKING:
    from click.testing import Result

    from tests.integration.orchestration.conftest import IdentityRoom

SHOP, DESK, OTHER = "shopify:customer:3", "zendesk:user:3", "shopify:customer:4"
RAW = ("Dorothea", "Erxleben", "erxleben3@mail", "1003", "1963-04-04", "4 Main Street", "10003")


def said(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    return result.stderr


def test_two_records_of_one_customer(busy_room: IdentityRoom) -> None:
    text = said(busy_room.braid("explain", DESK, SHOP))
    assert "One customer." in text
    assert "same e-mail address" in text
    assert "Blocking: compared: brought together by same e-mail" in text
    assert "has changed since" not in text
    assert [value for value in RAW if value in text] == []
    shown = said(busy_room.braid("explain", DESK, SHOP, "--show-values"))
    assert [value for value in RAW if value not in shown] == []


def test_json_agrees_with_the_edge_that_was_published(busy_room: IdentityRoom) -> None:
    told = json.loads(said(busy_room.braid("explain", SHOP, DESK, "--json")))
    stored = busy_room.warehouse.read(
        "select match_weight from identity.edges where record_id_a = $1 and record_id_b = $2", (SHOP, DESK)
    )["match_weight"][0].as_py()
    assert told["stored_weight"] == stored
    assert told["match_weight"] == pytest.approx(stored, abs=0.01)
    strangers = told["against"][0]
    assert sum(view["bits"] for view in told["comparisons"]) + strangers["prior"] == pytest.approx(
        strangers["bits"], abs=0.1
    )
    assert told["masked"]


def test_two_records_that_blocking_never_compared(busy_room: IdentityRoom) -> None:
    busy_room.add("x:user:90", handles=["x:somebody_else"])
    busy_room.add("crm:lead:90", given_name="Dorothea", birth_date=date(1963, 4, 4))
    assert busy_room.run().success
    told = json.loads(said(busy_room.braid("explain", "x:user:90", "crm:lead:90", "--json")))
    assert not told["same_customer"]
    assert not told["blocking"]["compared"]
    rules = {rule["rule"]: rule for rule in told["blocking"]["rules"]}
    assert rules["same_email"]["state"] == "missing"
    assert rules["same_email"]["missing"] == ["usable e-mail address (both records)"]


def test_a_crowded_identifier_is_counted_in_the_warehouse(busy_room: IdentityRoom) -> None:
    with busy_room.warehouse.transaction() as transaction:
        carriers = CaseReader(transaction).of_pair(SHOP, DESK).carriers
    assert carriers is not None
    counted = {row["kind"]: row["records"] for row in carriers.to_pylist()}
    assert counted == {"email": 2, "phone": 2}


def test_a_customer_with_its_picture(busy_room: IdentityRoom, tmp_path: Path) -> None:
    busy_room.add("crm:contact:3", given_name="Dorothea", family_name="Erxleben")
    assert busy_room.run().success
    customer = busy_room.customers()[SHOP]
    page = tmp_path / "new" / "customer.html"
    text = said(busy_room.braid("explain", customer, "--html", str(page)))
    assert f"Customer {customer}: 2 records" in text
    assert "It falls apart without 1 edge" in text
    assert "crm:contact:3" in text.partition("Nearest customers that were not merged")[2]
    assert [value for value in RAW if value in text + page.read_text()] == []
    drawn = "".join(ElementTree.parse(page).getroot().itertext())
    assert all(record in drawn for record in (SHOP, DESK, "crm:contact:3"))
    told = json.loads(said(busy_room.braid("explain", SHOP, "--json", "--html", str(page))))
    assert told["customer_id"] == customer


def test_a_judgement_shows_where_it_keeps_two_apart(busy_room: IdentityRoom) -> None:
    judged = busy_room.braid("judge", SHOP, DESK, "different", "--by", "mia", "--why", "mother and daughter")
    assert judged.exit_code == 0, judged.output
    assert busy_room.run().success
    text = said(busy_room.braid("explain", SHOP, DESK))
    assert "Two customers." in text
    assert "mia said on" in text
    assert "mother and daughter" not in text
    assert "mia said on" in said(busy_room.braid("explain", SHOP))


def test_a_merged_id_leads_to_who_it_is_now(busy_room: IdentityRoom) -> None:
    former = busy_room.customers()[OTHER]
    with busy_room.warehouse.connect() as connection:
        connection.execute(
            "insert into identity.customer_ledger (run_id, event, customer_id, related_customer_id, occurred_at) "
            "values ('by hand', 'merged', %s, %s, now())",
            (former, busy_room.customers()[SHOP]),
        )
        connection.execute("delete from identity.record_customers where customer_id = %s", (former,))
    result = busy_room.braid("explain", former)
    assert f"Customer {busy_room.customers()[SHOP]}" in said(result)
    assert f"{former} was merged into" in result.stderr


def test_a_retired_id_is_said_to_be_retired(busy_room: IdentityRoom) -> None:
    former = busy_room.customers()[OTHER]
    for record in (OTHER, "zendesk:user:4"):
        busy_room.remove(record)
    assert busy_room.run().success
    assert "is retired" in refused(busy_room.braid("explain", former))


def test_a_record_that_came_after_the_last_run(busy_room: IdentityRoom) -> None:
    busy_room.add(
        "crm:contact:3", given_name="Dorothea", family_name="Erxleben", emails=["dorothea.erxleben3@mail.example"]
    )
    assert "customer none yet" in said(busy_room.braid("explain", "crm:contact:3", SHOP))
    assert "newer than the last run" in refused(busy_room.braid("explain", "crm:contact:3"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody"], "neither a record nor a customer id"),
        ([SHOP, "nobody"], "there is no record nobody; identity.identity_records has every record id"),
        ([SHOP, SHOP], "given twice"),
        ([SHOP, DESK, "--html", "x.html"], "give a customer id or one record"),
    ],
)
def test_what_cannot_be_explained_is_said(busy_room: IdentityRoom, arguments: list[str], message: str) -> None:
    assert message in refused(busy_room.braid("explain", *arguments))


def test_a_customer_is_no_second_record(busy_room: IdentityRoom) -> None:
    customer = busy_room.customers()[SHOP]
    assert "it is a customer: explain it alone" in refused(busy_room.braid("explain", SHOP, customer))


def test_before_the_first_run(room: IdentityRoom) -> None:
    assert "`braid run` does" in refused(room.braid("explain", SHOP))
