"""The second brand's help desk: customers, the Conversation Export report, and conversation items.

After developer.gladly.com ("Export", "Conversation items") and help.gladly.com ("Conversation Export"): an item's
content is in the shape of its type. Calls have no text; what is said later of them are voicemails and notes.
"""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from sandbox.generator.columns import Text, flat, join
from sandbox.vendors.exports.export import ISO, Export, constant, csv, found, json_lines, native, written
from sandbox.vendors.render import native as native_of
from sandbox.vendors.render import text_times
from sandbox.world import World

_CUSTOMER: Final = "gladly:customer"
_OUR_MAIL: Final = "care@hearthandpine.example"
_OUR_NUMBER: Final = "+12125550134"


def export(world: World) -> Export | None:
    """All three; nothing when nobody ever wrote."""
    if not world["brand_conversations"].num_rows or not world["brand_messages"].num_rows:
        return None
    files = [
        ("gladly/customers.jsonl", json_lines(_customer(row) for row in _customers(world).to_pylist())),
        ("gladly/conversations.csv", csv(_conversations(world))),
        ("gladly/conversation_items.jsonl", json_lines(_items(world))),
    ]
    return Export("  - use: gladly\n", files)


def _customers(world: World) -> pa.Table:
    records = world["touch_records"]
    return records.filter(pc.equal(records["system"], "gladly"))


def _customer(row: dict[str, Any]) -> dict[str, Any]:
    parts = [row[name] for name in ("street", "city", "region", "postcode", "country") if row[name]]
    return {
        "id": row["native_id"],
        "name": row["full_name"],
        "address": ", ".join(parts) or None,
        "emailAddresses": [row["email"]] if row["email"] else [],
        "phoneNumbers": [row["phone"]] if row["phone"] else [],
        "externalCustomerId": native_of(row["linked_record_id"]),
    }


def _conversations(world: World) -> dict[str, Text]:
    talks = world["brand_conversations"]
    size, customer = talks.num_rows, native(talks["record_id"], _CUSTOMER)
    closed = written(talks["closed_at"], "%Y-%m-%d %H:%M:%S")
    talk_id = flat(talks["conversation_id"])
    turns = world["brand_messages"].group_by("conversation_id").aggregate([("message_id", "count")])
    (count,) = found(talk_id, turns, "conversation_id", "message_id_count")
    return {
        "Created At": written(talks["created_at"], "%Y-%m-%d %H:%M:%S"),
        "Conversation ID": talk_id,
        "Customer ID": customer,
        "Conversation Link": join(
            "https://hearthandpine.gladly.example/customer/", customer, "/conversation/", talk_id
        ),
        "Status": flat(talks["status"]),
        "Assigned Agent Name - Current": flat(talks["agent"]),
        "Inbox Name - Current": flat(talks["team"]),
        "First Closed At": closed,
        "Last Closed At": closed,
        "Initiator Type - Created": constant("CUSTOMER", size),
        "Topics": flat(talks["topic"]),
        "First Channel": flat(talks["channel"]),
        "Times Reopened": constant("0", size),
        "Count of Contacts": flat(pc.cast(count, pa.string())),
    }


def _items(world: World) -> list[dict[str, Any]]:
    talks, messages = world["brand_conversations"], world["brand_messages"]
    record, channel, agent = found(
        messages["conversation_id"], talks, "conversation_id", "record_id", "channel", "agent"
    )
    email, phone = found(record, world["touch_records"], "record_id", "email", "phone")
    table = text_times(messages, ISO)
    for name, column in (("customer", native(record, _CUSTOMER)), ("channel", channel), ("agent", agent)):
        table = table.append_column(name, column)
    table = table.append_column("email", email).append_column("phone", phone)
    rows, begun = [], set()
    for row in table.to_pylist():
        is_first = row["conversation_id"] not in begun
        begun.add(row["conversation_id"])
        rows.append(_item(row, is_first))
    return [*rows, *_closings(talks)]


def _item(row: dict[str, Any], is_first: bool) -> dict[str, Any]:
    customer = {"type": "CUSTOMER", "id": row["customer"]}
    agent = {"type": "AGENT", "id": row["agent"].lower().replace(" ", ".")}
    is_theirs = row["direction"] == "inbound"
    return {
        "id": row["message_id"],
        "customerId": row["customer"],
        "conversationId": row["conversation_id"],
        "timestamp": row["sent_at"],
        "initiator": customer if is_theirs else agent,
        "responder": agent,
        "content": _content(row, is_theirs, is_first),
    }


def _content(row: dict[str, Any], is_theirs: bool, is_first: bool) -> dict[str, Any]:
    body, sent, number = row["body"], row["sent_at"], row["phone"] or "+12125550199"
    ways = {"from": number, "to": _OUR_NUMBER} if is_theirs else {"from": _OUR_NUMBER, "to": number}
    match row["channel"]:
        case "CHAT":
            return {"type": "CHAT_MESSAGE", "sessionId": row["conversation_id"], "content": body, "messageType": "TEXT"}
        case "SMS":
            return {"type": "SMS", **ways, "body": body}
        case "PHONE_CALL" if is_first:
            return {"type": "PHONE_CALL", "startedAt": sent, "answeredAt": sent, "completedAt": sent, **ways}
        case "PHONE_CALL" if is_theirs:
            return {"type": "VOICEMAIL", **ways, "recordingDuration": 20, "transcription": body}
        case "PHONE_CALL":
            return {"type": "CONVERSATION_NOTE", "body": body}
    theirs = row["email"] or f"{row['customer']}@unknown.example"
    sender, receiver = (theirs, _OUR_MAIL) if is_theirs else (_OUR_MAIL, theirs)
    return {"type": "EMAIL", "from": sender, "to": [receiver], "cc": [], "bcc": [], "subject": "", "content": body}


def _closings(talks: pa.Table) -> list[dict[str, Any]]:
    """The desk notes a closing as an item of its own."""
    closed = text_times(talks.filter(pc.is_valid(talks["closed_at"])), ISO)
    return [
        {
            "id": f"{row['conversation_id']}-closed",
            "customerId": native_of(row["record_id"]),
            "conversationId": row["conversation_id"],
            "timestamp": row["closed_at"],
            "initiator": {"type": "AGENT", "id": row["agent"].lower().replace(" ", ".")},
            "content": {"type": "CONVERSATION_STATUS_CHANGE", "status": "CLOSED"},
        }
        for row in closed.to_pylist()
    ]
