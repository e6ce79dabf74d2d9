"""One run of identity: read everything that the answer depends on, plan what it changes, publish what is not held."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pyarrow as pa

from identity.artifact import ModelMismatch, load_model
from identity.calibration import CalibrationMismatch, calibrated
from identity.pipeline import Resolution, input_digest, resolve
from identity.plan import Plan
from identity.plan_facts import Facts
from identity.settings import IdentitySettings
from identity.state import open_state
from orchestration.bulk_replace import Replaced
from orchestration.identity_facts import facts_digest, read_facts
from orchestration.identity_plans import PlanHead
from orchestration.identity_store import IdentityStore, Publication
from orchestration.settings import Settings


class PlanRefused(RuntimeError):
    """A plan cannot be applied; the message says why and what to do next."""


@dataclass(frozen=True)
class Inputs:
    """Everything that a run reads.

    `model` is the frozen model to go on with; null trains a new one. `input_digest` covers what decides who is who,
    `decided_digest` what decides which changes are held. Consent decides that, too, but moves without a change of
    identity being due: a plan remembers it (`plan_digest`), a run does not wait for it.
    """

    settings: Settings
    base: Publication
    model: str | None
    records: pa.Table
    judgements: pa.Table
    decisions: pa.Table
    facts: Facts
    input_digest: str
    decided_digest: str

    @property
    def is_published(self) -> bool:
        """Whether what is live was computed from just this."""
        was = (self.base.input_digest, self.base.decided_digest)
        return self.model is not None and was == (self.input_digest, self.decided_digest)

    def plan_digest(self, input_digest: str) -> str:
        """What a plan depends on; decisions of stewards change what is held of it, and not the plan."""
        bounds, strong = self.settings.identity_bound.model_dump_json(), sorted(self.settings.identity_strong_ids)
        return _digest(input_digest, bounds, strong, facts_digest(self.facts))


@dataclass(frozen=True)
class Proposal:
    """A plan that was written, and the results that it would publish."""

    head: PlanHead
    resolution: Resolution
    decided_digest: str

    @property
    def plan(self) -> Plan:
        """What would change."""
        return self.resolution.plan


def read_inputs(
    store: IdentityStore,
    settings: Settings,
    *,
    model_id: str | None = None,
    new_model: bool = False,
    calibration: str | None = None,
) -> Inputs:
    """Read records, judgements, decisions and facts as they are now.

    Args:
        store: where they are.
        settings: bounds, and what a model is trained with.
        model_id: the model to use; that of the last run if not said.
        new_model: train one instead.
        calibration: JSON that answers of people led to; the model is used with that.

    Raises:
        CalibrationMismatch: if `calibration` does not belong to the model, or there is no model yet.
    """
    base = store.last_publication()
    model = None if new_model else _usable(store.model(model_id or base.model_id), settings)
    if calibration is not None:
        if model is None:
            raise CalibrationMismatch("there is no model to calibrate; run `braid run` first")
        model = calibrated(load_model(model), calibration).text
    records, judgements, decisions = store.records(), store.judgements.every(), store.plans.decisions()
    return Inputs(
        settings=settings,
        base=base,
        model=model,
        records=records,
        judgements=judgements,
        decisions=decisions,
        facts=read_facts(store.warehouse, settings.identity_strong_ids),
        input_digest=input_digest(records, judgements, model),
        decided_digest=_digest(
            decisions["decision_id"].to_pylist(),
            settings.identity_bound.model_dump_json(),
            sorted(settings.identity_strong_ids),
        ),
    )


def waiting_plan(store: IdentityStore, inputs: Inputs, settings: Settings) -> PlanHead | None:
    """The plan of just these inputs that was proposed and not applied yet."""
    latest = store.plans.latest()
    if latest is None or latest.state != "proposed" or latest.base_run_id != inputs.base.run_id:
        return None
    model = _usable(store.model(latest.model_id), settings)
    digest = inputs.plan_digest(input_digest(inputs.records, inputs.judgements, model))
    return latest if model is not None and latest.input_digest == digest else None


def propose(
    store: IdentityStore, inputs: Inputs, *, run_id: str, progress: Callable[[str], None] | None = None
) -> Proposal:
    """Compute the new customers and write down what that would change; nothing is published."""
    resolution = _resolve(store, inputs, run_id, progress)
    store.keep_model(resolution)
    digest = inputs.plan_digest(resolution.input_digest)
    head = PlanHead(
        # The same for the same input on the same live state: a killed and repeated run makes the same plan.
        plan_id="plan_" + _digest(digest, inputs.base.count)[:12],
        run_id=run_id,
        made_at=datetime.now(UTC),
        state="proposed" if len(resolution.plan.changes) else "empty",
        input_digest=digest,
        base_run_id=inputs.base.run_id,
        model_id=resolution.model_id,
        summary=resolution.plan.summary,
    )
    store.plans.propose(head, resolution.plan.changes)
    return Proposal(head, resolution, inputs.decided_digest)


def publish(store: IdentityStore, proposal: Proposal, *, by: str) -> dict[str, Replaced]:
    """Publish what is not held of a proposal, in one transaction.

    Args:
        store: where to.
        proposal: of this process: what is shown is what is written.
        by: on whose word; `bounds` when no person was asked.
    """
    return store.publish(
        proposal.resolution,
        run_id=proposal.head.run_id,
        decided_digest=proposal.decided_digest,
        plan_id=proposal.head.plan_id,
        by=by,
    )


def inputs_of_plan(store: IdentityStore, settings: Settings, plan_id: str | None) -> tuple[PlanHead, Inputs]:
    """The plan to apply (the one given, or the one that waits), and its inputs as they are now.

    Raises:
        PlanRefused: if there is none, it was applied or superseded, or what it was made from has changed since.
    """
    again = "Run `braid identity plan`, look at what it shows, and apply that."
    head = store.plans.find(plan_id) if plan_id else store.plans.latest()
    if head is None:
        raise PlanRefused(f"there is no plan {plan_id}. {again}" if plan_id else f"there is no plan yet. {again}")
    if head.state == "superseded":
        raise PlanRefused(f"{head.plan_id} was superseded by a later plan. {again}")
    if head.state == "empty":
        raise PlanRefused(f"{head.plan_id} changes nothing: there is nothing to apply.")
    if head.state == "applied":
        raise PlanRefused(f"{head.plan_id} was applied on {head.applied_at:%Y-%m-%d %H:%M}. {again}")
    inputs = read_inputs(store, settings, model_id=head.model_id)
    if head.base_run_id != inputs.base.run_id:
        raise PlanRefused(f"{head.plan_id} was made before run {inputs.base.run_id} was published. {again}")
    if head.input_digest != inputs.plan_digest(inputs.input_digest):
        raise PlanRefused(
            f"{head.plan_id} was made from other input: records, judgements, consents or bounds have changed since "
            f"{head.made_at:%Y-%m-%d %H:%M}. {again}"
        )
    return head, inputs


def _usable(model: str | None, settings: Settings) -> str | None:
    """The model, unless another version of Braid or other settings trained it: then a new one has to be."""
    if model is None:
        return None
    try:
        return model if load_model(model).settings.learns_as(_how(settings)) else None
    except ModelMismatch:
        return None


def _how(settings: Settings) -> IdentitySettings:
    return IdentitySettings(default_region=settings.default_region, engine=settings.identity_engine)


def _resolve(store: IdentityStore, inputs: Inputs, run_id: str, progress: Callable[[str], None] | None) -> Resolution:
    last = store.plans.last_applied()
    with open_state(inputs.settings.home / "identity" / "matching.duckdb") as state:
        return resolve(
            inputs.records,
            previous=store.assignment(),
            ledger=store.ledger(),
            run_id=run_id,
            now=inputs.settings.as_of or datetime.now(UTC),
            settings=_how(inputs.settings),
            model=inputs.model,
            judgements=inputs.judgements,
            bounds=inputs.settings.identity_bound,
            decisions=inputs.decisions,
            facts=inputs.facts,
            state=state,
            published=inputs.base.input_digest,
            revisit=store.plans.held_records(last.plan_id) if last else None,
            progress=progress,
        )


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
