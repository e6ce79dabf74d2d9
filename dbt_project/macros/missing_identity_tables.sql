{#-
  Between the halves of this project stands the identity stage, which is no dbt. On a warehouse where it has never run,
  its tables are missing; created empty here, they let `dbt build` run alone. Existing ones are not touched. The
  statements are those of orchestration/identity_tables.sql (held together by tests/contract/test_identity_contract.py).
-#}
{% macro create_missing_identity_tables() -%}
create schema if not exists identity;

create table if not exists identity.record_customers (
    record_id text primary key,
    customer_id text not null,
    link_strength double precision not null
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
{%- endmacro %}
