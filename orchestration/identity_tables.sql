-- The tables that the identity stage writes, beside dbt's identity_records. Columns: identity/contract.py.
create schema if not exists identity;

create table if not exists identity.record_customers (
    record_id text primary key,
    customer_id text not null,
    link_strength double precision not null
);
create index if not exists record_customers_customer_id on identity.record_customers (customer_id);

-- Edges that carry their evidence are from before it was written once per pattern; the next run makes them anew.
do $$
begin
    if exists (
        select from information_schema.columns
        where table_schema = 'identity' and table_name = 'edges' and column_name = 'evidence'
    ) then
        drop table identity.edges;
    end if;
end
$$;

create table if not exists identity.edges (
    record_id_a text not null,
    record_id_b text not null,
    match_weight double precision not null,
    match_probability double precision not null,
    accepted boolean not null,
    pattern text not null,
    primary key (record_id_a, record_id_b)
);
create index if not exists edges_record_id_b on identity.edges (record_id_b);

create table if not exists identity.edge_patterns (
    model_id text not null,
    pattern text not null,
    evidence text not null,
    primary key (model_id, pattern)
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

create table if not exists identity.shared_identifiers (
    kind text not null,
    value text not null,
    class text not null,
    records bigint not null,
    people_estimate bigint,
    agreement double precision,
    family_agreement double precision,
    date_agreement double precision,
    address_agreement double precision,
    apart_in_time double precision,
    primary key (kind, value)
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

-- The digest of what stewards decided and of the bounds: what is held depends on it, and who is who does not.
alter table identity.runs add column if not exists decided_digest text;

create table if not exists identity.models (
    model_id text primary key,
    model json not null,
    first_used_at timestamptz not null default now()
);
-- jsonb would write a model otherwise than it was dumped, and its id is a digest of its text.
do $$
begin
    if exists (
        select from information_schema.columns
        where table_schema = 'identity' and table_name = 'models' and data_type = 'jsonb'
    ) then
        alter table identity.models alter column model type json using model::json;
    end if;
end
$$;

create or replace view identity.rejected_identifiers as
select
    record_id,
    split_part(record_id, ':', 1) as source,
    kind,
    raw_value,
    rejection_reason
from identity.identifiers
where not is_valid;

-- Append-only: what people decided about two records. The newest verdict of a pair counts.
create table if not exists identity.judgements (
    judgement_id text primary key,
    record_id_a text not null,
    record_id_b text not null,
    verdict text not null check (verdict in ('same', 'different', 'unsure')),
    judged_by text not null,
    judged_at timestamptz not null,
    reason text not null,
    match_weight double precision,
    model_id text,
    origin text not null check (origin in ('review', 'unmerge', 'steward')),
    check (record_id_a collate "C" < record_id_b collate "C")
);

-- What identity meant to do to the customers that were live, and whether it came to that.
create table if not exists identity.plans (
    plan_id text primary key,
    run_id text not null,
    made_at timestamptz not null,
    state text not null check (state in ('proposed', 'applied', 'superseded', 'empty')),
    input_digest text not null,
    base_run_id text,
    model_id text not null,
    summary jsonb not null,
    applied_at timestamptz,
    applied_by text
);

-- The changes of the plans that were applied or may be; of customers that nobody had met, only those held back.
create table if not exists identity.plan_changes (
    plan_id text not null references identity.plans (plan_id) on delete cascade,
    run_id text not null,
    change_id text not null,
    kind text not null,
    held boolean not null,
    held_because text[] not null,
    reasons text[] not null,
    former_customer_ids text[] not null,
    customer_ids text[] not null,
    before text not null,
    after text not null,
    records bigint not null,
    records_added bigint not null,
    records_removed bigint not null,
    records_moved bigint not null,
    customers_merged bigint not null,
    link_strength double precision,
    share_of_customers double precision not null,
    facts text not null,
    primary key (plan_id, change_id)
);

-- Append-only: changes and customers that a person holds back or lets through, whatever the bounds say.
create table if not exists identity.change_decisions (
    decision_id text primary key,
    decision text not null check (decision in ('hold', 'release')),
    change_id text,
    customer_ids text[] not null,
    decided_by text not null,
    decided_at timestamptz not null,
    reason text not null
);

-- Samples of pairs to ask people about; the answers are judgements of origin 'review'.
create table if not exists identity.label_samples (
    sample_id text primary key,
    run_id text not null,
    model_id text,
    threshold double precision not null,
    settings jsonb not null,
    strata jsonb not null,
    drawn_at timestamptz not null,
    drawn_by text not null
);

create table if not exists identity.label_queue (
    sample_id text not null references identity.label_samples (sample_id) on delete cascade,
    position bigint not null,
    record_id_a text not null,
    record_id_b text not null,
    stratum text not null,
    match_weight double precision,
    primary key (sample_id, position),
    unique (sample_id, record_id_a, record_id_b)
);
