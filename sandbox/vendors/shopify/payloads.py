"""The retailer's shop as Admin GraphQL objects; nested objects are shared, selections decide what of them is served."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from sandbox.vendors.render import AT, Z, entity, native, of_system, rows
from sandbox.vendors.shopify.catalogue import bag, customer, gid, product
from sandbox.vendors.stream import Payload, Row, Stream
from sandbox.world import World

_CHANNELS: Final = {
    "web": ("web", "Online Store"),
    "store": ("pos", "Point of Sale"),
    "instagram": ("instagram", "Facebook & Instagram"),
}


def _return(row: dict[str, Any], place: int, order: Payload) -> Row:
    key, status = row["return_id"], (row["status"] or "OPEN").upper()
    item = {
        "id": gid("ReturnLineItem", key),
        "quantity": row["quantity"],
        "returnReason": (row["reason"] or "UNKNOWN").upper(),
        "returnReasonNote": "",
        "customerNote": None,
    }
    payload = {
        "id": gid("Return", key),
        "name": f"{order['name']}-R{place}",
        "status": status,
        "totalQuantity": row["quantity"],
        "createdAt": row["requested_at"],
        "closedAt": row["closed_at"],
        "requestApprovedAt": None if status in {"REQUESTED", "DECLINED"} else row["requested_at"],
        "order": order,
        "returnLineItems": [item],
    }
    return Row(row[AT], key, payload, parent=row["order_id"])


def _lines(
    table: pa.Table, parent: str, products: Stream, currency: dict[str, str], kind: str
) -> dict[str, list[Payload]]:
    found: dict[str, list[Payload]] = defaultdict(list)
    for place, row in enumerate(table.to_pylist()):
        sold = products.get(row["product_id"])
        title = sold.payload["title"] if sold else ""
        price = bag(row["unit_price"], currency.get(row[parent]))
        found[row[parent]].append(
            {
                "id": gid(kind, str(row.get("order_line_id") or f"{row[parent]}{place}")),
                "title": title,
                "name": title,
                "sku": sold.payload["variants"][0]["sku"] if sold else None,
                "quantity": row["quantity"],
                "currentQuantity": row["quantity"],
                "vendor": sold.payload["vendor"] if sold else None,
                "product": sold.payload if sold else None,
                "originalUnitPriceSet": price,
                "discountedUnitPriceSet": price,
            }
        )
    return found


def _order(row: dict[str, Any], who: Payload | None, lines: list[Payload]) -> Row:
    key, currency = row["order_id"], row["currency"]
    handle, channel = _CHANNELS.get(row["channel"], (row["channel"], row["channel"]))
    method = "PICK_UP" if row["is_pickup"] else "RETAIL" if row["channel"] == "store" else "SHIPPING"
    location = row["location"] or "Warehouse"
    fulfilment = {
        "id": gid("Fulfillment", key),
        "createdAt": row["fulfilled_at"],
        "updatedAt": row["delivered_at"] or row["fulfilled_at"],
        "deliveredAt": row["delivered_at"],
        "status": "SUCCESS",
    }
    total = bag(row["total"], currency)
    payload = {
        "id": gid("Order", key),
        "legacyResourceId": key,
        "name": row["order_name"],
        "createdAt": row["ordered_at"],
        "updatedAt": row["updated_at"],
        "processedAt": row["ordered_at"],
        "cancelledAt": row["cancelled_at"],
        "closedAt": row["delivered_at"],
        "email": who and who["email"],
        "phone": who and who["phone"],
        "sourceName": handle,
        "channelInformation": {
            "id": gid("ChannelInformation", handle),
            "channelId": gid("Channel", handle),
            "channelDefinition": {
                "id": gid("ChannelDefinition", handle),
                "handle": handle,
                "channelName": channel,
                "subChannelName": "Instagram" if handle == "instagram" else channel,
            },
        },
        "customer": who,
        "displayFinancialStatus": row["financial_status"],
        "displayFulfillmentStatus": row["fulfilment_status"],
        "currencyCode": currency,
        "test": False,
        "tags": [],
        "note": None,
        "totalPriceSet": total,
        "currentTotalPriceSet": total,
        "totalDiscountsSet": bag(row["discount"], currency),
        "discountCode": row["discount_code"],
        "discountCodes": [row["discount_code"]] if row["discount_code"] else [],
        "retailLocation": {"id": gid("Location", location.lower()), "name": location}
        if row["channel"] == "store" and row["location"]
        else None,
        "fulfillmentOrders": [
            {
                "id": gid("FulfillmentOrder", key),
                "status": "CLOSED" if row["fulfilled_at"] else "OPEN",
                "deliveryMethod": {"id": gid("DeliveryMethod", key), "methodType": method},
                "assignedLocation": {"name": location},
            }
        ],
        "fulfillments": [fulfilment] if row["fulfilled_at"] else [],
        "lineItems": lines,
    }
    return Row(row[AT], key, payload)


def _checkout(row: dict[str, Any], who: Payload | None, lines: list[Payload]) -> Row:
    key = row["checkout_id"]
    payload = {
        "id": gid("AbandonedCheckout", key),
        "name": f"#{key}",
        "createdAt": row["started_at"],
        "updatedAt": row["updated_at"],
        "completedAt": row["completed_at"],
        "abandonedCheckoutUrl": f"https://sandbox.myshopify.com/checkouts/{key}/recover",
        "customer": who,
        "totalPriceSet": bag(row["total"], row["currency"]),
        "lineItems": lines,
    }
    return Row(row[AT], key, payload)


def _spent(orders: pa.Table) -> dict[str, tuple[int, float, str]]:
    totals = (
        orders.filter(pc.is_valid(orders.column("record_id")))
        .group_by("record_id")
        .aggregate([("total", "count"), ("total", "sum"), ("currency", "min")])
        .to_pylist()
    )
    return {one["record_id"]: (one["total_count"], one["total_sum"], one["currency_min"]) for one in totals}


def _currencies(table: pa.Table, key: str) -> dict[str, str]:
    return dict(zip(table.column(key).to_pylist(), table.column("currency").to_pylist(), strict=True))


def streams(world: World) -> dict[str, Stream]:
    """The root connections and the returns below the orders, in the order of updatedAt."""
    spent = _spent(world["orders"])
    people = rows(of_system(world["records"], "shopify", "customer"), Z, at="updated_at")
    customers = Stream("customers", (customer(row, spent.get(row["record_id"], (0, 0.0, "USD"))) for row in people))
    products = Stream("products", map(product, rows(world["products"], Z, at="created_at")))

    def buyer(record_id: str | None) -> Payload | None:
        found = customers.get(native(record_id) or "") if entity(record_id) == "shopify:customer" else None
        return found.payload if found else None

    lines = _lines(world["order_lines"], "order_id", products, _currencies(world["orders"], "order_id"), "LineItem")
    orders = Stream(
        "orders",
        (
            _order(row, buyer(row["record_id"]), lines[row["order_id"]])
            for row in rows(world["orders"], Z, at="updated_at")
        ),
    )
    places: dict[str, int] = defaultdict(int)
    sent = []
    for row in rows(world["returns"], Z, at="requested_at"):
        order = orders.get(row["order_id"])
        if order is not None:
            places[row["order_id"]] += 1
            sent.append(_return(row, places[row["order_id"]], order.payload))
    returns = Stream("returns", sent, parent=orders)
    for order in orders:
        order.payload["returns"] = returns.children(order.key)
    bits = _lines(
        world["checkout_lines"],
        "checkout_id",
        products,
        _currencies(world["checkouts"], "checkout_id"),
        "AbandonedCheckoutLineItem",
    )
    checkouts = (
        _checkout(row, buyer(row["record_id"]), bits[row["checkout_id"]])
        for row in rows(world["checkouts"], Z, at="updated_at")
    )
    return {
        "customers": customers,
        "orders": orders,
        "returns": returns,
        "abandoned_checkouts": Stream("abandoned_checkouts", checkouts),
        "products": products,
    }
