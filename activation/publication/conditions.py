"""Why a customer is in a segment or is not, as pieces: conditions in words and SQL, and the values that they see.

Only the traits that some condition reads are published. Events are counted here, for they are counted on marts, which
the API does not read; whoever has none of a kind has no row.
"""

from __future__ import annotations

import re
from typing import Final

from psycopg import sql

from activation.database import Connection, scalar

_TRAIT: Final = re.compile(r"\btraits\.([a-z_][a-z0-9_]*)")
_MOST_PAIRS: Final = 50

# As the macro segment_event_leaf writes it; anything else is asked for each customer.
_OF_ONE: Final = re.compile(
    r"\(select (?P<aggregates>.+?)(?P<source> from \S+ as event where .+)"
    r" and event\.customer_id = traits\.customer_id\)",
    re.DOTALL,
)
_VIEWS: Final = ("wanted_conditions", "wanted_traits", "wanted_events")


def prepare(connection: Connection) -> None:
    """Make the temporary views that the sources below read; `finish` drops them in the same transaction.

    They depend on dbt's tables, and would be in the way of its next run.
    """
    finish(connection)
    conditions = connection.execute(
        "select segment, path, kind, sql, seen_sql from segments.segment_conditions order by segment, position"
    ).fetchall()
    known = {
        row[0]
        for row in connection.execute(
            "select attname from pg_attribute where attrelid = 'segments.customer_features'::regclass and attnum > 0 "
            "and not attisdropped"
        )
    }
    leaves = [row for row in conditions if row[2] == "trait"]
    read = {name for row in leaves for text in row[3:] for name in _TRAIT.findall(text or "")}
    connection.execute(_traits(sorted(read & known)))
    events = [row for row in conditions if row[2] == "event"]
    without = [(*row[:2], _without(connection, row[3])) for row in events]
    connection.execute(_events([(row[0], row[1], row[3], row[4]) for row in events]))
    connection.execute(_conditions(without))


def finish(connection: Connection) -> None:
    """Drop what `prepare` made."""
    for view in _VIEWS:
        connection.execute(sql.SQL("drop view if exists pg_temp.{}").format(sql.Identifier(view)))


def _without(connection: Connection, expression: str) -> bool:
    """Whether a condition on events holds for who has none."""
    return bool(scalar(connection, f"select {expression} from (select null::text as customer_id) as traits"))


def _traits(names: list[str]) -> sql.Composed:
    # A function takes a hundred arguments at most.
    groups = [names[start : start + _MOST_PAIRS] for start in range(0, len(names), _MOST_PAIRS)] or [[]]
    objects = sql.SQL(" || ").join(
        sql.SQL("jsonb_build_object({})").format(
            sql.SQL(", ").join(
                sql.SQL("{}, traits.{}").format(sql.Literal(name), sql.Identifier(name)) for name in group
            )
        )
        for group in groups
    )
    return sql.SQL(
        "create temporary view wanted_traits as "
        "select traits.customer_id, {} as traits from segments.customer_features as traits"
    ).format(objects)


def _events(leaves: list[tuple[str, str, str, str]]) -> sql.Composed:
    """The leaves are dbt's own SQL over `traits`, as it is written in segments.segment_conditions.

    What is seen is counted for all customers at once; whether the condition holds is asked for those who have some.
    """
    parts: list[sql.Composable] = [
        sql.SQL(
            "select traits.customer_id, {}::text as segment, {}::text as path, ({}) as holds, counted.seen "
            "from ({}) as counted inner join segments.customer_features as traits "
            "on traits.customer_id = counted.customer_id where (counted.seen ->> 'times')::bigint > 0"
        ).format(sql.Literal(segment), sql.Literal(path), sql.SQL(holds), sql.SQL(_counted(seen)))
        for segment, path, holds, seen in leaves
    ] or [sql.SQL("select null::text, null::text, null::text, null::boolean, null::jsonb where false")]
    return sql.SQL("create temporary view wanted_events (customer_id, segment, path, holds, seen) as {}").format(
        sql.SQL(" union all ").join(parts)
    )


def _counted(seen: str) -> str:
    """`customer_id, seen` of who has events, from what a condition shows of one customer: `(select … of one)`."""
    whole = _OF_ONE.fullmatch(seen)
    if whole:
        return f"select event.customer_id, {whole['aggregates']} as seen{whole['source']} group by event.customer_id"
    return f"select traits.customer_id, {seen} as seen from segments.customer_features as traits"


def _conditions(without: list[tuple[str, str, bool]]) -> sql.Composed:
    rows: list[sql.Composable] = [
        sql.SQL("({}::text, {}::text, {}::boolean)").format(*(sql.Literal(value) for value in row)) for row in without
    ] or [sql.SQL("(null::text, null::text, null::boolean)")]
    return sql.SQL("create temporary view wanted_conditions as {}").format(
        sql.SQL(_CONDITIONS).format(without=sql.SQL(", ").join(rows))
    )


_CONDITIONS: Final = """
    select
        conditions.segment,
        conditions.position,
        conditions.path,
        conditions.depth,
        conditions.kind,
        conditions.label,
        case when conditions.kind = 'trait' then conditions.sql end as expression,
        case when conditions.kind = 'trait' then conditions.seen_sql end as seen_expression,
        case
            when conditions.kind in ('segment', 'hold_back')
                then substring(conditions.sql from 'seg_([a-z0-9_]+)"? as member')
        end as other_segment,
        without.holds as holds_without
    from segments.segment_conditions as conditions
    left join (values {without}) as without (segment, path, holds)
        on without.segment = conditions.segment and without.path = conditions.path
"""

SEGMENT_CONDITIONS: Final = "select * from pg_temp.wanted_conditions"

TRAIT_TYPES: Final = r"""
    select attribute.attname::text as trait, format_type(attribute.atttypid, attribute.atttypmod) as type
    from pg_attribute as attribute
    where attribute.attrelid = 'segments.customer_features'::regclass and attribute.attnum > 0
    and not attribute.attisdropped and exists (
        select 1 from pg_temp.wanted_conditions as conditions
        where conditions.expression ~ ('\mtraits\.' || attribute.attname || '\M')
        or conditions.seen_expression ~ ('\mtraits\.' || attribute.attname || '\M')
    )
"""

CUSTOMER_TRAITS: Final = """
    select customer_id, traits, md5(traits::text)::uuid as content_hash from pg_temp.wanted_traits
"""

COUNTED_EVENTS: Final = """
    select customer_id, segment, path, holds, seen from pg_temp.wanted_events
"""
