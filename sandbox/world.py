"""The tables that the sandbox retailer is made of: written by the generator, read by the vendors' look-alikes.

A `World` is what really happened, as each of the retailer's systems recorded it. The column `person_id` is the truth;
it is in `people`, `records` and `touch_records` only, and no look-alike ever serves it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from sandbox.touch_tables import TOUCH_TABLES

_TEXT, _TIME, _DATE, _BOOL = pa.string(), pa.timestamp("us", tz="UTC"), pa.date32(), pa.bool_()
_MONEY, _COUNT = pa.float64(), pa.int64()


def _schema(**columns: pa.DataType) -> pa.Schema:
    return pa.schema(list(columns.items()))


_ADDRESS: Final = {"street": _TEXT, "city": _TEXT, "region": _TEXT, "postcode": _TEXT, "country": _TEXT}

TABLES: Final[dict[str, pa.Schema]] = {
    # The truth: one row per person.
    "people": _schema(
        person_id=_TEXT,
        household_id=_TEXT,
        given_name=_TEXT,
        family_name=_TEXT,
        former_family_name=_TEXT,
        birth_date=_DATE,
        email=_TEXT,
        phone=_TEXT,
        instagram_handle=_TEXT,
        x_handle=_TEXT,
        **_ADDRESS,
    ),
    # One row per record of a person in one system, with that system's errors. `record_id` is the pipeline's:
    # salesforce:contact, salesforce:lead, shopify:customer, zendesk:user, meta:instagram_user, meta:messenger_user,
    # x:user, loyalty:member, each followed by the native id (for Shopify the number, not the gid).
    "records": _schema(
        record_id=_TEXT,
        system=_TEXT,
        entity=_TEXT,
        native_id=_TEXT,
        person_id=_TEXT,
        given_name=_TEXT,
        family_name=_TEXT,
        former_family_name=_TEXT,
        full_name=_TEXT,
        email=_TEXT,
        phone=_TEXT,
        mobile_phone=_TEXT,
        username=_TEXT,  # the handle of a social account itself
        instagram_handle=_TEXT,  # a handle noted in a CRM or loyalty record
        x_handle=_TEXT,  # the same; in Zendesk an identity of type "twitter"
        linked_record_id=_TEXT,  # a record of another system that this one names (CRM -> shop, help desk -> shop)
        birth_date=_DATE,
        company=_TEXT,
        loyalty_number=_TEXT,
        language=_TEXT,
        email_consent=_TEXT,  # granted, denied or null
        sms_consent=_TEXT,
        is_verified=_BOOL,
        created_at=_TIME,
        updated_at=_TIME,
        **_ADDRESS,
    ),
    "products": _schema(
        product_id=_TEXT, title=_TEXT, category=_TEXT, vendor=_TEXT, sku=_TEXT, price=_MONEY, created_at=_TIME
    ),
    "orders": _schema(
        order_id=_TEXT,
        order_name=_TEXT,
        record_id=_TEXT,  # null for an anonymous till sale
        channel=_TEXT,  # web, store, instagram
        is_pickup=_BOOL,
        location=_TEXT,
        financial_status=_TEXT,  # PAID, REFUNDED, PARTIALLY_REFUNDED, PENDING, VOIDED
        fulfilment_status=_TEXT,  # FULFILLED, UNFULFILLED, PARTIALLY_FULFILLED
        total=_MONEY,
        discount=_MONEY,
        discount_code=_TEXT,
        currency=_TEXT,
        ordered_at=_TIME,
        fulfilled_at=_TIME,
        delivered_at=_TIME,
        cancelled_at=_TIME,
        updated_at=_TIME,
    ),
    "order_lines": _schema(order_line_id=_TEXT, order_id=_TEXT, product_id=_TEXT, quantity=_COUNT, unit_price=_MONEY),
    "checkouts": _schema(
        checkout_id=_TEXT,
        record_id=_TEXT,
        total=_MONEY,
        currency=_TEXT,
        started_at=_TIME,
        completed_at=_TIME,
        updated_at=_TIME,
    ),
    "checkout_lines": _schema(checkout_id=_TEXT, product_id=_TEXT, quantity=_COUNT, unit_price=_MONEY),
    "returns": _schema(
        return_id=_TEXT,
        order_id=_TEXT,
        status=_TEXT,
        reason=_TEXT,
        quantity=_COUNT,
        requested_at=_TIME,
        closed_at=_TIME,
    ),
    "tickets": _schema(
        ticket_id=_TEXT,
        record_id=_TEXT,
        channel=_TEXT,  # email, chat, phone, whatsapp, web
        subject=_TEXT,
        status=_TEXT,  # new, open, pending, hold, solved, closed
        priority=_TEXT,
        order_id=_TEXT,
        reopens=_COUNT,
        replies=_COUNT,
        created_at=_TIME,
        first_reply_at=_TIME,
        due_at=_TIME,
        solved_at=_TIME,
        updated_at=_TIME,
    ),
    "ticket_comments": _schema(
        comment_id=_TEXT, ticket_id=_TEXT, record_id=_TEXT, body=_TEXT, is_public=_BOOL, created_at=_TIME
    ),  # record_id null: an agent wrote it
    "ratings": _schema(
        rating_id=_TEXT,
        ticket_id=_TEXT,
        record_id=_TEXT,
        score=_TEXT,
        comment=_TEXT,
        created_at=_TIME,
        updated_at=_TIME,
    ),
    "conversations": _schema(conversation_id=_TEXT, record_id=_TEXT, platform=_TEXT, updated_at=_TIME),
    "direct_messages": _schema(
        message_id=_TEXT,
        conversation_id=_TEXT,
        record_id=_TEXT,
        platform=_TEXT,
        direction=_TEXT,
        body=_TEXT,
        sent_at=_TIME,
    ),  # platform: instagram, messenger, x; record_id is the customer's side, whoever wrote
    "media": _schema(media_id=_TEXT, caption=_TEXT, posted_at=_TIME),
    "comments": _schema(comment_id=_TEXT, media_id=_TEXT, record_id=_TEXT, body=_TEXT, commented_at=_TIME),
    "mentions": _schema(post_id=_TEXT, record_id=_TEXT, body=_TEXT, posted_at=_TIME),
    "campaigns": _schema(campaign_id=_TEXT, name=_TEXT, type=_TEXT, status=_TEXT, start_date=_DATE, updated_at=_TIME),
    "campaign_members": _schema(
        campaign_member_id=_TEXT,
        campaign_id=_TEXT,
        record_id=_TEXT,
        status=_TEXT,
        has_responded=_BOOL,
        responded_at=_TIME,
        created_at=_TIME,
        updated_at=_TIME,
    ),
    **TOUCH_TABLES,
}


@dataclass(frozen=True)
class World:
    """A retailer at one moment: `tables` by the names in `TABLES`, `as_of` the last moment in them."""

    tables: dict[str, pa.Table]
    as_of: datetime
    seed: int

    def __getitem__(self, name: str) -> pa.Table:
        """The table of that name."""
        return self.tables[name]

    def save(self, folder: Path) -> None:
        """Write every table as Parquet, the moment and the seed as its metadata."""
        folder.mkdir(parents=True, exist_ok=True)
        note = {"as_of": self.as_of.isoformat(), "seed": str(self.seed)}
        for name, table in self.tables.items():
            pq.write_table(table.replace_schema_metadata(note), folder / f"{name}.parquet")

    @classmethod
    def load(cls, folder: Path) -> World:
        """Read what `save` wrote.

        Raises:
            FileNotFoundError: if the folder holds no whole world.
        """
        tables = {name: pq.read_table(folder / f"{name}.parquet") for name in TABLES}
        note = tables["people"].schema.metadata
        return cls(
            {name: table.replace_schema_metadata(None) for name, table in tables.items()},
            datetime.fromisoformat(note[b"as_of"].decode()),
            int(note[b"seed"]),
        )
