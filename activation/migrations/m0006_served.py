"""What the API serves besides profiles: answers as text, ids, explanations, conditions, personas, service figures."""

from __future__ import annotations

from typing import Final

# `answer` is what a lookup sends, as text, so that nothing is built or read in between; rows that were published before
# have none until the next publication, which finds that their hash differs.
SCRIPT: Final = """
alter table activation.profiles
    add column answer text,
    add column telling jsonb;

create table activation.customer_ids (
    customer_id text primary key,
    status text not null,
    successor text,
    siblings text[] not null
);

create table activation.explanations (
    customer_id text primary key,
    edges jsonb not null,
    nearest jsonb not null,
    judgements jsonb not null,
    content_hash uuid not null
);

create table activation.match_evidence (
    pattern text primary key,
    evidence jsonb not null
);

create table activation.match_models (
    model_id text primary key,
    threshold double precision not null
);

create table activation.segment_conditions (
    segment text not null,
    position integer not null,
    path text not null,
    depth integer not null,
    kind text not null,
    label text not null,
    expression text,
    seen_expression text,
    other_segment text,
    holds_without boolean,
    primary key (segment, path)
);

create table activation.trait_types (
    trait text primary key,
    type text not null
);

create table activation.customer_traits (
    customer_id text primary key,
    traits jsonb not null,
    content_hash uuid not null
);

create table activation.counted_events (
    customer_id text not null,
    segment text not null,
    path text not null,
    holds boolean not null,
    seen jsonb,
    primary key (customer_id, segment, path)
);

create table activation.personas (
    persona text primary key,
    label text,
    description text,
    card jsonb not null
);

create table activation.service_figures (
    figure_id text primary key,
    level text not null,
    month date,
    channel text,
    team text,
    figures jsonb not null
);
"""
