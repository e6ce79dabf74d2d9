"""Why the records of a customer are one: what holds them, the weakest link, and who came near."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from activation.api import examples
from activation.api.access import REFUSALS, Database
from activation.api.audit import Auditing
from activation.api.explaining import Evidence, Pieces, explain
from activation.api.finding import the_customer
from activation.api.models import Why
from activation.api.parameters import CustomerId, Steward
from activation.api.problems import documented

router = APIRouter(prefix="/v1/profiles", tags=["profiles"])

_PIECES: Final = """
    select
        profile.customer_id,
        profile.document -> 'records' as records,
        coalesce(pieces.edges, '[]') as edges,
        coalesce(pieces.nearest, '[]') as nearest,
        coalesce(pieces.judgements, '[]') as judgements,
        (select threshold from activation.match_models limit 1) as threshold
    from activation.profiles as profile
    left join activation.explanations as pieces on pieces.customer_id = profile.customer_id
    where profile.customer_id = %s
"""
_EVIDENCE: Final = "select pattern, evidence from activation.match_evidence where pattern = any(%s)"


@router.get(
    "/{customer_id}/why",
    response_model=Why,
    responses={
        **documented(*REFUSALS, 404, 410, 422, 500),
        **examples.answered({"two records": examples.WHY}),
    },
)
async def why(database: Database, caller: Steward, audit: Auditing, customer_id: CustomerId) -> dict[str, Any]:
    """How the records of a customer hold together, where they would fall apart, and who came nearest.

    `braid identity explain` compares again, with the values; this is what was published.
    """
    current, _ = await the_customer(database, customer_id)
    row = await (await database.execute(_PIECES, [current])).fetchone()
    assert row is not None  # noqa: S101
    pieces = Pieces(
        row["customer_id"], row["records"] or [], row["edges"], row["nearest"], row["judgements"], row["threshold"]
    )
    found = await (await database.execute(_EVIDENCE, [sorted(pieces.patterns)])).fetchall()
    await audit.record(caller, "profile.why", [row["customer_id"]])
    evidence: Evidence = {one["pattern"]: one["evidence"] for one in found}
    # A minimum cut of a large customer takes a while; others are answered meanwhile.
    return await run_in_threadpool(explain, pieces, evidence)
