"""The retailer's mentions and direct messages as X API v2 objects."""

from __future__ import annotations

from typing import Final

from sandbox.vendors.render import AT, MILLIS_Z, native, of_system, rows
from sandbox.vendors.stream import Payload, Row, Stream
from sandbox.world import World

USER_ID: Final = "2244990001"


def _parties(sender: str, other: str) -> str:
    """The id of a one-to-one conversation: both users, the smaller id first."""
    pair = sorted((sender, other), key=lambda one: (len(one), one))
    return "-".join(pair)


def streams(world: World) -> dict[str, Stream]:
    """Mentions, direct messages and the users behind them."""
    people = [
        Row(
            row[AT],
            row["native_id"],
            {
                "id": row["native_id"],
                "name": row["full_name"]
                or " ".join(filter(None, (row["given_name"], row["family_name"])))
                or row["username"],
                "username": row["username"],
                "location": row["city"],
                "created_at": row["created_at"],
                "verified": False,
                "protected": False,
            },
        )
        for row in rows(of_system(world["records"], "x", "user"), MILLIS_Z, at="updated_at")
    ]
    first = min((row.at for row in people), default=0)
    shop: Payload = {"id": USER_ID, "name": "Sandbox Retailer", "username": "sandbox_retailer", "verified": True}
    users = Stream("users", [*people, Row(first, USER_ID, shop)])
    mentions = []
    for row in rows(world["mentions"], MILLIS_Z, at="posted_at"):
        payload = {
            "id": row["post_id"],
            "text": row["body"],
            "edit_history_tweet_ids": [row["post_id"]],
            "author_id": native(row["record_id"]),
            "created_at": row["posted_at"],
            "conversation_id": row["post_id"],
            "in_reply_to_user_id": USER_ID,
            "lang": "en",
        }
        mentions.append(Row(row[AT], row["post_id"], payload))
    messages = []
    for row in rows(world["direct_messages"], MILLIS_Z, at="sent_at"):
        if row["platform"] != "x":
            continue
        customer = native(row["record_id"]) or "0"
        payload = {
            "id": row["message_id"],
            "event_type": "MessageCreate",
            "text": row["body"],
            "sender_id": customer if row["direction"] == "inbound" else USER_ID,
            "participant_ids": [customer, USER_ID],
            "dm_conversation_id": _parties(customer, USER_ID),
            "created_at": row["sent_at"],
        }
        messages.append(Row(row[AT], row["message_id"], payload))
    return {
        "mentions": Stream("mentions", mentions),
        "direct_messages": Stream("direct_messages", messages),
        "users": users,
    }
