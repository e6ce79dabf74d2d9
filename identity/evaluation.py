"""How right a clustering is, against a truth: pairwise and B-cubed precision, recall and F1."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa


@dataclass(frozen=True)
class Quality:
    """Shares from 0 to 1. `precision` of nothing predicted, and `recall` of nothing to find, are 1."""

    precision: float
    recall: float
    f1: float
    bcubed_precision: float
    bcubed_recall: float
    bcubed_f1: float
    true_pairs: int
    predicted_pairs: int
    correct_pairs: int


def evaluate(predicted: pa.Table, truth: pa.Table) -> Quality:
    """Compare `predicted` (`record_id, customer_id`) with `truth` (`record_id, person_id`) over the records of both.

    Pairwise: over all pairs of records put together. B-cubed (Bagga and Baldwin, 1998): the mean, over records, of how
    much of the record's cluster is its person, and how much of its person is in its cluster.

    Raises:
        ValueError: if the two have no record in common.
    """
    frame = predicted.select(["record_id", "customer_id"]).to_pandas()
    frame = frame.merge(truth.select(["record_id", "person_id"]).to_pandas(), on="record_id")
    if frame.empty:
        raise ValueError("the clusters and the truth have no record_id in common")
    both = frame.groupby(["customer_id", "person_id"], as_index=False).size()
    customers = both.groupby("customer_id")["size"].transform("sum")
    people = both.groupby("person_id")["size"].transform("sum")
    correct = _pairs(both["size"])
    found = _pairs(frame.groupby("customer_id").size())
    true = _pairs(frame.groupby("person_id").size())
    precision = correct / found if found else 1.0
    recall = correct / true if true else 1.0
    bcubed_precision = float((both["size"] ** 2 / customers).sum() / len(frame))
    bcubed_recall = float((both["size"] ** 2 / people).sum() / len(frame))
    return Quality(
        precision,
        recall,
        _f1(precision, recall),
        bcubed_precision,
        bcubed_recall,
        _f1(bcubed_precision, bcubed_recall),
        true,
        found,
        correct,
    )


def _pairs(sizes: pd.Series) -> int:
    return int((sizes * (sizes - 1) // 2).sum())


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
