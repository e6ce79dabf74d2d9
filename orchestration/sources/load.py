"""One load of one source into its raw tables: the only place that runs dlt."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import dlt
import psycopg
from dlt.common.pipeline import LoadInfo
from dlt.extract import DltSource
from dlt.pipeline.exceptions import PipelineStepFailed

from orchestration.settings import Settings
from orchestration.sources.client import PATIENT, Patience
from orchestration.sources.errors import SourceError, translate
from orchestration.sources.events import load_events
from orchestration.sources.files import files
from orchestration.sources.meta import meta
from orchestration.sources.runtime import hermetic, pipeline
from orchestration.sources.salesforce import salesforce
from orchestration.sources.shopify import shopify
from orchestration.sources.streams import STREAMS
from orchestration.sources.x import x
from orchestration.sources.zendesk import zendesk
from orchestration.warehouse import Warehouse

_VENDORS: Final[dict[str, Callable[..., DltSource]]] = {
    "salesforce": salesforce,
    "shopify": shopify,
    "zendesk": zendesk,
    "meta": meta,
    "x": x,
}

_EVENTS: Final = "events"  # they come by themselves, by the API: there is nothing to configure

_CREDENTIALS: Final = {
    "salesforce": "BRAID_SALESFORCE__CLIENT_ID and BRAID_SALESFORCE__CLIENT_SECRET",
    "shopify": "BRAID_SHOPIFY__ACCESS_TOKEN",
    "zendesk": "BRAID_ZENDESK__EMAIL and BRAID_ZENDESK__API_TOKEN",
    "meta": "BRAID_META__ACCESS_TOKEN",
    "x": "BRAID_X__BEARER_TOKEN",
    "files": "BRAID_FILES",
}


@dataclass(frozen=True)
class StreamReport:
    """What one load did to one raw table."""

    stream: str
    rows_loaded: int
    rows_with_error: int  # of those, the ones that ingestion could not read
    cursor: str | None  # the latest cursor_value in the table


@dataclass(frozen=True)
class LoadReport:
    """What one load of a source did."""

    source: str
    streams: tuple[StreamReport, ...]
    recovered_packages: int  # left behind by a run that was killed, finished first
    seconds: float

    @property
    def rows_loaded(self) -> int:
        """Rows of all streams."""
        return sum(stream.rows_loaded for stream in self.streams)


def configured_sources(settings: Settings) -> tuple[str, ...]:
    """The sources that the settings give, and the events that come by themselves, in the order of `STREAMS`."""
    return tuple(name for name in STREAMS if name == _EVENTS or getattr(settings, name) is not None)


def load(source: str, settings: Settings, warehouse: Warehouse, patience: Patience = PATIENT) -> LoadReport:
    """Fetch what is new in a source and merge it into `raw_<source>`.

    What a killed run left behind is finished first. A failing source changes no raw table.

    Args:
        source: one of `STREAMS`.
        settings: must configure that source.
        warehouse: to load into.
        patience: how often and how long to retry.

    Raises:
        SourceError: with source, stream and what to do, if a vendor or a file cannot be read.
    """
    if source == _EVENTS:
        return _load_events(warehouse)
    part = getattr(settings, source, None)
    if part is None:
        raise SourceError(source, None, "it is not configured", f"Set BRAID_{source.upper()} (see the README)")
    started = time.monotonic()
    failure: SourceError | None = None
    try:
        with hermetic():
            flow = pipeline(source, settings.home, warehouse.address)
            recovered = _finish_pending(flow)
            info = _run(flow, _source(source, part, patience))
    except SourceError as error:
        failure = error
    except Exception as error:
        failure = translate(error, source, _CREDENTIALS[source], _address(source))
    if failure is not None:
        # Raised here, outside of the handler: dlt's own errors repeat rows and URLs, and would be printed as context.
        raise failure
    ids = [*recovered, *info.loads_ids]
    return LoadReport(source, _report(source, warehouse, ids), len(recovered), time.monotonic() - started)


def _load_events(warehouse: Warehouse) -> LoadReport:
    started = time.monotonic()
    try:
        load_id = load_events(warehouse)
    except psycopg.Error as error:
        failure = SourceError(
            _EVENTS, None, f"the events cannot be read ({type(error).__name__})", "Check the warehouse, and run again"
        )
    else:
        ids = [] if load_id is None else [load_id]
        return LoadReport(_EVENTS, _report(_EVENTS, warehouse, ids), 0, time.monotonic() - started)
    raise failure


def _source(name: str, part: Any, patience: Patience) -> DltSource:
    if isinstance(part, Path):
        return files(part)
    return _VENDORS[name](part, patience)


def _address(source: str) -> str:
    return "BRAID_FILES" if source == "files" else f"BRAID_{source.upper()}__URL"


def _finish_pending(flow: dlt.Pipeline) -> list[str]:
    """Load what an interrupted run extracted but did not load; dlt would do that instead of extracting anew."""
    flow.sync_destination()
    finished: list[str] = []
    while flow.has_pending_data:
        try:
            info = flow.run(loader_file_format="csv")
        except PipelineStepFailed:
            # It cannot be finished, so it is fetched anew, from the cursors of the last load that succeeded.
            flow.drop()
            flow.sync_destination()
        else:
            finished += info.loads_ids if info else []
    return finished


def _run(flow: dlt.Pipeline, data: DltSource) -> LoadInfo:
    try:
        return flow.run(data, loader_file_format="csv")
    except PipelineStepFailed:
        # What was extracted is of no use and is personal data; the cursors that moved with it must go too. The next run
        # takes up those of the last load that succeeded, which dlt keeps in the warehouse.
        flow.drop()
        raise


def _report(source: str, warehouse: Warehouse, load_ids: Iterable[str]) -> tuple[StreamReport, ...]:
    ids = list(load_ids)
    reports = []
    for stream in STREAMS[source]:
        if not warehouse.has_table(f"raw_{source}", stream):
            reports.append(StreamReport(stream, 0, 0, None))
            continue
        counts = warehouse.read(
            f"select count(*) filter (where _dlt_load_id = any(string_to_array($1, ','))) as loaded, "
            "count(*) filter (where _dlt_load_id = any(string_to_array($1, ',')) and ingest_error is not null) as bad, "
            f'max(cursor_value) as cursor from "raw_{source}"."{stream}"',
            (",".join(ids),),
        ).to_pylist()[0]
        reports.append(StreamReport(stream, counts["loaded"], counts["bad"], counts["cursor"]))
    return tuple(reports)
