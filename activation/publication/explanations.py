"""Why records are one customer, as pieces: the edges between them, who came nearest, what people said, the evidence."""

from __future__ import annotations

from typing import Final

_MOST_NEIGHBOURS: Final = 3

# Everything else is in the profile: a record alone that nothing came near needs no row.
EXPLANATIONS: Final = f"""
    with ends as (
        select
            edges.record_id_a, edges.record_id_b, edges.match_weight, edges.match_probability, edges.pattern,
            one.customer_id as customer_a, other.customer_id as customer_b
        from identity.edges as edges
        inner join identity.record_customers as one on one.record_id = edges.record_id_a
        inner join identity.record_customers as other on other.record_id = edges.record_id_b
    ),
    inside as (
        select
            customer_a as customer_id,
            jsonb_agg(
                jsonb_build_array(record_id_a, record_id_b, match_weight, match_probability, pattern)
                order by match_weight desc, record_id_a, record_id_b
            ) as items
        from ends
        where customer_a = customer_b
        group by customer_a
    ),
    outside as (
        select
            customer_a as customer_id, customer_b as other_customer_id, record_id_a as record_id,
            record_id_b as other_record_id, match_weight, match_probability, pattern
        from ends
        where customer_a <> customer_b
        union all
        select
            customer_b, customer_a, record_id_b, record_id_a, match_weight, match_probability, pattern
        from ends
        where customer_a <> customer_b
    ),
    best as (
        select distinct on (customer_id, other_customer_id) *
        from outside
        order by customer_id, other_customer_id, match_weight desc, record_id, other_record_id
    ),
    ranked as (
        select
            *,
            row_number() over (partition by customer_id order by match_weight desc, other_customer_id) as place
        from best
    ),
    near as (
        select
            customer_id,
            jsonb_agg(
                jsonb_build_array(
                    other_customer_id, record_id, other_record_id, match_weight, match_probability, pattern
                )
                order by place
            ) as items
        from ranked
        where place <= {_MOST_NEIGHBOURS}
        group by customer_id
    ),
    newest as (
        select distinct on (record_id_a, record_id_b) *
        from identity.judgements
        order by record_id_a, record_id_b, judged_at desc, judgement_id desc
    ),
    judged as (
        select
            concerned.customer_id,
            jsonb_agg(
                distinct jsonb_build_object(
                    'record_a', newest.record_id_a, 'record_b', newest.record_id_b,
                    'customer_a', one.customer_id, 'customer_b', other.customer_id, 'verdict', newest.verdict,
                    'judged_by', newest.judged_by, 'judged_at', newest.judged_at, 'reason', newest.reason
                )
            ) as items
        from newest
        left join identity.record_customers as one on one.record_id = newest.record_id_a
        left join identity.record_customers as other on other.record_id = newest.record_id_b
        cross join lateral (values (one.customer_id), (other.customer_id)) as concerned (customer_id)
        where newest.verdict <> 'unsure' and concerned.customer_id is not null
        group by concerned.customer_id
    ),
    pieces as (
        select
            customers.customer_id,
            coalesce(inside.items, '[]') as edges,
            coalesce(near.items, '[]') as nearest,
            coalesce(judged.items, '[]') as judgements
        from golden.customers as customers
        left join inside on inside.customer_id = customers.customer_id
        left join near on near.customer_id = customers.customer_id
        left join judged on judged.customer_id = customers.customer_id
        where coalesce(inside.items, near.items, judged.items) is not null
        offset 0
    )
    select
        customer_id, edges, nearest, judgements,
        md5(edges::text || nearest::text || judgements::text)::uuid as content_hash
    from pieces
"""

_MODEL: Final = """
    select models.model_id, (models.model ->> 'threshold')::double precision as threshold
    from identity.models as models
    inner join (
        select model_id from identity.runs where model_id is not null order by published_at desc limit 1
    ) as latest on latest.model_id = models.model_id
"""

MATCH_MODELS: Final = f"select model_id, threshold from ({_MODEL}) as model"

MATCH_EVIDENCE: Final = f"""
    select patterns.pattern, patterns.evidence::jsonb as evidence
    from identity.edge_patterns as patterns
    inner join ({_MODEL}) as model on model.model_id = patterns.model_id
"""
