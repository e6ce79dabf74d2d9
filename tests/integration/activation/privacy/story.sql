-- What the fixture of dbt leaves out: the ledger speaks as identity does, and Ada was once two customers.
update identity.customer_ledger set event = 'minted';
insert into identity.customer_ledger
(run_id, event, customer_id, related_customer_id, founding_record_id, occurred_at, record_ids)
values
('fixture', 'minted', 'ada_once', null, 'zendesk:user:1', '2026-01-30T00:00:00Z', null),
('fixture', 'merged', 'ada_once', 'ada', null, '2026-01-31T00:00:00Z', array['zendesk:user:1']);
-- Ada is where nobody linked her: an order of a guest under her address, a till row that could not be read.
insert into raw_shopify.orders (record_key, payload) values
('901', '{"legacyResourceId": "901", "name": "#901", "email": "Ada+shop@New.example",
    "createdAt": "2026-01-20T10:00:00Z", "totalPriceSet": {"shopMoney": {"amount": "12.00", "currencyCode": "GBP"}}}');
insert into raw_salesforce.contacts (record_key, payload, ingest_error) values
('missing:1', '{"FirstName": "Ada", "LastName": "Lovelace", "Email": "ada@old.example"}', 'no id');
-- In the app Ada is another record still: she signed in on her phone, and looked around before she did. Somebody else
-- is only a browser.
insert into raw_events.identities (record_key, payload) values
('key_1:m1', '{"type": "identify", "userId": "u1", "anonymousId": "a1", "messageId": "m1",
    "timestamp": "2026-01-25T10:00:00Z", "traits": {"email": "ada@new.example", "name": "Ada Lovelace"}}');
insert into raw_events.interactions (record_key, payload) values
('key_1:m2', '{"type": "page", "anonymousId": "a1", "messageId": "m2", "timestamp": "2026-01-25T09:00:00Z",
    "properties": {"url": "https://shop.example/ada.lovelace"}}'),
('key_1:m3', '{"type": "track", "event": "Order Completed", "userId": "u1", "messageId": "m3",
    "timestamp": "2026-01-25T11:00:00Z",
    "properties": {"order_id": "E-1", "total": 9, "currency": "GBP", "products": [{"product_id": "50", "quantity": 1}]}}'),
('key_1:m4', '{"type": "page", "anonymousId": "a9", "messageId": "m4", "timestamp": "2026-01-25T09:00:00Z",
    "properties": {"url": "https://shop.example/"}}');
insert into identity.record_customers (record_id, customer_id, link_strength) values
('events:user:u1', 'ada', 0.98),
('events:anonymous:a1', 'ada', 0.98);
insert into identity.identifiers (record_id, kind, raw_value, value, match_key, is_valid) values
('events:user:u1', 'email', 'ada@new.example', 'ada@new.example', 'ada@new.example', true);
