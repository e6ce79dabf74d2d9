"""The clerks' notes: who came, what they were shown, which code they were given. Braid has no ready mapping for it."""

from __future__ import annotations

from typing import Final

import pyarrow.compute as pc

from sandbox.generator.columns import Text, flat
from sandbox.vendors.exports.export import Export, csv, found, native, written
from sandbox.world import World

_MAPPING: Final = """\
  - glob: "store/notes*.csv"
    stream: notes
    source: store
    entity: note
    kind: interactions
    id: note_id
    person: client_id
    person_entity: client
    fields:
      occurred_at: noted_at
      channel: {value: store}
      kind: kind
      direction: {value: inbound}
      subject: subject
      body: note
      reference_id: code
      product_id: product_id
      product_title: product
      category: category
      agent: clerk
      team: store
      full_name: client_name
      emails: [client_email]
      phones: [client_phone]
      external_ids: {"loyalty:member": loyalty_number}
"""


def export(world: World) -> Export | None:
    """The notes; nothing when there are none."""
    notes = world["store_notes"]
    if not notes.num_rows:
        return None
    name, email, phone, linked = found(
        notes["record_id"], world["touch_records"], "record_id", "full_name", "email", "phone", "linked_record_id"
    )
    title, category = found(notes["product_id"], world["products"], "product_id", "title", "category")
    code = flat(notes["code"])
    handed_out = pc.binary_join_element_wise("Code ", code, " handed out", "")
    columns: dict[str, Text] = {
        "note_id": flat(notes["note_id"]),
        "noted_at": written(notes["noted_at"]),
        "kind": flat(notes["kind"]),
        "store": flat(notes["store"]),
        "clerk": flat(notes["clerk"]),
        "client_id": native(notes["record_id"], "store:client"),
        "client_name": name,
        "client_email": email,
        "client_phone": phone,
        "loyalty_number": native(linked, "loyalty:member"),
        "subject": flat(pc.fill_null(handed_out, "Came to the store")),
        "note": flat(notes["note"]),
        "code": code,
        "product_id": flat(notes["product_id"]),
        "product": title,
        "category": category,
    }
    return Export(_MAPPING, [("store/notes.csv", csv(columns))])
