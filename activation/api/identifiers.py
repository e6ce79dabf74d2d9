"""The question of a lookup: which identifier, folded to the same match key as identity folds its records."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.exceptions import HTTPException

from identity.standardise.email import standardise_email
from identity.standardise.phone import standardise_phone


@dataclass(frozen=True)
class Identifier:
    """A kind of identifier and its match key; a key of None can belong to nobody."""

    kind: str
    match_key: str | None


def identifier_of(asked: dict[str, str | None], default_region: str) -> Identifier:
    """The one identifier that was asked for.

    Raises:
        HTTPException: 422 unless exactly one of email, phone, handle, record_id and customer_id is given, or a handle
            does not name its platform.
    """
    given = [(kind, value.strip()) for kind, value in asked.items() if value is not None and value.strip()]
    if len(given) != 1:
        raise HTTPException(422, f"give exactly one of {', '.join(asked)}")
    kind, value = given[0]
    if kind == "email":
        return Identifier("email", standardise_email(value).match_key)
    if kind == "phone":
        return Identifier("phone", standardise_phone(value, default_region).match_key)
    if kind == "handle":
        return _handle(value)
    return Identifier(kind, value)


def _handle(value: str) -> Identifier:
    platform, colon, name = value.rpartition(":")
    name = name.strip().lstrip("@").lower()
    if not colon or not platform.strip() or not name:
        raise HTTPException(422, "write a handle as <platform>:<name>, for example instagram:ada.l or x:ada")
    return Identifier(platform.strip().lower(), name)
