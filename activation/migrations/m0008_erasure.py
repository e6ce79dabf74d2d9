"""Tombstones and receipts of erased people."""

from __future__ import annotations

from typing import Final

SCRIPT: Final = """
-- One row per erasure. Nothing leads from it to the person: the customer id is issued to nobody else, and no row of any
-- table names it any more but the ledger's own last event.
create table activation.erasures (
    erasure_id text primary key,
    customer_id text not null,
    scope text not null check (scope in ('customer', 'records')),
    requested_by text not null,
    erased_at timestamptz not null default now(),
    completed_at timestamptz
);
create index erasures_by_customer on activation.erasures (customer_id);

-- The receipt: what happened in each place (a table, or a file). Counts and words, no personal data.
create table activation.erasure_outcomes (
    erasure_id text not null references activation.erasures (erasure_id),
    place text not null,
    outcome text not null check (outcome in ('deleted', 'minimised', 'recomputed', 'kept')),
    affected_rows bigint not null,
    reason text,
    primary key (erasure_id, place)
);

-- Who must forget them too: activation.deliveries keeps what is needed to ask, until the destination has acknowledged.
create table activation.erasure_destinations (
    erasure_id text not null references activation.erasures (erasure_id),
    destination text not null,
    asked_rows bigint not null,
    acknowledged_at timestamptz,
    primary key (erasure_id, destination)
);

-- HMAC-SHA256 of what must not come back, under a key that this database does not know.
create table activation.tombstones (
    digest bytea primary key,
    kind text not null,
    erasure_id text not null references activation.erasures (erasure_id),
    created_at timestamptz not null default now(),
    lifted_at timestamptz,
    lifted_by text
);
create index tombstones_by_erasure on activation.tombstones (erasure_id);

-- What tells a wrong key from the right one: the HMAC of a constant.
create table activation.tombstone_key (
    only_row boolean primary key default true check (only_row),
    fingerprint bytea not null
);

-- Rows that came again and were held back: how many of which stream and why, never what they said.
create table activation.withheld_rows (
    source text not null,
    stream text not null,
    erasure_id text not null references activation.erasures (erasure_id),
    reason text not null,
    rows bigint not null,
    first_at timestamptz not null default now(),
    last_at timestamptz not null default now(),
    primary key (source, stream, erasure_id, reason)
);

-- Loads of raw tables that were held against the tombstones; a load is looked at once.
create table activation.checked_loads (
    source text not null,
    stream text not null,
    load_id text not null,
    primary key (source, stream, load_id)
);
"""
