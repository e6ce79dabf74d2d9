"""Charts as Vega-Lite: Splink's own for completeness and the model, and those that need no labels for the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from splink.internals.charts import CompletenessChart, MatchWeightsHistogramChart
from splink.internals.comparison_creator import ComparisonCreator
from splink.internals.settings import Settings
from splink.internals.settings_creator import SettingsCreator

from identity.comparison_catalogue import EVERY_COMPARISON

_BLUE: Final = "#1f4e79"
_ORANGE: Final = "#a34700"
_WIDTH: Final = 640


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite `spec` with a `title` (what a screen reader says) and a `caption`; `name` is its place."""

    name: str
    title: str
    caption: str
    spec: dict[str, Any]


def _for_here(spec: dict[str, Any]) -> dict[str, Any]:
    """Labels in full, and no version: Splink names a later Vega-Lite than it ships, which browsers complain of."""
    config = spec.get("config", {})
    whole = {**config, "axis": {**config.get("axis", {}), "labelLimit": 420}}
    return {**{key: value for key, value in spec.items() if key != "$schema"}, "config": whole}


def completeness(rows: list[dict[str, Any]]) -> Chart:
    """Splink's chart of how full each field is; rows: source_dataset, column_name, total_null_rows, completeness ..."""
    spec = _for_here(CompletenessChart(rows).chart_dict)
    # Splink turns the labels of one layer and not of the other, which browsers complain of.
    spec["layer"][1]["encoding"]["x"].pop("axis", None)
    return Chart(
        "completeness",
        "Share of records that hold each field",
        "The table below has the same figures.",
        spec,
    )


def model_charts(model: dict[str, Any]) -> list[Chart]:
    """Splink's charts of match weights, and of m and u probabilities, from the model as JSON."""
    settings = _splink_settings(model)
    if settings is None:
        return []
    return [
        Chart(
            "match-weights",
            "Match weights of the model, in bits",
            "One person against strangers; where a household is the likelier reason, a pair counts for less. "
            "The table below has every figure.",
            _for_here(settings.match_weights_chart().chart_dict),  # type: ignore[no-untyped-call]
        ),
        Chart(
            "m-u",
            "m and u probabilities of the model",
            "How often records of one person (m) and of strangers (u) reach each level. The table below has every "
            "figure.",
            _for_here(settings.m_u_parameters_chart().chart_dict),  # type: ignore[no-untyped-call]
        ),
    ]


def _splink_settings(model: dict[str, Any]) -> Settings | None:
    known = {comparison.name: comparison for comparison in EVERY_COMPARISON}
    comparisons: list[ComparisonCreator | dict[str, Any]] = []
    for entry in model["comparisons"]:
        shape = known[entry["name"]].to_splink()
        # The model lists the level for everything else first, Splink the best one.
        for level, learnt in zip(shape["comparison_levels"][1:], reversed(entry["levels"]), strict=True):
            level["m_probability"], level["u_probability"] = learnt["m"], learnt["u"]
        comparisons.append(shape)
    if not comparisons:
        return None
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="rid",
        comparisons=comparisons,
        probability_two_random_records_match=model["prior"],
    ).get_settings("duckdb")


def weight_histogram(bins: list[dict[str, float]]) -> Chart:
    """Splink's histogram of match weights; bins: splink_score_bin_low, splink_score_bin_high, count_rows."""
    return Chart(
        "weights",
        "How many kept pairs have which match weight",
        "Pairs far below the threshold are not kept.",
        _for_here(MatchWeightsHistogramChart(bins).chart_dict),
    )


def threshold_curve(rows: list[dict[str, float]], threshold: float) -> Chart:
    """Customers, expected precision and expected recall by threshold, the one in use marked."""
    x = {"field": "threshold", "type": "quantitative", "title": "threshold, in bits"}
    rule = {
        "data": {"values": [{"threshold": threshold}]},
        "mark": {"type": "rule", "strokeDash": [4, 4]},
        "encoding": {"x": x},
    }
    shares = {
        "mark": {"type": "line", "point": True},
        "transform": [{"fold": ["expected precision", "expected recall"], "as": ["measure", "share"]}],
        "encoding": {
            "x": x,
            "y": {"field": "share", "type": "quantitative", "title": "expected share", "scale": {"zero": False}},
            "color": {
                "field": "measure",
                "type": "nominal",
                "title": None,
                "scale": {"range": [_BLUE, _ORANGE]},
                "legend": {"orient": "top"},
            },
            "strokeDash": {"field": "measure", "type": "nominal", "title": None},
        },
    }
    customers = {
        "mark": {"type": "line", "point": True, "color": _BLUE},
        "encoding": {
            "x": x,
            "y": {"field": "customers", "type": "quantitative", "title": "customers", "scale": {"zero": False}},
        },
    }
    return Chart(
        "threshold",
        "Customers and expected quality by threshold",
        f"The dashed line is the threshold in use, {threshold:g} bits. The table below has the same figures.",
        {
            "data": {"values": rows},
            "vconcat": [
                {"width": _WIDTH, "height": 170, "layer": [shares, rule]},
                {"width": _WIDTH, "height": 130, "layer": [customers, rule]},
            ],
        },
    )


def cluster_sizes(rows: list[dict[str, Any]]) -> Chart:
    """Customers by number of records; rows: records (a label), customers."""
    return Chart(
        "sizes",
        "Customers by number of records",
        "On a logarithmic scale. The table below has the same figures.",
        {
            "data": {"values": rows},
            "width": _WIDTH,
            "height": 200,
            "mark": {"type": "bar", "color": _BLUE},
            "encoding": {
                "x": {
                    "field": "records",
                    "type": "ordinal",
                    "sort": None,
                    "title": "records",
                    "axis": {"labelAngle": 0},
                },
                "y": {
                    "field": "customers",
                    "type": "quantitative",
                    "title": "customers",
                    "scale": {"type": "symlog"},
                    "stack": None,
                },
            },
        },
    )
