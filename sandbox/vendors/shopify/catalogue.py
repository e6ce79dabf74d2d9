"""The shop's customers and products as Admin GraphQL objects."""

from __future__ import annotations

from typing import Any, Final

from sandbox.vendors.render import AT
from sandbox.vendors.stream import Payload, Row

_MARKETING: Final = {"granted": "SUBSCRIBED", "denied": "UNSUBSCRIBED"}
_COUNTRIES: Final = {
    "US": "United States",
    "GB": "United Kingdom",
    "DE": "Germany",
    "FR": "France",
    "GR": "Greece",
    "ES": "Spain",
    "JP": "Japan",
}


def gid(kind: str, value: str) -> str:
    """Shopify's global id."""
    return f"gid://shopify/{kind}/{value}"


def money(amount: float | None, currency: str | None) -> Payload:
    """MoneyV2: the amount as text."""
    return {"amount": f"{amount or 0:.2f}", "currencyCode": currency or "USD"}


def bag(amount: float | None, currency: str | None) -> Payload:
    """MoneyBag: the same amount for shop and customer."""
    one = money(amount, currency)
    return {"shopMoney": one, "presentmentMoney": one}


def _address(row: dict[str, Any]) -> Payload | None:
    if not any(row[name] for name in ("street", "city", "postcode", "region")):
        return None
    code = (row["country"] or "").upper()
    region = row["region"]
    return {
        "address1": row["street"],
        "address2": None,
        "city": row["city"],
        "province": region,
        "provinceCode": region if region and len(region) <= 3 else None,
        "zip": row["postcode"],
        "country": _COUNTRIES.get(code, row["country"]),
        "countryCodeV2": code if len(code) == 2 else None,
        "phone": row["phone"],
        "firstName": row["given_name"],
        "lastName": row["family_name"],
        "name": row["full_name"],
        "company": row["company"],
    }


def customer(row: dict[str, Any], spent: tuple[int, float, str]) -> Row:
    """One row of the world\'s records; `spent` is the number, sum and currency of the orders."""
    name = " ".join(filter(None, (row["given_name"], row["family_name"]))) or row["full_name"]
    count, amount, currency = spent
    payload = {
        "id": gid("Customer", row["native_id"]),
        "legacyResourceId": row["native_id"],
        "firstName": row["given_name"],
        "lastName": row["family_name"],
        "displayName": name or row["email"] or row["phone"] or "",
        "email": row["email"],
        "phone": row["phone"],
        "defaultEmailAddress": row["email"]
        and {
            "emailAddress": row["email"],
            "marketingState": _MARKETING.get(row["email_consent"], "NOT_SUBSCRIBED"),
        },
        "defaultPhoneNumber": row["phone"]
        and {"phoneNumber": row["phone"], "marketingState": _MARKETING.get(row["sms_consent"], "NOT_SUBSCRIBED")},
        "verifiedEmail": bool(row["is_verified"]) and row["email"] is not None,
        "locale": row["language"] or "en",
        "tags": ["loyalty"] if row["loyalty_number"] else [],
        "note": None,
        "state": "ENABLED" if row["is_verified"] else "DISABLED",
        "numberOfOrders": str(count),
        "amountSpent": money(amount, currency),
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"],
        "defaultAddress": _address(row),
    }
    return Row(row[AT], row["native_id"], payload)


def product(row: dict[str, Any]) -> Row:
    """One row of the world\'s products, with its one variant."""
    key = row["product_id"]
    variant = {
        "id": gid("ProductVariant", f"{key}1"),
        "legacyResourceId": f"{key}1",
        "title": "Default Title",
        "sku": row["sku"],
        "price": f"{row['price']:.2f}",
    }
    payload = {
        "id": gid("Product", key),
        "legacyResourceId": key,
        "title": row["title"],
        "handle": "-".join(row["title"].lower().split()),
        "productType": row["category"] or "",
        "vendor": row["vendor"] or "",
        "status": "ACTIVE",
        "tags": [row["category"]] if row["category"] else [],
        "createdAt": row["created_at"],
        "updatedAt": row["created_at"],
        "variants": [variant],
    }
    return Row(row[AT], key, payload)
