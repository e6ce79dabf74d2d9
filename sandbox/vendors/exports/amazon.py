"""The marketplace's Fulfilled Shipments report: one line per item that was shipped, tab-separated.

After developer-docs.amazon.com/sp-api, report type GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from sandbox.generator.columns import Text, flat, join
from sandbox.vendors.exports.export import Export, constant, found, tab_separated, written
from sandbox.world import World

_OFFSET: Final = "%Y-%m-%dT%H:%M:%S+00:00"
_BUYER: Final = ("email", "full_name", "phone", "street", "city", "region", "postcode", "country")


def export(world: World) -> Export | None:
    """The shipped items; nothing when there are none."""
    lines = world["market_lines"]
    lines = lines.filter(pc.equal(lines["status"], "Shipped"))
    if not lines.num_rows:
        return None
    email, name, phone, street, city, region, postcode, country = found(
        lines["record_id"], world["touch_records"], "record_id", *_BUYER
    )
    sku, title = found(lines["product_id"], world["products"], "product_id", "sku", "title")
    size, line, order = lines.num_rows, flat(lines["line_id"]), flat(lines["market_order_id"])
    bought, shipped = written(lines["ordered_at"], _OFFSET), written(lines["updated_at"], _OFFSET)
    price = pc.round(pc.multiply(flat(lines["unit_price"]), flat(lines["quantity"])), 2)
    columns: dict[str, Text] = {
        "amazon-order-id": order,
        "merchant-order-id": pa.nulls(size, pa.string()),
        "shipment-id": join("D", line),
        "shipment-item-id": join("DI", line),
        "amazon-order-item-id": line,
        "purchase-date": bought,
        "payments-date": bought,
        "shipment-date": shipped,
        "buyer-email": email,
        "buyer-name": name,
        "buyer-phone-number": phone,
        "sku": sku,
        "product-name": title,
        "quantity-shipped": flat(pc.cast(lines["quantity"], pa.string())),
        "currency": constant("USD", size),
        "item-price": flat(pc.cast(price, pa.string())),
        "item-tax": constant("0.00", size),
        "shipping-price": constant("0.00", size),
        "ship-service-level": constant("Standard", size),
        "recipient-name": name,
        "ship-address-1": street,
        "ship-city": city,
        "ship-state": region,
        "ship-postal-code": postcode,
        "ship-country": country,
        "ship-phone-number": phone,
        "item-promotion-discount": constant("0.00", size),
        "sales-channel": constant("Amazon.com", size),
    }
    return Export("  - use: amazon\n", [("amazon/orders.txt", tab_separated(columns))])
