"""Calls and texts of the contact centre: queue, wait, handling and outcome, by the number that the network shows."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from sandbox.generator.columns import Text, flat
from sandbox.vendors.exports.export import Export, csv, found, said, written
from sandbox.world import World

_CHANNELS: Final = {"call": "VOICE", "sms": "SMS"}
_SECONDS: Final = pa.duration("us")


def export(world: World) -> Export | None:
    """The contacts; nothing when there are none."""
    calls = world["calls"]
    if not calls.num_rows:
        return None
    (order_name,) = found(calls["order_id"], world["orders"], "order_id", "order_name")
    wait, handle = flat(calls["wait_seconds"]), flat(calls["handle_seconds"])
    answered = pc.if_else(pc.greater(handle, 0), _later(calls["started_at"], wait), pa.scalar(None, _TIME))
    ended = _later(calls["started_at"], pc.add(wait, handle))
    columns: dict[str, Text] = {
        "contact_id": flat(calls["call_id"]),
        "channel": said(calls["kind"], _CHANNELS),
        "direction": flat(pc.utf8_upper(flat(calls["direction"]))),
        "started_at": written(calls["started_at"]),
        "answered_at": written(answered),
        "ended_at": written(ended),
        "customer_number": flat(calls["number"]),
        "queue": flat(calls["queue"]),
        "agent": flat(calls["agent"]),
        "wait_seconds": flat(pc.cast(wait, pa.string())),
        "handle_seconds": flat(pc.cast(handle, pa.string())),
        "outcome": flat(calls["outcome"]),
        "reason": flat(calls["reason"]),
        "text": flat(calls["body"]),
        "case_id": flat(calls["ticket_id"]),
        "order_number": order_name,
    }
    return Export("  - use: contact_centre\n", [("contact_centre/contacts.csv", csv(columns))])


_TIME: Final = pa.timestamp("us", tz="UTC")


def _later(start: pa.ChunkedArray, seconds: pa.Array) -> pa.Array:
    return pc.add(flat(start), pc.cast(pc.multiply(seconds, 1_000_000), _SECONDS))
