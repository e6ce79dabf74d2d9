"""The gate's rules as SQL; `gate` fills in what is asked."""

from __future__ import annotations

from typing import Final

EVERY_SEGMENT: Final = """
    select
        member.segment,
        member.customer_id,
        segment.purpose,
        case when segment.purpose in ('service', 'suppression') then segment.purpose else 'marketing' end as judged_as,
        segment.minimum_link_strength
    from activation.segment_members as member
    inner join activation.segments as segment on segment.segment = member.segment
"""
"""The population of all segments. A purpose that is not known is judged as marketing, the strictest."""

OF_BLOCK: Final = """
    select
        listed.customer_id,
        case
            when {is_service} and ({segment}::text is null or segment.purpose in ('service', 'suppression'))
                then 'service'
            else 'marketing'
        end as judged_as,
        greatest({strength}::double precision, segment.minimum_link_strength) as minimum_link_strength
    from (
        select customer_id from activation.segment_members where segment = {segment}
        union
        select customer_id from activation.profiles where {segment}::text is null
        union
        select customer_id from activation.deliveries where destination = {destination} and customer_id is not null
    ) as listed
    left join activation.segments as segment on segment.segment = {segment}
    where {only}
"""
"""The population of a sync. Both must say service: a segment for marketing does not become service by being sent as it.
Who is held by the destination is judged too, so that it is known why a person is taken back."""

DIGEST: Final = (
    "sha256(secret.outer_pad || sha256(secret.inner_pad || convert_to({kind} || ':' || {match_key}, 'UTF8')))"
)
"""HMAC-SHA256 (RFC 2104) of an address by functions that every Postgres has; `secret` is activation.suppression_key."""

# Of suppressions, `live` are those that speak of what is asked. What a person said of an address of their own holds for
# the person; that a mailbox is dead, or what somebody said of an address that several share, holds for the address.
JUDGED: Final = (
    """
    with population as (
        {population}
    ),
    people as (
        select distinct customer_id, judged_as from population where judged_as <> 'suppression'
    ),
    asked as (
        select 'marketing' as judged_as, {channel} || ':marketing' as question, {asked_for_marketing} as must_not_refuse
        union all
        select 'service', {channel} || ':service', {asked_for_service}
    ),
    live as materialized (
        select
            asked.judged_as, list.customer_id, list.record_ids, list.kind, list.address_digest,
            list.reason <> 'bounced' as is_of_the_person
        from activation.suppressions as list
        inner join asked
            on (list.purpose is null or list.purpose = asked.judged_as)
            and (
                list.channel is null
                or list.channel = {channel}
                or asked.judged_as = 'marketing' and list.channel = any({asked_channels})
            )
        where list.lifted_at is null and list.since <= now() and (list.until is null or list.until > now())
    ),
    suppressed_points as materialized (
        select people.customer_id, people.judged_as, point.kind, point.value,
            live.is_of_the_person and point.type = 'personal' as is_of_the_person
        from people
        inner join activation.contact_permissions as point on point.customer_id = people.customer_id
        cross join activation.suppression_key as secret
        inner join live
            on live.judged_as = people.judged_as
            and live.kind = point.kind
            and live.address_digest = """
    + DIGEST.format(kind="point.kind", match_key="point.match_key")
    + """
        where exists (select from live where address_digest is not null)
    ),
    suppressed_people as materialized (
        select customer_id, judged_as from live where customer_id is not null
        union
        select known.customer_id, live.judged_as
        from live
        inner join activation.profile_identifiers as known
            on known.kind = 'customer_id' and known.match_key = live.customer_id
        union
        select known.customer_id, live.judged_as
        from live
        cross join lateral unnest(live.record_ids) as suppressed (record_id)
        inner join activation.profile_identifiers as known
            on known.kind = 'record_id' and known.match_key = suppressed.record_id
        union
        select customer_id, judged_as from suppressed_points where is_of_the_person
    ),
    held_back as (
        select distinct member.customer_id
        from activation.segment_members as member
        left join activation.segments as segment on segment.segment = member.segment
        where segment.holds_back or member.segment = any({blocking})
    ),
    points as (
        select
            people.customer_id,
            people.judged_as,
            point.kind,
            point.value,
            point.place,
            point.type <> 'unreachable' as is_reachable,
            not {verified_only} or point.verified as is_verified,
            asked.question = any(point.granted) and not point.refused && asked.must_not_refuse as is_granted,
            suppressed.customer_id is null as is_free,
            not exists (
                select
                from activation.contact_permissions as other
                where other.kind = point.kind
                    and other.match_key = point.match_key
                    and other.refused <> '{{}}'
                    and other.refused && asked.must_not_refuse
                    and other.customer_id <> point.customer_id
            ) as is_unopposed
        from people
        inner join asked on asked.judged_as = people.judged_as
        inner join activation.contact_permissions as point
            on point.customer_id = people.customer_id and point.kind = any({kinds})
        left join suppressed_points as suppressed
            on suppressed.customer_id = people.customer_id
            and suppressed.judged_as = people.judged_as
            and suppressed.kind = point.kind
            and suppressed.value = point.value
    ),
    usable as (
        select
            customer_id,
            judged_as,
            array_agg(value order by kind, place, value)
                filter (where is_granted and is_reachable and is_verified and is_free and is_unopposed) as addresses,
            bool_or(is_reachable) as is_reachable,
            bool_or(is_reachable and is_verified) as is_verified,
            bool_or(is_reachable and is_verified and is_granted) as is_granted,
            bool_or(is_reachable and is_verified and is_granted and is_free) as is_free
        from points
        group by customer_id, judged_as
    ),
    stated as (
        select
            consent.customer_id,
            asked.judged_as,
            bool_or(consent.state = 'denied') as is_denied,
            bool_or(consent.state = 'granted' and consent.channel = {channel}) as is_granted
        from people
        inner join asked on asked.judged_as = people.judged_as
        inner join activation.consents as consent
            on consent.customer_id = people.customer_id
            and consent.purpose = asked.judged_as
            and consent.channel || ':' || consent.purpose = any(asked.must_not_refuse)
        group by consent.customer_id, asked.judged_as
    ),
    judged as (
        select
            population.*,
            usable.addresses as usable_addresses,
            case
                when population.judged_as = 'suppression' then null
                when profile.customer_id is null then 'not_published'
                when population.judged_as = 'marketing' and not {has_channel} then 'purpose_needs_channel'
                when profile.link_strength < population.minimum_link_strength then 'weak_link'
                when population.judged_as = 'marketing' and held_back.customer_id is not null then 'promotion_blocked'
                when suppressed.customer_id is not null then 'suppressed'
                when not {has_channel} then null
                when stated.is_denied then 'consent_denied'
                when population.judged_as = 'marketing' and stated.is_granted is not true then 'consent_unknown'
                when usable.customer_id is null then 'no_contact_point'
                when not usable.is_reachable then 'unreachable'
                when not usable.is_verified then 'unverified'
                when not usable.is_granted then 'address_not_agreed'
                when not usable.is_free then 'suppressed'
                when usable.addresses is null then 'address_refused'
            end as exclusion
        from population
        left join activation.profiles as profile on profile.customer_id = population.customer_id
        left join held_back on held_back.customer_id = population.customer_id
        left join suppressed_people as suppressed
            on suppressed.customer_id = population.customer_id and suppressed.judged_as = population.judged_as
        left join stated
            on stated.customer_id = population.customer_id and stated.judged_as = population.judged_as
        left join usable
            on usable.customer_id = population.customer_id and usable.judged_as = population.judged_as
    )
    select
        judged.*,
        case when exclusion is null then coalesce(usable_addresses, '{{}}') else '{{}}' end as addresses,
        case when exclusion is null then usable_addresses[1] end as address
    from judged
"""
)
