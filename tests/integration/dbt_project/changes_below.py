"""One change of each kind to what lies below golden, timeline, sales and service: SQL that looks in `staging` first."""

from __future__ import annotations

from typing import Final, LiteralString

TICKET = "(select ticket_id from base_zendesk__ticket_comments group by 1 order by count(*) desc, 1 limit 1)"
GLADLY = (
    "(select thread_id from base_files__interactions where source = 'gladly' and direction = 'outbound' "
    "and kind = 'message' order by thread_id limit 1)"
)
CALL = (
    "(select record_key from base_files__interactions where source = 'contact_centre' and kind = 'call' "
    "and record_id in (select record_id from identity.record_customers where customer_id in "
    "(select customer_id from marts.orders where source = 'shopify')) order by record_key limit 1)"
)
CALLER = "(select record_id from base_files__interactions where record_key = (select key from public.the_call))"
BOUGHT = (
    "(select order_id from marts.orders where source = 'shopify' and customer_id = "
    f"(select customer_id from identity.record_customers where record_id = {CALLER}) order by order_id limit 1)"
)
DEVICE = (
    "(select record_id from base_files__interactions where is_device and record_id is not null "
    "group by record_id having count(*) > 3 order by record_id limit 1)"
)
EXPORTED = (
    "(select record_key from base_files__interactions where kind = 'order_line' and currency = 'USD' "
    "order by record_key limit 1)"
)
RETURNED = "(select order_id from base_shopify__returns order by order_id limit 1)"

# A ticket after which the same customer came again within days, and one that somebody rated.
REPEATED = (
    "(select split_part(case_id, ':', 3) from marts.service_cases as former where source = 'zendesk' and exists ("
    "select 1 from marts.service_cases as later where later.is_repeat_contact "
    "and later.customer_id = former.customer_id and later.opened_at > former.opened_at "
    "and later.opened_at < former.opened_at + interval '7 days' and not exists ("
    "select 1 from marts.service_cases as other where other.customer_id = later.customer_id and other.case_id "
    "not in (former.case_id, later.case_id) and other.opened_at between later.opened_at - interval '8 days' "
    "and later.opened_at)) order by case_id limit 1)"
)
RATED = "(select ticket_id from marts.tickets where rating is not null order by ticket_id limit 1)"
FILED = "(select min(record_key) from base_files__interactions where kind = 'ticket')"

SALES_AND_TIMELINE: Final[dict[str, tuple[LiteralString | str, ...]]] = {
    "a product has another name": (
        "update base_shopify__products set title = title || '!', category = 'sundries' where product_id = "
        "(select product_ids[1] from base_shopify__abandoned_checkouts where array_length(product_ids, 1) = 1 limit 1)",
    ),
    "a line of a returned order is gone": (f"delete from base_shopify__order_lines where order_id = {RETURNED}",),
    "a returned order is of another channel": (
        "update base_shopify__orders set source_name = case source_name when 'pos' then 'web' else 'pos' end "
        f"where order_id = {RETURNED}",
    ),
    "a return is of another order": (
        "update base_shopify__returns set order_id = (select max(order_id) from base_shopify__orders) "
        f"where order_id = {RETURNED}",
    ),
    "a return is gone": (
        "delete from base_shopify__returns where order_id = (select max(order_id) from base_shopify__orders)",
    ),
    "a file tells of a return to the shop": (
        "insert into base_files__interactions (record_key, source, stream, interaction_id, kind, reference_id, "
        "occurred_at, amount, currency) "
        "select 'told', 'shopify', 'returns', 'told', 'return', order_name, created_at, 1, "
        "currency from base_shopify__orders where order_id not in (select order_id from base_shopify__returns) "
        "and cancelled_at is null order by order_id limit 1",
    ),
    "the file tells of it no longer": ("delete from base_files__interactions where record_key = 'told'",),
    "a file has an order of the shop": (
        "insert into base_files__interactions (record_key, source, stream, interaction_id, kind, occurred_at, amount, "
        "currency) select 'sold', 'shopify', 'orders', 'sold', 'order', created_at, 9, currency "
        "from base_shopify__orders order by order_id limit 1",
    ),
    "the file has it no longer": ("delete from base_files__interactions where record_key = 'sold'",),
    "what a file's order sold is of another category": (
        "insert into base_shopify__products (record_key, product_id, title, category) "
        f"select 'asin', product_id, 'Sold', 'sundries' from base_files__interactions where record_key = {EXPORTED}",
        "update base_shopify__products set category = 'sundries' where product_id = "
        f"(select product_id from base_files__interactions where record_key = {EXPORTED})",
        "delete from base_shopify__products where record_key = 'asin' and exists (select from base_shopify__products "
        "as p where p.product_id = base_shopify__products.product_id and p.record_key <> 'asin')",
    ),
    "a line of a file's order costs more": (
        f"update base_files__interactions set amount = amount + 1 where record_key = {EXPORTED}",
    ),
    "a line of a file's order is in other money": (
        "insert into base_files__interactions (record_key, source, stream, interaction_id, kind, reference_id, "
        "occurred_at, amount, currency) select 'line', source, stream, 'line', kind, coalesce(reference_id, "
        "interaction_id), occurred_at, 3, 'AED' from base_files__interactions where record_key = " + EXPORTED,
    ),
    "a file's order came back": (
        "insert into base_files__interactions (record_key, source, stream, interaction_id, kind, reference_id, "
        "occurred_at, amount, currency) select 'back', source, 'returns', 'back', 'return', coalesce(reference_id, "
        "interaction_id), occurred_at, 3, currency from base_files__interactions where record_key = " + EXPORTED,
    ),
    "a line of a file's order has another number": (
        f"update base_files__interactions set reference_id = 'another' where record_key = {EXPORTED}",
    ),
    "the lines of a file's order are gone": (
        "delete from base_files__interactions where reference_id = 'another' or record_key in ('line', 'back')",
    ),
    "an order is gone": (f"delete from base_shopify__orders where order_id = {RETURNED}",),
    "a checkout was completed": (
        "update base_shopify__abandoned_checkouts set completed_at = started_at where checkout_id = "
        "(select checkout_id from base_shopify__abandoned_checkouts where completed_at is null limit 1)",
    ),
    "a campaign has another name": ("update base_salesforce__campaigns set name = name || '!'",),
    "a user is an agent": (
        "update base_zendesk__users set role = 'agent' where user_id = (select author_id "
        "from base_zendesk__ticket_comments inner join base_zendesk__users on author_id = user_id limit 1)",
    ),
    "a ticket is of somebody else": (
        "update base_zendesk__tickets set requester_id = (select max(user_id) from base_zendesk__users), "
        f"via_channel = 'voice' where ticket_id = {TICKET}",
    ),
    "a device has two users": (
        "update base_files__interactions as t set external_ids = array['shopify:customer:' || place] from "
        "(select record_key, row_number() over (order by record_key) as place from base_files__interactions "
        f"where record_id = {DEVICE}) as d where t.record_key = d.record_key and place <= 2",
    ),
    "a device has one user again": (
        "update base_files__interactions set external_ids = null where record_id = "
        "(select record_id from stg_files__shared_devices order by record_id limit 1)",
    ),
    "a help desk answered earlier": (
        "update base_files__interactions set occurred_at = occurred_at - interval '1 minute' "
        f"where source = 'gladly' and direction = 'outbound' and kind = 'message' and thread_id = {GLADLY}",
    ),
    "a message names an order": (
        "update base_zendesk__ticket_comments set body = 'My order ' || (select order_name "
        "from base_shopify__orders where order_name ~ '[0-9]{4}' and shopify_customer_id is not null limit 1) "
        "|| ' is late' where comment_id = (select min(comment_id) from base_zendesk__ticket_comments "
        f"where ticket_id = {TICKET})",
    ),
    "a call names a number that no order has": (
        f"create table public.the_call as select {CALL} as key",
        "update base_files__interactions set reference_id = 'ZZ990099' where record_key = (select key from the_call)",
    ),
    "an order gets the number": (
        f"update base_shopify__orders set order_name = '#zz 990099' where order_id = {BOUGHT}",
    ),
    "the buyer is somebody else": (
        "update identity.record_customers set customer_id = (select max(customer_id) from identity.record_customers) "
        "where record_id = (select record_id from identity.order_numbers where order_number = 'ZZ990099')",
    ),
    "the buyer is nobody": (
        "delete from identity.record_customers where record_id = "
        "(select record_id from identity.order_numbers where order_number = 'ZZ990099')",
    ),
    "a help desk says when it answered": (
        f"update base_zendesk__ticket_metrics set first_reply_minutes = 7, reopens = 5 where ticket_id = {TICKET}",
    ),
    "a help desk says nothing of a ticket": (f"delete from base_zendesk__ticket_metrics where ticket_id = {TICKET}",),
    "a ticket is open again": (
        "update base_zendesk__tickets set status = 'open', priority = 'urgent' where ticket_id = "
        "(select min(ticket_id) from base_zendesk__tickets where status in ('solved', 'closed'))",
    ),
    "a ticket that another repeats was written before": (
        f"update base_zendesk__tickets set created_at = created_at - interval '30 days' where ticket_id = {REPEATED}",
    ),
    "who rated says why": (
        "update base_zendesk__satisfaction_ratings set comment = 'because', score = 'bad' "
        f"where score in ('good', 'bad') and ticket_id = {RATED}",
    ),
    "nobody rated it": (f"delete from base_zendesk__satisfaction_ratings where ticket_id = {RATED}",),
    "a rated ticket is gone": (f"delete from base_zendesk__tickets where ticket_id = {RATED}",),
    "a ticket from a file is open again": (
        f"update base_files__interactions set status = 'open', closed_at = null where record_key = {FILED}",
    ),
    "a ticket from a file is closed": (
        "update base_files__interactions set status = 'closed', closed_at = occurred_at + interval '1 hour' "
        f"where record_key = {FILED}",
    ),
    "who called is nobody": (
        "create table public.the_caller as select touches.record_id, touches.interaction_id "
        "from marts.service_touches as touches inner join marts.service_cases as cases "
        "on coalesce(touches.case_id, touches.interaction_id) = cases.case_id "
        "where cases.is_call and touches.kind = 'call' and touches.customer_id is not null "
        "order by touches.interaction_id limit 1",
        "delete from identity.record_customers where record_id = (select record_id from public.the_caller)",
    ),
    "nobody waited longer": (
        "update base_files__interactions set wait_seconds = wait_seconds + 60, outcome = 'resolved' "
        "where kind = 'call' "
        "and concat_ws(':', 'files', source, stream, interaction_id) = (select interaction_id from public.the_caller)",
    ),
    "nobody called about a ticket": (
        "update base_files__interactions set source = (select source from base_files__interactions "
        f"where record_key = {FILED}), thread_id = (select coalesce(thread_id, reference_id, interaction_id) "
        f"from base_files__interactions where record_key = {FILED}) where kind = 'call' "
        "and concat_ws(':', 'files', source, stream, interaction_id) = (select interaction_id from public.the_caller)",
    ),
    "nobody called": (
        "delete from base_files__interactions where kind = 'call' and record_id = (select record_id from the_caller)",
    ),
    "messages are gone": (
        "delete from base_meta__messages where message_id = (select min(message_id) from base_meta__messages)",
        "delete from base_x__mentions where post_id = (select min(post_id) from base_x__mentions)",
        "delete from base_files__interactions where record_key = (select key from public.the_call)",
    ),
}

SHARED = (
    "(select value from identity.identifiers where kind = 'email' and value is not null "
    "and record_id like 'shopify:%' group by value order by count(*) desc, value limit 1)"
)
WHO_HAS_IT = (
    "(select split_part(record_id, ':', 3) from identity.identifiers where record_id like 'shopify:%' "
    f"and kind = 'email' and value = {SHARED} order by record_id limit 1)"
)
A_NUMBER = "(select min(match_key) from identity.identifiers where kind = 'phone' and is_valid)"

GOLDEN: Final[dict[str, tuple[LiteralString | str, ...]]] = {
    "a contact is a member": (
        "update base_salesforce__contacts set loyalty_number = 'L-1' "
        "where contact_id = (select min(contact_id) from base_salesforce__contacts)",
    ),
    "a contact has another name": (
        "update base_salesforce__contacts set given_name = given_name || '!' "
        "where contact_id = (select min(contact_id) from base_salesforce__contacts)",
    ),
    "a contact opts out": (
        "update base_salesforce__contacts set email_opt_out = not coalesce(email_opt_out, false) "
        "where contact_id = (select min(contact_id) from base_salesforce__contacts)",
    ),
    "a lead opts out": (
        "update base_salesforce__leads set do_not_call = not coalesce(do_not_call, false) "
        "where lead_id = (select min(lead_id) from base_salesforce__leads)",
    ),
    "a member has more points": (
        "update base_files__people set loyalty_points = coalesce(loyalty_points, 0) + 1, "
        "sms_marketing_consent = not coalesce(sms_marketing_consent, false) "
        "where record_key = (select min(record_key) from base_files__people)",
    ),
    "a user of the site says yes": (
        "insert into base_events__identities (record_key, type, occurred_at, user_id, advertising_consent) "
        "values ('yes', 'identify', '2026-01-01', 'u1', true)",
        "insert into identity.record_customers select 'events:user:u1', min(customer_id), 1 "
        "from identity.record_customers",
    ),
    "and then no": ("update base_events__identities set advertising_consent = false where record_key = 'yes'",),
    "the help desk has verified an address": (
        "update base_zendesk__user_identities set is_verified = not coalesce(is_verified, false), "
        "updated_at = '2026-01-01' where kind = 'email' and user_id = "
        "(select split_part(min(record_id), ':', 3) from identity.identifiers where record_id like 'zendesk:%' "
        "and kind = 'email')",
    ),
    "the shop has verified an address": (
        "update base_shopify__customers set verified_email = not coalesce(verified_email, false) "
        f"where shopify_customer_id = {WHO_HAS_IT}",
    ),
    "the shop cannot deliver to an address": (
        "update base_shopify__customers set email_marketing_state = 'INVALID' "
        f"where shopify_customer_id = {WHO_HAS_IT}",
    ),
    "somebody else has the address, too": (
        "insert into identity.identifiers (record_id, kind, raw_value, value, match_key, is_valid) "
        "select (select max(record_id) from identity.record_customers where record_id like 'zendesk:%'), 'email', "
        f"{SHARED}, {SHARED}, {SHARED}, true",
    ),
    "the shop can deliver to it again": (
        f"update base_shopify__customers set email_marketing_state = 'SUBSCRIBED' "
        f"where shopify_customer_id = {WHO_HAS_IT}",
    ),
    "an address is none": (
        "update identity.identifiers set is_valid = false, match_key = null, rejection_reason = 'made up' "
        "where record_id = (select min(record_id) from identity.identifiers where kind = 'email' and is_valid)",
    ),
    "a number is a family's": (
        "insert into identity.shared_identifiers (kind, value, class, records) "
        f"values ('phone', {A_NUMBER}, 'household', 2) on conflict (kind, value) do update set class = excluded.class",
    ),
    "the number is junk": (
        f"update identity.shared_identifiers set class = 'junk' where kind = 'phone' and value = {A_NUMBER}",
    ),
    "nothing is shared": ("truncate identity.shared_identifiers",),
    "records are somebody else's": (
        "update identity.record_customers set customer_id = (select max(customer_id) from identity.record_customers) "
        "where record_id in (select record_id from identity.record_customers order by record_id limit 5)",
    ),
    "records are held less surely": (
        "update identity.record_customers set link_strength = link_strength / 2 "
        "where record_id in (select record_id from identity.record_customers order by record_id limit 5)",
    ),
    "a record has left its source": (
        "delete from base_salesforce__contacts "
        "where contact_id = (select min(contact_id) from base_salesforce__contacts)",
    ),
    "identity lets a record go": tuple(
        f"delete from identity.{table} where record_id = "
        "(select 'salesforce:lead:' || min(lead_id) from staging.base_salesforce__leads)"
        for table in ("identifiers", "record_customers")
    ),
}
