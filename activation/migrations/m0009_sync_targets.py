"""Where the rows of each sync went, and who let go of them."""

from __future__ import annotations

from typing import Final

SCRIPT: Final = """
-- What the deliveries of a sync were delivered to: kind of destination, key, and the options that say where rows go.
-- A sync that delivered before this was remembered adopts what is declared with its next run.
create table activation.sync_targets (
    destination text primary key,
    target jsonb not null,
    adopted_at timestamptz not null default now()
);

-- `braid sync forget` is told in the history of the sync.
alter table activation.syncs drop constraint syncs_status_check;
alter table activation.syncs add constraint syncs_status_check
    check (status in ('running', 'done', 'held_back', 'failed', 'interrupted', 'forgotten'));

-- A destination that was let go before it had acknowledged an erasure: nobody asks it any more.
alter table activation.erasure_destinations
    add column forgotten_at timestamptz,
    add column forgotten_by text;
"""
