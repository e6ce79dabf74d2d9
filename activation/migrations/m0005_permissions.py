"""Who may be contacted where: permissions of addresses, suppressions."""

from __future__ import annotations

from typing import Final

# gen_random_uuid() is the one strong random source that every Postgres has without an extension: 122 bits each. The key
# is kept as the two pads of HMAC (RFC 2104), so that sha256(), which every Postgres has too, is all that a query needs.
SCRIPT: Final = """
-- One row per address of a customer. granted and refused hold <channel>:<purpose>, as email:marketing.
create table activation.contact_permissions (
    customer_id text not null,
    kind text not null,
    value text not null,
    match_key text,
    type text not null,
    verified boolean not null,
    place integer not null,
    granted text[] not null,
    refused text[] not null,
    primary key (customer_id, kind, value)
);
create index contact_permissions_refused on activation.contact_permissions (kind, match_key) where refused <> '{}';

alter table activation.segments add column holds_back boolean not null default false;

create table activation.suppression_key (
    only_row boolean primary key default true check (only_row),
    inner_pad bytea not null,
    outer_pad bytea not null
);
insert into activation.suppression_key (inner_pad, outer_pad)
select
    string_agg(set_byte('\\x00', 0, get_byte(made.key, place) # 54), '' order by place),
    string_agg(set_byte('\\x00', 0, get_byte(made.key, place) # 92), '' order by place)
from (
    select decode(replace(string_agg(gen_random_uuid()::text, ''), '-', ''), 'hex') as key from generate_series(1, 4)
) as made
cross join generate_series(0, 63) as place;

-- Who is not to be contacted whatever was agreed: a customer (with the records that were its own then, so that merges
-- and splits change nothing), or an address (as its HMAC, so that the list tells nobody who is on it). A channel or a
-- purpose of null is all of them. A suppression ends, or is lifted; its row stays.
create table activation.suppressions (
    suppression_id bigint generated always as identity primary key,
    customer_id text,
    record_ids text[] not null default '{}',
    kind text check (kind in ('email', 'phone')),
    address_digest bytea,
    channel text check (channel in ('email', 'sms', 'phone', 'whatsapp', 'advertising')),
    purpose text check (purpose in ('marketing', 'service')),
    reason text not null,
    added_by text not null,
    since timestamptz not null default now(),
    until timestamptz,
    lifted_at timestamptz,
    lifted_by text,
    check (num_nonnulls(customer_id, address_digest) = 1),
    check (num_nonnulls(kind, address_digest) <> 1),
    check (until > since)
);
create unique index suppressions_live on activation.suppressions
    (customer_id, kind, address_digest, channel, purpose, reason, until) nulls not distinct where lifted_at is null;
"""
