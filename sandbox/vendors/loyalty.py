"""The retailer's loyalty programme, which has no API: its members as a CSV export, and how Braid reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from sandbox.vendors.render import Z, of_system, text_times
from sandbox.world import World

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
    "web_shop_number": "linked_record_id",
    "birthday": "birth_date",
    "address": "street",
    "city": "city",
    "state": "region",
    "zip": "postcode",
    "country": "country",
    "language": "language",
    "email_opt_in": "email_consent",
    "text_opt_in": "sms_consent",
    "joined_at": "created_at",
    "changed_at": "updated_at",
}
"""Column of the export to the column of the world's records that it holds."""

MEMBERS: Final = "loyalty_members.csv"
_SHOP: Final = "shopify:customer:"

MAPPING: Final = f"""\
files:
  - glob: {MEMBERS}
    stream: members
    source: loyalty
    entity: member
    kind: people
    id: member_id
    fields:
      given_name: first_name
      family_name: last_name
      former_family_names: [former_last_name]
      emails: [email]
      phones: [phone, mobile]
      handles: {{instagram: instagram, x: x}}
      external_ids: {{"{_SHOP.rstrip(":")}": web_shop_number}}
      birth_date: birthday
      street: address
      city: city
      region: state
      postcode: zip
      country: country
      language: language
      email_marketing_consent: email_opt_in
      sms_marketing_consent: text_opt_in
      created_at: joined_at
      updated_at: changed_at
"""
"""The mapping that Braid's files source reads the export with."""


def members(world: World) -> pa.Table:
    """The export, all text: one row per member."""
    records = text_times(of_system(world["records"], "loyalty", "member"), Z)
    table = records.select(list(COLUMNS.values())).rename_columns(list(COLUMNS))
    linked = table.column("web_shop_number")
    of_shop = pc.starts_with(linked, _SHOP)
    number = pc.if_else(of_shop, pc.utf8_slice_codeunits(linked, len(_SHOP)), pa.scalar(None, pa.string()))
    table = table.set_column(table.column_names.index("web_shop_number"), "web_shop_number", number)
    for name in ("email_opt_in", "text_opt_in"):
        said = table.column(name)
        answer = pc.case_when(
            pc.make_struct(pc.equal(said, "granted"), pc.equal(said, "denied")), pa.scalar("yes"), pa.scalar("no")
        )
        table = table.set_column(table.column_names.index(name), name, answer)
    return table


def write_files(world: World, folder: Path) -> None:
    """Write the export and its mapping; a file that would not change is left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = pa.BufferOutputStream()
    pa_csv.write_csv(members(world), whole)
    _write(folder / MEMBERS, whole.getvalue().to_pybytes())
    _write(folder / "mapping.yml", MAPPING.encode())


def _write(path: Path, content: bytes) -> None:
    if not path.exists() or path.read_bytes() != content:
        path.write_bytes(content)
