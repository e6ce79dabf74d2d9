"""The loyalty programme: its members with tier, balance and years, and the movements of their points.

The programme notes more than the ready mapping reads (former names, handles, a second phone), so the mapping of this
folder adds it.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from sandbox.generator.columns import Text, flat
from sandbox.vendors.exports.export import Export, csv, found, native, said, written
from sandbox.vendors.render import of_system
from sandbox.world import World

_MEMBER: Final = "loyalty:member"
_ANSWERS: Final = {"granted": "yes", "denied": "no"}
_TYPES: Final = {
    "purchase": "earned",
    "birthday": "earned",
    "opening balance": "adjusted",
    "reward": "redeemed",
}
_ADDED: Final = """\
    change:
      members:
        fields:
          former_family_names: [former_last_name]
          phones: [phone, mobile]
          handles: {instagram: instagram, x: x}
          language: language
          created_at: joined_at
"""


def export(world: World) -> Export | None:
    """The members and their points; nothing when there is no member."""
    records = of_system(world["records"], *_MEMBER.split(":"))
    if not records.num_rows:
        return None
    files = [("loyalty/members.csv", csv(_members(world, records)))]
    moved = world["loyalty_points"]
    if moved.num_rows:
        files.append(("loyalty/points.csv", csv(_points(world, moved))))
    only = "" if moved.num_rows else "    only: [members]\n"
    return Export(f"  - use: loyalty\n{only}{_ADDED}", files)


def _members(world: World, records: pa.Table) -> dict[str, Text]:
    tier, points, since = found(
        records["record_id"], world["loyalty_status"], "record_id", "tier", "points", "member_since"
    )
    return {
        "member_number": flat(records["native_id"]),
        "first_name": flat(records["given_name"]),
        "last_name": flat(records["family_name"]),
        "former_last_name": flat(records["former_family_name"]),
        "email": flat(records["email"]),
        "phone": flat(records["phone"]),
        "mobile": flat(records["mobile_phone"]),
        "instagram": flat(records["instagram_handle"]),
        "x": flat(records["x_handle"]),
        "street": flat(records["street"]),
        "city": flat(records["city"]),
        "state": flat(records["region"]),
        "postcode": flat(records["postcode"]),
        "country": flat(records["country"]),
        "language": flat(records["language"]),
        "birth_date": flat(pc.strftime(records["birth_date"], "%Y-%m-%d")),
        "tier": tier,
        "points_balance": flat(pc.cast(points, pa.string())),
        "member_since": written(since, "%Y-%m-%d"),
        "email_opt_in": said(records["email_consent"], _ANSWERS),
        "sms_opt_in": said(records["sms_consent"], _ANSWERS),
        "customer_number": native(records["linked_record_id"], "shopify:customer"),
        "joined_at": written(records["created_at"]),
        "updated_at": written(records["updated_at"]),
    }


def _points(world: World, moved: pa.Table) -> dict[str, Text]:
    order_name, channel = found(moved["order_id"], world["orders"], "order_id", "order_name", "channel")
    return {
        "transaction_id": flat(moved["movement_id"]),
        "member_number": native(moved["record_id"], _MEMBER),
        "occurred_at": written(moved["moved_at"]),
        "type": said(moved["reason"], _TYPES),
        "points": flat(pc.cast(moved["points"], pa.string())),
        "order_number": order_name,
        "channel": said(channel, {"web": "web", "store": "store", "instagram": "app"}),
        "description": flat(moved["reason"]),
    }
