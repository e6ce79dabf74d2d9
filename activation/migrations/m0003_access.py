"""Who may read what, and what was read: scopes of keys, the audit trail."""

from __future__ import annotations

from typing import Final

# A key from before scopes could read profiles and segments, and nothing else there was: it keeps just that.
# `number` is a small dense number that a worker counts a key's requests under.
SCRIPT: Final = """
alter table activation.api_keys
    add column number bigint generated always as identity unique,
    add column scopes text[] not null default '{support,marketing}',
    add column rate_limit integer not null default 600,
    add column expires_at timestamptz,
    add column last_used_at timestamptz,
    add column replaces text,
    add constraint api_keys_have_a_scope check (cardinality(scopes) > 0),
    add constraint api_keys_have_a_rate check (rate_limit > 0);
alter table activation.api_keys
    alter column scopes drop default,
    alter column rate_limit drop default;

-- One row per read of a profile, export, or change of a key. customer_ids and detail hold no contact point.
create table activation.audit (
    audit_id bigint generated always as identity primary key,
    occurred_at timestamptz not null default now(),
    key_id text,
    action text not null,
    customer_ids text[] not null default '{}',
    detail jsonb not null default '{}',
    request_id text
);
create index audit_by_moment on activation.audit (occurred_at);
create index audit_by_key on activation.audit (key_id, occurred_at);
create index audit_by_customer on activation.audit using gin (customer_ids);

create function activation.keep_audit() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' then
        if current_setting('activation.minimising_audit', true) = 'on'
            and (new.audit_id, new.occurred_at, new.key_id, new.action, new.request_id)
            is not distinct from (old.audit_id, old.occurred_at, old.key_id, old.action, old.request_id)
        then
            return new;
        end if;
    end if;
    raise exception 'activation.audit is append-only'
        using errcode = 'insufficient_privilege', hint = 'erasure minimises it with activation.minimise_audit()';
end
$$;
create trigger audit_is_append_only
before update or delete on activation.audit
for each row execute function activation.keep_audit();
create trigger audit_is_not_emptied
before truncate on activation.audit
for each statement execute function activation.keep_audit();

-- What erasure may do: the ids of the erased become a stand-in; what was asked for goes; that it happened stays.
create function activation.minimise_audit(erased text[], stand_in text) returns bigint language plpgsql as $$
declare
    touched bigint;
begin
    perform set_config('activation.minimising_audit', 'on', true);
    update activation.audit as entry
    set
        customer_ids = (
            select array_agg(case when id = any(erased) then stand_in else id end order by place)
            from unnest(entry.customer_ids) with ordinality as subjects (id, place)
        ),
        detail = case when entry.customer_ids <@ erased then '{}'::jsonb else entry.detail - 'asked' end
            || '{"minimised": true}'
    where entry.customer_ids && erased;
    get diagnostics touched = row_count;
    perform set_config('activation.minimising_audit', 'off', true);
    return touched;
end
$$;
revoke execute on function activation.minimise_audit(text[], text) from public;
"""
