"""Meta custom audiences: whom Facebook and Instagram ads may be shown to, as hashes of their contact details.

Members cannot be read, so a row is acknowledged when Meta has counted it as received and as valid. Adding and removing
are operations on a set: a request whose answer was lost is made again without harm. That Meta received a row and put
nobody into the audience cannot be seen by anyone: it also happens to everyone who has no account.

Source: "Customer File Custom Audiences" and "Custom Audience Users", Marketing API, developers.facebook.com.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlencode

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from activation.destinations.hashing import META_FIELDS, meta_email, meta_keys, meta_phone, sha256
from activation.destinations.kind import Account, DestinationKind
from activation.destinations.meta_errors import judge
from activation.destinations.vendor_client import AnswerLost, RetryPolicy, VendorClient
from activation.sync.block import Channel, SyncBlock
from activation.sync.destination import (
    BatchRejected,
    Change,
    Delivery,
    DestinationError,
    Fate,
    FieldKind,
    Identity,
    Outcome,
)

# "Up to 10,000 rows at a time."
_ROWS: Final = 10_000
_CONTACT: Final = ("email", "phone")
# What Meta finds a person by; the other keys only make a match surer.
_IDENTIFIERS: Final = ("EMAIL", "PHONE", "EXTERN_ID")
_REST: Final = "ATTRIBUTES"
_BLOCKED: Final = 471


class MetaAudienceOptions(BaseModel):
    """The `options` of a block."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    audience: str | None = Field(None, min_length=1, description="the audience's name; `Braid <block>` if not said")
    audience_id: str | None = Field(None, pattern=r"^\d+$", description="an audience that exists, instead of a name")
    description: str = ""
    customer_file_source: Literal["USER_PROVIDED_ONLY", "PARTNER_PROVIDED_ONLY", "BOTH_USER_AND_PARTNER_PROVIDED"] = (
        "USER_PROVIDED_ONLY"
    )


class MetaAdsAccount(BaseModel):
    """The ad account, and how patient to be with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = "https://graph.facebook.com"
    access_token: SecretStr
    ad_account_id: str = Field(description="digits, with or without act_")
    api_version: str = "v25.0"
    retry: RetryPolicy = RetryPolicy()


class MetaAudience:
    """Receives customers into one audience."""

    name = "Meta"
    batch_size = _ROWS
    max_bytes = None
    reads_back = False

    def __init__(self, account: MetaAdsAccount, options: MetaAudienceOptions, block: str) -> None:
        """Prepare a client; no request is made. `block` is the sync's name."""
        self._options = options
        self._audience_name = options.audience or _named_after(block)
        self._audience = options.audience_id
        self._account = f"/{account.api_version}/act_{account.ad_account_id.removeprefix('act_')}"
        self._version = account.api_version
        self._client = VendorClient(
            "Meta",
            account.url,
            _Bearer(account.access_token),
            "BRAID_META_ADS__URL, BRAID_META_ADS__ACCESS_TOKEN and BRAID_META_ADS__AD_ACCOUNT_ID",
            account.retry,
            judge=judge,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def remembered(self, identity: Identity, fields: Mapping[str, Any]) -> Identity:
        """Hashes of all permitted addresses, by Meta's key; of the customer id too when the mapping sends it."""
        found: dict[str, list[str]] = {}
        for key, name, rule in (("EMAIL", "email", meta_email), ("PHONE", "phone", meta_phone)):
            normalised = {rule(raw) for raw in texts(identity.get(name))} - {None}
            if normalised:
                found[key] = sorted(sha256(str(value)) for value in normalised)
        keys = meta_keys(_attributes(fields))
        if "EXTERN_ID" in keys:
            found["EXTERN_ID"] = [keys.pop("EXTERN_ID")]
        # Meta may have matched by the name and the birth date of a row as well: what is taken back says them again.
        return found | ({_REST: [urlencode(sorted(keys.items()))]} if keys else {})

    def prepare(self, fields: Mapping[str, FieldKind]) -> None:
        """Find the audience by its name, or make it.

        Raises:
            DestinationError: if the mapping names a field that Meta has no key for, the audience is blocked, its name
                is not unique, or it cannot be made.
        """
        unknown = sorted(set(fields) - set(META_FIELDS))
        if unknown:
            raise DestinationError(
                f"a Meta audience has no field {', '.join(unknown)}; map {', '.join(META_FIELDS)}, or leave them out"
            )
        if self._options.audience_id is not None:
            shown = self._client.request(
                "GET", f"/{self._version}/{self._audience}?{urlencode({'fields': 'id,name,operation_status'})}"
            )
            self._usable(shown)
            return
        self._audience = self._find()
        if self._audience is None:
            self._audience = self._create()

    def _find(self) -> str | None:
        found: list[Mapping[str, Any]] = []
        query: dict[str, str] | None = {"fields": "id,name,subtype,operation_status", "limit": "100"}
        while query is not None:
            page = self._client.request("GET", f"{self._account}/customaudiences?{urlencode(query)}")
            found += [one for one in page.get("data", []) if one.get("name") == self._audience_name]
            paging = page.get("paging") or {}
            # The link is not followed: the token goes to the configured host and to no other.
            after = (paging.get("cursors") or {}).get("after") if paging.get("next") else None
            query = {**query, "after": after} if after else None
        if len(found) > 1:
            ids = ", ".join(sorted(str(one["id"]) for one in found))
            raise DestinationError(
                f"Meta has {len(found)} audiences of the name {self._audience_name!r} ({ids}); say which with the "
                "block's option audience_id"
            )
        if not found:
            return None
        self._usable(found[0])
        return str(found[0]["id"])

    def _usable(self, audience: Mapping[str, Any]) -> None:
        status = audience.get("operation_status") or {}
        if status.get("code") == _BLOCKED:
            raise DestinationError(
                f"Meta has blocked the audience {audience.get('id')}; appeal in Audience Manager, or name a new one in "
                "the block's options"
            )

    def _create(self) -> str:
        body = {
            "name": self._audience_name,
            "subtype": "CUSTOM",
            "description": self._options.description,
            "customer_file_source": self._options.customer_file_source,
        }
        try:
            return str(self._client.request("POST", f"{self._account}/customaudiences", body, once=True)["id"])
        except AnswerLost:
            # Names need not be unique at Meta: made again blindly, there would be two.
            made = self._find()
            return made if made is not None else self._create()
        except BatchRejected as refusal:
            raise DestinationError(f"Meta does not make the audience {self._audience_name!r}: {refusal}") from None

    def confirm(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Unknown, all of them: Meta lets nobody read who is in an audience."""
        return [Outcome(row.key, Fate.UNKNOWN) for row in batch]

    def deliver(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Take back what is to be taken back, then add: Meta resolves hashes to accounts.

        A former e-mail taken back after the new one was added would take out the account that both belong to.

        Raises:
            BatchRejected: if Meta counts a row of it as invalid; which one, it does not say.
            DestinationError: if nothing more can be sent now.
        """
        kept = [row for row in batch if row.change is not Change.REMOVED]
        wanted = {pair for row in kept for pair in _pairs(row.identity)}
        gone = {
            pair: dict(parse_qsl("".join(texts(held.get(_REST)))))
            for row in batch
            for held in row.held
            for pair in _pairs(held)
            if pair not in wanted
        }
        removals = [{key: value} | rest for (key, value), rest in sorted(gone.items())]
        additions = {row.key: _rows(row) for row in kept}
        complete = self._send("DELETE", removals)
        complete &= self._send("POST", [added for of_row in additions.values() for added in of_row])
        return [_outcome(row, additions.get(row.key), counted=complete) for row in batch]

    def _send(self, method: str, rows: Sequence[Mapping[str, str]]) -> bool:
        """Send all rows; whether Meta counted each of them as received."""
        schema = sorted({key for row in rows for key in row})
        parts = [rows[start : start + _ROWS] for start in range(0, len(rows), _ROWS)]
        session = secrets.randbits(50)
        complete = True
        for place, part in enumerate(parts, start=1):
            body: dict[str, Any] = {
                "payload": {"schema": schema, "data": [[row.get(key, "") for key in schema] for row in part]}
            }
            if method == "POST":
                body["session"] = {
                    "session_id": session,
                    "batch_seq": place,
                    "last_batch_flag": place == len(parts),
                    "estimated_num_total": len(rows),
                }
            answer = self._client.request(method, f"/{self._version}/{self._audience}/users", body)
            invalid = int(answer.get("num_invalid_entries") or 0)
            if invalid:
                raise BatchRejected(f"Meta counts {invalid} of {len(part)} rows as invalid")
            complete &= int(answer.get("num_received") or 0) == len(part)
        return complete


class _Bearer(httpx.Auth):
    """The token in the header, never in a URL that a proxy might log."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Any:
        request.headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        yield request


def texts(value: str | Sequence[str] | None) -> list[str]:
    """An identity's value as a list: it is one text or several."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def _attributes(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the mapping says besides contact details: those come from the permission gate alone."""
    return {name: value for name, value in fields.items() if name not in _CONTACT}


def _pairs(identity: Identity) -> list[tuple[str, str]]:
    return [(key, value) for key in _IDENTIFIERS for value in texts(identity.get(key))]


def _rows(delivery: Delivery) -> list[dict[str, str]]:
    """Meta's rows for one person, hashed values by key: as many as their addresses need; none without an address."""
    rest = meta_keys(_attributes(delivery.fields))
    addresses = zip_longest(texts(delivery.identity.get("EMAIL")), texts(delivery.identity.get("PHONE")))
    return [
        {key: value for key, value in {"EMAIL": email, "PHONE": phone}.items() if value} | rest
        for email, phone in addresses
    ]


def _outcome(row: Delivery, added: list[dict[str, str]] | None, *, counted: bool) -> Outcome:
    if added == []:
        return Outcome(row.key, Fate.REJECTED, "no e-mail or phone number that Meta could match")
    return Outcome(row.key, Fate.ACKNOWLEDGED if counted else Fate.UNKNOWN)


def _build(block: SyncBlock, account: Account) -> MetaAudience:
    options = MetaAudienceOptions.model_validate(block.options)
    return MetaAudience(MetaAdsAccount.model_validate(dict(account)), options, block.name)


def _named_after(block: str) -> str:
    return f"Braid {block}"


def _where(block: SyncBlock) -> dict[str, str]:
    options = MetaAudienceOptions.model_validate(block.options)
    if options.audience_id is not None:
        return {"audience_id": options.audience_id}
    return {"audience": options.audience or _named_after(block.name)}


KIND: Final = DestinationKind(
    name="meta_audience",
    account="meta_ads",
    channels=frozenset({Channel.ADVERTISING}),
    build=_build,
    options=MetaAudienceOptions,
    where=_where,
)
