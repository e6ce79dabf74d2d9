"""The retailer's Instagram and Messenger inbox and Instagram media as Graph API nodes."""

from __future__ import annotations

from typing import Any, Final

from sandbox.vendors.render import AT, OFFSET, native, of_system, rows
from sandbox.vendors.stream import Payload, Row, Stream
from sandbox.world import World

PAGE_ID: Final = "100000000000001"
INSTAGRAM_ID: Final = "17840000000000001"
_PAGE: Final = {"name": "Sandbox Retailer", "email": f"{PAGE_ID}@facebook.com", "id": PAGE_ID}
_SHOP: Final = {"username": "sandbox_retailer", "id": INSTAGRAM_ID}


def account(row: dict[str, Any]) -> Payload:
    """A person as the inbox shows them: by user name on Instagram, by name on Messenger."""
    key = row["native_id"]
    if row["entity"] == "instagram_user":
        return {"username": row["username"], "id": key}
    name = row["full_name"] or " ".join(filter(None, (row["given_name"], row["family_name"])))
    return {"name": name or "Facebook user", "email": f"{key}@facebook.com", "id": key}


def _unknown(record_id: str | None, platform: str) -> Payload:
    key = native(record_id) or "0"
    return {"username": key, "id": key} if platform == "instagram" else {"name": "Facebook user", "id": key}


def streams(world: World) -> dict[str, Stream]:
    """Conversations with their messages, media with their comments, in the order of change."""
    people = of_system(world["records"], "meta", "instagram_user", "messenger_user").to_pylist()
    accounts = {row["record_id"]: account(row) for row in people}
    talks = [row for row in rows(world["conversations"], OFFSET, at="updated_at") if row["platform"] != "x"]
    parties: dict[str, tuple[Payload, Payload]] = {}
    conversations = []
    for row in talks:
        customer = accounts.get(row["record_id"]) or _unknown(row["record_id"], row["platform"])
        shop = _SHOP if row["platform"] == "instagram" else _PAGE
        parties[row["conversation_id"]] = (customer, shop)
        payload = {
            "id": row["conversation_id"],
            "link": f"/{PAGE_ID}/inbox/{row['conversation_id']}/",
            "updated_time": row["updated_at"],
            "participants": {"data": [customer, shop]},
            "platform": row["platform"],
        }
        conversations.append(Row(row[AT], row["conversation_id"], payload))
    inbox = Stream("conversations", conversations)
    messages = []
    for row in rows(world["direct_messages"], OFFSET, at="sent_at"):
        if row["conversation_id"] not in parties:
            continue
        customer, shop = parties[row["conversation_id"]]
        sender, receiver = (customer, shop) if row["direction"] == "inbound" else (shop, customer)
        payload = {
            "id": row["message_id"],
            "created_time": row["sent_at"],
            "from": sender,
            "to": {"data": [receiver]},
            "message": row["body"],
        }
        messages.append(Row(row[AT], row["message_id"], payload, parent=row["conversation_id"]))
    media = Stream(
        "media",
        (
            Row(
                row[AT],
                row["media_id"],
                {
                    "id": row["media_id"],
                    "caption": row["caption"],
                    "media_type": "IMAGE",
                    "permalink": f"https://www.instagram.com/p/{row['media_id']}/",
                    "timestamp": row["posted_at"],
                    "username": _SHOP["username"],
                },
            )
            for row in rows(world["media"], OFFSET, at="posted_at")
        ),
    )
    comments = []
    for row in rows(world["comments"], OFFSET, at="commented_at"):
        author = accounts.get(row["record_id"]) or _unknown(row["record_id"], "instagram")
        payload = {
            "id": row["comment_id"],
            "text": row["body"],
            "timestamp": row["commented_at"],
            "username": author.get("username"),
            "from": {"id": author["id"], "username": author.get("username")},
        }
        comments.append(Row(row[AT], row["comment_id"], payload, parent=row["media_id"]))
    return {
        "conversations": inbox,
        "messages": Stream("messages", messages, parent=inbox),
        "media": media,
        "comments": Stream("comments", comments, parent=media),
    }
