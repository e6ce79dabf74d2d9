"""Fields of contacts in the look-alike: Salesforce's own, those that were made, and which values they take."""

from __future__ import annotations

import re
from typing import Final

from sandbox.vendors import clock
from sandbox.vendors.salesforce import payloads
from sandbox.vendors.stream import Json, Payload

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}")
_TYPES: Final = {
    "Text": "string",
    "Number": "double",
    "Checkbox": "boolean",
    "Date": "date",
    "DateTime": "datetime",
    "LongTextArea": "textarea",
}
_OWN: Final = {
    "Id": "id",
    "Email": "email",
    "Phone": "phone",
    "MobilePhone": "phone",
    "MailingStreet": "textarea",
    "Birthdate": "date",
    "HasOptedOutOfEmail": "boolean",
    "DoNotCall": "boolean",
    "IsDeleted": "boolean",
    "CreatedDate": "datetime",
    "LastModifiedDate": "datetime",
    "SystemModstamp": "datetime",
}
_SYSTEM: Final = frozenset({"Id", "IsDeleted", "CreatedDate", "LastModifiedDate", "SystemModstamp"})
_LENGTHS: Final = {"FirstName": 40, "LastName": 80, "Email": 80, "Phone": 40, "MobilePhone": 40}


class FieldError(Exception):
    """One record that is refused: `statusCode`, `message`, `fields`."""

    def __init__(self, code: str, message: str, *fields: str) -> None:
        """Keep what the result is to say."""
        super().__init__(message)
        self.error: Payload = {"statusCode": code, "message": message, "fields": list(fields)}


class MalformedError(Exception):
    """A whole request that is refused: `errorCode` and `message`."""

    def __init__(self, code: str, message: str) -> None:
        """Keep the words."""
        super().__init__(message)
        self.code, self.message = code, message


def own_fields() -> dict[str, Payload]:
    """Salesforce's own fields of Contact and the retailer's, as `describe` tells them."""
    return {name: described(name, _OWN.get(name, "string")) for name in payloads.FIELDS["Contact"]}


def described(name: str, kind: str, *, external: bool = False, length: int = 255) -> Payload:
    """A field as `describe` tells it."""
    return {
        "name": name,
        "label": name.removesuffix("__c").replace("_", " "),
        "type": kind,
        "length": _LENGTHS.get(name, length) if kind in ("string", "email", "phone", "textarea") else 0,
        "custom": name.endswith("__c"),
        "updateable": name not in _SYSTEM,
        "externalId": external,
        "unique": external,
        "nillable": name != "LastName" and kind != "boolean",
    }


def made_field(sent: Payload) -> Payload:
    """A field of a CustomField that was sent.

    Raises:
        MalformedError: if it is not for a contact, or its type is not spoken here.
    """
    entity, _, name = str(sent.get("FullName", "")).partition(".")
    metadata = sent.get("Metadata") or {}
    if entity != "Contact" or not name.endswith("__c"):
        raise MalformedError("INVALID_FULLNAME", "FullName must be Contact.<name>__c")
    if metadata.get("type") not in _TYPES:
        raise MalformedError("FIELD_INTEGRITY_EXCEPTION", "Must specify a valid type")
    if not metadata.get("label"):
        raise MalformedError("REQUIRED_FIELD_MISSING", "Must specify a label")
    kind = _TYPES[metadata["type"]]
    return described(name, kind, external=bool(metadata.get("externalId")), length=int(metadata.get("length") or 255))


def check(fields: dict[str, Payload], values: Payload) -> None:
    """Refuse values that the fields do not take.

    Raises:
        MalformedError: for a field that is not there, or a value of another type: the whole request is refused.
        FieldError: for a value that is refused by itself.
    """
    for name, value in values.items():
        field = fields.get(name)
        if field is None:
            raise MalformedError("INVALID_FIELD", f"No such column '{name}' on sobject of type Contact")
        if not field["updateable"]:
            raise FieldError("INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update fields: {name}.", name)
        if value is not None:
            _check_value(field, name, value)


def _check_value(field: Payload, name: str, value: Json) -> None:
    kind = field["type"]
    fits = {
        "double": isinstance(value, int | float) and not isinstance(value, bool),
        "boolean": isinstance(value, bool),
    }.get(kind, isinstance(value, str))
    if not fits:
        raise MalformedError("JSON_PARSER_ERROR", f"Cannot deserialize instance of {kind} from value {value}")
    if kind in ("date", "datetime") and clock.parse(str(value)) is None:
        raise MalformedError("JSON_PARSER_ERROR", f"Cannot deserialize instance of {kind} from VALUE_STRING {value}")
    if kind == "email" and not _EMAIL.fullmatch(str(value)):
        raise FieldError("INVALID_EMAIL_ADDRESS", f"{name}: invalid email address: {value}", name)
    if isinstance(value, str) and field["length"] and len(value) > field["length"]:
        said = f"{field['label']}: data value too large: {value} (max length={field['length']})"
        raise FieldError("STRING_TOO_LONG", said, name)
