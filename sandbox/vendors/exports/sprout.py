"""The social inbox and listening, in one export; every message beside its customer's handle, whoever wrote."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from sandbox.generator.columns import Text, flat, join
from sandbox.vendors.exports.export import Export, constant, csv, found, said, written
from sandbox.world import World

_NETWORKS: Final = {"instagram": "Instagram", "x": "X", "facebook": "Facebook"}
_TYPES: Final = {"message": "Direct Message", "comment": "Comment", "mention": "Mention", "listening": "Listening"}
_DIRECTIONS: Final = {"inbound": "Received", "outbound": "Sent"}


def export(world: World) -> Export | None:
    """The messages; nothing when there are none."""
    posts = world["social_posts"]
    if not posts.num_rows:
        return None
    username, name = found(posts["record_id"], world["touch_records"], "record_id", "username", "full_name")
    size, post_id = posts.num_rows, flat(posts["post_id"])
    tone = flat(posts["sentiment"])
    sentiment = pc.if_else(pc.greater(tone, 0.25), "positive", pc.if_else(pc.less(tone, -0.25), "negative", "neutral"))
    columns: dict[str, Text] = {
        "Message ID": post_id,
        "Timestamp": written(posts["posted_at"]),
        "Network": said(posts["network"], _NETWORKS),
        "Message Type": said(posts["type"], _TYPES),
        "Direction": said(posts["direction"], _DIRECTIONS),
        "Profile": constant("braidandco", size),
        "Username": username,
        "Display Name": name,
        "Message": flat(posts["body"]),
        "Sentiment": flat(pc.fill_null(sentiment, "unclassified")),
        "Permalink": join("https://social.example/p/", post_id),
        "Conversation ID": flat(posts["thread_id"]),
        "Case ID": pa.nulls(size, pa.string()),
        "Team": flat(pc.if_else(pc.equal(posts["direction"], "outbound"), "Social care", pa.scalar(None, pa.string()))),
        "Team Member": pa.nulls(size, pa.string()),
        "Tags": pa.nulls(size, pa.string()),
    }
    return Export("  - use: sprout\n", [("sprout/messages.csv", csv(columns))])
