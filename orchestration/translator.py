"""How dbt's names become Dagster's: one key and one group per schema, the vocabulary of the design."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster import AssetKey
from dagster_dbt import DagsterDbtTranslator


class BraidTranslator(DagsterDbtTranslator):
    """`golden.customers` in Postgres is the asset `golden/customers` in the group `golden`."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        """Models and seeds by schema and name; sources by the key that their meta names."""
        declared = dbt_resource_props.get("meta", {}).get("dagster", {}).get("asset_key")
        if declared:
            return AssetKey(declared)
        return AssetKey([str(dbt_resource_props["schema"]), str(dbt_resource_props["name"])])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The schema is the group."""
        return str(dbt_resource_props["schema"])
