"""Events that came in by HTTP, and those that could not be taken."""

from __future__ import annotations

from typing import Final

# An event is known by its key and its message id: a retry finds it there. `sequence` is drawn under the lock
# `events_are_written` (activation/events/store.py), so that a reader can tell what is whole. `payload` is the message
# as sent. Of a quarantined one, `content_hash` is what a retry finds.
SCRIPT: Final = """
create table activation.events (
    key_id text not null,
    message_id text not null,
    sequence bigint generated always as identity,
    type text not null,
    user_id text,
    anonymous_id text,
    occurred_at timestamptz not null,
    original_timestamp timestamptz,
    sent_at timestamptz,
    received_at timestamptz not null,
    payload jsonb not null,
    primary key (key_id, message_id)
);
create unique index events_by_sequence on activation.events (sequence);

create table activation.quarantined_events (
    key_id text not null,
    content_hash bytea not null,
    message_id text,
    type text,
    reason text not null,
    payload jsonb not null,
    sent_at timestamptz,
    received_at timestamptz not null,
    primary key (key_id, content_hash)
);
create index quarantined_events_by_arrival on activation.quarantined_events (received_at);
"""
