"""A receiver of signed webhooks, as a company would write it after the Standard Webhooks specification.

It refuses a message whose signature does not fit (401) or whose timestamp is more than five minutes off (400), answers
a message that it took before as it did then, and carries out a row's change once, by the row's id: after a crash of
the sender the same change may come in another message.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from pathlib import Path
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox.vendors.limits import Bucket
from sandbox.vendors.store import DocumentStore
from sandbox.vendors.stream import Json, Payload, Stream
from sandbox.vendors.vendor import Vendor, failing_rows, reply

SECRET: Final = "whsec_c2FuZGJveC13ZWJob29rLXNlY3JldC0zMi1ieXRlcyE="
TOLERANCE: Final = 300
_MOST_BYTES: Final = 1_048_576


class WebhookReceiver(Vendor):
    """What the retailer built itself to hear of its customers."""

    name = "webhook_receiver"

    def __init__(self, state: Path) -> None:
        """Open what was received before."""
        self.streams: dict[str, Stream] = {}
        self.bucket = Bucket(100_000, 1000)
        self._store = DocumentStore(state / "webhook_receiver.sqlite")
        self._key = base64.b64decode(SECRET.removeprefix("whsec_"))

    def held(self) -> dict[str, Json]:
        """Rows by `<sync>:<key>`, messages by id with how many rows they brought, changes that were carried out."""
        return self._store.held("rows", "messages", "changes")

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def routes(self) -> list[BaseRoute]:
        """Any path below."""
        return [Route("/{path:path}", self._receive, methods=["POST"])]

    def failure(self, status: int, retry_after: int | None = None) -> Response:
        """A short JSON error."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        return reply({"error": f"no: {status}"}, status, headers)

    def environment(self, url: str) -> dict[str, str]:
        """URL and secret."""
        return {"BRAID_WEBHOOK__URL": f"{url}/braid", "BRAID_WEBHOOK__SECRET": SECRET}

    async def _receive(self, request: Request) -> Response:
        body = await request.body()
        message_id, timestamp = request.headers.get("webhook-id", ""), request.headers.get("webhook-timestamp", "")
        if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE:
            return reply({"error": "the timestamp is missing or too far from now"}, 400)
        if not self._is_signed(message_id, timestamp, body, request.headers.get("webhook-signature", "")):
            return reply({"error": "no signature fits"}, 401)
        if len(body) > _MOST_BYTES:
            return self.failure(413)
        if not self.bucket.take():
            return self.failure(429, self.bucket.wait())
        before = self._store.get("messages", message_id)
        if before is not None:
            return reply(before["answer"])
        try:
            sent = orjson.loads(body)
            rows, sync = sent["data"]["rows"], sent["sync"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return reply({"error": "the body is not a batch of rows"}, 400)
        failing = failing_rows(request)
        answer = {
            "results": [
                {"key": row["key"], "status": "rejected", "reason": "the retailer does not want this row"}
                for place, row in enumerate(rows)
                if place in failing
            ]
        }
        with self._store.request(request):
            for place, row in enumerate(rows):
                if place not in failing:
                    self._apply(sync, row)
            if not failing:
                self._store.put("messages", message_id, {"rows": len(rows), "answer": answer})
        return reply(answer)

    def _is_signed(self, message_id: str, timestamp: str, body: bytes, header: str) -> bool:
        content = f"{message_id}.{timestamp}.".encode() + body
        expected = base64.b64encode(hmac.new(self._key, content, hashlib.sha256).digest()).decode()
        given = [one.partition(",") for one in header.split()]
        return any(version == "v1" and hmac.compare_digest(value, expected) for version, _, value in given)

    def _apply(self, sync: str, row: Payload) -> None:
        if self._store.get("changes", row["id"]) is not None:
            return
        self._store.put("changes", row["id"], {"change": row["change"]})
        place = f"{sync}:{row['key']}"
        if row["change"] == "removed":
            self._store.delete("rows", place)
        else:
            self._store.put("rows", place, {"identity": row["identity"], "fields": row["fields"]})
