"""Splink alone on the same records: a plain model of people, trained, predicted and clustered at 0.95.

Comparisons and blocking rules are those of Splink's own documentation for a table like this one. Argument: the folder
of `records.parquet`.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from benchmarks.identity_scale.measured import peak_gib

RULES = (
    ("email",),
    ("phone",),
    ("first_name", "surname", "postcode"),
    ("surname", "dob"),
    ("first_name", "dob"),
)


def main(folder: Path) -> None:
    """Print seconds and memory as JSON; leave the clusters in the folder."""
    people = _people(pq.read_table(folder / "records.parquet"))
    started = time.perf_counter()
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("first_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.EmailComparison("email"),
            cl.ExactMatch("phone"),
            cl.ExactMatch("postcode"),
        ],
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in RULES],
        retain_matching_columns=False,
    )
    linker = Linker(DuckDBAPI().register(people), settings, log_level=logging.ERROR)
    linker.training.estimate_probability_two_random_records_match([block_on("email")], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    for rule in (("email",), ("surname", "dob"), ("phone",)):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
    edges = linker.inference.predict(threshold_match_probability=0.5)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(edges, threshold_match_probability=0.95)
    found = clusters.as_pandas_dataframe()[["unique_id", "cluster_id"]]
    seconds = time.perf_counter() - started
    pq.write_table(
        pa.table({"record_id": found["unique_id"], "customer_id": found["cluster_id"].astype(str)}),
        folder / "splink.parquet",
    )
    print(json.dumps({"seconds": seconds, "gib": peak_gib()}))


def _people(records: pa.Table) -> pa.Table:
    """One plain column per attribute: names split at the last space, the first e-mail and phone of each."""
    full = pc.utf8_lower(records["full_name"])
    words = pc.split_pattern(full, " ", max_splits=1, reverse=True)
    several = pc.greater(pc.list_value_length(words), 1)
    last = pc.if_else(several, pc.list_element(pc.if_else(several, words, pa.scalar(["", ""], words.type)), 1), None)
    first = pc.if_else(several, pc.list_element(pc.fill_null(words, [""]), 0), full)
    return pa.table(
        {
            "unique_id": records["record_id"],
            "first_name": pc.coalesce(pc.utf8_lower(records["given_name"]), first),
            "surname": pc.coalesce(pc.utf8_lower(records["family_name"]), last),
            "dob": pc.strftime(records["birth_date"].cast(pa.timestamp("s")), "%Y-%m-%d"),
            "email": pc.utf8_lower(_first(records["emails"])),
            "phone": pc.replace_substring_regex(_first(records["phones"]), "[^0-9]", ""),
            "postcode": pc.replace_substring(pc.utf8_upper(records["postcode"]), " ", ""),
        }
    )


def _first(lists: pa.ChunkedArray) -> pa.ChunkedArray:
    some = pc.greater(pc.list_value_length(lists), 0)
    padded = pc.if_else(pc.fill_null(some, False), lists, pa.scalar([None], pa.list_(pa.string())))
    return pc.list_element(padded, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
