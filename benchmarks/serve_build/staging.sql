-- The retailer's world (schema world) as staging would have typed it: what the vendors' interfaces and the exported
-- files tell, straight into the base tables. Each statement takes the rows of [$from, $to) by when they came to be.

insert into staging.base_salesforce__contacts (
    record_key, contact_id, given_name, family_name, former_family_name, email, phone, mobile_phone, street, city,
    region, postcode, country, birth_date, instagram_handle, x_handle, shopify_customer_id, loyalty_number,
    email_opt_out, do_not_call, is_deleted, created_at, updated_at
)
select
    native_id, native_id, given_name, family_name, former_family_name, email, phone, mobile_phone, street, city,
    region, postcode, country, birth_date, instagram_handle, x_handle, replace(linked_record_id, 'shopify:customer:', ''),
    loyalty_number, email_consent = 'denied', false, false, created_at, updated_at
from world.records where record_id like 'salesforce:contact:%' and created_at >= '$from' and created_at < '$to';

insert into staging.base_salesforce__leads (
    record_key, lead_id, given_name, family_name, email, phone, mobile_phone, street, city, region, postcode, country,
    company, status, email_opt_out, do_not_call, is_deleted, created_at, updated_at
)
select
    native_id, native_id, given_name, family_name, email, phone, mobile_phone, street, city, region, postcode, country,
    company, 'Open', email_consent = 'denied', false, false, created_at, updated_at
from world.records where record_id like 'salesforce:lead:%' and created_at >= '$from' and created_at < '$to';

insert into staging.base_salesforce__campaigns (record_key, campaign_id, name, type, status, start_date, updated_at)
select campaign_id, campaign_id, name, type, status, start_date, updated_at
from world.campaigns where updated_at >= '$from' and updated_at < '$to';

insert into staging.base_salesforce__campaign_members (
    record_key, campaign_member_id, campaign_id, contact_id, lead_id, status, has_responded, responded_at, created_at, updated_at
)
select
    campaign_member_id, campaign_member_id, campaign_id,
    case when record_id like 'salesforce:contact:%' then split_part(record_id, ':', 3) end,
    case when record_id like 'salesforce:lead:%' then split_part(record_id, ':', 3) end,
    status, has_responded, responded_at, created_at, updated_at
from world.campaign_members where created_at >= '$from' and created_at < '$to';

insert into staging.base_shopify__customers (
    record_key, shopify_customer_id, given_name, family_name, email, email_marketing_state, phone, sms_marketing_state,
    verified_email, street_line_1, city, region, postcode, country, locale, tags, created_at, updated_at
)
select
    native_id, native_id, given_name, family_name, email,
    case email_consent when 'granted' then 'SUBSCRIBED' when 'denied' then 'UNSUBSCRIBED' else 'NOT_SUBSCRIBED' end,
    coalesce(phone, mobile_phone),
    case sms_consent when 'granted' then 'SUBSCRIBED' when 'denied' then 'UNSUBSCRIBED' else 'NOT_SUBSCRIBED' end,
    is_verified, street, city, region, postcode, country, language, '{}', created_at, updated_at
from world.records where record_id like 'shopify:customer:%' and created_at >= '$from' and created_at < '$to';

insert into staging.base_shopify__products (record_key, product_id, title, category, vendor, price, updated_at)
select product_id, product_id, title, category, vendor, price, created_at
from world.products where created_at >= '$from' and created_at < '$to';

insert into staging.base_shopify__orders (
    record_key, order_id, order_name, shopify_customer_id, source_name, channel_handle, financial_status,
    fulfilment_status, delivery_methods, created_at, processed_at, delivered_at, cancelled_at, total_amount,
    discount_amount, currency, location_name, updated_at
)
select
    order_id, order_id, order_name, split_part(record_id, ':', 3), case channel when 'store' then 'pos' else channel end,
    channel, financial_status, fulfilment_status, case when is_pickup then array['PICK_UP'] end, ordered_at, ordered_at,
    delivered_at, cancelled_at, total, discount, currency, location, updated_at
from world.orders where ordered_at >= '$from' and ordered_at < '$to';

insert into staging.base_shopify__order_lines (
    record_key, order_line_id, order_id, product_id, sku, title, quantity, unit_price
)
select
    lines.order_line_id, lines.order_line_id, lines.order_id, lines.product_id, products.sku, products.title,
    lines.quantity, lines.unit_price
from world.order_lines as lines
inner join world.orders as orders on lines.order_id = orders.order_id
inner join world.products as products on lines.product_id = products.product_id
where orders.ordered_at >= '$from' and orders.ordered_at < '$to';

insert into staging.base_shopify__abandoned_checkouts (
    record_key, checkout_id, shopify_customer_id, started_at, completed_at, total_amount, currency, product_ids, updated_at
)
select
    checkouts.checkout_id, checkouts.checkout_id, split_part(checkouts.record_id, ':', 3), checkouts.started_at,
    checkouts.completed_at, checkouts.total, checkouts.currency, lines.product_ids, checkouts.updated_at
from world.checkouts as checkouts
left join (
    select checkout_id, array_agg(product_id order by product_id) as product_ids
    from world.checkout_lines group by checkout_id
) as lines on checkouts.checkout_id = lines.checkout_id
where checkouts.started_at >= '$from' and checkouts.started_at < '$to';

insert into staging.base_shopify__returns (record_key, return_id, order_id, status, reasons, requested_at, total_quantity)
select return_id, return_id, order_id, status, array[reason], requested_at, quantity
from world.returns where requested_at >= '$from' and requested_at < '$to';

insert into staging.base_zendesk__users (
    record_key, user_id, full_name, email, phone, role, external_id, locale, is_verified, is_active, created_at
)
select
    native_id, native_id, full_name, email, phone, 'end-user', linked_record_id, language, is_verified, true, created_at
from world.records where record_id like 'zendesk:user:%' and created_at >= '$from' and created_at < '$to';

insert into staging.base_zendesk__user_identities (
    record_key, identity_id, user_id, kind, value, is_verified, is_primary, created_at, updated_at
)
select
    native_id || said.kind, native_id || said.kind, native_id, said.kind, said.value, is_verified, true, created_at, updated_at
from world.records
cross join lateral (
    values ('email', email), ('phone_number', coalesce(phone, mobile_phone)), ('twitter', x_handle)
) as said (kind, value)
where record_id like 'zendesk:user:%' and said.value is not null and created_at >= '$from' and created_at < '$to';

insert into staging.base_zendesk__tickets (
    record_key, ticket_id, requester_id, subject, via_channel, status, priority, created_at, updated_at, due_at
)
select
    ticket_id, ticket_id, split_part(record_id, ':', 3), subject, channel, status, priority, created_at, updated_at, due_at
from world.tickets where created_at >= '$from' and created_at < '$to';

insert into staging.base_zendesk__ticket_comments (
    record_key, comment_id, ticket_id, author_id, body, is_public, via, created_at
)
select
    comments.comment_id, comments.comment_id, comments.ticket_id, coalesce(split_part(comments.record_id, ':', 3), '1'),
    comments.body, comments.is_public, to_jsonb(tickets.channel), comments.created_at
from world.ticket_comments as comments
inner join world.tickets as tickets on comments.ticket_id = tickets.ticket_id
where comments.created_at >= '$from' and comments.created_at < '$to';

insert into staging.base_zendesk__ticket_metrics (
    record_key, metric_id, ticket_id, first_reply_minutes, full_resolution_minutes, reopens, replies, solved_at, updated_at
)
select
    ticket_id, ticket_id, ticket_id, extract(epoch from first_reply_at - created_at) / 60,
    extract(epoch from solved_at - created_at) / 60, reopens, replies, solved_at, updated_at
from world.tickets where created_at >= '$from' and created_at < '$to';

insert into staging.base_zendesk__satisfaction_ratings (
    record_key, rating_id, ticket_id, requester_id, score, comment, created_at, updated_at
)
select rating_id, rating_id, ticket_id, split_part(record_id, ':', 3), score, comment, created_at, updated_at
from world.ratings where created_at >= '$from' and created_at < '$to';

insert into staging.base_meta__messages (
    record_key, message_id, conversation_id, platform, sender_id, sender_username, sender_name, recipient_ids, body, sent_at
)
select
    messages.message_id, messages.message_id, messages.conversation_id, messages.platform,
    case messages.direction when 'inbound' then records.native_id else '100' end,
    case messages.direction when 'inbound' then records.username else 'shop' end,
    case when messages.direction = 'inbound' and messages.platform = 'messenger' then records.full_name end,
    array[case messages.direction when 'inbound' then '100' else records.native_id end], messages.body, messages.sent_at
from world.direct_messages as messages
inner join world.records as records on messages.record_id = records.record_id
where messages.platform <> 'x' and messages.sent_at >= '$from' and messages.sent_at < '$to';

insert into staging.base_meta__comments (
    record_key, comment_id, media_id, sender_id, sender_username, body, commented_at
)
select
    comments.comment_id, comments.comment_id, comments.media_id, records.native_id, records.username, comments.body,
    comments.commented_at
from world.comments as comments
inner join world.records as records on comments.record_id = records.record_id
where comments.commented_at >= '$from' and comments.commented_at < '$to';

insert into staging.base_x__users (record_key, user_id, username, full_name, location, created_at)
select native_id, native_id, username, full_name, city, created_at
from world.records where record_id like 'x:user:%' and created_at >= '$from' and created_at < '$to';

insert into staging.base_x__mentions (record_key, post_id, author_id, body, posted_at)
select post_id, post_id, split_part(record_id, ':', 3), body, posted_at
from world.mentions where posted_at >= '$from' and posted_at < '$to';

insert into staging.base_x__direct_messages (
    record_key, message_id, event_type, conversation_id, sender_id, participant_ids, body, sent_at
)
select
    message_id, message_id, 'MessageCreate', conversation_id,
    case direction when 'inbound' then split_part(record_id, ':', 3) else '300' end,
    array[split_part(record_id, ':', 3), '300'], body, sent_at
from world.direct_messages where platform = 'x' and sent_at >= '$from' and sent_at < '$to';

insert into staging.base_files__people (
    record_key, source, entity, native_id, stream, given_name, family_name, emails, phones, handles, external_ids,
    street, city, region, postcode, country, birth_date, language, loyalty_number, loyalty_tier, loyalty_points,
    member_since, email_marketing_consent, sms_marketing_consent, created_at, updated_at
)
select
    records.record_id, 'loyalty', 'member', records.native_id, 'members', given_name, family_name,
    array_remove(array[email], null), array_remove(array[phone, mobile_phone], null),
    array_remove(array['instagram:' || instagram_handle, 'x:' || x_handle], null),
    array_remove(array[linked_record_id], null), street, city, region, postcode, country, birth_date, language,
    records.native_id, status.tier, status.points, cast(status.member_since as date), email_consent = 'granted',
    sms_consent = 'granted', records.created_at, records.updated_at
from world.records as records
left join world.loyalty_status as status on records.record_id = status.record_id
where records.record_id like 'loyalty:member:%' and records.created_at >= '$from' and records.created_at < '$to';

insert into staging.base_files__people (
    record_key, source, entity, native_id, stream, full_name, emails, phones, external_ids, created_at, updated_at
)
select
    record_id, 'gladly', 'customer', native_id, 'customers', coalesce(full_name, concat_ws(' ', given_name, family_name)),
    array_remove(array[email], null), array_remove(array[phone], null), array_remove(array[linked_record_id], null),
    created_at, updated_at
from world.touch_records where record_id like 'gladly:customer:%' and created_at >= '$from' and created_at < '$to';

insert into staging.base_files__interactions (
    record_key, source, interaction_id, record_id, is_device, stream, occurred_at, channel, kind, direction, subject,
    session_id, product_id, product_title, category, quantity, amount, currency, campaign, utm_source, utm_medium, external_ids
)
select
    'ga4:event:' || events.event_id, 'ga4', 'ga4:event:' || events.event_id, sessions.record_id, true, 'events',
    events.occurred_at, 'web',
    case events.name when 'session_start' then 'visit' when 'view_item' then 'product_view' else 'add_to_cart' end,
    'inbound', coalesce(products.title, 'Visit'), cast(sessions.session_id as text), events.product_id, products.title,
    products.category, events.quantity, events.value, 'USD', sessions.campaign, sessions.source, sessions.medium,
    case when events.occurred_at >= sessions.signed_in_at then array[sessions.user_id] end
from world.web_events as events
inner join world.web_sessions as sessions on events.session_id = sessions.session_id
left join world.products as products on events.product_id = products.product_id
where events.name in ('session_start', 'view_item', 'add_to_cart')
    and events.occurred_at >= '$from' and events.occurred_at < '$to';

insert into staging.base_files__interactions (
    record_key, source, interaction_id, record_id, is_device, stream, occurred_at, channel, kind, direction, body, topic,
    rating, rating_scale, emails, phones, external_ids
)
select
    'survey:response:' || answers.answer_id, 'survey', 'survey:response:' || answers.answer_id, answers.record_id, false,
    'responses', answers.answered_at, case answers.touchpoint when 'store' then 'store' else 'web' end, 'survey',
    'inbound', answers.comment, answers.touchpoint, answers.score, answers.scale, array_remove(array[people.email], null),
    array_remove(array[people.phone], null), array_remove(array[people.linked_record_id], null)
from world.survey_answers as answers
left join world.touch_records as people on answers.record_id = people.record_id
where answers.answered_at >= '$from' and answers.answered_at < '$to';

insert into staging.base_files__interactions (
    record_key, source, interaction_id, record_id, is_device, stream, occurred_at, channel, kind, direction, thread_id,
    team, agent, topic, status, closed_at
)
select
    'gladly:conversation:' || conversation_id, 'gladly', 'gladly:conversation:' || conversation_id, record_id, false,
    'conversations', created_at, case channel when 'PHONE_CALL' then 'phone' else lower(channel) end, 'ticket', 'inbound',
    conversation_id, team, agent, topic, case status when 'CLOSED' then 'solved' else 'open' end, closed_at
from world.brand_conversations where created_at >= '$from' and created_at < '$to';

insert into staging.base_files__interactions (
    record_key, source, interaction_id, record_id, is_device, stream, occurred_at, channel, kind, direction, body, thread_id
)
select
    'gladly:item:' || messages.message_id, 'gladly', 'gladly:item:' || messages.message_id, conversations.record_id,
    false, 'conversation_items', messages.sent_at,
    case conversations.channel when 'PHONE_CALL' then 'phone' else lower(conversations.channel) end, 'message',
    messages.direction, messages.body, messages.conversation_id
from world.brand_messages as messages
inner join world.brand_conversations as conversations on messages.conversation_id = conversations.conversation_id
where messages.sent_at >= '$from' and messages.sent_at < '$to';

insert into staging.base_files__interactions (
    record_key, source, interaction_id, record_id, is_device, stream, occurred_at, channel, kind, direction, body,
    thread_id, sentiment, full_name, handles
)
select
    'sprout:message:' || posts.post_id, 'sprout', 'sprout:message:' || posts.post_id, posts.record_id, false, 'messages',
    posts.posted_at, posts.network, case posts.type when 'listening' then 'mention' else posts.type end, posts.direction,
    posts.body, posts.thread_id, posts.sentiment, people.full_name, array[people.platform || ':' || people.username]
from world.social_posts as posts
left join world.touch_records as people on posts.record_id = people.record_id
where posts.posted_at >= '$from' and posts.posted_at < '$to';

insert into staging.base_files__interactions (
    record_key, source, interaction_id, record_id, is_device, stream, occurred_at, channel, kind, direction, body, topic,
    team, agent, outcome, wait_seconds, handle_seconds, phones
)
select
    'contact_centre:contact:' || call_id, 'contact_centre', 'contact_centre:contact:' || call_id, record_id, false,
    'contacts', started_at, case kind when 'sms' then 'sms' else 'phone' end, case kind when 'sms' then 'message' else 'call' end,
    direction, body, reason, queue, agent, outcome, wait_seconds, handle_seconds, array_remove(array[number], null)
from world.calls where started_at >= '$from' and started_at < '$to';

insert into staging.base_files__interactions (
    record_key, source, interaction_id, record_id, is_device, stream, occurred_at, channel, kind, direction,
    reference_id, product_id, product_title, quantity, amount, currency, status, full_name, emails, phones
)
select
    'amazon:line:' || lines.line_id, 'amazon', 'amazon:line:' || lines.line_id, lines.record_id, false, 'orders',
    lines.ordered_at, 'amazon', 'order_line', 'inbound', lines.market_order_id, lines.product_id, products.title,
    lines.quantity, lines.quantity * lines.unit_price, 'USD', lower(lines.status), people.full_name,
    array_remove(array[people.email], null), array_remove(array[people.phone], null)
from world.market_lines as lines
inner join world.products as products on lines.product_id = products.product_id
left join world.touch_records as people on lines.record_id = people.record_id
where lines.ordered_at >= '$from' and lines.ordered_at < '$to';

insert into staging.base_files__interactions (
    record_key, source, interaction_id, record_id, is_device, stream, occurred_at, channel, kind, direction, subject,
    quantity, outcome
)
select
    'loyalty:movement:' || movement_id, 'loyalty', 'loyalty:movement:' || movement_id, record_id, false, 'points',
    moved_at, 'app', 'points', 'inbound', reason, points, reason
from world.loyalty_points where moved_at >= '$from' and moved_at < '$to';

insert into staging.base_files__interactions (
    record_key, source, interaction_id, record_id, is_device, stream, occurred_at, channel, kind, direction, body,
    agent, team, product_id, emails, phones
)
select
    'store:note:' || notes.note_id, 'store', 'store:note:' || notes.note_id, notes.record_id, false, 'notes',
    notes.noted_at, 'store', notes.kind, 'inbound', concat_ws(' ', notes.note, notes.code), notes.clerk, notes.store,
    notes.product_id, array_remove(array[people.email], null), array_remove(array[people.phone], null)
from world.store_notes as notes
left join world.touch_records as people on notes.record_id = people.record_id
where notes.noted_at >= '$from' and notes.noted_at < '$to';
