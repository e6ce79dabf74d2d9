"""What publication copies, what syncs remember, and who may read."""

from __future__ import annotations

from typing import Final

SCRIPT: Final = """
create table activation.profiles (
    customer_id text primary key,
    document jsonb not null,
    link_strength double precision not null,
    content_hash uuid not null
);

create table activation.profile_identifiers (
    kind text not null,
    match_key text not null,
    customer_id text not null,
    primary key (kind, match_key, customer_id)
);
create index profile_identifiers_by_customer on activation.profile_identifiers (customer_id);

create table activation.consents (
    customer_id text not null,
    channel text not null,
    purpose text not null,
    state text not null,
    primary key (customer_id, channel, purpose)
);

create table activation.timeline (
    interaction_id text primary key,
    customer_id text not null,
    record_id text,
    occurred_at timestamptz not null,
    channel text,
    kind text,
    direction text,
    subject text,
    amount numeric,
    currency text,
    source text,
    reference_id text,
    content_hash uuid not null
);
create index timeline_by_customer on activation.timeline (customer_id, occurred_at desc, interaction_id desc);

create table activation.segments (
    segment text primary key,
    label text,
    description text,
    purpose text not null,
    destinations text[] not null,
    minimum_link_strength double precision not null,
    size bigint not null
);

create table activation.segment_members (
    segment text not null,
    customer_id text not null,
    reason jsonb,
    primary key (segment, customer_id)
);
create index segment_members_by_customer on activation.segment_members (customer_id);

create table activation.publications (
    publication_id bigint generated always as identity primary key,
    run_id text not null,
    as_of timestamptz not null,
    published_at timestamptz not null default now(),
    changes jsonb not null
);

-- One row per key that a destination may hold. payload_hash is what it last acknowledged (null: nothing yet);
-- in_doubt is true from just before a row is sent until its fate is known.
create table activation.deliveries (
    destination text not null,
    key text not null,
    payload_hash text,
    in_doubt boolean not null default false,
    attempted_at timestamptz,
    acknowledged_at timestamptz,
    primary key (destination, key)
);

create table activation.dead_letters (
    destination text not null,
    key text not null,
    payload_hash text not null,
    reason text not null,
    attempts integer not null default 1,
    first_rejected_at timestamptz not null default now(),
    last_rejected_at timestamptz not null default now(),
    replay_requested boolean not null default false,
    primary key (destination, key)
);

create table activation.api_keys (
    key_id text primary key,
    name text not null,
    key_hash bytea not null unique,
    created_at timestamptz not null default now(),
    revoked_at timestamptz
);
"""
