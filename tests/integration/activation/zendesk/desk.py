"""The block of these tests: what agents see beside a ticket."""

from __future__ import annotations

from activation.sync.block import SyncBlock

DESK = SyncBlock.model_validate(
    {
        "name": "desk",
        "destination": "zendesk_users",
        "model": "customers",
        "key": "record:zendesk:user",
        "channel": "none",
        "purpose": "service",
        "minimum_link_strength": 0.5,
        "mapping": {
            "braid_customer_id": "customer_id",
            "braid_persona": "persona.name",
            "braid_lifetime_value": "metrics.lifetime_value",
            "braid_vip": "in_segment.vip",
            "braid_segments": "segments_for.zendesk",
        },
    }
)
