"""HubSpot's batch calls on contacts: a hundred at a time, with an answer that may be mixed (207)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from activation.destinations.vendor_client import VendorClient, without_personal_data

BATCH: Final = 100
"""Inputs of one batch call on contacts."""

_PATH: Final = "/crm/v3/objects/contacts"

Contact = Mapping[str, Any]


@dataclass(frozen=True)
class Answer:
    """What became of a batch: HubSpot's id and the reason of a refusal, by the key that traced each input."""

    ids: Mapping[str, str]
    reasons: Mapping[str, str]
    passing: frozenset[str]


def read_contacts(
    client: VendorClient, values: Sequence[str], properties: Sequence[str], id_property: str | None = None
) -> dict[str, Contact]:
    """Contacts by their id, or by a unique property or e-mail, in lower case; who is not there is left out."""
    found: dict[str, Contact] = {}
    distinct = sorted(set(values))
    for start in range(0, len(distinct), BATCH):
        body: dict[str, Any] = {
            "inputs": [{"id": value} for value in distinct[start : start + BATCH]],
            "properties": list(properties),
        }
        if id_property is not None:
            body["idProperty"] = id_property
        for contact in client.request("POST", f"{_PATH}/batch/read", body).get("results") or []:
            value = contact["id"] if id_property is None else (contact.get("properties") or {}).get(id_property)
            if value and not contact.get("archived"):
                found[str(value).lower()] = contact
    return found


def write_contacts(client: VendorClient, action: str, inputs: Mapping[str, Mapping[str, Any]]) -> Answer:
    """Upsert or update up to 100 contacts, inputs by key.

    The key goes along as `objectWriteTraceId`, which makes HubSpot answer for each contact ("Multi-status errors").

    Raises:
        BatchRejected: if HubSpot refuses the batch as a whole.
        AnswerLost: if whether it was taken is not known.
    """
    sent = [{**one, "objectWriteTraceId": key} for key, one in inputs.items()]
    answer = client.request("POST", f"{_PATH}/batch/{action}", {"inputs": sent}, once=True)
    ids = {str(one.get("objectWriteTraceId")): str(one["id"]) for one in answer.get("results") or []}
    reasons, passing = {}, set()
    for error in answer.get("errors") or []:
        for key in _traces(error):
            reasons[key] = f"{error.get('category')}: {_said(str(error.get('message')))}"
            if error.get("category") in ("RATE_LIMITS", "INTERNAL_ERROR", "SERVER_ERROR"):
                passing.add(key)
    return Answer(ids, reasons, frozenset(passing))


def _said(message: str) -> str:
    """Why, without the value: a validation error holds a list in JSON, of which the codes and properties are kept."""
    start = message.find("[{")
    try:
        wrong = json.loads(message[start:]) if start >= 0 else []
    except ValueError:
        wrong = []
    codes = [f"{one.get('error')} ({one.get('name')})" for one in wrong if isinstance(one, dict)]
    return ", ".join(codes) or without_personal_data(message)


def _traces(error: Mapping[str, Any]) -> list[str]:
    traced = (error.get("context") or {}).get("objectWriteTraceId") or []
    return [str(one) for one in (traced if isinstance(traced, list) else [traced])]


def erase_contact(client: VendorClient, contact_id: str) -> None:
    """Delete a contact and all content of it for good ("Permanently delete a contact (GDPR-compliant)")."""
    client.exchange("POST", f"{_PATH}/gdpr-delete", {"objectId": contact_id})
