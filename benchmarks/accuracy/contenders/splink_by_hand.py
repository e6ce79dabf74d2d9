"""Bare Splink with the person model that its documentation leads one to write, linked at a probability of 0.95.

Names with term frequencies, birth date, e-mail, postcode, place and the rest of what the table has; u from
random pairs, m from expectation maximisation over several blocking rules, clusters by connected components.
"""

from __future__ import annotations

import logging
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from benchmarks.accuracy.person_columns import blocking_keys, roles
from benchmarks.accuracy.protocol import ID, contend

THRESHOLD = 0.95
_RANDOM_PAIRS = 1e7
_UK_POSTCODE = r"(?i)^[a-z]{1,2}[0-9][a-z0-9]? ?[0-9]"


def cluster(people: pa.Table) -> pa.Table:
    """Train, predict and cluster with one model for the whole table."""
    present = roles(people.column_names)
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=_comparisons(people, present),
        blocking_rules_to_generate_predictions=_rules(present),
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI().register(people), settings, log_level=logging.ERROR)
    _train(linker, present)
    edges = linker.inference.predict(threshold_match_probability=0.01)
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(edges, threshold_match_probability=THRESHOLD)
    return pa.Table.from_pandas(found.as_pandas_dataframe()[[ID, "cluster_id"]], preserve_index=False)


def _comparisons(people: pa.Table, present: dict[str, str]) -> list[Any]:
    comparisons: list[Any] = []
    for role, column in present.items():
        match role:
            case "first_name" | "surname":
                comparisons.append(cl.NameComparison(column).configure(term_frequency_adjustments=True))
            case "middle_name" | "second_surname":
                comparisons.append(cl.JaroWinklerAtThresholds(column, [0.88]))
            case "dob":
                comparisons.append(cl.DateOfBirthComparison(column, input_is_string=True))
            case "email":
                comparisons.append(cl.EmailComparison(column))
            case "phone" | "national_id":
                comparisons.append(cl.LevenshteinAtThresholds(column, [2]))
            case "postcode" if _mostly_british(people[column]):
                comparisons.append(cl.PostcodeComparison(column))
            case "postcode" | "street_number":
                comparisons.append(cl.LevenshteinAtThresholds(column, [1]))
            case "street" | "street_more":
                comparisons.append(cl.JaroWinklerAtThresholds(column, [0.9, 0.8]))
            case "city" | "birth_place":
                comparison = cl.JaroWinklerAtThresholds(column, [0.9])
                comparisons.append(comparison.configure(term_frequency_adjustments=True))
            case "state" | "occupation":
                comparisons.append(cl.ExactMatch(column).configure(term_frequency_adjustments=True))
    return comparisons


def _train(linker: Linker, present: dict[str, str]) -> None:
    """Prior from rules that hardly err, u from random pairs, m from every rule that Splink can train on."""
    sure = _sure_rules(present)
    if sure:
        linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=_RANDOM_PAIRS, seed=1)
    trained, reason = 0, None
    for parts in [("first_name", "surname"), ("dob",), ("email",), ("postcode",), ("surname", "city")]:
        if not all(role in present for role in parts):
            continue
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*(present[role] for role in parts))
            )
            trained += 1
        except Exception as error:  # Splink raises its own kinds and ValueError alike
            print(f"not trained on {' and '.join(parts)}: {error}")
            reason = error
    if not trained:
        raise RuntimeError("expectation maximisation failed on every blocking rule") from reason


def _sure_rules(present: dict[str, str]) -> list[Any]:
    """Two of first name, surname and birth date equal and the third at most a typing error away; or an identifier."""
    rules: list[Any] = [block_on(present[role]) for role in ("email", "national_id") if role in present]
    three = [present.get(role) for role in ("first_name", "surname", "dob")]
    if all(three):
        for nearly in three:
            equal = [f"l.{column} = r.{column}" for column in three if column != nearly]
            rules.append(" and ".join([*equal, f"levenshtein(l.{nearly}, r.{nearly}) <= 2"]))
    return rules


def _rules(present: dict[str, str]) -> list[Any]:
    """The shared keys, and the birth date alone: it finds people whose names are both misspelt."""
    keys = blocking_keys(present)
    if "dob" in present:
        keys.append([(present["dob"], 0)])
    return [
        block_on(*(f"substr({column}, 1, {length})" if length else column for column, length in key)) for key in keys
    ]


def _mostly_british(postcodes: pa.ChunkedArray) -> bool:
    british = pc.match_substring_regex(postcodes, _UK_POSTCODE)
    return bool((pc.mean(british).as_py() or 0) > 0.5)


if __name__ == "__main__":
    contend(cluster)
