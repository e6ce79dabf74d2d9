"""Pairwise and B-cubed figures against counting by hand."""

from __future__ import annotations

from itertools import combinations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.evaluation import evaluate


def tables(rows: list[tuple[int, int]]) -> tuple[pa.Table, pa.Table]:
    ids = [f"r{number}" for number in range(len(rows))]
    predicted = pa.table({"record_id": ids, "customer_id": [f"c{c}" for c, _ in rows]})
    return predicted, pa.table({"record_id": ids, "person_id": [f"p{p}" for _, p in rows]})


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=25))
def test_pairs_are_counted_as_by_hand(rows: list[tuple[int, int]]) -> None:
    quality = evaluate(*tables(rows))
    pairs = list(combinations(rows, 2))
    found = [a[0] == b[0] for a, b in pairs]
    true = [a[1] == b[1] for a, b in pairs]
    correct = sum(f and t for f, t in zip(found, true, strict=True))
    assert (quality.predicted_pairs, quality.true_pairs, quality.correct_pairs) == (sum(found), sum(true), correct)
    assert quality.precision == (correct / sum(found) if any(found) else 1.0)
    cubed = [sum(b == a for b in rows) / sum(b[0] == a[0] for b in rows) for a in rows]
    assert quality.bcubed_precision == pytest.approx(sum(cubed) / len(cubed))


def test_nothing_in_common_is_an_error() -> None:
    predicted, _ = tables([(0, 0)])
    with pytest.raises(ValueError, match="no record_id in common"):
        evaluate(predicted, pa.table({"record_id": ["other"], "person_id": ["p"]}))
