"""From records to a frozen model: choose comparisons and blocking rules, train, count how rare values are."""

from __future__ import annotations

import duckdb

from identity.artifact import FrozenModel
from identity.blocking import count_rules, rules_for
from identity.chance import estimate_chance
from identity.comparison_catalogue import choose_comparisons
from identity.engines.protocol import Engine
from identity.model import Model
from identity.settings import IdentitySettings
from identity.term_frequencies import learn_frequencies
from identity.threshold import choose_threshold
from identity.training import train


def learn(
    connection: duckdb.DuckDBPyConnection, settings: IdentitySettings, training_digest: str, engine: Engine
) -> FrozenModel:
    """Learn from the table `features`. Leaves `blocks` and `vectors` (with `rules`) of the rules chosen.

    A table in which there is nothing to compare gives a model without comparisons, which joins nobody.
    """
    (count,) = connection.execute("select count(*) from features").fetchall()[0]
    comparisons = choose_comparisons(*_fill(connection))
    possible = rules_for(comparisons)
    engine.build_blocks(connection, possible)
    rules = count_rules(
        connection, possible, pairs_per_record=settings.pairs_per_record, largest_block=settings.largest_block
    )
    if not any(counted.pairs for counted in rules):
        connection.execute("create or replace table vectors (rid_l integer, rid_r integer, rules bigint)")
        return FrozenModel(Model((), (), (), (), 0.5, ()), (), (), 0.0, settings, training_digest, count).frozen()
    engine.compare_blocked(connection, rules, comparisons, keep_rules=True)
    patterns = engine.read_patterns(connection, comparisons)
    model = train(
        patterns,
        estimate_chance(connection, engine.builder(connection, comparisons), comparisons),
        comparisons,
        rules,
        count * (count - 1) / 2,
    )
    threshold = settings.threshold if settings.threshold is not None else choose_threshold(patterns, model)
    frequencies = learn_frequencies(connection, model)
    return FrozenModel(model, tuple(rules), frequencies, threshold, settings, training_digest, count).frozen()


def _fill(connection: duckdb.DuckDBPyConnection) -> tuple[dict[str, int], dict[str, int]]:
    """Per feature column, how many rows hold a value and about how many values there are."""
    columns = [str(row[0]) for row in connection.execute("describe features").fetchall()]
    figures = ", ".join(f"count({column}), approx_count_distinct({column})" for column in columns)
    row = connection.execute(f"select {figures} from features").fetchall()[0]
    return dict(zip(columns, row[::2], strict=True)), dict(zip(columns, row[1::2], strict=True))
