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
