-- What work leaves behind about Ada beside what is built.
insert into identity.edges values
('salesforce:contact:C1', 'shopify:customer:1', 9, 0.99, true, '1'),
('shopify:customer:2', 'zendesk:user:1', -3, 0.1, false, '2');
insert into identity.judgements values
('j1', 'salesforce:contact:C1', 'shopify:customer:1', 'same', 'stew', now(), 'Ada Lovelace said so', 1, 'm', 'review'),
('j2', 'shopify:customer:3', 'shopify:customer:4', 'different', 'stew', now(), 'a couple', 1, 'm', 'review');
insert into identity.label_samples values ('s1', 'run', 'm', 0.5, '{}', '{}', now(), 'stew');
insert into identity.label_queue values ('s1', 1, 'salesforce:contact:C1', 'shopify:customer:1', 'near', 1);
insert into identity.change_decisions values
('d1', 'hold', null, array['ada', 'bob'], 'stew', now(), 'Lovelace asked for it');
insert into activation.deliveries (destination, key, customer_id, payload_hash, held, acknowledged_at) values
('newsletter_klaviyo', 'ada', 'ada', 'h', '[{"email": "ada@new.example"}]', now()),
('zendesk_users', '1', 'ada', 'h', '[]', now()),
('newsletter_klaviyo', 'bob', 'bob', 'h', '[{"email": "bob@bo.example"}]', now());
insert into activation.dead_letters (destination, key, payload_hash, reason, customer_id)
values ('meta', 'ada', 'h', 'no such person', 'ada');
insert into activation.audit (key_id, action, customer_ids, detail) values
('k', 'profile', array['ada'], '{"asked": "email"}'), ('k', 'export', array['ada', 'bob'], '{}');
insert into activation.suppressions (customer_id, record_ids, reason, added_by)
values ('ada', array['shopify:customer:1'], 'asked', 'stew');
insert into activation.events (key_id, message_id, type, user_id, anonymous_id, occurred_at, received_at, payload)
select
    split_part(record_key, ':', 1), payload ->> 'messageId', payload ->> 'type', payload ->> 'userId',
    payload ->> 'anonymousId', (payload ->> 'timestamp')::timestamptz, now(), payload
from (select * from raw_events.identities union all select * from raw_events.interactions) as landed;
-- Not read yet.
insert into activation.events (key_id, message_id, type, user_id, occurred_at, received_at, payload)
values ('key_1', 'm5', 'identify', 'u1', now(), now(), '{"traits": {"phone": "+442071838750"}}');
insert into activation.quarantined_events (key_id, content_hash, reason, payload, received_at)
values ('key_1', '\x01', 'no type', '{"userId": "u1", "traits": {"email": "ada@new.example"}}', now());
