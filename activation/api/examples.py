"""Examples of answers for the OpenAPI document; a test holds each against the shape that it is an example of."""

from __future__ import annotations

from typing import Any, Final

_CUSTOMER: Final = "cus_01J9ZK3V8Q"
_SHOP_RECORD: Final = "shopify:customer:7012345678901"
_DESK_RECORD: Final = "zendesk:user:361"

AGENT_PROFILE: Final[dict[str, Any]] = {
    "customer_id": _CUSTOMER,
    "name": {"full": "Ada Lovelace", "given": "Ada", "family": "Lovelace"},
    "primary": {"email": "ada@lovelace.org", "phone": "+12025550123", "instagram": "ada.l", "x": None},
    "address": {"street": "12 Oak Street", "city": "Boston", "region": "MA", "postcode": "02108", "country": "US"},
    "language": "en",
    "birth_date": "1990-05-17",
    "contact_points": [
        {
            "kind": "email",
            "value": "ada@lovelace.org",
            "type": "personal",
            "is_primary": True,
            "is_verified": True,
            "record_ids": [_SHOP_RECORD],
        }
    ],
    "consents": [{"channel": "email", "purpose": "marketing", "state": "granted", "basis": "stated"}],
    "persona": {"name": "loyalist", "reason": {"label": "Loyalist", "score": 7.5}},
    "segments": ["vip"],
    "metrics": {"order_count": 4, "lifetime_value": 321.5},
    "open_ticket_count": 1,
    "open_cases": [
        {
            "case_id": "zendesk:ticket:35436",
            "source": "zendesk",
            "channel": "email",
            "subject": "Where is my order #1001?",
            "status": "open",
            "order_id": "450789469",
            "opened_at": "2026-05-30T08:15:00+00:00",
        }
    ],
    "open_orders": [
        {
            "order_id": "450789469",
            "order_name": "#1001",
            "ordered_at": "2026-05-21T09:12:00+00:00",
            "channel": "web",
            "total_amount": 59.9,
            "currency": "EUR",
            "financial_status": "PAID",
            "fulfilment_status": "UNFULFILLED",
        }
    ],
    "complaints": [],
    "last_interactions": [
        {
            "interaction_id": "zendesk:comment:7782",
            "occurred_at": "2026-05-30T08:15:00+00:00",
            "channel": "email",
            "kind": "message",
            "direction": "inbound",
            "excerpt": "Where is my order?",
            "order_id": "450789469",
        }
    ],
    "conversations": [],
    "link_strength": 0.997,
    "record_count": 2,
    "sources": ["shopify", "zendesk"],
    "former_customer_ids": [],
    "sibling_customer_ids": [],
}

PROFILE: Final[dict[str, Any]] = AGENT_PROFILE | {
    "attributes": {
        "email": {
            "value": "ada@lovelace.org",
            "record_id": _SHOP_RECORD,
            "source": "shopify",
            "rule": "most_recent",
            "alternatives": [],
        }
    },
    "records": [
        {"record_id": _SHOP_RECORD, "source": "shopify", "entity": "customer", "link_strength": 0.997},
        {"record_id": _DESK_RECORD, "source": "zendesk", "entity": "user", "link_strength": 0.997},
    ],
}

_CANDIDATES: Final = [
    {"customer_id": _CUSTOMER, "full_name": "Ada Lovelace", "sources": ["shopify", "zendesk"]},
    {"customer_id": "cus_01J9ZM11PD", "full_name": "Byron Lovelace", "sources": ["shopify"]},
]

LOOKUPS: Final[dict[str, Any]] = {
    "one customer": {
        "outcome": "found",
        "profile": AGENT_PROFILE,
        "candidates": [],
        "candidate_count": 1,
        "question": None,
        "asked": None,
    },
    "a family's phone": {
        "outcome": "several",
        "profile": None,
        "candidates": _CANDIDATES,
        "candidate_count": 2,
        "question": {
            "question_id": "birth_month",
            "ask": "In which month were you born?",
            "answer_as": "a month by name or number, such as May or 5",
            "bits": 1.0,
        },
        "asked": None,
    },
    "an answer that fits nobody": {"outcome": "nobody", "profile": None, "candidates": [], "candidate_count": 0},
    "an id that was merged away": {
        "outcome": "found",
        "profile": AGENT_PROFILE,
        "candidate_count": 1,
        "asked": {"customer_id": "cus_01HZZ0V7KD", "status": "redirected", "siblings": []},
    },
    "an id whose records all went elsewhere": {
        "outcome": "several",
        "candidates": _CANDIDATES,
        "candidate_count": 2,
        "asked": {
            "customer_id": "cus_01HZZ1A2MK",
            "status": "retired",
            "siblings": [_CUSTOMER, "cus_01J9ZM11PD"],
        },
    },
}

TIMELINE: Final[dict[str, Any]] = {
    "customer_id": _CUSTOMER,
    "items": [
        {
            "interaction_id": "shopify:order:450789469",
            "record_id": _SHOP_RECORD,
            "occurred_at": "2026-05-21T09:12:00+00:00",
            "channel": "web",
            "kind": "order",
            "direction": "inbound",
            "subject": "Order #1001",
            "amount": 59.9,
            "currency": "EUR",
            "source": "shopify",
            "order_id": "450789469",
        }
    ],
    "next_cursor": None,
}

CUSTOMER_PERSONA: Final[dict[str, Any]] = {
    "customer_id": _CUSTOMER,
    "persona": "loyalist",
    "label": "Loyalist",
    "description": "Comes back, at full price, over years.",
    "reason": {
        "label": "Loyalist",
        "score": 7.5,
        "traits": [{"trait": "order_count", "seen": 12, "points": 4.0}],
        "runner_up": "bargain_hunter",
        "runner_up_score": 3.1,
    },
}

_EDGE: Final = {
    "record_a": _SHOP_RECORD,
    "record_b": _DESK_RECORD,
    "bits": 18.2,
    "probability": 0.99999,
    "because": [{"comparison": "email", "words": "the same e-mail address", "bits": 12.4}],
    "in_cut": True,
    "is_bridge": True,
}

WHY: Final[dict[str, Any]] = {
    "customer_id": _CUSTOMER,
    "records": PROFILE["records"],
    "edges": [_EDGE],
    "edge_count": 1,
    "weakest_link": _EDGE,
    "cut": {"bits": 18.2, "edges": [_EDGE], "side": [_SHOP_RECORD]},
    "judgements": [],
    "nearest": [
        {
            "customer_id": "cus_01J9ZM11PD",
            "record": _SHOP_RECORD,
            "other_record": "shopify:customer:7012345678902",
            "bits": 3.1,
            "probability": 0.89,
            "because": [{"comparison": "given_name", "words": "different given names", "bits": -4.2}],
            "kept_apart_by": ["too little evidence: 3.1 bits, 11.0 are needed"],
        }
    ],
}

SEGMENTS: Final[dict[str, Any]] = {
    "items": [
        {
            "segment": "vip",
            "label": "VIP",
            "description": "The tenth of customers with the highest lifetime value.",
            "purpose": "marketing",
            "destinations": ["zendesk", "file_drop"],
            "minimum_link_strength": 0.9,
            "size": 214,
        }
    ]
}

_MEMBER: Final = {"customer_id": _CUSTOMER, "reason": {"lifetime value: at least 300": 321.5}}
MEMBERS: Final[dict[str, Any]] = {"segment": "vip", "items": [_MEMBER], "next_cursor": None}
MEMBERS_NDJSON: Final = '{"customer_id":"cus_01J9ZK3V8Q","reason":{"lifetime value: at least 300":321.5}}\n'
MEMBERS_CSV: Final = 'customer_id,reason\r\ncus_01J9ZK3V8Q,"{""lifetime value: at least 300"":321.5}"\r\n'

SEGMENT_EXPLANATION: Final[dict[str, Any]] = {
    "segment": "vip",
    "customer_id": _CUSTOMER,
    "is_member": False,
    "rule_holds": False,
    "failing": ["lifetime value: at least 300 (seen: 120.5)"],
    "conditions": [
        {
            "path": "1",
            "depth": 0,
            "kind": "trait",
            "label": "lifetime value: at least 300",
            "holds": False,
            "seen": 120.5,
        }
    ],
}

PERSONAS: Final[dict[str, Any]] = {
    "items": [
        {
            "persona": "loyalist",
            "label": "Loyalist",
            "description": "Comes back, at full price, over years.",
            "customer_count": 214,
            "share": 0.12,
            "channels": [{"name": "web", "share": 0.61}],
            "needs": [{"name": "delivery", "share": 0.4}],
            "journey": ["web", "email"],
            "categories": ["Footwear"],
        }
    ]
}

SERVICE: Final[dict[str, Any]] = {
    "items": [
        {
            "level": "month",
            "month": "2026-05-01",
            "channel": None,
            "team": None,
            "cases_opened": 412,
            "cases_solved": 398,
            "median_first_reply_minutes": 38.0,
            "share_answered_within_two_hours": 0.83,
            "csat": 0.91,
            "backlog": 51,
        }
    ]
}


def answered(
    examples: dict[str, Any], other_media_types: dict[str, Any] | None = None
) -> dict[int | str, dict[str, Any]]:
    """What an endpoint answers when all is well, by name, for the `responses` of its route."""
    content = {"application/json": {"examples": {name: {"value": value} for name, value in examples.items()}}}
    return {200: {"description": "OK", "content": content | (other_media_types or {})}}
