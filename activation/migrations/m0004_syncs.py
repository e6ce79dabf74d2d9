"""What a sync remembers: of each row that a destination may hold, of each sync, and of each row that it sent."""

from __future__ import annotations

from typing import Final

SCRIPT: Final = """
-- payload_hash: what the destination last acknowledged under the key (null: nothing, or it is not known).
-- fingerprint: of all that the payload is made of; equal means that the payload need not be made to know that it is.
-- attempted_hash, idempotency_key: of the change that was sent last; null once its fate is known.
-- held: identities that the destination may know the row by, in the form that it gets them (hashes for ad platforms);
--   empty where key or remote_id are enough to take the row back.
-- claims: digests of what the row is to be known by, so that it is not taken back for another's sake.
-- departed: sent once (append) and no longer in the model.
-- erase_requested: the person asked to be forgotten; the row goes when the destination has acknowledged that.
alter table activation.deliveries
    add column customer_id text,
    add column fingerprint uuid,
    add column attempted_hash text,
    add column idempotency_key uuid,
    add column held jsonb not null default '[]',
    add column claims text[] not null default '{}',
    add column remote_id text,
    add column departed boolean not null default false,
    add column erase_requested boolean not null default false;
create index deliveries_by_customer on activation.deliveries (customer_id);
create index deliveries_by_remote_id on activation.deliveries (destination, remote_id) where remote_id is not null;

alter table activation.dead_letters
    add column change text not null default 'changed',
    add column customer_id text;
create index dead_letters_by_customer on activation.dead_letters (customer_id);

-- One row per sync that had something to do. Counts only.
create table activation.syncs (
    sync_id bigint generated always as identity primary key,
    destination text not null,
    status text not null check (status in ('running', 'done', 'held_back', 'failed', 'interrupted')),
    confirmed boolean not null default false,
    plan jsonb not null,
    outcome jsonb not null default '{}',
    problem text,
    started_at timestamptz not null default now(),
    finished_at timestamptz
);
create index syncs_by_destination on activation.syncs (destination, sync_id desc);

-- The fate of each row of a sync. A row of an erased person has neither key nor customer.
create table activation.sync_rows (
    sync_id bigint not null references activation.syncs (sync_id) on delete cascade,
    key text,
    customer_id text,
    change text not null,
    fate text not null,
    reason text,
    settled_at timestamptz not null default now()
);
create index sync_rows_by_sync on activation.sync_rows (sync_id);
create index sync_rows_by_customer on activation.sync_rows (customer_id);

create table activation.sync_pauses (
    destination text primary key,
    paused_by text not null,
    reason text,
    paused_at timestamptz not null default now()
);

-- The gate and the difference ask this of every customer: read from the index alone, the documents stay where they are.
create index profiles_in_short on activation.profiles (customer_id) include (content_hash, link_strength);

-- The Zendesk sync has become the block zendesk_users. What Zendesk holds is asked of it, and not sent anew.
update activation.deliveries set destination = 'zendesk_users', payload_hash = null, in_doubt = true
where destination = 'zendesk';
delete from activation.dead_letters where destination = 'zendesk';
"""
