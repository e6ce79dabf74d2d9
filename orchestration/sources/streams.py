"""Which streams each source fills: the raw tables that staging may look for."""

from __future__ import annotations

from typing import Final

STREAMS: Final[dict[str, tuple[str, ...]]] = {
    "salesforce": ("contacts", "leads", "campaigns", "campaign_members"),
    "shopify": ("customers", "orders", "abandoned_checkouts", "returns", "products"),
    "zendesk": (
        "users",
        "user_identities",
        "tickets",
        "ticket_comments",
        "ticket_metrics",
        "satisfaction_ratings",
    ),
    "meta": ("conversations", "messages", "comments"),
    "x": ("mentions", "direct_messages", "users"),
    "files": ("people", "interactions", "read_files"),
    "events": ("identities", "interactions"),
}
"""Source to its streams, in the order in which they are read."""
