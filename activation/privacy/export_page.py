"""An export as one page that a person can read: what is known, where it came from, and every row it was read from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final

from activation.privacy.export import Export, HeldRows

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1b1b1f}"
    "table{border-collapse:collapse;width:100%;margin:1rem 0;font-size:.9rem}"
    "th,td{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #ddd}"
    "td{overflow-wrap:anywhere}details{margin:.6rem 0}summary{cursor:pointer}"
    "@media(prefers-color-scheme:dark){body{background:#17171a;color:#e8e8ea}th,td{border-color:#3a3a40}}"
)
_ROOMS: Final = {
    "raw": "What the sources sent",
    "staging": "What could not be read",
    "identity": "Which records are one person",
    "golden": "The profile",
    "marts": "Orders, conversations and figures",
    "segments": "Segments and personas",
    "activation": "What is served, sent and looked at",
}
_VALUES: Final = ("attribute", "value", "source", "record_id", "observed_at", "rule")


def page(export: Export) -> str:
    """One HTML document without scripts or anything from elsewhere."""
    subject = export.subject
    former = ", ".join(name for name in subject.customer_ids if name != subject.customer_id)
    rows = sum(len(table.rows) for table in export.tables)
    head = (
        f"<p>Customer {escape(subject.customer_id)}{escape(f', formerly {former}' if former else '')}, as of "
        f"{escape(f'{export.made_at:%Y-%m-%d %H:%M} UTC')}: {rows} rows in {len(export.tables)} tables, of "
        f"{len(subject.record_ids)} source records.</p>"
        f"<ul>{''.join(f'<li>{escape(record)}</li>' for record in subject.record_ids)}</ul>"
    )
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        f"<title>What is held of customer {escape(subject.customer_id)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>What is held of you</h1>{head}<h2>What is known, and where it came from</h2>"
        f"{_table(_VALUES, export.attributes)}{''.join(_rooms(export.tables))}</body></html>"
    )


def _rooms(tables: Iterable[HeldRows]) -> Iterable[str]:
    by_room: dict[str, list[HeldRows]] = {}
    for table in tables:
        room = next((room for room in _ROOMS if table.place.startswith(room)), "activation")
        by_room.setdefault(room, []).append(table)
    for room, title in _ROOMS.items():
        if room in by_room:
            yield f"<h2>{escape(title)}</h2>"
            for table in by_room[room]:
                columns = list(dict.fromkeys(name for row in table.rows for name, value in row.items() if _said(value)))
                yield (
                    f"<details><summary>{escape(table.place)}: {len(table.rows)} rows</summary>"
                    f"{_table(columns, table.rows)}</details>"
                )


def _table(columns: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> str:
    names = [name for name in columns if not name.startswith("_dlt_")]
    head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{_cell(row.get(name))}</td>' for name in names)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def _said(value: Any) -> bool:
    return value not in (None, [], {})
