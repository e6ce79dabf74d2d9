"""Signed webhooks: each batch of rows is one POST that the receiver can check and recognise.

After the Standard Webhooks specification 1.0 (standardwebhooks.com): `webhook-id` is the same on each retry of a batch,
`webhook-timestamp` the moment of the attempt, `webhook-signature` an HMAC-SHA256 of id, timestamp and the very bytes of
the body. Each row has an id of its own besides, for after a crash the same change may come in another batch.

The receiver answers 2xx. It may say what became of single rows: `{"results": [{"key": "…", "status": "rejected",
"reason": "…"}]}`; rows that it does not name are taken.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any, Final

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from activation.destinations.kind import Account, DestinationKind
from activation.destinations.vendor_client import RetryPolicy, VendorClient, without_personal_data
from activation.sync.block import Channel, SyncBlock
from activation.sync.destination import Change, Delivery, DestinationError, Fate, FieldKind, Identity, Outcome

_PREFIX: Final = "whsec_"
# "At least 24 bytes (192 bits)."
_SHORTEST_SECRET: Final = 24
_TIMEOUT: Final = 30.0


class WebhookOptions(BaseModel):
    """The `options` of a block."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str = Field("", pattern=r"^(/.*)?$", description="added to the URL of the account")
    type: str = Field("braid.customers", pattern=r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$", description="the event type")
    batch: int = Field(100, ge=1, le=1000, description="rows of one POST; 1 sends each row alone")
    max_bytes: int = Field(262_144, ge=1024, description="the most bytes of one POST")


class WebhookAccount(BaseModel):
    """Where to post, and the secret; two secrets with a space between while one is being replaced."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    secret: SecretStr
    retry: RetryPolicy = RetryPolicy(timeout=_TIMEOUT)


class Webhook:
    """Receives rows by key."""

    name = "the webhook"
    reads_back = False

    def __init__(self, account: WebhookAccount, options: WebhookOptions, block: str) -> None:
        """Prepare a client; no request is made. `block` is the sync's name.

        Raises:
            DestinationError: if the URL is no http address or a secret too short to sign with.
        """
        self.batch_size = options.batch
        self.max_bytes: int | None = options.max_bytes
        self._block, self._type = block, options.type
        address = _address(account.url + options.path)
        self._client = VendorClient(
            "the webhook",
            str(address.copy_with(raw_path=b"/")),
            Signature(keys_of(account.secret), address),
            "BRAID_WEBHOOK__URL and BRAID_WEBHOOK__SECRET",
            account.retry,
            judge=_judge,
            answers_json=False,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def remembered(self, identity: Identity, fields: Mapping[str, Any]) -> Identity:  # noqa: ARG002 - of the seam
        """The identity as it is: the receiver gets the permitted address, and the ids that are this row's alone."""
        return identity

    def prepare(self, fields: Mapping[str, FieldKind]) -> None:
        """Nothing to make ready."""

    def confirm(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Unknown, all of them: a webhook cannot be asked. It recognises a row that comes again by its id."""
        return [Outcome(row.key, Fate.UNKNOWN) for row in batch]

    def deliver(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Post one batch.

        Raises:
            BatchRejected: if the receiver answers 400, 409, 413 or 422.
            DestinationError: on any other refusal, or when it does not recover.
        """
        body = {"type": self._type, "sync": self._block, "data": {"rows": [_row(row) for row in batch]}}
        answer = self._client.exchange("POST", "/", body)
        said = {str(result.get("key")): result for result in _results(answer)}
        return [_outcome(row.key, said.get(row.key, {})) for row in batch]


class Signature(httpx.Auth):
    """Signs each attempt anew; the id is of the body, so that a retry of the same batch carries the same one."""

    requires_request_body = True

    def __init__(self, keys: Sequence[bytes], address: httpx.URL) -> None:
        """Sign with each of the keys, for the receiver accepts whichever it knows, and post to exactly that address.

        It stays here because the client would end it with a slash, and show in errors what may be a secret.
        """
        self._keys, self._address = tuple(keys), address

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the three headers."""
        request.url = self._address
        message_id = f"msg_{hashlib.sha256(request.content).hexdigest()[:32]}"
        timestamp = int(time.time())
        request.headers["webhook-id"] = message_id
        request.headers["webhook-timestamp"] = str(timestamp)
        request.headers["webhook-signature"] = " ".join(
            sign(key, message_id, timestamp, request.content) for key in self._keys
        )
        yield request


def sign(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature as the header holds it: `v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body`."""
    content = f"{message_id}.{timestamp}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()}"


def keys_of(secret: SecretStr) -> list[bytes]:
    """The keys of one or several secrets: `whsec_` and base64, or any other text as its bytes.

    Raises:
        DestinationError: if there is none, or one is no base64 or too short; the message does not show it.
    """
    keys: list[bytes] = []
    for one in secret.get_secret_value().split():
        try:
            encoded = one.removeprefix(_PREFIX)
            keys.append(base64.b64decode(encoded, validate=True) if one.startswith(_PREFIX) else one.encode())
        except ValueError:
            raise DestinationError(
                "BRAID_WEBHOOK__SECRET begins with whsec_ and goes on with what is no base64"
            ) from None
    if not keys or min(map(len, keys)) < _SHORTEST_SECRET:
        raise DestinationError(
            f"BRAID_WEBHOOK__SECRET is too short to sign with: at least {_SHORTEST_SECRET} bytes; make one with "
            'echo "whsec_$(openssl rand -base64 32)"'
        )
    return keys


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        address = httpx.URL("")
    if address.scheme not in ("https", "http") or not address.host:
        raise DestinationError("BRAID_WEBHOOK__URL is no http address; write https://…")
    return address


def _row(delivery: Delivery) -> dict[str, Any]:
    row: dict[str, Any] = {"id": delivery.idempotency_key, "key": delivery.key, "change": str(delivery.change)}
    if delivery.change is Change.REMOVED:
        return row | ({"erased": True} if delivery.erased else {})
    return row | {"identity": dict(delivery.identity), "fields": dict(delivery.fields)}


def _results(answer: Any) -> list[Mapping[str, Any]]:
    results = answer.get("results") if isinstance(answer, dict) else None
    return [one for one in results if isinstance(one, dict)] if isinstance(results, list) else []


def _outcome(key: str, result: Mapping[str, Any]) -> Outcome:
    if str(result.get("status", "")).lower() not in ("rejected", "failed", "error"):
        return Outcome(key, Fate.ACKNOWLEDGED)
    return Outcome(key, Fate.REJECTED, without_personal_data(str(result.get("reason") or "no reason given")))


def _judge(response: httpx.Response) -> None:
    status = response.status_code
    if status == 410:
        raise DestinationError(
            "the webhook is gone (410): it wants no more messages; take the block out, or change the URL"
        )
    if status in (404, 405) or 300 <= status < 400:
        raise DestinationError(f"the webhook's URL is not the right one ({status}); check BRAID_WEBHOOK__URL and path")


def _build(block: SyncBlock, account: Account) -> Webhook:
    return Webhook(
        WebhookAccount.model_validate(dict(account)), WebhookOptions.model_validate(block.options), block.name
    )


def _where(block: SyncBlock) -> dict[str, str]:
    path = WebhookOptions.model_validate(block.options).path
    return {"path": path} if path else {}


KIND: Final = DestinationKind(
    name="webhook",
    account="webhook",
    channels=frozenset(Channel),
    build=_build,
    options=WebhookOptions,
    keys=("customer_id", "record:"),
    where=_where,
)
