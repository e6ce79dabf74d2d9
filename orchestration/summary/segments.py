"""Segments with whom each channel reaches, personas, and what the destinations acknowledged."""

from __future__ import annotations

from orchestration.summary.figures import Block, Column, Facts, count, numbers, sentence, share, table, words

_SEGMENTS = """
    select
        catalogue.segment, catalogue.label, catalogue.purpose, catalogue.size,
        max(reach.reachable_count) filter (where reach.channel = 'email') as email,
        max(reach.reachable_count) filter (where reach.channel = 'sms') as sms,
        max(reach.held_back_count) as held_back
    from segments.segment_catalogue as catalogue
    left join segments.segment_reach as reach on catalogue.segment = reach.segment
    group by catalogue.segment, catalogue.label, catalogue.purpose, catalogue.size
    order by catalogue.purpose, catalogue.size desc, catalogue.segment
"""

_PERSONAS = """
    select
        persona, customer_count, share, value_share, reachable_share,
        (
            select string_agg(channel.card ->> 'name', ', ' order by channel.position)
            from jsonb_array_elements(channels) with ordinality as channel (card, position)
            where channel.position <= 3
        ) as channels
    from segments.persona_cards
    order by customer_count desc, persona
"""

_DELIVERIES = """
    select
        destination,
        count(*) filter (where payload_hash is not null and not in_doubt) as acknowledged,
        count(*) filter (where in_doubt) as in_doubt,
        (select count(*) from activation.dead_letters as l where l.destination = d.destination) as dead
    from activation.deliveries as d
    group by destination
    order by destination
"""


def segments(facts: Facts) -> list[Block]:
    """Every segment: purpose, size, and how many of it e-mail and SMS reach after consent."""
    rows = facts.rows(_SEGMENTS)
    if not rows:
        return [Block("Segments", (sentence("There is no segment."),))]
    drawn = table(
        [Column("segment", "words"), Column("purpose", "words"), *numbers("size", "by e-mail", "by SMS", "held back")],
        (
            [row["segment"], row["purpose"], *(count(row[name]) for name in ("size", "email", "sms", "held_back"))]
            for row in rows
        ),
    )
    told = "By e-mail, by SMS: after consent and suppression. Held back: no promotion while they wait for support."
    return [Block(f"{len(rows)} segments", (drawn, sentence(told)))]


def personas(facts: Facts) -> list[Block]:
    """The persona cards in short."""
    rows = facts.rows(_PERSONAS)
    if not any(row["customer_count"] for row in rows):
        return [Block("Personas", (sentence("Nobody has a persona yet."),))]
    drawn = table(
        [
            Column("persona", "words"),
            *numbers("customers", "share", "of value", "reachable"),
            Column("met in", "words", shrinks=True),
        ],
        (
            [
                words(row["persona"]),
                count(row["customer_count"]),
                share(row["share"]),
                share(row["value_share"]),
                share(row["reachable_share"]),
                row["channels"] or "",
            ]
            for row in rows
        ),
    )
    return [Block("Personas: exactly one for each customer", (drawn,))]


def deliveries(facts: Facts) -> list[Block]:
    """What each destination acknowledged."""
    rows = facts.rows(_DELIVERIES)
    if not rows:
        return [Block("Destinations", (sentence("Nothing has been delivered yet."),))]
    drawn = table(
        [Column("destination", "words"), *numbers("acknowledged", "in doubt", "dead letters")],
        ([row["destination"], *(count(row[name]) for name in ("acknowledged", "in_doubt", "dead"))] for row in rows),
    )
    return [Block("Destinations", (drawn,))]
