"""The retailer's help desk as Zendesk objects.

Shapes after the Ticketing API reference: "Users", "User Identities", "Tickets", "Ticket Metrics",
"Incremental Exports", "Satisfaction Ratings", and "Via types reference" for `via.channel`.
"""

from __future__ import annotations

from itertools import chain
from typing import Any, Final

import pyarrow.compute as pc

from sandbox.vendors import clock
from sandbox.vendors.render import AT, Z, entity, native, number, of_system, rows
from sandbox.vendors.stream import Payload, Row, Stream
from sandbox.world import World

AGENTS: Final = {9_100_000_000_001: "Riley Support", 9_100_000_000_002: "Sam Helpdesk", 9_100_000_000_003: "Alex Care"}
"""The retailer's own people by user id: they write the comments that have no customer as author."""

GROUP: Final = 9_200_000_000_001
_CHANNELS: Final = {"email": "email", "chat": "chat", "phone": "voice", "whatsapp": "whatsapp", "web": "web"}
_AUDIT_OFFSET: Final = 5_000_000_000_000


def channel(name: str | None, ticket: str) -> str:
    """`via.channel`: half of the chats came through Zendesk messaging, as in an account that moved to it."""
    if name == "chat" and int(ticket[-1], 36) % 2:
        return "native_messaging"
    return _CHANNELS.get(name or "", name or "api")


def _user(row: dict[str, Any]) -> Payload:
    name = row["full_name"] or " ".join(filter(None, (row["given_name"], row["family_name"])))
    return {
        "id": number(row["native_id"]),
        "url": f"https://sandbox.zendesk.com/api/v2/users/{row['native_id']}.json",
        "name": name or row["email"] or "Visitor",
        "email": row["email"],
        "phone": row["phone"],
        "shared_phone_number": None,
        "external_id": native(row["linked_record_id"])
        if entity(row["linked_record_id"]) == "shopify:customer"
        else None,
        "role": "end-user",
        "locale": row["language"] or "en-US",
        "time_zone": "Eastern Time (US & Canada)",
        "active": True,
        "suspended": False,
        "shared": False,
        "verified": bool(row["is_verified"]),
        "alias": "",
        "details": "",
        "notes": "",
        "organization_id": None,
        "tags": [],
        "user_fields": {},
        "last_login_at": None,
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def _agent(user_id: int, name: str, at: int) -> Row:
    row: dict[str, Any] = dict.fromkeys(("email", "phone", "language", "linked_record_id", "given_name", "family_name"))
    moment = clock.write(at, Z)
    row |= {"native_id": str(user_id), "full_name": name, "is_verified": True, "created_at": moment}
    row["email"] = f"{name.split()[0].lower()}@retailer.example"
    return Row(at, str(user_id), {**_user(row | {"updated_at": moment}), "role": "agent"})


def _identities(row: dict[str, Any]) -> list[Row]:
    values = (
        ("email", row["email"]),
        ("phone_number", row["phone"]),
        ("phone_number", row["mobile_phone"]),
        ("twitter", row["x_handle"]),
    )
    user = number(row["native_id"])
    found: list[Row] = []
    for place, (kind, value) in enumerate(values):
        held = [(one.payload["type"], one.payload["value"]) for one in found]
        if not value or (kind, value) in held:
            continue
        key = f"{row['native_id']}{place}"
        payload = {
            "id": number(key),
            "url": f"https://sandbox.zendesk.com/api/v2/users/{user}/identities/{key}.json",
            "user_id": user,
            "type": kind,
            "value": value,
            "verified": bool(row["is_verified"]),
            "primary": kind not in {one for one, _ in held},
            "created_at": row["created_at"],
            "updated_at": row["updated_at"],
            "undeliverable_count": 0,
            "deliverable_state": "deliverable",
        }
        found.append(Row(row[AT], key, payload, parent=row["native_id"]))
    return found


def _minutes(start: int | None, end: int | None) -> dict[str, int | None]:
    spent = None if start is None or end is None else max(0, (end - start) // 60_000_000)
    return {"calendar": spent, "business": spent}


def _ticket(row: dict[str, Any], raw: dict[str, Any]) -> tuple[Row, Row]:
    ticket = number(row["ticket_id"])
    user = number(native(row["record_id"]) or "0")
    subject = row["subject"] or ""
    payload = {
        "id": ticket,
        "url": f"https://sandbox.zendesk.com/api/v2/tickets/{ticket}.json",
        "external_id": row["order_id"],
        "via": {"channel": channel(row["channel"], row["ticket_id"]), "source": {"from": {}, "to": {}, "rel": None}},
        "subject": subject,
        "raw_subject": subject,
        "description": subject,
        "type": "task" if row["due_at"] else "question",
        "priority": row["priority"],
        "status": row["status"],
        "requester_id": user,
        "submitter_id": user,
        "assignee_id": next(iter(AGENTS)),
        "organization_id": None,
        "group_id": GROUP,
        "collaborator_ids": [],
        "tags": [],
        "custom_fields": [],
        "is_public": True,
        "due_at": row["due_at"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "generated_timestamp": row[AT] // clock.MICROS,
    }
    metric = {
        "id": number(f"{row['ticket_id']}1"),
        "url": f"https://sandbox.zendesk.com/api/v2/ticket_metrics/{row['ticket_id']}1.json",
        "ticket_id": ticket,
        "reopens": row["reopens"],
        "replies": row["replies"],
        "group_stations": 1,
        "assignee_stations": 1,
        "reply_time_in_minutes": _minutes(raw["created_at"], raw["first_reply_at"]),
        "first_resolution_time_in_minutes": _minutes(raw["created_at"], raw["solved_at"]),
        "full_resolution_time_in_minutes": _minutes(raw["created_at"], raw["solved_at"]),
        "solved_at": row["solved_at"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }
    return Row(row[AT], row["ticket_id"], payload), Row(row[AT], f"{row['ticket_id']}1", metric, row["ticket_id"])


def _event(row: dict[str, Any], via: str) -> Row:
    comment = number(row["comment_id"])
    audit = comment + _AUDIT_OFFSET if isinstance(comment, int) else f"audit-{comment}"
    agents = list(AGENTS)
    who = native(row["record_id"])
    author = number(who) if who is not None else agents[sum(row["comment_id"].encode()) % len(agents)]
    body = row["body"] or ""
    child = {
        "id": comment,
        "via": via,
        "via_reference_id": None,
        "type": "Comment",
        "event_type": "Comment",
        "comment_present": True,
        "comment_public": row["is_public"],
        "author_id": author,
        "body": body,
        "html_body": f'<div class="zd-comment" dir="auto">{body}</div>',
        "plain_body": body,
        "public": row["is_public"],
        "attachments": [],
        "audit_id": audit,
        "created_at": row["created_at"],
    }
    payload = {
        "id": audit,
        "ticket_id": number(row["ticket_id"]),
        "timestamp": row[AT] // clock.MICROS,
        "created_at": row["created_at"],
        "updater_id": author,
        "via": via,
        "system": {"client": "sandbox", "location": None, "latitude": None, "longitude": None},
        "event_type": "Audit",
        "child_events": [child],
    }
    return Row(row[AT], row["comment_id"], payload)


def _rating(row: dict[str, Any]) -> Row:
    payload = {
        "id": number(row["rating_id"]),
        "url": f"https://sandbox.zendesk.com/api/v2/satisfaction_ratings/{row['rating_id']}.json",
        "ticket_id": number(row["ticket_id"]),
        "requester_id": number(native(row["record_id"]) or "0"),
        "assignee_id": next(iter(AGENTS)),
        "group_id": GROUP,
        "score": row["score"],
        "comment": row["comment"],
        "reason": None,
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }
    return Row(row[AT], row["rating_id"], payload)


def streams(world: World) -> dict[str, Stream]:
    """Users, identities, tickets, metrics, comments (as ticket events) and ratings, in the order of change."""
    records = of_system(world["records"], "zendesk", "user")
    people = rows(records, Z, at="updated_at")
    first = pc.min(records.column("created_at").cast("int64")).as_py() or 0
    users = Stream(
        "users",
        chain(
            (Row(row[AT], row["native_id"], _user(row)) for row in people),
            (_agent(user_id, name, first) for user_id, name in AGENTS.items()),
        ),
    )
    times = world["tickets"].select(["created_at", "first_reply_at", "solved_at"])
    raw = [
        dict(zip(times.column_names, row, strict=True))
        for row in zip(*(column.cast("int64").to_pylist() for column in times.columns), strict=True)
    ]
    pairs = [_ticket(row, one) for row, one in zip(rows(world["tickets"], Z, at="updated_at"), raw, strict=True)]
    tickets = Stream("tickets", (ticket for ticket, _ in pairs))
    via = {ticket.key: ticket.payload["via"]["channel"] for ticket, _ in pairs}
    comments = rows(world["ticket_comments"], Z, at="created_at")
    return {
        "users": users,
        "user_identities": Stream(
            "user_identities", chain.from_iterable(_identities(row) for row in people), parent=users
        ),
        "tickets": tickets,
        "ticket_metrics": Stream("ticket_metrics", (metric for _, metric in pairs), parent=tickets),
        "ticket_comments": Stream(
            "ticket_comments", (_event(row, via.get(row["ticket_id"], "email")) for row in comments)
        ),
        "satisfaction_ratings": Stream(
            "satisfaction_ratings", (_rating(row) for row in rows(world["ratings"], Z, at="updated_at"))
        ),
    }
