"""Who is in a dropped file, and which columns: queries over schema `activation`, asked of the gate."""

from __future__ import annotations

from psycopg import sql

from activation.consent import Exclusion, GateRules, Purpose, decisions, hashed_addresses
from activation.database import Connection


def is_match_list(purpose: str) -> bool:
    """Whether a segment of that purpose is dropped without contact details, for matching only."""
    return purpose in (Purpose.SUPPRESSION, Purpose.SERVICE)


def judge(connection: Connection, rules: GateRules) -> None:
    """Ask the gate once per channel; a person is left out only when every channel is closed.

    Of two reasons, the one that comes later in `consent.Exclusion` is given.
    """
    connection.execute(
        sql.SQL("""
        create temporary table audience on commit drop as
        select
            segment,
            customer_id,
            email_gate.destination_address as email,
            sms_gate.destination_address as phone,
            case when email_gate.exclusion is not null and sms_gate.exclusion is not null then
                ({reasons})[
                    greatest(
                        array_position({reasons}, email_gate.exclusion), array_position({reasons}, sms_gate.exclusion)
                    )
                ]
            end as exclusion
        from ({email}) as email_gate
        inner join ({sms}) as sms_gate using (segment, customer_id)
    """).format(
            reasons=sql.SQL("{}::text[]").format(sql.Literal([str(reason) for reason in Exclusion])),
            email=decisions("email", rules),
            sms=decisions("sms", rules),
        )
    )
    connection.execute("create index on pg_temp.audience (segment)")


def _guarded(expression: str) -> str:
    """A cell that a spreadsheet would run as a formula gets an apostrophe in front; an E.164 phone cannot be one."""
    return (
        f"case when {expression} ~ '^[=+@\\t\\r\\n-]' and {expression} !~ '^\\+[0-9]+$' "
        f"then '''' || {expression} else {expression} end"
    )


def audience(segment: str, *, guarded: bool) -> sql.Composed:
    """A row per person of a marketing segment whom the gate lets through; `guarded`: for a spreadsheet."""
    columns = {
        "customer_id": "a.customer_id",
        "email": "a.email",
        "phone": "a.phone",
        "given_name": "p.document -> 'name' ->> 'given'",
        "family_name": "p.document -> 'name' ->> 'family'",
        "language": "p.document ->> 'language'",
        "country": "p.document -> 'address' ->> 'country'",
        "persona": "p.document -> 'persona' ->> 'name'",
        "lifetime_value": "p.document -> 'metrics' ->> 'lifetime_value'",
        "last_order_at": "p.document -> 'metrics' ->> 'last_order_at'",
    }
    # A number may begin with a minus; it is no formula.
    numbers = {"lifetime_value"}
    selected = ", ".join(
        f"{_guarded(f'({source})') if guarded and name not in numbers else source} as {name}"
        for name, source in columns.items()
    )
    return sql.SQL(
        f"select {selected} from pg_temp.audience as a "
        "inner join activation.profiles as p on p.customer_id = a.customer_id "
        "where a.segment = {segment} and a.exclusion is null order by a.customer_id"
    ).format(segment=sql.Literal(segment))


def match_list(segment: str) -> sql.Composed:
    """`customer_id, kind, sha256` of every contact point of the members, and a row for a member without one."""
    return sql.SQL("""
        select a.customer_id, point.kind, point.sha256
        from pg_temp.audience as a
        left join ({hashed}) as point on point.customer_id = a.customer_id
        where a.segment = {segment} and coalesce(a.exclusion, 'no_contact_point') = 'no_contact_point'
        order by a.customer_id, point.kind, point.sha256
    """).format(segment=sql.Literal(segment), hashed=hashed_addresses())
