"""Two customers are judged to be one, and then not: profile, timeline and segments of both are those from before."""

from __future__ import annotations

import pytest

from tests.end_to_end.conftest import Company

pytestmark = pytest.mark.slow

NOT_AS_BEFORE = {
    # That they were merged for a while has happened: their history says so, and each entry names its cause.
    "segments.segment_membership_history",
}


def about_customers(company: Company) -> list[str]:
    """Every table and view that says of its rows which customer they are about."""
    found = company.warehouse.read(
        """
        select table_schema || '.' || table_name as name
        from information_schema.columns
        where column_name = 'customer_id' and table_schema in ('golden', 'marts', 'segments')
        order by 1
        """
    )
    return [name for name in found["name"].to_pylist() if name not in NOT_AS_BEFORE]


def two_busy_customers(company: Company) -> list[str]:
    """The two with most touchpoints of those who refused nothing.

    To take apart who refused something and who did not makes somebody reachable again: a bound holds that for a person.
    """
    found = company.warehouse.read(
        """
        select c.customer_id
        from golden.customers as c
        inner join marts.interactions as i using (customer_id)
        where
            c.record_count between 2 and 4
            and not exists (
                select from golden.consents as s where s.customer_id = c.customer_id and s.state = 'denied'
            )
        group by c.customer_id
        order by count(*) desc, c.customer_id
        limit 2
        """
    )
    ids: list[str] = found["customer_id"].to_pylist()
    return ids


def records(company: Company, customer_id: str) -> list[str]:
    found = company.warehouse.read(
        "select record_id from identity.record_customers where customer_id = $1::text order by record_id",
        (customer_id,),
    )
    ids: list[str] = found["record_id"].to_pylist()
    return ids


def all_about(company: Company, customer_id: str) -> dict[str, list[str]]:
    """Every row that is about a customer, whatever its id."""
    return {
        table: company.warehouse.read(
            f"select replace(t::text, $1::text, 'THE CUSTOMER') as row from {table} as t where customer_id = $1::text "
            "order by 1",
            (customer_id,),
        )["row"].to_pylist()
        for table in about_customers(company)
    }


def test_what_a_judgement_joined_comes_apart_as_it_was(small_company: Company) -> None:
    small_company.braid("run")
    one, other = two_busy_customers(small_company)
    sides = {one: records(small_company, one), other: records(small_company, other)}
    before = {customer: all_about(small_company, customer) for customer in sides}
    assert all(len(rows) > 0 for customer in before.values() for rows in (customer["marts.interactions"],))

    first, second = sides[one][0], sides[other][0]
    small_company.braid("identity", "judge", first, second, "same", "--why", "they said so")
    small_company.braid("run")
    (joined,) = {one, other} & {customer for customer in sides if records(small_company, customer)}
    assert records(small_company, joined) == sorted(sides[one] + sides[other])
    timeline = len(all_about(small_company, joined)["marts.interactions"])
    assert timeline == sum(len(before[customer]["marts.interactions"]) for customer in sides)

    small_company.braid("identity", "unmerge", first, "--why", "they are sisters")
    small_company.braid("run")
    now = {
        customer: small_company.warehouse.read(
            "select distinct customer_id from identity.record_customers where record_id = $1::text", (side[0],)
        )["customer_id"][0].as_py()
        for customer, side in sides.items()
    }
    assert {customer: records(small_company, now[customer]) for customer in sides} == sides
    assert {customer: all_about(small_company, now[customer]) for customer in sides} == before
    # The id that kept its records is the same; the one that was merged away redirects for ever, and has a successor.
    assert [customer for customer in sides if now[customer] == customer] == [joined]
    (lost,) = set(sides) - {joined}
    assert f"use {joined}" in small_company.braid("identity", "resolve", lost)
