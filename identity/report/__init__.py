"""The report of one run: a single HTML file that works offline, for people who must decide whether to trust it."""

from __future__ import annotations

import pyarrow as pa

from identity.pipeline import Resolution
from identity.report import html
from identity.report.component_section import components
from identity.report.facts import Facts, Source
from identity.report.model_section import model
from identity.report.pair_section import pairs
from identity.report.read_sections import filled, inputs, shared_identifiers, summary, timings
from identity.report.threshold_section import sizes, threshold

__all__ = ["Source", "report_html"]


def report_html(
    sources: tuple[Source, ...],
    records: pa.Table,
    resolution: Resolution,
    seconds: dict[str, float],
    *,
    show_values: bool = False,
) -> str:
    """The report as one HTML text: no script, style, font or picture from elsewhere, none asked for when it is opened.

    Args:
        sources: the inputs as they were read.
        records: per `contract.IDENTITY_RECORDS`, as they were resolved.
        resolution: of all of them.
        seconds: by stage.
        show_values: show people's data; masked when false.
    """
    facts = Facts(sources, records, resolution, seconds, show_values)
    lead = (
        f"{resolution.summary['records']:,} records are {resolution.summary['customers']:,} customers. "
        f"{'It shows personal data: keep it where they may be kept.' if show_values else 'Values are masked.'}"
    )
    parts = (summary, inputs, filled, model, threshold, sizes, pairs, components, shared_identifiers, timings)
    return html.page("Who is who", lead, [part(facts) for part in parts])
