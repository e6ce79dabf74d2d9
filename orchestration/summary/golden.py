"""Golden profiles in figures: customers and households, contact points by type, consent per channel."""

from __future__ import annotations

from orchestration.summary.figures import Block, Column, Facts, count, numbers, sentence, share, table, words

_CUSTOMERS = """
    select
        count(*) as customers,
        count(*) filter (where full_name is not null) as named,
        count(*) filter (where email_reachable) as by_email,
        count(*) filter (where phone_reachable) as by_phone,
        count(*) filter (where loyalty_number is not null) as members,
        count(*) filter (where record_count > 1) as of_several_records,
        count(household_id) as in_households,
        count(distinct household_id) as households
    from golden.customers
"""

_CONTACT_POINTS = """
    select
        kind,
        count(*) filter (where type = 'personal') as personal,
        count(*) filter (where type = 'household') as household,
        count(*) filter (where type = 'business') as business,
        count(*) filter (where type = 'unreachable') as unreachable,
        count(*) filter (where is_verified) as verified
    from golden.contact_points
    group by kind
    order by kind
"""

_CONSENTS = """
    select
        purpose, channel,
        count(*) filter (where state = 'granted') as granted,
        count(*) filter (where state = 'denied') as denied,
        count(*) filter (where state = 'unknown') as unknown
    from golden.consents
    group by purpose, channel
    order by purpose, channel
"""

_TYPES = ("personal", "household", "business", "unreachable", "verified")
_STATES = ("granted", "denied", "unknown")


def customers(facts: Facts) -> list[Block]:
    """How many golden customers there are, and what is known of them."""
    found = facts.row(_CUSTOMERS)
    if not found["customers"]:
        return [Block("Golden profiles", (sentence("Nobody has a golden profile yet."),))]

    def part(name: str) -> str:
        return f"{count(found[name])} ({share(found[name] / found['customers'])})"

    lines = (
        f"**{count(found['customers'])} customers**, {part('of_several_records')} of several records",
        f"named {part('named')} · reached by e-mail {part('by_email')}, by phone {part('by_phone')}",
        f"loyalty members {part('members')} · {count(found['in_households'])} customers live in "
        f"{count(found['households'])} households, as people of their own",
    )
    return [Block("Golden profiles", tuple(sentence(line) for line in lines))]


def contact_points(facts: Facts) -> list[Block]:
    """Contact points by kind and type."""
    rows = facts.rows(_CONTACT_POINTS)
    if not rows:
        return [Block("Contact points", (sentence("No record has a contact point."),))]
    drawn = table(
        [Column("kind", "words"), *numbers(*_TYPES)],
        ([row["kind"], *(count(row[name]) for name in _TYPES)] for row in rows),
    )
    return [Block("Contact points", (drawn,))]


def consents(facts: Facts) -> list[Block]:
    """Consent per purpose and channel; what nobody said is unknown, and that is no consent."""
    rows = facts.rows(_CONSENTS)
    if not rows:
        return []
    drawn = table(
        [Column("for marketing by", "words"), *numbers(*_STATES)],
        (
            [words(row["channel"]), *(count(row[name]) for name in _STATES)]
            for row in rows
            if row["purpose"] == "marketing"
        ),
    )
    refused = [
        f"{words(row['channel'])} {count(row['denied'])}"
        for row in rows
        if row["purpose"] == "service" and row["denied"]
    ]
    service = f"For service refused: {', '.join(refused)}." if refused else "For service nobody refuses any channel."
    return [Block("Consent of customers", (drawn, sentence(service)))]
