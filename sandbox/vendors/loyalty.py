"""The retailer's loyalty programme, which has no API: its members as a CSV export, and how Braid reads it."""

from __future__ import annotations

from typing import Final

COLUMNS: Final = {
    "member_id": "native_id",
    "first_name": "given_name",
    "last_name": "family_name",
    "former_last_name": "former_family_name",
    "email": "email",
    "phone": "phone",
    "mobile": "mobile_phone",
    "instagram": "instagram_handle",
    "x": "x_handle",
    "birthday": "birth_date",
    "address": "street",
    "city": "city",
    "state": "region",
    "zip": "postcode",
    "country": "country",
    "language": "language",
    "email_opt_in": "email_consent",
    "sms_opt_in": "sms_consent",
    "joined_at": "created_at",
    "changed_at": "updated_at",
}
"""Columns of the export, and of the world's records that they hold."""

MEMBERS: Final = "loyalty_members.csv"
