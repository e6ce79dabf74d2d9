"""A small published world: the tables that earlier rooms write, by hand, with the columns of docs/architecture.md."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
import uvicorn

from orchestration.warehouse import Warehouse

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)

DDL = """
create schema golden; create schema marts; create schema segments; create schema identity;
create table golden.customers (
    customer_id text, full_name text, given_name text, family_name text, email text, phone text, birth_date date,
    street text, city text, region text, postcode text, country text, language text, instagram_handle text,
    x_handle text, link_strength double precision, record_count bigint, sources text[], first_seen_at timestamptz,
    last_seen_at timestamptz, email_marketing_consent text, sms_marketing_consent text);
create table golden.contact_points (
    customer_id text, kind text, value text, match_key text, is_primary boolean, record_ids text[],
    first_seen_at timestamptz, last_seen_at timestamptz);
create table golden.consents (customer_id text, channel text, purpose text, state text, evidence jsonb);
create view golden.contact_permissions as
    select
        p.customer_id, p.kind, p.value, p.match_key, 'personal' as type, true as is_verified,
        row_number() over (partition by p.customer_id, p.kind order by p.is_primary desc, p.value)::integer as place,
        array(
            select a.channel || ':' || u.purpose
            from unnest(case p.kind when 'email' then array['email', 'advertising']
                else array['sms', 'phone', 'whatsapp', 'advertising'] end) as a (channel)
            cross join unnest(array['marketing', 'service']) as u (purpose)
            left join golden.consents as s
                on s.customer_id = p.customer_id and s.channel = a.channel and s.purpose = u.purpose
            where coalesce(s.state, case u.purpose when 'service' then 'granted' end) = 'granted'
            order by 1) as granted,
        array(select s.channel || ':' || s.purpose from golden.consents as s
            where s.customer_id = p.customer_id and s.state = 'denied' order by 1) as refused
    from golden.contact_points as p
    where p.kind in ('email', 'phone');
create table marts.interactions (
    interaction_id text, customer_id text, record_id text, occurred_at timestamptz, channel text, kind text,
    direction text, subject text, amount numeric, currency text, source text, reference_id text, body text,
    sentiment numeric, rating numeric, order_id text, conversation_id text,
    campaign text);
create table marts.conversations (
    conversation_id text, customer_id text, started_at timestamptz, ended_at timestamptz, channels text[], topic text,
    order_ids text[], last_direction text, has_open_case boolean);
create table marts.customer_metrics (
    customer_id text, order_count bigint, revenue numeric, lifetime_value numeric, average_order_value numeric,
    first_order_at timestamptz, last_order_at timestamptz, days_since_last_order integer, return_count bigint,
    open_ticket_count bigint, last_rating text, last_rating_at timestamptz, channels text[], favourite_category text);
create table identity.record_customers (record_id text, customer_id text, link_strength double precision);
create view golden.profiles as
    select
        c.customer_id,
        jsonb_build_object(
            'customer_id', c.customer_id,
            'name', jsonb_build_object('full', c.full_name, 'given', c.given_name, 'family', c.family_name),
            'primary', jsonb_build_object(
                'email', c.email, 'phone', c.phone, 'instagram', c.instagram_handle, 'x', c.x_handle),
            'address', jsonb_build_object('street', c.street, 'city', c.city, 'postcode', c.postcode),
            'language', c.language, 'birth_date', c.birth_date, 'birth_place', null, 'occupation', null,
            'organisation', null, 'loyalty', null, 'household', null, 'attributes', '{}'::jsonb,
            'records', (
                select coalesce(jsonb_agg(jsonb_build_object(
                    'record_id', r.record_id, 'source', split_part(r.record_id, ':', 1),
                    'entity', split_part(r.record_id, ':', 2), 'link_strength', r.link_strength
                ) order by r.record_id), '[]')
                from identity.record_customers as r where r.customer_id = c.customer_id),
            'contact_points', coalesce(
                (select jsonb_agg(to_jsonb(p) - 'customer_id' order by p.kind, p.value)
                from golden.contact_points as p where p.customer_id = c.customer_id), '[]'),
            'consents', coalesce(
                (select jsonb_agg(to_jsonb(s) - 'customer_id' order by s.channel, s.purpose)
                from golden.consents as s where s.customer_id = c.customer_id), '[]'),
            'link_strength', c.link_strength, 'record_count', c.record_count, 'sources', c.sources,
            'first_seen_at', c.first_seen_at, 'last_seen_at', c.last_seen_at
        ) as document
    from golden.customers as c;
create table segments.segment_memberships (segment text, customer_id text, reason jsonb);
create table segments.segment_catalogue (
    segment text, label text, description text, purpose text, destinations text[],
    minimum_link_strength double precision, size bigint, holds_back boolean);
create table segments.customer_personas (customer_id text, persona text, reason text);
create table identity.customer_ledger (
    run_id text, event text, customer_id text, related_customer_id text, founding_record_id text,
    occurred_at timestamptz, record_ids text[], event_number bigint generated always as identity);
create table identity.edges (
    record_id_a text, record_id_b text, match_weight double precision, match_probability double precision,
    accepted boolean, pattern text);
create table identity.edge_patterns (model_id text, pattern text, evidence text);
create table identity.judgements (
    judgement_id text, record_id_a text, record_id_b text, verdict text, judged_by text, judged_at timestamptz,
    reason text);
create table identity.models (model_id text, model json);
create table identity.runs (run_id text, model_id text, published_at timestamptz);
create table marts.service_cases (
    case_id text, customer_id text, source text, channel text, team text, topic text, subject text, order_id text,
    opened_at timestamptz, first_reply_at timestamptz, status text, is_open boolean, is_overdue boolean,
    conversation_id text);
create table marts.orders (
    order_id text, order_name text, customer_id text, ordered_at timestamptz, channel text, bought_through text,
    total_amount numeric, currency text, financial_status text, fulfilment_status text, delivered_at timestamptz,
    is_sale boolean, is_returned boolean, location_name text);
create table marts.order_lines (
    order_line_id text, customer_id text, ordered_at timestamptz, is_sale boolean, category text);
create table marts.service_figures (
    level text, month date, channel text, team text, cases_opened bigint, csat numeric);
create table segments.customer_features (
    customer_id text, order_count bigint, city text, channels text[], last_order_at timestamptz);
create table segments.segment_conditions (
    segment text, position integer, path text, depth integer, kind text, label text, sql text, seen_sql text);
create table segments.persona_cards (
    persona text, label text, description text, customer_count bigint, share numeric, channels jsonb);
"""

SEGMENTS = {
    "vip": ("marketing", 0.9, ["zendesk", "file_drop"]),
    "cross_sell": ("marketing", 0.9, ["file_drop"]),
    "unhappy_recently": ("service", 0.5, ["zendesk", "file_drop"]),
    "recent_buyers_suppression": ("suppression", 0.9, ["file_drop"]),
    "agents_only": ("service", 0.5, ["zendesk"]),
}


class World:
    """Writes rows into the source tables, as dbt and identity would."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        with connection.transaction():
            connection.execute(DDL)
            for segment, (purpose, strength, destinations) in SEGMENTS.items():
                self.insert("segments.segment_catalogue", (segment, segment, "…", purpose, destinations, strength, 0))

    def insert(self, table: str, row: Sequence[object]) -> None:
        self.execute(f"insert into {table} values ({', '.join(['%s'] * len(row))})", row)

    def execute(self, statement: str, parameters: Sequence[object] = ()) -> None:
        with self.connection.transaction():
            self.connection.execute(statement, parameters)

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self.connection.transaction():
            return self.connection.execute(query, parameters).fetchall()

    def customer(
        self,
        customer_id: str,
        *,
        email: str | None = None,
        phone: str | None = None,
        consent: dict[str, str] | None = None,
        segments: Sequence[str] = (),
        records: Sequence[str] = (),
        strength: float = 1.0,
        lifetime_value: float = 10.5,
        name: str = "Ada Lovelace",
        instagram: str | None = None,
    ) -> None:
        given, _, family = name.partition(" ")
        self.insert(
            "golden.customers",
            (customer_id, name, given, family, email, phone, None, "1 Main St", "Oslo", None, "0150", "NO", "en",
             instagram, None, strength, len(records), ["shopify"], AS_OF, AS_OF, None, None),
        )  # fmt: skip
        for kind, value in (("email", email), ("phone", phone), ("instagram", instagram)):
            if value:
                self.insert(
                    "golden.contact_points",
                    (customer_id, kind, value, value.lower(), True, list(records), AS_OF, AS_OF),
                )
        for channel, state in (consent or {}).items():
            self.insert("golden.consents", (customer_id, channel, "marketing", state, json.dumps({})))
        for segment in segments:
            self.insert("segments.segment_memberships", (segment, customer_id, json.dumps({"orders": 3})))
        for record in records:
            self.insert("identity.record_customers", (record, customer_id, strength))
        self.insert("segments.customer_personas", (customer_id, "loyalist", "three orders"))
        self.insert("segments.customer_features", (customer_id, 3, "Oslo", ["web"], AS_OF))
        self.insert("identity.customer_ledger", ("r1", "minted", customer_id, None, None, AS_OF))
        self.insert(
            "marts.customer_metrics",
            (customer_id, 3, lifetime_value, lifetime_value, 3.5, AS_OF, AS_OF, 0, 0, 1, "good", AS_OF, ["web"], None),
        )

    def interaction(self, number: int, customer_id: str | None, at: datetime = AS_OF) -> None:
        self.insert(
            "marts.interactions",
            (f"i{number:04}", customer_id, "shopify:customer:1", at, "web", "order", "inbound", f"Order {number}", 5,
             "EUR", "shopify", f"o{number}", None, None, None, f"o{number}", None, None),
        )  # fmt: skip

    def move(self, loser: str, survivor: str) -> None:
        """Merge two customers: rows of the loser go, its records move, the ledger remembers."""
        for table in (
            "golden.customers",
            "golden.contact_points",
            "golden.consents",
            "marts.customer_metrics",
            "segments.segment_memberships",
            "segments.customer_personas",
            "segments.customer_features",
        ):
            self.execute(f"delete from {table} where customer_id = %s", [loser])
        for table in ("identity.record_customers", "marts.interactions"):
            self.execute(f"update {table} set customer_id = %s where customer_id = %s", [survivor, loser])
        self.insert("identity.customer_ledger", ("r2", "merged", loser, survivor, None, AS_OF))


@pytest.fixture
def connection(warehouse: Warehouse) -> Iterator[psycopg.Connection[Any]]:
    with warehouse.connect() as connection:
        yield connection


@pytest.fixture
def world(connection: psycopg.Connection[Any]) -> World:
    return World(connection)


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve an ASGI app on a free loopback port; yields its URL."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def serve() -> Iterator[Any]:
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(served(app))
