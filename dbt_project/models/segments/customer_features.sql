-- Every trait that the rule of a segment or an audience may use. One row per customer, those who never bought included.
-- What is nowhere known is null; what can be counted is 0. `customer_features.yml` is the dictionary: its types decide
-- which operators suit a trait, and the first sentence of a description is the trait's name for people.
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

)

select
    customers.customer_id,
    -- who they are
    customers.birth_date,
    customers.language,
    customers.city,
    customers.region,
    customers.postcode,
    customers.country,
    customers.email is not null as has_email,
    customers.phone is not null as has_phone,
    customers.instagram_handle is not null as has_instagram,
    customers.link_strength,
    customers.record_count,
    customers.sources,
    customers.first_seen_at,
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
    metrics.pickup_order_count,
    metrics.discounted_order_count,
    metrics.order_channels,
    cast(cardinality(metrics.order_channels) as bigint) as order_channel_count,
    metrics.return_count,
    metrics.favourite_category,
    coalesce(purchases.top_category_order_count, 0) as top_category_order_count,
    coalesce(purchases.top_category_share, 0) as top_category_share,
    coalesce(purchases.cross_sell_suggestions, cast('[]' as jsonb)) as cross_sell_suggestions,
    coalesce(purchases.order_count_after_social_contact, 0) as order_count_after_social_contact,
    purchases.last_order_after_social_contact_at,
    -- how they meet us
    metrics.channels,
    metrics.first_interaction_at,
    metrics.last_interaction_at,
    metrics.social_contact_count,
    metrics.ticket_count,
    coalesce(service.open_case_count, 0) as open_case_count,
    coalesce(service.overdue_case_count, 0) as overdue_case_count,
    coalesce(service.overdue_case_ids, cast('{}' as text [])) as overdue_case_ids,
    service.waiting_since,
    service.last_bad_rating_at,
    coalesce(service.badly_rated_case_ids, cast('{}' as text [])) as badly_rated_case_ids
from {{ ref('customers') }} as customers
inner join {{ ref('customer_metrics') }} as metrics
    on customers.customer_id = metrics.customer_id
left join marketing_consents
    on customers.customer_id = marketing_consents.customer_id
left join {{ ref('purchase_signals') }} as purchases
    on customers.customer_id = purchases.customer_id
left join {{ ref('service_signals') }} as service
    on customers.customer_id = service.customer_id
