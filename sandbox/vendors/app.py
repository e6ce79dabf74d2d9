"""One ASGI application with every look-alike below its own path."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from sandbox.vendors.admin import Admin
from sandbox.vendors.faults import FaultyEdge
from sandbox.vendors.google_ads.app import GoogleAds
from sandbox.vendors.hubspot.app import HubSpot
from sandbox.vendors.klaviyo.app import Klaviyo
from sandbox.vendors.meta.app import Meta
from sandbox.vendors.meta_ads.app import MetaAds
from sandbox.vendors.salesforce.app import Salesforce
from sandbox.vendors.shopify.app import Shopify
from sandbox.vendors.vendor import Vendor
from sandbox.vendors.webhook_receiver.app import WebhookReceiver
from sandbox.vendors.x.app import X
from sandbox.vendors.zendesk.app import Zendesk
from sandbox.world import World


@dataclass(frozen=True)
class Vendors:
    """The application and the look-alikes in it, by name."""

    app: ASGIApp
    by_name: dict[str, Vendor]

    def close(self) -> None:
        """Release what they hold open."""
        for vendor in self.by_name.values():
            vendor.close()


@contextmanager
def _many_objects() -> Iterator[None]:
    """No garbage collection while hundreds of thousands of lasting objects are made: it would double the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def build(world: World, state: Path) -> Vendors:
    """Render the world for every vendor; `state` is the folder of what is written to them."""
    with _many_objects():
        zendesk = Zendesk(world, state)
        salesforce = Salesforce(world, state)
        made: tuple[Vendor, ...] = (salesforce, Shopify(world), zendesk, Meta(world), X(world))
        made += (Klaviyo(state), HubSpot(state))
        made += (MetaAds(state), GoogleAds(state), WebhookReceiver(state))
    vendors = {vendor.name: vendor for vendor in made}
    inner = Starlette()
    edge = FaultyEdge(inner, vendors)
    own = [*Admin(vendors, edge).routes(), Route("/zendesk", zendesk.desk.holdings)]
    inner.router.routes.append(Mount("/_sandbox", routes=own))
    inner.router.routes.extend(Mount(f"/{name}", routes=vendor.routes()) for name, vendor in vendors.items())
    # Salesforce's nextRecordsUrl starts at the root of its host, where a client may look for it.
    inner.router.routes.extend(salesforce.routes())
    return Vendors(edge, vendors)
