"""The two dbt halves around identity: `prepare` (raw to identity_records) and `serve` (golden to segments)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dagster import AssetExecutionContext, AssetsDefinition
from dagster_dbt import DagsterDbtTranslatorSettings, DbtProject, dbt_assets

from orchestration.dbt_build import WarehouseDbt
from orchestration.dbt_manifest import dbt_vars
from orchestration.erased_people import withhold_erased
from orchestration.settings import Settings
from orchestration.translator import BraidTranslator

SELECTORS = ("prepare", "serve")


def build_transform_assets(settings: Settings, manifest: dict[str, Any], project_dir: Path) -> list[AssetsDefinition]:
    """One set of assets per dbt selector, dbt's tests as their checks."""
    return [_half(selector, settings, manifest, project_dir) for selector in SELECTORS]


def _half(selector: str, settings: Settings, manifest: dict[str, Any], project_dir: Path) -> AssetsDefinition:
    variables = dbt_vars(settings)

    @dbt_assets(
        manifest=manifest,
        selector=selector,
        name=selector,
        project=DbtProject(project_dir),
        dagster_dbt_translator=BraidTranslator(DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True)),
        required_resource_keys={"dbt", "warehouse"},
    )
    def half(context: AssetExecutionContext) -> Iterator[Any]:
        if selector == "prepare":
            withheld = withhold_erased(settings, context.resources.warehouse.open())
            if withheld.total:
                context.log.info(f"{withheld.total} rows of erased people were held back (`braid privacy list`)")
        dbt: WarehouseDbt = context.resources.dbt
        yield from dbt.build(variables, context)

    return half
