"""Samples of pairs to ask people about, in Postgres: draw one, read its queue and its answers, add answers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from identity import contract
from identity.artifact import load_model
from identity.columns import conform
from identity.compare import compare_pairs
from identity.judgement import new_judgement
from identity.labelling.answers import answers_of, latest_verdicts
from identity.labelling.near_misses import find_near_misses
from identity.labelling.sampling import QUEUE, STRATA, SampleSettings, draw_sample
from orchestration.identity_store import IdentityStore


class NothingToReview(LookupError):
    """There is no published run, or no sample yet; the message says what to do."""


@dataclass(frozen=True)
class Review:
    """A sample as drawn: `strata` per `sampling.STRATA`; `threshold` in bits; `run_id`: the run that it judges."""

    sample_id: str
    run_id: str
    model_id: str | None
    threshold: float
    strata: pa.Table
    drawn_at: datetime
    drawn_by: str


class ReviewStore:
    """The samples, and the answers to them."""

    def __init__(self, store: IdentityStore) -> None:
        """Read and write where `store` does."""
        self._store = store
        self._warehouse = store.warehouse

    def draw(self, settings: SampleSettings, by: str) -> Review:
        """Draw a sample of the customers that are live, and keep it.

        Raises:
            NothingToReview: if no run has been published.
            ModelMismatch: if the published model is of another version.
        """
        live = self._store.last_publication()
        model = self._store.model(live.model_id)
        if live.run_id is None or model is None:
            raise NothingToReview("no run has published customers yet: `braid run` does")
        frozen = load_model(model)
        records, customers = self._store.records(), self._store.assignment()
        edges = self._warehouse.read("select record_id_a, record_id_b, match_weight from identity.edges")
        near = find_near_misses(
            records, customers, edges, default_region=frozen.settings.default_region, seed=settings.seed
        )
        scored = compare_pairs(records, near.pairs, frozen, self._shared())
        sample = draw_sample(
            customers,
            edges,
            threshold=frozen.threshold,
            settings=settings,
            near=scored,
            near_share=near.share,
            judged=latest_verdicts(self._store.judgements.every()),
        )
        drawn_at = datetime.now(UTC)
        name = json.dumps([live.run_id, settings.model_dump(), drawn_at.isoformat(), by])
        review = Review(
            f"sample-{hashlib.sha256(name.encode()).hexdigest()[:10]}",
            live.run_id,
            live.model_id,
            frozen.threshold,
            sample.strata,
            drawn_at,
            by,
        )
        self._keep(review, settings, sample.queue)
        return review

    def _keep(self, review: Review, settings: SampleSettings, queue: pa.Table) -> None:
        with self._warehouse.transaction() as transaction:
            transaction.execute(
                """
                insert into identity.label_samples
                    (sample_id, run_id, model_id, threshold, settings, strata, drawn_at, drawn_by)
                values ($1, $2, $3, $4, $5::text::jsonb, $6::text::jsonb, $7::text::timestamptz, $8)
                """,
                (
                    review.sample_id,
                    review.run_id,
                    review.model_id,
                    review.threshold,
                    settings.model_dump_json(),
                    json.dumps(review.strata.to_pylist()),
                    review.drawn_at.isoformat(),
                    review.drawn_by,
                ),
            )
            sample_ids = pa.array([review.sample_id] * queue.num_rows, pa.string())
            transaction.ingest("label_queue", queue.append_column("sample_id", sample_ids), schema="identity")

    def latest(self) -> Review:
        """The sample that was drawn last.

        Raises:
            NothingToReview: if there is none.
        """
        rows = self._warehouse.read(
            "select sample_id, run_id, model_id, threshold, strata::text as strata, drawn_at, drawn_by "
            "from identity.label_samples order by drawn_at desc limit 1"
        ).to_pylist()
        if not rows:
            raise NothingToReview("no sample has been drawn yet: `braid identity review draw` does")
        strata = pa.Table.from_pylist(json.loads(rows[0]["strata"]), schema=STRATA)
        return Review(**(rows[0] | {"strata": strata}))

    def is_live(self, review: Review) -> bool:
        """Whether the run that the sample judges is still the one that is published."""
        return self._store.last_publication().run_id == review.run_id

    def answers(self, review: Review) -> pa.Table:
        """The queue in its order: `sampling.QUEUE` and `verdict`, null where there is no answer yet."""
        queue = self._warehouse.read(
            f"select {', '.join(QUEUE.names)} from identity.label_queue where sample_id = $1", (review.sample_id,)
        )
        return answers_of(queue, self._store.judgements.every(), review.drawn_at)

    def answer(self, review: Review, pair: dict[str, Any], verdict: Any, *, by: str, reason: str = "") -> None:
        """Add an answer to the judgements; `pair` is a row of the queue.

        Raises:
            ValueError: if the verdict is none.
        """
        self._store.judgements.append(self._judgement(review, pair, verdict, by, reason, datetime.now(UTC)))

    def answer_all(self, review: Review, answers: pa.Table, *, by: str) -> int:
        """Add the answers of a file (`answers.read_sheet`) in one transaction; return how many are new."""
        now = datetime.now(UTC)
        rows = [
            self._judgement(review, row, row["verdict"], by, row["reason"] or "", now) for row in answers.to_pylist()
        ]
        return self._store.judgements.append(pa.concat_tables(rows)) if rows else 0

    def _judgement(
        self, review: Review, pair: dict[str, Any], verdict: Any, by: str, reason: str, now: datetime
    ) -> pa.Table:
        return new_judgement(
            pair["record_id_a"],
            pair["record_id_b"],
            verdict,
            judged_by=by,
            judged_at=now,
            reason=reason.strip() or f"review of {review.sample_id}",
            origin="review",
            match_weight=pair["match_weight"],
            model_id=review.model_id if pair["match_weight"] is not None else None,
        )

    def records(self, record_ids: list[str]) -> pa.Table:
        """Some source records: `contract.IDENTITY_RECORDS`."""
        found = self._warehouse.read(
            "select * from identity.identity_records "
            "where record_id in (select jsonb_array_elements_text($1::text::jsonb))",
            (json.dumps(record_ids),),
        )
        return conform(found, contract.IDENTITY_RECORDS)

    def companions(self, record_id: str, most: int = 20) -> list[str]:
        """Other records of the same customer, the firmest held first."""
        found = self._warehouse.read(
            f"""
            select record_id from identity.record_customers
            where customer_id = (select customer_id from identity.record_customers where record_id = $1)
                and record_id <> $1 order by link_strength desc, record_id limit {int(most)}
            """,
            (record_id,),
        )
        return [str(other) for other in found["record_id"].to_pylist()]

    def evidence(self, review: Review, records: pa.Table) -> list[dict[str, Any]]:
        """What the model compares of two records: `comparison, words, weight` (bits), the prior last."""
        model = self._store.model(review.model_id)
        if model is None or records.num_rows != 2:
            return []
        low, high = sorted(records["record_id"].to_pylist())
        pair = pa.table({"record_id_a": [low], "record_id_b": [high]})
        found = compare_pairs(records, pair, load_model(model), self._shared())
        return list(json.loads(found["evidence"][0].as_py()))

    def _shared(self) -> pa.Table | None:
        if not self._warehouse.has_table("identity", "shared_identifiers"):
            return None
        return self._warehouse.read("select * from identity.shared_identifiers")
