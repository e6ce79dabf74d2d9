"""Three customers who agreed, one who refused, one who is no member."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.activation.sync.newsletter import agreed, published


@pytest.fixture
def three(world: Any) -> Any:
    for customer_id in ("c1", "c2", "c3"):
        agreed(world, customer_id)
    agreed(world, "c4", consent={"email": "denied"})
    agreed(world, "c5", segments=[])
    published(world)
    return world
