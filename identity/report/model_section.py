"""The model that was learnt: what each level of each comparison says."""

from __future__ import annotations

from collections.abc import Iterator
from math import log2

from identity.report import html
from identity.report.charts import model_charts
from identity.report.facts import Facts


def model(facts: Facts) -> tuple[str, str, str]:
    """Charts and table of the model's probabilities and weights."""
    learnt = facts.model
    if not learnt["comparisons"]:
        return html.section(
            "model", "The model", html.paragraph("Nothing could be compared, so there is no model: see what was read.")
        )
    others = [name for name in learnt["rival_priors"] if name in learnt["comparisons"][0]["levels"][0]]
    headers = ("comparison", "level", "m: one person", "u: strangers", *others, "weight in bits")
    return html.section(
        "model",
        "The model",
        html.paragraph(
            f"Two records taken at random are one person with a probability of {learnt['prior']:.3g}. Each comparison "
            "that two records allow adds its weight in bits: +1 doubles the odds that they are one person, -1 halves "
            "them."
        ),
        *(html.figure(chart) for chart in model_charts(learnt)),
        html.table("Levels of each comparison, the best first", headers, _levels(facts, others)),
    )


def _levels(facts: Facts, others: list[str]) -> Iterator[tuple[object, ...]]:
    for comparison in facts.model["comparisons"]:
        for level in reversed(comparison["levels"]):
            yield (
                comparison["name"].replace("_", " "),
                level["words"],
                level["m"],
                level["u"],
                *(level[other] for other in others),
                f"{log2(level['m'] / level['u']):+.2f}",
            )
