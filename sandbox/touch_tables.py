"""The tables of the retailer's systems that export files: web analytics, surveys, a second brand's help desk, social
listening, the contact centre, a marketplace, the loyalty programme and the clerks' notes in stores.

`touch_records` is to them what `records` is to the vendors' interfaces. A record that several people use (a family's
tablet, a landline) has no `person_id`: it is nobody's.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

_TEXT, _TIME, _BOOL = pa.string(), pa.timestamp("us", tz="UTC"), pa.bool_()
_MONEY, _COUNT = pa.float64(), pa.int64()

TOUCH_TABLES: Final[dict[str, pa.Schema]] = {
    # `record_id` is the pipeline's: ga4:client, survey:respondent, gladly:customer, sprout:profile,
    # contact_centre:caller, amazon:buyer, store:client, each followed by the native id.
    "touch_records": pa.schema(
        {
            "record_id": _TEXT,
            "system": _TEXT,
            "entity": _TEXT,
            "native_id": _TEXT,
            "person_id": _TEXT,
            "given_name": _TEXT,
            "family_name": _TEXT,
            "full_name": _TEXT,
            "email": _TEXT,
            "phone": _TEXT,
            "platform": _TEXT,  # of a social profile: instagram, x, facebook
            "username": _TEXT,
            "linked_record_id": _TEXT,  # a record of another system that this one names
            "street": _TEXT,
            "city": _TEXT,
            "region": _TEXT,
            "postcode": _TEXT,
            "country": _TEXT,
            "created_at": _TIME,
            "updated_at": _TIME,
        }
    ),
    "web_sessions": pa.schema(
        {
            "session_id": _COUNT,
            "record_id": _TEXT,  # the browser; it is nobody until somebody signs in
            "user_id": _TEXT,  # the shop's customer who signs in during the session
            "signed_in_at": _TIME,
            "source": _TEXT,
            "medium": _TEXT,
            "campaign": _TEXT,
            "device": _TEXT,  # mobile, desktop, tablet
            "country": _TEXT,
            "started_at": _TIME,
        }
    ),
    "web_events": pa.schema(
        {
            "event_id": _COUNT,
            "session_id": _COUNT,
            "name": _TEXT,  # session_start, view_item, add_to_cart, begin_checkout, purchase
            "product_id": _TEXT,
            "quantity": _COUNT,
            "value": _MONEY,
            "order_id": _TEXT,
            "occurred_at": _TIME,
        }
    ),
    "survey_answers": pa.schema(
        {
            "answer_id": _TEXT,
            "record_id": _TEXT,  # null: answered without saying who
            "touchpoint": _TEXT,  # web, store, support, relationship
            "scale": _TEXT,  # csat_5, csat_10, nps; null: free text only
            "score": _COUNT,
            "comment": _TEXT,
            "order_id": _TEXT,
            "ticket_id": _TEXT,
            "answered_at": _TIME,
        }
    ),
    "brand_conversations": pa.schema(
        {
            "conversation_id": _TEXT,
            "record_id": _TEXT,
            "channel": _TEXT,  # EMAIL, CHAT, SMS, PHONE_CALL
            "topic": _TEXT,
            "team": _TEXT,
            "agent": _TEXT,
            "status": _TEXT,  # OPEN, CLOSED
            "created_at": _TIME,
            "closed_at": _TIME,
        }
    ),
    "brand_messages": pa.schema(
        {
            "message_id": _TEXT,
            "conversation_id": _TEXT,
            "direction": _TEXT,  # inbound, outbound
            "body": _TEXT,
            "sent_at": _TIME,
        }
    ),
    "social_posts": pa.schema(
        {
            "post_id": _TEXT,
            "thread_id": _TEXT,  # of a message in the inbox
            "record_id": _TEXT,  # the customer's side, whoever wrote
            "network": _TEXT,  # instagram, x, facebook
            "type": _TEXT,  # message, comment, mention (the inbox), listening (about the brand, not to it)
            "direction": _TEXT,  # inbound, outbound
            "body": _TEXT,
            "sentiment": _MONEY,  # -1 to 1
            "posted_at": _TIME,
        }
    ),
    "calls": pa.schema(
        {
            "call_id": _TEXT,
            "record_id": _TEXT,  # null: number withheld
            "kind": _TEXT,  # call, sms
            "direction": _TEXT,
            "number": _TEXT,  # as the phone network shows it
            "queue": _TEXT,
            "agent": _TEXT,
            "reason": _TEXT,
            "outcome": _TEXT,  # resolved, callback, transferred, abandoned, voicemail; null for a text
            "wait_seconds": _COUNT,
            "handle_seconds": _COUNT,
            "body": _TEXT,  # of a text, or the agent's note on a call
            "order_id": _TEXT,  # that the agent noted
            "ticket_id": _TEXT,
            "started_at": _TIME,
        }
    ),
    "market_lines": pa.schema(
        {
            "line_id": _TEXT,
            "market_order_id": _TEXT,
            "record_id": _TEXT,
            "product_id": _TEXT,
            "quantity": _COUNT,
            "unit_price": _MONEY,
            "status": _TEXT,  # Shipped, Pending, Cancelled
            "ordered_at": _TIME,
            "updated_at": _TIME,
        }
    ),
    "loyalty_status": pa.schema(
        {"record_id": _TEXT, "tier": _TEXT, "points": _COUNT, "member_since": _TIME, "updated_at": _TIME}
    ),
    "loyalty_points": pa.schema(
        {
            "movement_id": _TEXT,
            "record_id": _TEXT,
            "points": _COUNT,  # negative: redeemed
            "reason": _TEXT,  # purchase, reward, birthday, opening balance
            "order_id": _TEXT,
            "moved_at": _TIME,
        }
    ),
    "store_notes": pa.schema(
        {
            "note_id": _TEXT,
            "record_id": _TEXT,
            "kind": _TEXT,  # visit, code
            "store": _TEXT,
            "clerk": _TEXT,
            "note": _TEXT,
            "code": _TEXT,  # of a discount, handed out
            "product_id": _TEXT,
            "noted_at": _TIME,
        }
    ),
}
