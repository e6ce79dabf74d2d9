"""HTML that needs nothing but itself: escaped text, tables with captions, figures, one page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any, Final

from splink.internals.html_utils import json_for_html, load_chart_libraries

from identity.report.charts import Chart

# Nothing is loaded from anywhere. Vega compiles its expressions, hence unsafe-eval.
_POLICY: Final = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data:"
)
_LONGEST: Final = 300
_FIGURE: Final = re.compile(r"[+-]?\d+(\.\d+)?%|[+-]?\d+\.\d+")

_STYLE: Final = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1b1b; background: #fff; max-width: 72rem; margin: 0 auto;
  padding: 1rem 1.5rem 4rem; }
h1 { font-size: 1.8rem; margin-bottom: 0.2rem; } h2 { margin-top: 3rem; border-bottom: 2px solid #1f4e79; }
h3 { margin-top: 2rem; } a { color: #0b4f8a; } nav ul { columns: 2; }
table { border-collapse: collapse; margin: 1rem 0; width: 100%; font-size: 0.9rem; }
caption { text-align: left; font-weight: 600; padding-bottom: 0.3rem; }
th, td { border: 1px solid #b9c2cc; padding: 0.25rem 0.55rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
thead th { background: #e8eef4; } td.number, th.number { text-align: right; white-space: nowrap; }
figure { margin: 1rem 0; overflow-x: auto; } figcaption { color: #444; font-size: 0.9rem; }
.wide { overflow-x: auto; } .unused td { color: #555; } .note { border-left: 4px solid #946200; padding-left: 0.7rem; }
details { margin: 0.7rem 0; border: 1px solid #b9c2cc; padding: 0.3rem 0.8rem; }
summary { cursor: pointer; font-weight: 600; } :focus-visible { outline: 3px solid #0b4f8a; }
@media print { body { max-width: none; padding: 0; } nav { display: none; } h2 { break-after: avoid; }
  tr, figure { break-inside: avoid; } }
"""


def text(value: object) -> str:
    """A value as escaped text, cut where it is very long; nothing is a dash."""
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return "; ".join(text(one) for one in value) or "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.4g}"
    plain = str(value)
    return escape(plain if len(plain) <= _LONGEST else plain[:_LONGEST] + " …")


def paragraph(*sentences: str, kind: str = "") -> str:
    """Sentences as one paragraph."""
    return f"<p{_class(kind)}>{escape(' '.join(sentences))}</p>"


def table(caption: str, headers: Sequence[str], rows: Iterable[Sequence[object]], *, unused: object = None) -> str:
    """A table; its first column names the rows. Rows that hold `unused` are toned down."""
    head = "".join(f'<th scope="col">{escape(header)}</th>' for header in headers)
    body = "".join(_row(row, dim=unused is not None and unused in row) for row in rows)
    if not body:
        return paragraph(f"{caption}: none.")
    return (
        f'<div class="wide"><table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _row(row: Sequence[object], *, dim: bool) -> str:
    first, *others = row
    cells = "".join(f"<td{_class('number' if _is_number(cell) else '')}>{text(cell)}</td>" for cell in others)
    return f'<tr{_class("unused" if dim else "")}><th scope="row">{text(first)}</th>{cells}</tr>'


def _is_number(cell: object) -> bool:
    if isinstance(cell, str):
        return _FIGURE.fullmatch(cell) is not None
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def section(name: str, title: str, *parts: str) -> tuple[str, str, str]:
    """A section of the page: its anchor, its title, its content."""
    return name, title, "".join(parts)


def details(summary: str, *parts: str) -> str:
    """Something to open."""
    return f"<details><summary>{escape(summary)}</summary>{''.join(parts)}</details>"


def subtitle(title: str) -> str:
    """A heading within a section."""
    return f"<h3>{escape(title)}</h3>"


def figure(chart: Chart | None) -> str:
    """A chart, with a caption that says what it shows and where the same numbers stand."""
    if chart is None:
        return ""
    return (
        f'<figure><div class="chart" id="chart-{chart.name}" role="img" aria-label="{escape(chart.title)}"></div>'
        f"<figcaption>{escape(chart.title)}. {escape(chart.caption)}</figcaption></figure>"
        f"<script>charts.push(['chart-{chart.name}', {_json(chart.spec)}]);</script>"
    )


def _json(spec: dict[str, Any]) -> str:
    """JSON that cannot end the script that it stands in."""
    return str(json_for_html(spec))  # type: ignore[no-untyped-call]


def page(title: str, lead: str, sections: Sequence[tuple[str, str, str]]) -> str:
    """The whole page, with its scripts and its style in it."""
    scripts: dict[str, str] = load_chart_libraries()  # type: ignore[no-untyped-call]
    libraries = "".join(f"<script>{source}</script>" for source in scripts.values())
    contents = "".join(f'<li><a href="#{name}">{escape(heading)}</a></li>' for name, heading, _ in sections)
    body = "".join(
        f'<section aria-labelledby="{name}"><h2 id="{name}">{escape(heading)}</h2>{content}</section>'
        for name, heading, content in sections
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><script>const charts = [];</script></head><body>"
        f"<header><h1>{escape(title)}</h1>{paragraph(lead)}</header>"
        "<noscript><p>Charts need JavaScript, which is part of this file; the tables hold the same numbers.</p>"
        f'</noscript><nav aria-label="Contents"><ul>{contents}</ul></nav><main>{body}</main>{libraries}'
        "<script>for (const [id, spec] of charts) { "
        "vegaEmbed(document.getElementById(id), spec, {actions: false, renderer: 'svg'})"
        ".catch((error) => { console.error(error); }); }\n"
        "addEventListener('beforeprint', () => { "
        "for (const part of document.querySelectorAll('details')) part.open = true; });</script></body></html>\n"
    )
