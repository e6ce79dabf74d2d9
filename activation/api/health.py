"""Health and readiness, for whoever watches the process; no key is needed and no customer is shown."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from starlette.exceptions import HTTPException

from activation.api.models import Health, Readiness
from activation.api.pools import Database
from activation.api.problems import documented

router = APIRouter(tags=["health"])

_LATEST: Final = """
    select run_id, as_of, published_at from activation.publications order by publication_id desc limit 1
"""


@router.get("/health", response_model=Health)
async def health() -> dict[str, str]:
    """The process is up; the database is not asked."""
    return {"status": "ok"}


@router.get("/ready", response_model=Readiness, responses=documented(500, 503))
async def ready(database: Database) -> dict[str, Any]:
    """Profiles are published and the database answers."""
    row = await (await database.execute(_LATEST)).fetchone()
    if row is None:
        raise HTTPException(503, "nothing is published yet; run the pipeline first")
    return {"status": "ready", **row}
