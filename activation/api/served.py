"""Every router of what is published, in the order in which paths are tried: the fixed ones before those with an id."""

from __future__ import annotations

from typing import Final

from activation.api import lookup, personas, profiles, segments, service, why

ROUTERS: Final = (lookup.router, why.router, profiles.router, segments.router, personas.router, service.router)
