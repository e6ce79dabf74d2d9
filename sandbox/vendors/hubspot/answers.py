"""HubSpot's errors and batch answers."""

from __future__ import annotations

import uuid
from typing import Any

from starlette.responses import Response

from sandbox.vendors import clock
from sandbox.vendors.stream import Payload
from sandbox.vendors.vendor import reply


class HubSpotError(Exception):
    """A refusal, as HubSpot words it."""

    def __init__(self, status: int, category: str, message: str, **more: Any) -> None:
        """Keep what the answer is to say."""
        super().__init__(message)
        self.status = status
        self.body: Payload = {
            "status": "error",
            "message": message,
            "correlationId": str(uuid.uuid4()),
            "category": category,
            **more,
        }

    def response(self) -> Response:
        """The answer."""
        return reply(self.body, self.status)

    def in_batch(self, **context: list[str]) -> Payload:
        """The same as one of the `errors` of a batch."""
        return {
            "status": "error",
            "category": self.body["category"],
            "message": self.body["message"],
            "context": context,
        }


def batch_answer(results: list[Payload], errors: list[Payload]) -> Response:
    """200, or 207 when some of the batch failed."""
    moment = now()
    body: Payload = {"status": "COMPLETE", "results": results, "startedAt": moment, "completedAt": moment}
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return reply(body, 207 if errors else 200)


def now() -> str:
    """The current time as HubSpot writes it."""
    return clock.write(clock.now(), "%Y-%m-%dT%H:%M:%S.000Z")
