"""A block and the people for it, for tests of the engine."""

from __future__ import annotations

from datetime import UTC, datetime

from activation.publish import publish
from activation.sync.block import SyncBlock

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
NEWSLETTER = SyncBlock.model_validate(
    {
        "name": "newsletter",
        "destination": "pretend",
        "model": "segment:vip",
        "mode": "mirror",
        "channel": "email",
        "purpose": "marketing",
        "mapping": {"value": "metrics.lifetime_value", "persona": "persona.name", "vip": "in_segment.vip"},
    }
)


def newsletter(**changes) -> SyncBlock:
    return SyncBlock.model_validate(NEWSLETTER.model_dump() | changes)


def published(world) -> None:
    publish(world.connection, "run", AS_OF)


def agreed(world, customer_id: str, **more) -> None:
    world.customer(
        customer_id,
        email=more.pop("email", f"{customer_id}@mail.org"),
        segments=more.pop("segments", ["vip"]),
        records=[f"shopify:customer:{customer_id}"],
        consent=more.pop("consent", {"email": "granted"}),
        **more,
    )


def state(world) -> list[tuple]:
    return world.rows("select key, in_doubt, held, remote_id from activation.deliveries order by key")
