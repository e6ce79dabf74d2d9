"""Raw assets: one per stream of every configured source, filled by one dlt load per source."""

from collections.abc import Iterator
from typing import Final

from dagster import (
    AssetExecutionContext,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    Failure,
    MaterializeResult,
    multi_asset,
)

from orchestration.settings import Settings
from orchestration.sources.errors import SourceError
from orchestration.sources.load import StreamReport, configured_sources, load
from orchestration.sources.streams import STREAMS

GROUP: Final = "raw"


def build_raw_assets(settings: Settings) -> list[AssetsDefinition]:
    """The raw assets of every source that the settings configure; nothing is read or connected here.

    The assets need a resource `warehouse` with a method `open() -> Warehouse`.
    """
    return [_source_assets(source, settings) for source in configured_sources(settings)]


def _source_assets(source: str, settings: Settings) -> AssetsDefinition:
    specs = [
        AssetSpec(
            raw_key(source, stream),
            group_name=GROUP,
            kinds={"dlt", "postgres"},
            description=f"{stream.replace('_', ' ').capitalize()} of {source} as sent, one row per object.",
        )
        for stream in STREAMS[source]
    ]

    @multi_asset(name=f"raw_{source}", specs=specs, required_resource_keys={"warehouse"})
    def raw_source(context: AssetExecutionContext) -> Iterator[MaterializeResult[None]]:
        try:
            report = load(source, settings, context.resources.warehouse.open())
        except SourceError as error:
            failure = Failure(description=str(error))
        else:
            if report.recovered_packages:
                context.log.info(f"{source}: finished {report.recovered_packages} load(s) of an interrupted run first")
            yield from (_result(source, stream, report.seconds) for stream in report.streams)
            return
        raise failure

    return raw_source


def raw_key(source: str, stream: str) -> AssetKey:
    """The asset key of a raw table: `[raw_<source>, <stream>]`."""
    return AssetKey([f"raw_{source}", stream])


def _result(source: str, stream: StreamReport, seconds: float) -> MaterializeResult[None]:
    return MaterializeResult(
        asset_key=raw_key(source, stream.stream),
        metadata={
            "rows loaded": stream.rows_loaded,
            "rows with an ingest error": stream.rows_with_error,
            "cursor reached": stream.cursor or "none",
            "seconds (whole source)": round(seconds, 2),
            "dagster/table_name": f"raw_{source}.{stream.stream}",
        },
    )
