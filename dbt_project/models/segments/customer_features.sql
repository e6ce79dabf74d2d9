-- Every trait that the rule of a segment or an audience may use. One row per customer, those who never bought included.
-- What is nowhere known is null; what can be counted is 0. `customer_features.yml` is the dictionary: its types decide
-- which operators suit a trait, and the first sentence of a description is the trait's name for people.
{{ config(materialized='difference', key=['customer_id'], announces='customer_id') }}
with

marketing_consents as (

    select
        customer_id,
        max(state) filter (where channel = 'email') as email_marketing_consent,
        max(state) filter (where channel = 'sms') as sms_marketing_consent,
        max(state) filter (where channel = 'phone') as phone_marketing_consent,
        max(state) filter (where channel = 'whatsapp') as whatsapp_marketing_consent,
        max(state) filter (where channel = 'advertising') as advertising_marketing_consent
    from {{ ref('consents') }}
    where purpose = 'marketing'
    group by customer_id

),

known_contact_points as (

    select
        customer_id,
        bool_or(kind = 'email') as has_email,
        bool_or(kind = 'phone') as has_phone
    from {{ ref('contact_points') }}
    group by customer_id

)

select
    customers.customer_id,
    -- who they are
    customers.birth_date,
    customers.birth_place,
    customers.occupation,
    customers.organisation,
    customers.language,
    customers.city,
    customers.region,
    customers.postcode,
    customers.country,
    customers.address_since,
    customers.previous_city,
    customers.household_id,
    coalesce(households.member_count, 1) as household_size,
    customers.link_strength,
    customers.record_count,
    customers.sources,
    customers.first_seen_at,
    customers.loyalty_tier,
    customers.loyalty_points,
    customers.member_since,
    -- whether and how they may be met
    coalesce(known_contact_points.has_email, false) as has_email,
    coalesce(known_contact_points.has_phone, false) as has_phone,
    customers.instagram_handle is not null as has_instagram,
    coalesce(customers.email_reachable, false) as email_reachable,
    coalesce(customers.phone_reachable, false) as phone_reachable,
    coalesce(marketing_consents.email_marketing_consent, 'unknown') as email_marketing_consent,
    coalesce(marketing_consents.sms_marketing_consent, 'unknown') as sms_marketing_consent,
    coalesce(marketing_consents.phone_marketing_consent, 'unknown') as phone_marketing_consent,
    coalesce(marketing_consents.whatsapp_marketing_consent, 'unknown') as whatsapp_marketing_consent,
    coalesce(marketing_consents.advertising_marketing_consent, 'unknown') as advertising_marketing_consent,
    -- what they buy
    metrics.order_count,
    metrics.revenue,
    metrics.lifetime_value,
    metrics.average_order_value,
    metrics.first_order_at,
    metrics.last_order_at,
    metrics.days_since_last_order,
    metrics.web_order_count,
    metrics.store_order_count,
    metrics.instagram_order_count,
    metrics.amazon_order_count,
    metrics.online_order_count,
    metrics.pickup_order_count,
    metrics.discounted_order_count,
    metrics.discount_share,
    metrics.order_channels,
    cast(cardinality(metrics.order_channels) as bigint) as order_channel_count,
    metrics.return_count,
    metrics.returned_order_count,
    metrics.return_rate,
    metrics.favourite_category,
    metrics.category_count,
    coalesce(purchases.top_category_order_count, 0) as top_category_order_count,
    coalesce(purchases.top_category_share, 0) as top_category_share,
    coalesce(purchases.cross_sell_suggestions, cast('[]' as jsonb)) as cross_sell_suggestions,
    coalesce(purchases.order_count_after_social_contact, 0) as order_count_after_social_contact,
    purchases.last_order_after_social_contact_at,
    metrics.open_cart_at,
    metrics.open_cart_amount,
    metrics.open_cart_product_ids,
    metrics.points_earned,
    -- what they are worth
    metrics.rfm_recency,
    metrics.rfm_frequency,
    metrics.rfm_monetary,
    metrics.rfm_group,
    metrics.spend_rank,
    purchases.spend_standing,
    metrics.expected_orders_next_year,
    metrics.predicted_lifetime_value,
    -- how they meet us
    metrics.customer_since,
    cast(
        extract(year from age({{ as_of() }} at time zone 'UTC', metrics.customer_since at time zone 'UTC')) as integer
    ) as customer_years,
    metrics.channels,
    metrics.preferred_channel,
    metrics.preferred_hour,
    metrics.first_touch_at,
    metrics.first_touch_channel,
    metrics.last_touch_at,
    metrics.last_touch_channel,
    metrics.days_since_last_touch,
    metrics.days_since_last_visit,
    metrics.visit_count,
    metrics.product_view_count,
    metrics.social_contact_count,
    metrics.social_engagement_count,
    metrics.call_count,
    metrics.message_count,
    -- what support knows of them
    metrics.ticket_count,
    coalesce(service.open_case_count, 0) as open_case_count,
    coalesce(service.overdue_case_count, 0) as overdue_case_count,
    coalesce(service.overdue_case_ids, cast('{}' as text[])) as overdue_case_ids,
    service.waiting_since,
    service.unanswered_since,
    service.last_bad_rating_at,
    coalesce(service.badly_rated_case_ids, cast('{}' as text[])) as badly_rated_case_ids,
    metrics.last_csat,
    metrics.last_nps,
    service.last_nps_at,
    metrics.last_survey_at
from {{ ref('customers') }} as customers
inner join {{ ref('customer_metrics') }} as metrics
    on customers.customer_id = metrics.customer_id
left join {{ ref('households') }} as households
    on customers.household_id = households.household_id
left join marketing_consents
    on customers.customer_id = marketing_consents.customer_id
left join known_contact_points
    on customers.customer_id = known_contact_points.customer_id
left join {{ ref('purchase_signals') }} as purchases
    on customers.customer_id = purchases.customer_id
left join {{ ref('service_signals') }} as service
    on customers.customer_id = service.customer_id
