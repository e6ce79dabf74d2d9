"""Published people by the hundred thousand, each with a profile of a real one's size, written by one query a table."""

from __future__ import annotations

from typing import Final

from activation.schema import migrate
from orchestration.warehouse import Warehouse

# About four kilobytes of contact points, provenance and records surround what a sync reads, as in a real profile.
_PROFILES: Final = """
    insert into activation.profiles (customer_id, document, link_strength, content_hash)
    select customer_id, document, 0.95, md5(document::text)::uuid
    from (
        select
            'cst_' || n as customer_id,
            jsonb_build_object(
                'customer_id', 'cst_' || n,
                'name', jsonb_build_object('given', 'Given' || n %% 997, 'family', 'Family' || n %% 4999),
                'language', 'en',
                'persona', jsonb_build_object('name', 'persona ' || n %% 7, 'reason', 'orders often'),
                'segments', jsonb_build_array('bench'),
                'metrics', jsonb_build_object('lifetime_value', n %% 10007 / 10.0, 'order_count', n %% 40),
                'attributes', (
                    select jsonb_object_agg(
                        'attribute_' || place,
                        jsonb_build_object(
                            'value', md5((n * 31 + place)::text), 'record_id', 'shop:customer:' || n,
                            'source', 'shop', 'rule', 'newest', 'observed_at', '2026-01-01T00:00:00Z'
                        )
                    )
                    from generate_series(1, 24) as place
                )
            ) as document
        from generate_series(1, %(people)s::int) as n
    ) as made
"""

_PERMISSIONS: Final = """
    insert into activation.contact_permissions
    select
        'cst_' || n, 'email', 'person' || n || '@mail.example', 'person' || n || '@mail.example', 'personal', true, 1,
        '{email:marketing,advertising:marketing}', '{}'
    from generate_series(1, %(people)s::int) as n
"""

_CONSENTS: Final = """
    insert into activation.consents
    select 'cst_' || n, channel, 'marketing', 'granted'
    from generate_series(1, %(people)s::int) as n cross join unnest(array['email', 'advertising']) as channel
"""

_CHANGED: Final = """
    update activation.profiles as target
    set document = made.document, content_hash = md5(made.document::text)::uuid
    from (
        select
            customer_id,
            jsonb_set(
                document, '{metrics,lifetime_value}', to_jsonb((document #>> '{metrics,lifetime_value}')::numeric + 1)
            ) as document
        from activation.profiles
        where substr(customer_id, 5)::int %% %(every)s::int = 0
    ) as made
    where made.customer_id = target.customer_id
"""


def publish_people(warehouse: Warehouse, people: int) -> None:
    """Write them, all of whom agreed to be sent."""
    with warehouse.connect() as connection:
        migrate(connection)
        connection.execute(
            "insert into activation.segments (segment, purpose, destinations, minimum_link_strength, size) "
            "values ('bench', 'marketing', '{}', 0, %s)",
            [people],
        )
        for statement in (_PROFILES, _PERMISSIONS, _CONSENTS):
            connection.execute(statement, {"people": people})
        connection.execute(
            "insert into activation.segment_members select 'bench', customer_id from activation.profiles"
        )
        connection.commit()
        connection.autocommit = True
        for table in ("profiles", "contact_permissions", "consents", "segment_members"):
            connection.execute(f"vacuum analyze activation.{table}")


def change(warehouse: Warehouse, every: int) -> int:
    """Give each `every`-th of them another lifetime value; how many those are."""
    with warehouse.connect() as connection:
        return connection.execute(_CHANGED, {"every": every}).rowcount
