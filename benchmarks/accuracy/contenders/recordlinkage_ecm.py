"""recordlinkage with its unsupervised ECM classifier: the same blocking keys as the Splink model, agreement per column.

String columns agree from a Jaro-Winkler similarity of 0.9; dates and codes when they are equal or one edit apart.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import recordlinkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from benchmarks.accuracy.person_columns import blocking_keys, roles
from benchmarks.accuracy.protocol import ID, contend

_CODES = {"dob", "phone", "national_id", "postcode", "street_number"}
_EXACT = {"state", "gender", "occupation"}
_SIMILAR = 0.9
_MOSTLY_MISSING = 0.5
_ONE_EDIT = 0.85  # of seven or more characters


def cluster(people: pa.Table) -> pa.Table:
    """Classify the blocked pairs; clusters are the connected components of the matches."""
    frame = people.to_pandas()
    present = roles(people.column_names)
    keys = [_key(frame, key) for key in blocking_keys(present)]
    keyed = pd.DataFrame({f"key_{number}": key for number, key in enumerate(keys)})
    index = recordlinkage.Index()
    for name in keyed:
        index.block(name)
    pairs = index.index(keyed)
    compare = recordlinkage.Compare(n_jobs=1)
    for role, column in present.items():
        if frame[column].isna().mean() > _MOSTLY_MISSING:
            continue  # a missing value counts as disagreement, which says nothing when most are missing
        if role in _EXACT:
            compare.exact(column, column, label=role)
        elif role in _CODES:
            compare.string(column, column, method="levenshtein", threshold=_ONE_EDIT, label=role)
        else:
            compare.string(column, column, method="jarowinkler", threshold=_SIMILAR, label=role)
    agreements = compare.compute(pairs, frame)
    matches = recordlinkage.ECMClassifier().fit_predict(agreements.astype(int))
    left, right = matches.get_level_values(0), matches.get_level_values(1)
    graph = coo_matrix((np.ones(len(matches)), (left, right)), shape=(len(frame), len(frame)))
    _, labels = connected_components(graph, directed=False)
    return pa.table({ID: people[ID], "cluster_id": labels})


def _key(frame: pd.DataFrame, parts: list[tuple[str, int]]) -> pd.Series:
    """One text per row; null where a part is missing, which recordlinkage never blocks on."""
    texts = [frame[column].str[:length] if length else frame[column] for column, length in parts]
    key = texts[0]
    for text in texts[1:]:
        key = key + "|" + text
    return key


if __name__ == "__main__":
    contend(cluster)
