"""Every table of the systems that export files."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from sandbox.generator.touch.brand import draw_brand
from sandbox.generator.touch.contact_centre import draw_contact_centre
from sandbox.generator.touch.listening import draw_listening
from sandbox.generator.touch.loyalty import draw_loyalty
from sandbox.generator.touch.marketplace import draw_marketplace
from sandbox.generator.touch.past import Past
from sandbox.generator.touch.store_notes import draw_store_notes
from sandbox.generator.touch.surveys import draw_surveys
from sandbox.generator.touch.web import draw_web

SYSTEMS = (
    draw_web,
    draw_surveys,
    draw_brand,
    draw_listening,
    draw_contact_centre,
    draw_marketplace,
    draw_store_notes,
)


def draw_touch(seed: int, past: Past) -> tuple[dict[str, dict[str, Any]], pa.Table]:
    """The tables' columns by name, and the table touch_records."""
    tables: dict[str, dict[str, Any]] = draw_loyalty(seed, past)
    records = []
    for draw in SYSTEMS:
        made, known = draw(seed, past)
        tables |= made
        records.append(known)
    return tables, pa.concat_tables(records).combine_chunks()
