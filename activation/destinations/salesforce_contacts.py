"""Salesforce contacts: fields of contacts that are there, by their id, or contacts by a customer id of Braid's.

After the REST API Developer Guide: "Update Records Using sObject Collections", "Upsert Records Using sObject
Collections", "Get Records Using sObject Collections with a Request Body" and "Delete Records Using sObject
Collections": 200 records a call, `allOrNone` false, a result per record in the order of the request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from activation.destinations.kind import Account, DestinationKind
from activation.destinations.lost_answers import settled
from activation.destinations.salesforce_fields import as_sent, contact_fields, same
from activation.destinations.salesforce_session import CHECK, SalesforceSession
from activation.destinations.vendor_client import RetryPolicy, VendorClient, without_personal_data
from activation.sync.block import Channel, SyncBlock
from activation.sync.destination import Change, Delivery, DestinationError, Fate, FieldKind, Identity, Outcome

_BATCH_SIZE: Final = 200
_PASSING: Final = frozenset({"UNABLE_TO_LOCK_ROW", "REQUEST_LIMIT_EXCEEDED", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION"})
_GONE: Final = frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "NOT_FOUND", "MALFORMED_ID"})
_REACH: Final = {"email": "Email", "phone": "MobilePhone"}
"""Where a permitted address goes."""


class SalesforceOptions(BaseModel):
    """Options of a block."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    external_id: str = Field(
        "Braid_Customer_Id__c", description="with key customer_id: the unique field that holds it", pattern=r"^\w+__c$"
    )


class SalesforceConfig(BaseModel):
    """Where the Salesforce account is, how contacts are named, and how patient to be with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    client_id: str
    client_secret: SecretStr
    api_version: str = "v61.0"
    fields: tuple[str, ...] = Field((), description="the fields that are mapped")
    external_id: str | None = Field(None, description="None: the key is the contact's own id")
    reach: tuple[str, ...] = Field((), description="with an external id: the fields of the permitted address")
    retry: RetryPolicy = RetryPolicy()


class SalesforceContacts:
    """The receiver of `salesforce_contacts`."""

    name = "Salesforce"
    batch_size = _BATCH_SIZE
    max_bytes: int | None = None
    reads_back = True

    def __init__(self, config: SalesforceConfig) -> None:
        """Prepare a client; no request is made."""
        self._config = config
        self._base = f"/services/data/{config.api_version}"
        self._kinds: Mapping[str, FieldKind] = {}
        url = config.url.rstrip("/")
        session = SalesforceSession(url, config.client_id, config.client_secret)
        self._client = VendorClient(self.name, url, session, CHECK, config.retry, spent=_is_spent)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def remembered(self, identity: Identity, fields: Mapping[str, Any]) -> Identity:  # noqa: ARG002 - of the seam
        """The permitted address, where the contact is there through Braid; else its own id, the key, says all."""
        if self._config.external_id is None:
            return {}
        return {kind: value for kind, value in identity.items() if kind in _REACH}

    def prepare(self, fields: Mapping[str, FieldKind]) -> None:
        """Create the custom fields that are missing.

        Raises:
            DestinationError: if a field has another type, cannot be written, or cannot be created.
        """
        contact_fields(self._client, self._base, fields, self._config.external_id)
        self._kinds = fields

    def deliver(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Write up to 200 contacts in one call; delete who is erased.

        Raises:
            BatchRejected: if Salesforce refuses the request for its form.
            DestinationError: if nothing more can be sent now.
        """
        outcomes: list[Outcome] = []
        for rows, send in (
            ([row for row in batch if row.erased], self._delete),
            ([row for row in batch if not row.erased and row.change is Change.REMOVED], self._clear),
            ([row for row in batch if row.change is not Change.REMOVED], self._write),
        ):
            if rows:
                outcomes += settled(self._client, rows, send, self.confirm)
        return outcomes

    def confirm(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Read the contacts; one that is deleted, or never was, holds nothing of ours."""
        held = self._held(batch)
        outcomes = []
        for row in batch:
            contact = held.get(row.key)
            if contact is None:
                fits = row.change is Change.REMOVED
            else:
                wanted = self._wanted(row).items()
                fits = not row.erased and all(same(self._kinds.get(n), value, contact.get(n)) for n, value in wanted)
            fate = Fate.ACKNOWLEDGED if fits else Fate.UNKNOWN
            outcomes.append(Outcome(row.key, fate, None, str(contact["Id"]) if contact else None))
        return outcomes

    def _wanted(self, row: Delivery) -> dict[str, Any]:
        if row.change is Change.REMOVED:
            # Of a contact that was there before Braid, only fields of our own making are ours to clear.
            ours = [name for name in self._config.fields if name.endswith("__c")]
            return {name: as_sent(self._kinds.get(name), None) for name in (*ours, *self._config.reach)}
        fields = {name: as_sent(self._kinds.get(name), value) for name, value in row.fields.items()}
        if self._config.external_id:
            fields |= {_REACH[kind]: value for kind, value in row.identity.items() if kind in _REACH}
        return fields

    def _held(self, rows: Sequence[Delivery]) -> dict[str, Mapping[str, Any]]:
        """The contacts that are there, by key of the row."""
        names = {*self._kinds, *self._config.fields}
        if self._config.external_id is None:
            body = {"ids": [row.key for row in rows], "fields": ["Id", *sorted(names)]}
            found = self._client.exchange("POST", f"{self._base}/composite/sobjects/Contact", body)
            return {row.key: one for row, one in zip(rows, found, strict=True) if one}
        field = self._config.external_id
        keys = ", ".join(f"'{_escaped(row.key)}'" for row in rows)
        selected = ", ".join(sorted({"Id", field, *names, *_REACH.values()}))
        query = f"SELECT {selected} FROM Contact WHERE {field} IN ({keys})"
        page = self._client.request("GET", f"{self._base}/query?q={quote(query)}")
        return {str(one[field]): one for one in page.get("records") or []}

    def _write(self, rows: Sequence[Delivery]) -> list[Outcome]:
        field = self._config.external_id
        if field is None:
            records = [{"attributes": {"type": "Contact"}, "Id": row.key, **self._wanted(row)} for row in rows]
            return self._sent("PATCH", f"{self._base}/composite/sobjects", rows, records)
        named = [{"attributes": {"type": "Contact"}, field: row.key, **self._wanted(row)} for row in rows]
        return self._sent("PATCH", f"{self._base}/composite/sobjects/Contact/{field}", rows, named)

    def _clear(self, rows: Sequence[Delivery]) -> list[Outcome]:
        held = self._held(rows)
        there = [row for row in rows if row.key in held]
        records = [{"attributes": {"type": "Contact"}, "Id": held[row.key]["Id"], **self._wanted(row)} for row in there]
        gone = [Outcome(row.key, Fate.ACKNOWLEDGED) for row in rows if row.key not in held]
        if not there or not self._wanted(there[0]):
            return [*gone, *(Outcome(row.key, Fate.ACKNOWLEDGED) for row in there)]
        return [*gone, *self._sent("PATCH", f"{self._base}/composite/sobjects", there, records)]

    def _delete(self, rows: Sequence[Delivery]) -> list[Outcome]:
        held = self._held(rows)
        there = [row for row in rows if row.key in held]
        gone = [Outcome(row.key, Fate.ACKNOWLEDGED) for row in rows if row.key not in held]
        if not there:
            return gone
        ids = ",".join(str(held[row.key]["Id"]) for row in there)
        path = f"{self._base}/composite/sobjects?ids={ids}&allOrNone=false"
        return [*gone, *_outcomes(there, self._client.exchange("DELETE", path, once=True))]

    def _sent(
        self, method: str, path: str, rows: Sequence[Delivery], records: Sequence[Mapping[str, Any]]
    ) -> list[Outcome]:
        body = {"allOrNone": False, "records": records}
        return _outcomes(rows, self._client.exchange(method, path, body, once=True))


def _escaped(text: str) -> str:
    """A text within quotes of SOQL."""
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _is_spent(status: int, body: Any) -> bool:
    """The allowance of a day is spent; too many at one time, in the same words but for one, passes."""
    if status != 403 or not isinstance(body, list) or not body or not isinstance(body[0], dict):
        return False
    return body[0].get("errorCode") == "REQUEST_LIMIT_EXCEEDED"


def _outcomes(rows: Sequence[Delivery], answer: Any) -> list[Outcome]:
    """Salesforce answers with a result per record, in the order of the request."""
    if not isinstance(answer, list) or len(answer) != len(rows):
        raise DestinationError("Salesforce answered with fewer results than records; the rows are looked up next time")
    outcomes = []
    for row, result in zip(rows, answer, strict=True):
        errors = [error for error in result.get("errors") or [] if isinstance(error, dict)]
        codes = {str(error.get("statusCode")) for error in errors}
        remote = str(result["id"]) if result.get("id") else None
        if result.get("success"):
            outcomes.append(Outcome(row.key, Fate.ACKNOWLEDGED, None, remote))
        elif row.change is Change.REMOVED and codes & _GONE:
            outcomes.append(Outcome(row.key, Fate.ACKNOWLEDGED))
        elif codes & _PASSING:
            outcomes.append(Outcome(row.key, Fate.UNKNOWN))
        else:
            said = "; ".join(f"{error.get('statusCode')}: {error.get('message')}" for error in errors)
            outcomes.append(Outcome(row.key, Fate.REJECTED, without_personal_data(said or "no reason given")))
    return outcomes


def _build(block: SyncBlock, account: Account) -> SalesforceContacts:
    options = SalesforceOptions.model_validate(block.options)
    config: dict[str, Any] = {**account, "fields": tuple(block.mapping)}
    if block.record_kind is None:
        kind = {Channel.EMAIL: "email", Channel.NONE: None}.get(block.channel, "phone")
        config |= {"external_id": options.external_id, "reach": (_REACH[kind],) if kind else ()}
    return SalesforceContacts(SalesforceConfig.model_validate(config))


def _where(block: SyncBlock) -> dict[str, str]:
    """By another field, contacts that are there would not be found, and made again."""
    if block.record_kind is not None:
        return {}
    return {"external_id": SalesforceOptions.model_validate(block.options).external_id}


KIND: Final = DestinationKind(
    name="salesforce_contacts",
    account="salesforce",
    channels=frozenset({Channel.NONE, Channel.EMAIL, Channel.SMS, Channel.PHONE}),
    build=_build,
    options=SalesforceOptions,
    keys=("customer_id", "record:salesforce:contact"),
    where=_where,
)
