"""Answers to surveys, one a line, as a survey tool with listening posts exports them."""

from __future__ import annotations

from typing import Final

import pyarrow.compute as pc

from sandbox.generator.columns import Text, flat
from sandbox.vendors.exports.export import Export, csv, found, native, said, written
from sandbox.world import World

_POSTS: Final = {"web": "Web order", "store": "Store exit", "support": "After support", "relationship": "Yearly"}
_CHANNELS: Final = {"web": "web", "store": "store", "support": "email", "relationship": "email"}
_SCALES: Final = {"csat_5": "CSAT 1-5", "csat_10": "CSAT 1-10", "nps": "NPS"}


def export(world: World) -> Export | None:
    """The answers; nothing when there are none."""
    answers = world["survey_answers"]
    if not answers.num_rows:
        return None
    email, phone, linked = found(
        answers["record_id"], world["touch_records"], "record_id", "email", "phone", "linked_record_id"
    )
    (order_name,) = found(answers["order_id"], world["orders"], "order_id", "order_name")
    columns: dict[str, Text] = {
        "response_id": flat(answers["answer_id"]),
        "submitted_at": written(answers["answered_at"]),
        "listening_post": said(answers["touchpoint"], _POSTS),
        "touchpoint": flat(answers["touchpoint"]),
        "channel": said(answers["touchpoint"], _CHANNELS),
        "scale": said(answers["scale"], _SCALES),
        "score": flat(pc.cast(answers["score"], "string")),
        "comment": flat(answers["comment"]),
        "respondent_id": native(answers["record_id"], "survey:respondent"),
        "email": email,
        "phone": phone,
        "customer_number": native(linked, "shopify:customer"),
        "order_number": order_name,
    }
    return Export("  - use: survey\n", [("survey/responses.csv", csv(columns))])
