"""The picture of a customer: one HTML file with an SVG and the same in tables, no script and nothing from outside."""

from __future__ import annotations

import re
from html import escape
from typing import Final

import numpy as np

from identity.why.customer import Anatomy, CustomerExplanation
from identity.why.drawing import Drawing, Edge, Node, draw
from identity.why.layout import Floats, fit, stress_layout
from identity.why.words import apart_lines, customer_lines

_WIDTH: Final = 1000.0
_LABEL: Final = 26  # letters of a node's label
_MOST_ROWS: Final = 500
_FULL_BITS: Final = 30.0  # ties this strong are drawn as thick and as short as any
# Okabe and Ito's colours are told apart with any colour vision; dashes and shapes say the same.
_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; color: #111; background: #fff }
body { margin: 2rem auto; max-width: 64rem; padding: 0 1rem }
svg { width: 100%; height: auto; border: 1px solid #767676 }
.held { stroke: #0072b2; stroke-opacity: .55 }
.cut { stroke: #d55e00; stroke-dasharray: 9 6 }
.near { stroke: #767676; stroke-dasharray: 2 5; stroke-width: 2 }
.node { fill: #fff; stroke: #0072b2; stroke-width: 3 }
.off { stroke: #d55e00 }
.other { stroke: #767676; stroke-width: 2 }
text { font: 13px system-ui, sans-serif; text-anchor: middle; fill: #111 }
text { paint-order: stroke; stroke: #fff; stroke-width: 4px }
.mark { font-weight: 600; stroke: none }
.bits { font-size: 12px; fill: #333 }
.faint { fill: #595959 }
div { overflow-x: auto; margin: .5rem 0 2rem }
table { border-collapse: collapse; width: 100%; font-size: 14px }
caption { text-align: left; font-weight: 600 }
th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0 }
th, td { border-bottom: 1px solid #ccc; overflow-wrap: break-word }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 14px }
""".strip()
_NOT_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def picture(explanation: CustomerExplanation, anatomy: Anatomy) -> str:
    """One self-contained page, well-formed as XML too: the graph of a customer's records, and what it says in tables.

    Blue lines hold the records together, the thicker the more bits; dashed orange ones are those of the minimum cut,
    squares what it would take off; grey dotted lines lead to the nearest customers that were not merged. The same
    explanation gives the same picture. More than `drawing.MOST_RECORDS` records are drawn as groups.
    """
    drawing = draw(explanation, anatomy)
    title = f"Customer {explanation.customer_id}"
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en" xmlns="http://www.w3.org/1999/xhtml"><head><meta charset="utf-8"/>',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>",
            '<meta name="viewport" content="width=device-width"/>',
            f"<title>{_text(title)}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{_text(title)}</h1>",
            f"<p>{_text(_summary(explanation, drawing))}</p>",
            _svg(drawing, title, _description(explanation, drawing)),
            _legend(drawing),
            _records(explanation, drawing),
            _edges(explanation),
            _neighbours(explanation, drawing),
            f"<h2>In words</h2><pre>{_text(chr(10).join(customer_lines(explanation)))}</pre>"
            if not drawing.summarised
            else "",
            "</body></html>",
            "",
        ]
    )


def _summary(explanation: CustomerExplanation, drawing: Drawing) -> str:
    records = len(explanation.holdings)
    said = f"{records:,} record{'s' if records != 1 else ''} held to be one person."
    if drawing.summarised:
        said += f" Drawn as {len(set(drawing.marks))} groups, put together along their strongest ties."
    if explanation.cut:
        said += f" Without {len(explanation.cut)} of its edges ({explanation.cut_bits:.1f} bits in all) it falls apart."
    return said + (" Values are masked." if explanation.masked else "")


def _description(explanation: CustomerExplanation, drawing: Drawing) -> str:
    near = len(explanation.nearest)
    return (
        f"{_summary(explanation, drawing)} {near} other customer{'s' if near != 1 else ''} came near without being "
        "merged. The tables below say the same as the picture."
    )


def _svg(drawing: Drawing, title: str, description: str) -> str:
    height = float(np.clip(380 + 14 * len(drawing.nodes), 420, 1200))
    lengths = [_length(edge) for edge in drawing.edges]
    place = stress_layout(len(drawing.nodes), [(edge.a, edge.b) for edge in drawing.edges], lengths)
    place = fit(
        place, _WIDTH, height, margin=(110.0, 50.0), box=(150.0, 70.0) if len(drawing.nodes) < 30 else (110.0, 58.0)
    )
    order = sorted(drawing.edges, key=lambda edge: ("near", "held", "cut").index(edge.kind))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:.0f} {height:.0f}" role="img" '
            'aria-labelledby="picture-title picture-description">',
            f'<title id="picture-title">{_text(title)}</title>',
            f'<desc id="picture-description">{_text(description)}</desc>',
            *(_line(edge, drawing, place) for edge in order),
            *(_node(node, *place[number]) for number, node in enumerate(drawing.nodes)),
            *(_bits(edge, place) for edge in order if edge.kind != "held"),
            "</svg>",
        ]
    )


def _length(edge: Edge) -> float:
    return 2.3 if edge.kind == "near" else 2.0 - min(max(edge.bits, 0.0), _FULL_BITS) / _FULL_BITS


def _line(edge: Edge, drawing: Drawing, place: Floats) -> str:
    (x1, y1), (x2, y2) = place[edge.a], place[edge.b]
    thickness = "" if edge.kind == "near" else f' stroke-width="{1 + 7 * min(edge.bits, _FULL_BITS) / _FULL_BITS:.1f}"'
    ends = f"{drawing.nodes[edge.a].mark} - {drawing.nodes[edge.b].mark}: {edge.bits:+.1f} bits"
    return (
        f'<line class="{edge.kind}" x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}"{thickness}>'
        f"<title>{_text(ends)}</title></line>"
    )


def _bits(edge: Edge, place: Floats) -> str:
    x, y = (place[edge.a] + place[edge.b]) / 2
    return f'<text class="bits" x="{x:.1f}" y="{y + 4:.1f}">{edge.bits:+.1f}</text>'


def _node(node: Node, x: float, y: float) -> str:
    radius = 15.0 + 3.0 * np.log2(node.records)
    kind = "other" if node.neighbour else "off" if node.off_side else ""
    if node.off_side:
        shape = (
            f'<rect class="node {kind}" x="{x - radius}" y="{y - radius}" width="{2 * radius}" height="{2 * radius}"/>'
        )
    else:
        shape = f'<circle class="node {kind}" cx="{x}" cy="{y}" r="{radius:.1f}"/>'
    label = node.label if len(node.label) <= _LABEL else node.label[: _LABEL - 1] + "…"
    return (
        f'<g>{shape}<text class="mark" x="{x}" y="{y + 5:.1f}">{_text(node.mark)}</text>'
        f'<text class="{"faint" if node.neighbour else ""}" x="{x}" y="{y + radius + 15:.1f}">{_text(label)}</text></g>'
    )


def _legend(drawing: Drawing) -> str:
    said = ["Solid blue lines hold records together; the thicker, the more bits."]
    if any(edge.kind == "cut" for edge in drawing.edges):
        said.append("Dashed orange lines: without these it falls apart, and the squares come off.")
    if any(edge.kind == "near" for edge in drawing.edges):
        said.append("Grey dotted lines: the nearest customers that were not merged (letters).")
    if drawing.left_out:
        said.append(f"{drawing.left_out:,} weaker ties between records that others hold are not drawn.")
    return f"<p>{_text(' '.join(said))}</p>"


def _records(explanation: CustomerExplanation, drawing: Drawing) -> str:
    rows = [
        [
            mark,
            held.record.record_id,
            held.record.source,
            held.record.name,
            _held(held.record.link_strength),
            held.strongest or "",
        ]
        for mark, held in zip(drawing.marks, explanation.holdings, strict=True)
    ]
    return _table("Records", ["mark", "record", "source", "name", "held at", "strongest tie"], rows)


def _edges(explanation: CustomerExplanation) -> str:
    rows = [
        [view.record_a, view.record_b, f"{view.match_weight:+.1f}", "; ".join(view.words), _role(view.cut, view.bridge)]
        for view in explanation.edges
    ]
    return _table(
        "Edges inside, the strongest first", ["record", "record", "bits", "what speaks loudest", "role"], rows
    )


def _neighbours(explanation: CustomerExplanation, drawing: Drawing) -> str:
    marks = [node.mark for node in drawing.nodes if node.neighbour]
    rows = [
        [mark, view.customer_id, view.record, view.other, f"{view.best:+.1f}", ". ".join(apart_lines(view.apart))]
        for mark, view in zip(marks, explanation.nearest, strict=True)
    ]
    header = ["mark", "customer", "our record", "their record", "bits", "why it was not merged"]
    return _table("Nearest customers that were not merged", header, rows)


def _role(cut: bool, bridge: bool) -> str:
    return ", ".join(word for word, holds in (("minimum cut", cut), ("only tie", bridge)) if holds)


def _held(strength: float | None) -> str:
    return "" if strength is None else f"{strength:.4f}"


def _table(caption: str, header: list[str], rows: list[list[str]]) -> str:
    if not rows:
        return ""
    left_out = len(rows) - _MOST_ROWS
    more = f" ({left_out:,} more are left out)" if left_out > 0 else ""
    head = "".join(f'<th scope="col">{_text(name)}</th>' for name in header)
    body = "\n".join(f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in row)}</tr>" for row in rows[:_MOST_ROWS])
    title = f"<caption>{_text(caption + more)}</caption>"
    return f"<div><table>{title}<thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", value))
