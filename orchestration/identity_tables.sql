-- The tables that the identity stage writes, beside dbt's identity_records. Columns: identity/contract.py.
create schema if not exists identity;

create table if not exists identity.record_customers (
    record_id text primary key,
    customer_id text not null,
    link_strength double precision not null
);
create index if not exists record_customers_customer_id on identity.record_customers (customer_id);

create table if not exists identity.edges (
    record_id_a text not null,
    record_id_b text not null,
    match_weight double precision not null,
    match_probability double precision not null,
    accepted boolean not null,
    evidence jsonb not null,
    primary key (record_id_a, record_id_b)
);

create table if not exists identity.identifiers (
    record_id text not null,
    kind text not null,
    raw_value text not null,
    value text,
    match_key text,
    is_valid boolean not null,
    rejection_reason text,
    primary key (record_id, kind, raw_value)
);

create table if not exists identity.customer_ledger (
    event_number bigint generated always as identity primary key,
    run_id text not null,
    event text not null,
    customer_id text not null,
    related_customer_id text,
    founding_record_id text,
    occurred_at timestamptz not null,
    record_ids text[]
);
-- A ledger from before ids could be revived has no such column.
alter table identity.customer_ledger add column if not exists record_ids text[];

create table if not exists identity.runs (
    run_id text primary key,
    input_digest text not null,
    model_id text,
    summary jsonb not null,
    published_at timestamptz not null default now()
);

create table if not exists identity.models (
    model_id text primary key,
    model jsonb not null,
    first_used_at timestamptz not null default now()
);

create or replace view identity.rejected_identifiers as
select
    record_id,
    split_part(record_id, ':', 1) as source,
    kind,
    raw_value,
    rejection_reason
from identity.identifiers
where not is_valid;
