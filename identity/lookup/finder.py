"""Who is this? A record is standardised, blocked, compared and weighed as a run would, against what it can reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Final, Self

import duckdb
import numpy as np
import pyarrow as pa

from identity.artifact import FrozenModel
from identity.clustering import NEAR
from identity.components import Floats, Labels
from identity.lookup.answer import Answer, Candidate, Question
from identity.lookup.arrival import features_of, put_on_bench
from identity.lookup.customers import Wholes, as_wholes, facts, probabilities, settle
from identity.lookup.index import Index, Rids, load_index
from identity.lookup.question import COLUMNS, best_question
from identity.lookup.request import as_record
from identity.lookup.workbench import Workbench
from identity.scoring import Scores
from identity.state import MatchState
from identity.torn_mentions import without

# Of a customer of more records these are looked at, with those that blocking found.
_MOST_OF_ONE: Final = 40
# Customers that are told; customers that compete for the record.
_TOLD: Final = 10
_COMPETING: Final = 6
# Less likely than this a candidate is not worth asking about.
_POSSIBLE: Final = 0.02


class StateMismatch(ValueError):
    """The state was not made by this version with this model: what it remembers cannot be compared."""


class Finder:
    """Answers for one publication; open another one after the next run. Threads take turns."""

    def __init__(self, index: Index, frozen: FrozenModel, digest: str) -> None:
        """Use `Finder.open` or `Finder.of_state`."""
        self._index = index
        self._frozen = frozen
        self._bench = Workbench(frozen)
        self._rid = int(index.rids[-1]) + 1 if len(index.rids) else 0
        self._turn = Lock()
        self.digest = digest
        """The `input_digest` of the run that the answers are of."""

    @classmethod
    def open(cls, state: Path, frozen: FrozenModel, record_customers: pa.Table) -> Self:
        """Load the state kept in a file; the file is closed again before this returns, so that runs may write it.

        Args:
            state: a DuckDB file, see `identity.state`.
            frozen: the model of the last run.
            record_customers: `record_id, customer_id` as that run published them.

        Raises:
            FileNotFoundError: if there is no such file.
            StateMismatch: if it was made by another version or model, is being written, or is no state.
        """
        if not state.exists():
            raise FileNotFoundError(f"there is no state of matching at {state}; a run with this state path writes it")
        try:
            connection = duckdb.connect(str(state), read_only=True)
        except duckdb.Error as error:
            if "lock" in str(error).lower():
                raise StateMismatch(f"{state} is being written by a run; ask again when that is done") from error
            raise StateMismatch(f"{state} cannot be read as a state of matching: {type(error).__name__}") from error
        try:
            connection.execute("set enable_progress_bar = false")
            return cls.of_state(MatchState(connection), frozen, record_customers)
        finally:
            connection.close()

    @classmethod
    def of_state(cls, state: MatchState, frozen: FrozenModel, record_customers: pa.Table) -> Self:
        """The same from a state that is open already, and stays so."""
        if not state.fits(frozen.model_id):
            raise StateMismatch(
                "the state of matching was made by another version or another model than the one given; the next run "
                "makes it anew"
            )
        return cls(load_index(state.connection, frozen, record_customers), frozen, state.fingerprint.get("digest", ""))

    @property
    def records(self) -> int:
        """How many records answers are drawn from."""
        return len(self._index.rids)

    @property
    def nbytes(self) -> int:
        """Memory of what is kept of them, in bytes."""
        return self._index.nbytes

    def who(self, record: Mapping[str, Any] | pa.Table, *, exclude: Iterable[str] = ()) -> Answer:
        """Resolve one record.

        Args:
            record: columns of `contract.IDENTITY_RECORDS`, any of which may be missing; a mapping, or a table of one
                row. It need not be known; a record that is, by its `record_id`, is not compared with itself.
            exclude: `record_id`s that are to be left out as if they were not there.

        Raises:
            ValueError: if `record` has a column that the contract does not know, or a value of another type.
        """
        row = as_record(record)
        with self._turn:
            without = self._index.places_of([*row["record_id"].to_pylist(), *exclude])
            return self._answer(row, without)

    def close(self) -> None:
        """Forget everything."""
        self._bench.close()

    def _answer(self, row: pa.Table, without: Rids) -> Answer:
        index, bench, rid = self._index, self._bench, self._rid
        turned = put_on_bench(bench, index, row, rid, without)
        near = index.candidates(bench.keys_of(rid), without)
        near = near[index.customers[near] >= 0]
        if not len(near):
            return Answer(None, (), (), None)
        others = index.of_customers(np.unique(index.customers[near]), _MOST_OF_ONE)
        members = np.setdiff1d(np.union1d(near, others), without)
        bench.add(features_of(index, np.setdiff1d(members, turned)))
        rids = index.rids[members]
        scores = bench.compare(rids, np.full(len(rids), rid, dtype=np.int32))
        codes, owner = np.unique(index.customers[members].astype(np.int64), return_inverse=True)
        wholes = as_wholes(scores, owner, len(codes), self._frozen.model)
        return self._told(codes, members, owner, wholes, self._joined(row, scores, members, owner, wholes))

    def _joined(self, row: pa.Table, scores: Scores, members: Rids, owner: Labels, wholes: Wholes) -> Labels:
        """Per customer the number of its cluster, as clustering would have it; 0 is that of the record."""
        clusters = np.arange(1, len(wholes.weight) + 1)
        # Near ones may come to join through the record.
        strong = np.flatnonzero((wholes.weight >= min(NEAR, self._frozen.threshold)) & ~wholes.contradicts)
        strong = np.sort(strong[np.argsort(-wholes.weight[strong], kind="stable")][:_COMPETING])
        if not (wholes.weight[strong] >= self._frozen.threshold).any():
            return clusters
        kept = np.flatnonzero(np.isin(owner, strong))
        owners, rids = owner[kept], self._index.rids[members[kept]]
        among = scores.subset(kept)
        one, other = np.triu_indices(len(kept), 1)
        cross = owners[one] != owners[other]
        if cross.any():
            among = among.merged(self._bench.compare(rids[one[cross]], rids[other[cross]]))
        number = np.full(self._rid + 1, -1, dtype=np.int32)
        number[rids], number[self._rid] = np.arange(len(kept)), len(kept)
        _, first, group = np.unique(owners, return_index=True, return_inverse=True)
        labels = np.append(first[group], len(kept))
        found = self._settled(
            among.renumbered(number), np.append(rids, self._rid), labels, self._apart(row, members[kept])
        )
        names = found[first]
        # Customers that become one are one alternative.
        alike = strong[np.argmax(names[:, np.newaxis] == names, axis=1)] + 1
        clusters[strong] = np.where(names == found[-1], 0, alike)
        return clusters

    def _settled(self, scores: Scores, rids: Rids, labels: Labels, apart: list[tuple[int, int]]) -> Labels:
        """As clustering has it, which hears who named several records only when those are one customer without it."""
        several = self._bench.writers_of_several(rids, scores)
        if several is None:
            return settle(scores, labels, apart, self._frozen)
        quiet = settle(without(scores, several), labels, apart, self._frozen)
        torn = several.torn(quiet)
        if torn.all():
            return quiet
        return settle(without(scores, several.only(torn)), labels, apart, self._frozen)

    def _apart(self, row: pa.Table, places: Rids) -> list[tuple[int, int]]:
        """Numbers of records (the new one is the last) that people, or the settings, keep apart."""
        ids = [*self._index.features["record_id"].take(pa.array(places)).to_pylist(), row["record_id"][0].as_py()]
        number = {record: place for place, record in enumerate(ids)}
        apart = [
            (place, number[other])
            for record, place in number.items()
            for other in self._index.apart.get(record, ())
            if other in number
        ]
        if self._frozen.settings.one_record_per_source:
            sources = self._index.features["source"].take(pa.array(places)).to_pylist()
            own = row["source"][0].as_py()
            apart += [(place, len(places)) for place, source in enumerate(sources) if source == own]
        return apart

    def _told(self, codes: Labels, members: Rids, owner: Labels, wholes: Wholes, clusters: Labels) -> Answer:
        index, model = self._index, self._frozen.model
        likely = probabilities(wholes.weight, clusters, ~wholes.contradicts)
        order = np.lexsort((-wholes.weight, -likely))
        sizes = index.first[codes + 1] - index.first[codes]
        ids = index.customer_ids.take(pa.array(codes)).to_pylist()
        candidates = tuple(
            Candidate(
                ids[place],
                round(float(wholes.weight[place]), 2),
                round(float(likely[place]), 6),
                int(sizes[place]),
                facts(wholes, place, model),
                bool(wholes.contradicts[place]),
            )
            for place in order[:_TOLD]
        )
        # As ids are inherited: by the customer with the most records.
        joins = [ids[place] for place in order[np.argsort(-sizes[order], kind="stable")] if clusters[place] == 0]
        # A run has to put the record somewhere; whoever asks is told when somebody else is nearly as likely.
        least = 1.0 / (1.0 + np.exp2(-self._frozen.threshold))
        sure = bool(joins) and likely[clusters == 0].max() >= least
        question = None
        if not sure:
            possible = [place for place in order[:_TOLD] if likely[place] >= _POSSIBLE]
            question = self._question(members, owner, possible, likely)
        return Answer(joins[0] if sure else None, tuple(joins), candidates, question)

    def _question(self, members: Rids, owner: Labels, possible: list[int], likely: Floats) -> Question | None:
        asked = self._bench.values(np.array([self._rid], dtype=np.int32), COLUMNS).to_pylist()[0]
        features = self._index.features.select(COLUMNS)
        rows = [features.take(pa.array(members[owner == place])).to_pylist() for place in possible]
        return best_question(asked, rows, [float(likely[place]) for place in possible])
