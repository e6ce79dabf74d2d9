"""The traits of every customer as one matrix, from `segments.customer_traits`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from orchestration.terminal import fail
from orchestration.warehouse import Warehouse

if TYPE_CHECKING:
    from activation.personas.clustering import Floats


@dataclass(frozen=True)
class TraitTable:
    """`values` has one row per customer in the order of their ids, one column per entry of `traits`."""

    traits: tuple[str, ...]
    values: Floats


def known_traits(warehouse: Warehouse) -> tuple[str, ...]:
    """The traits that personas may weigh, but `everyone`.

    Raises:
        typer.Exit: if they have not been built, or nobody has any.
    """
    from activation.personas.weights import EVERYONE  # and with it scikit-learn, which no other command needs

    if not warehouse.has_table("segments", "customer_traits"):
        raise fail("there are no traits yet: `braid run` builds them.")
    found = warehouse.read("select distinct trait from segments.customer_traits where trait <> $1", (EVERYONE,))
    if not found.num_rows:
        raise fail("there is no customer yet, and so no trait: configure a source and `braid run`.")
    return tuple(sorted(found["trait"].to_pylist()))


def read_traits(warehouse: Warehouse) -> TraitTable:
    """Read the matrix.

    Raises:
        typer.Exit: if there is nothing to read.
    """
    traits = known_traits(warehouse)
    shown = ", ".join(
        f"coalesce(max(value) filter (where trait = ${place}), 0)::float8 as t{place}"
        for place in range(1, len(traits) + 1)
    )
    rows = warehouse.read(
        f'select {shown} from segments.customer_traits group by customer_id order by customer_id collate "C"', traits
    )
    return TraitTable(traits, np.column_stack([column.to_numpy() for column in rows.columns]).astype(np.float64))
