"""What a Klaviyo profile is to carry: its own attributes, its location, and properties of any name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from activation.destinations.klaviyo_client import Profile
from activation.sync.destination import Change, Delivery, DestinationError, FieldKind, Identity

_ATTRIBUTES: Final = frozenset({"first_name", "last_name", "organization", "locale", "title", "image"})
_LOCATION: Final = frozenset({"address1", "address2", "city", "country", "region", "zip", "timezone"})
_PREFIX: Final = "location."
IDENTIFIERS: Final[Mapping[str, str]] = {"email": "email", "phone": "phone_number"}
"""What the gate calls an address -> what Klaviyo calls it."""


def checked_fields(fields: Mapping[str, FieldKind]) -> None:
    """Klaviyo makes a property of any name when it first comes; only its own attributes have a type.

    Raises:
        DestinationError: if an attribute that holds text is to hold something else, or an identifier is mapped.
    """
    for name, kind in fields.items():
        own = name in _ATTRIBUTES or name.startswith(_PREFIX)
        if own and kind is not FieldKind.TEXT:
            raise DestinationError(
                f"Klaviyo's {name} holds text, and the mapping gives it a {kind}; map a property of another name"
            )
        if name.startswith(_PREFIX) and name.removeprefix(_PREFIX) not in _LOCATION:
            raise DestinationError(f"Klaviyo has no {name}; a location has {', '.join(sorted(_LOCATION))}")
        if name in ("phone_number", "external_id", "id"):
            raise DestinationError(
                f"Klaviyo's {name} names a profile and is not mapped; the permitted address is sent by itself"
            )


def reach(identity: Identity) -> dict[str, str]:
    """The address of an identity by Klaviyo's name of it."""
    found = ((IDENTIFIERS[kind], value) for kind, value in identity.items() if kind in IDENTIFIERS)
    return {name: value for name, value in found if isinstance(value, str)}


def wanted(row: Delivery, ours: Iterable[str]) -> dict[str, Any]:
    """Field -> value that the profile is to hold; all of ours empty when the row is taken back."""
    values = dict.fromkeys(ours) if row.change is Change.REMOVED else row.fields
    # The address is sent as the identifier that it is.
    return {name: value for name, value in values.items() if name != "email"}


def attributes(values: Mapping[str, Any], identity: Mapping[str, str]) -> dict[str, Any]:
    """The `attributes` of a profile with those values; properties that are None are left out."""
    own = {name: value for name, value in values.items() if name in _ATTRIBUTES}
    location = {name.removeprefix(_PREFIX): value for name, value in values.items() if name.startswith(_PREFIX)}
    properties = {name: value for name, value in values.items() if _is_property(name) and value is not None}
    body: dict[str, Any] = {**identity, **own}
    if location:
        body["location"] = location
    if properties:
        body["properties"] = properties
    return body


def cleared_properties(values: Mapping[str, Any]) -> list[str]:
    """The properties that are to go: only `meta.patch_properties.unset` removes one."""
    return sorted(name for name, value in values.items() if _is_property(name) and value is None)


def _is_property(name: str) -> bool:
    return name not in _ATTRIBUTES and not name.startswith(_PREFIX)


def held_value(profile: Profile, name: str) -> Any:
    """What a profile holds of a field."""
    held = profile.get("attributes") or {}
    if name in _ATTRIBUTES:
        return held.get(name)
    if name.startswith(_PREFIX):
        return (held.get("location") or {}).get(name.removeprefix(_PREFIX))
    return (held.get("properties") or {}).get(name)


def holds(profile: Profile, values: Mapping[str, Any], identity: Mapping[str, str]) -> bool:
    """Whether a profile carries exactly those values and that address."""
    held = profile.get("attributes") or {}
    if any(str(held.get(name) or "").lower() != value.lower() for name, value in identity.items()):
        return False
    return all(_same(value, held_value(profile, name)) for name, value in values.items())


def _same(value: Any, held: Any) -> bool:
    if value in (None, ""):
        return held in (None, "")
    return bool(held == value) and isinstance(held, bool) == isinstance(value, bool)
