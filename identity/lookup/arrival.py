"""A record on its way in: put on the bench with those whose features it changes, it finds whom it is compared with."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from identity.lookup.index import Index, Rids
from identity.lookup.workbench import Classes, Workbench
from identity.prepare import SHARABLE

_MOST_CARRIERS: Final = 40
_PERSONAL: Final = "personal"


def put_on_bench(bench: Workbench, index: Index, row: pa.Table, rid: int, without: Rids) -> Rids:
    """Put a record (per contract) on the bench as `rid`; the places of the known records that had to come with it.

    An identifier that several people share once the record carries it too is shared for all who carry it.
    """
    own = bench.standardise(row, rid)
    changes: Classes = {kind: {} for kind in SHARABLE}
    turned = np.empty(0, dtype=np.int32)
    for kind in SHARABLE:
        values = own[f"{kind}s"][0].as_py() or []
        carriers = {
            value: index.carriers(kind, key, without)
            for value, key in zip(values, bench.hashes(values) if values else [], strict=True)
        }
        # On too many records, its class does not depend on one more.
        told = {value: some for value, some in carriers.items() if 0 < len(some) <= _MOST_CARRIERS}
        if not told:
            continue
        among = np.unique(np.concatenate([*told.values()]))
        together = pa.concat_tables([_standardised(index, among, own.schema), own])
        for value, learnt in bench.learn_classes(kind, list(told), _as_features(together)).items():
            if learnt != index.classes[kind].get(value, _PERSONAL):
                changes[kind][value] = learnt
                turned = np.union1d(turned, told[value])
    arriving = pa.concat_tables([_standardised(index, turned, own.schema), own])
    bench.begin(arriving, _classes(index, arriving, changes))
    return turned


def features_of(index: Index, places: Rids) -> pa.Table:
    """The features of known records, with their `rid`."""
    rids = pa.array(index.rids[places], pa.int32())
    return index.features.take(pa.array(places)).append_column("rid", rids)


def _standardised(index: Index, places: Rids, schema: pa.Schema) -> pa.Table:
    """Known records as they were before their identifiers were parted in personal and shared ones."""
    table = features_of(index, places)
    for kind, column in SHARABLE.items():
        table = table.set_column(table.column_names.index(f"{kind}s"), f"{kind}s", table[column])
    return table.select(schema.names).cast(schema)


def _as_features(standardised: pa.Table) -> pa.Table:
    """With the columns that learning about identifiers reads."""
    names = {f"{kind}s": column for kind, column in SHARABLE.items()}
    return standardised.rename_columns([names.get(name, name) for name in standardised.column_names])


def _classes(index: Index, standardised: pa.Table, changes: Classes) -> Classes:
    """The classes, other than personal, of the identifiers of a few records."""
    found: Classes = {}
    for kind in SHARABLE:
        values = pc.unique(pc.list_flatten(standardised[f"{kind}s"])).to_pylist()
        known = {value: changes[kind].get(value, index.classes[kind].get(value, _PERSONAL)) for value in values}
        found[kind] = {value: name for value, name in known.items() if name != _PERSONAL}
    return found
