"""The tables of schema `activation`: created and migrated here, and nowhere else.

Three kinds live side by side: what publication copies (profiles, identifiers, consents, timeline, segments), what the
syncs remember (deliveries, dead letters), and who may read (api_keys).
"""

from __future__ import annotations

from typing import Final

from activation.database import ActivationError, Connection, require_idle, scalar

_FIRST: Final = """
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

# The timeline as the omnichannel marts have it. Rows are brought up to date by the next publication, which finds that
# their hash differs.
_CONVERSATIONS: Final = """
alter table activation.timeline
    add column body text,
    add column sentiment numeric,
    add column rating numeric,
    add column order_id text,
    add column conversation_id text,
    add column campaign text;
create index timeline_by_conversation on activation.timeline (conversation_id) where conversation_id is not null;
"""

MIGRATIONS: Final = (_FIRST, _CONVERSATIONS)
"""One script per version, in order; a script that was ever released is never edited, a new one is added."""

VERSION: Final = len(MIGRATIONS)


def version(connection: Connection) -> int:
    """The version of the schema in this database; 0 when it is not there."""
    if scalar(connection, "select to_regclass('activation.schema_versions')") is None:
        return 0
    return int(scalar(connection, "select coalesce(max(version), 0) from activation.schema_versions"))


def require_current(connection: Connection) -> None:
    """Refuse to read a schema that is not there or is another version's.

    Raises:
        ActivationError: if the schema is not at `VERSION`.
    """
    require_idle(connection)
    with connection.transaction():
        found = version(connection)
    if found != VERSION:
        raise ActivationError(
            f"schema activation is at version {found}, and this Braid needs {VERSION}; publish first"
            if found
            else "nothing is published yet: there is no schema activation; run the pipeline first"
        )


def migrate(connection: Connection) -> int:
    """Bring the schema `activation` to `VERSION`, in one transaction; nothing is written when it is there already.

    Returns:
        The number of migrations that were applied.

    Raises:
        ActivationError: if the database was migrated by a newer Braid, or the connection has an open transaction.
    """
    require_idle(connection)
    with connection.transaction():
        connection.execute("select pg_advisory_xact_lock(hashtextextended('braid activation migration', 0))")
        current = version(connection)
        if current > VERSION:
            raise ActivationError(
                f"schema activation is at version {current}, newer than the {VERSION} that this Braid knows; "
                "update Braid"
            )
        if current == 0:
            connection.execute("create schema if not exists activation")
            connection.execute(
                "create table if not exists activation.schema_versions "
                "(version integer primary key, applied_at timestamptz not null default now())"
            )
        for number, script in enumerate(MIGRATIONS[current:], start=current + 1):
            connection.execute(script)
            connection.execute("insert into activation.schema_versions (version) values (%s)", [number])
    return VERSION - current
