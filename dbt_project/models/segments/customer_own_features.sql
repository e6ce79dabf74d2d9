-- Every trait of `customer_features` that depends on the customer alone. One row per customer, those who never bought
-- included. A segment that asks for nothing else is made again for those customers whose traits changed.
{{ config(
    materialized='difference',
    key=['customer_id'],
    announces='customer_id',
    follows=[
        'customers', 'customer_figures', 'household_members', 'consents', 'contact_points', 'purchase_signals',
        'service_signals'
    ]
) }}
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
    where purpose = 'marketing' and {{ only_changed('customer_id') }}
    group by customer_id

),

known_contact_points as (

    select
        customer_id,
        bool_or(kind = 'email') as has_email,
        bool_or(kind = 'phone') as has_phone
    from {{ ref('contact_points') }}
    where {{ only_changed('customer_id') }}
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
    cast(coalesce(cardinality(members.other_customer_ids), 0) + 1 as bigint) as household_size,
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
    figures.order_count,
    figures.revenue,
    figures.lifetime_value,
    figures.average_order_value,
    figures.first_order_at,
    figures.last_order_at,
    figures.days_since_last_order,
    figures.web_order_count,
    figures.store_order_count,
    figures.instagram_order_count,
    figures.amazon_order_count,
    figures.online_order_count,
    figures.pickup_order_count,
    figures.discounted_order_count,
    figures.discount_share,
    figures.order_channels,
    cast(cardinality(figures.order_channels) as bigint) as order_channel_count,
    figures.return_count,
    figures.returned_order_count,
    figures.return_rate,
    figures.favourite_category,
    figures.category_count,
    coalesce(purchases.top_category_order_count, 0) as top_category_order_count,
    coalesce(purchases.top_category_share, 0) as top_category_share,
    coalesce(purchases.cross_sell_suggestions, cast('[]' as jsonb)) as cross_sell_suggestions,
    coalesce(purchases.order_count_after_social_contact, 0) as order_count_after_social_contact,
    purchases.last_order_after_social_contact_at,
    figures.open_cart_at,
    figures.open_cart_amount,
    figures.open_cart_product_ids,
    figures.points_earned,
    -- how they meet us
    figures.customer_since,
    cast(
        extract(year from age({{ as_of() }} at time zone 'UTC', figures.customer_since at time zone 'UTC')) as integer
    ) as customer_years,
    figures.channels,
    figures.preferred_channel,
    figures.preferred_hour,
    figures.first_touch_at,
    figures.first_touch_channel,
    figures.last_touch_at,
    figures.last_touch_channel,
    figures.days_since_last_touch,
    figures.days_since_last_visit,
    figures.visit_count,
    figures.product_view_count,
    figures.social_contact_count,
    figures.social_engagement_count,
    figures.call_count,
    figures.message_count,
    -- what support knows of them
    figures.ticket_count,
    coalesce(service.open_case_count, 0) as open_case_count,
    coalesce(service.overdue_case_count, 0) as overdue_case_count,
    coalesce(service.overdue_case_ids, cast('{}' as text[])) as overdue_case_ids,
    service.waiting_since,
    service.unanswered_since,
    service.last_bad_rating_at,
    coalesce(service.badly_rated_case_ids, cast('{}' as text[])) as badly_rated_case_ids,
    figures.last_csat,
    figures.last_nps,
    service.last_nps_at,
    figures.last_survey_at
from {{ ref('customers') }} as customers
inner join {{ ref('customer_figures') }} as figures
    on customers.customer_id = figures.customer_id
left join {{ ref('household_members') }} as members
    on customers.customer_id = members.customer_id
left join marketing_consents
    on customers.customer_id = marketing_consents.customer_id
left join known_contact_points
    on customers.customer_id = known_contact_points.customer_id
left join {{ ref('purchase_signals') }} as purchases
    on customers.customer_id = purchases.customer_id
left join {{ ref('service_signals') }} as service
    on customers.customer_id = service.customer_id
where {{ only_changed('customers.customer_id') }}
