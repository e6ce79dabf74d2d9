"""The words of the gate: purposes, channels, the reasons for a no, and what a company may set."""

from __future__ import annotations

import re
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict

NO_CHANNEL: Final = "none"
"""The channel of data about a customer whom the tool knows already: no contact detail goes with it."""

CONTACT_KINDS: Final = MappingProxyType(
    {
        "email": ("email",),
        "sms": ("phone",),
        "phone": ("phone",),
        "whatsapp": ("phone",),
        "advertising": ("email", "phone"),
        NO_CHANNEL: (),
    }
)
"""The kinds of contact point that each channel reaches; advertising networks match by either."""

ASKED: Final = MappingProxyType(
    {
        "email": ("email",),
        "sms": ("sms", "phone"),
        "phone": ("phone",),
        "whatsapp": ("whatsapp", "sms", "phone"),
        "advertising": ("advertising", "email", "sms", "phone"),
        NO_CHANNEL: (),
    }
)
"""The channels of which none may be refused for marketing: who hands out a number for one hands it out for the others,
and an audience in a network uses the same address for the same end. Only the first must be granted."""


class Purpose(StrEnum):
    """What a segment is for."""

    MARKETING = "marketing"
    SERVICE = "service"
    SUPPRESSION = "suppression"


class Exclusion(StrEnum):
    """Why somebody is not sent, in the order in which the gate looks, but for consent.

    When several channels have different reasons, the one that comes later here says more of the person.
    """

    NOT_PUBLISHED = "not_published"
    """The customer is in no publication: merged into another, erased, or never there."""
    PURPOSE_NEEDS_CHANNEL = "purpose_needs_channel"
    """Marketing without a channel: nobody could have agreed to it."""
    WEAK_LINK = "weak_link"
    """The records may be two people's."""
    PROMOTION_BLOCKED = "promotion_blocked"
    """Held back from promotions: unhappy, or waiting for support."""
    SUPPRESSED = "suppressed"
    """On the suppression list."""
    CONSENT_UNKNOWN = "consent_unknown"
    """Nobody agreed to marketing on this channel, and silence is not consent."""
    CONSENT_DENIED = "consent_denied"
    """A record of the customer refuses."""
    NO_CONTACT_POINT = "no_contact_point"
    """There is no address of the kind."""
    UNREACHABLE = "unreachable"
    """There is none that reaches anybody."""
    UNVERIFIED = "unverified"
    """The company asks for a verified address on this channel, and none is."""
    ADDRESS_NOT_AGREED = "address_not_agreed"
    """The customer agreed, but with no record that has one of the addresses."""
    ADDRESS_REFUSED = "address_refused"
    """Somebody else who has the same address refuses."""


def _channels(names: tuple[str, ...]) -> tuple[str, ...]:
    known = [name for name in CONTACT_KINDS if name != NO_CHANNEL]
    if wrong := [name for name in names if name not in known]:
        raise ValueError(f"{', '.join(wrong)} is no channel; use {', '.join(known)}")
    return names


def _segments(names: tuple[str, ...]) -> tuple[str, ...]:
    if wrong := [name for name in names if not _SEGMENT.fullmatch(name)]:
        raise ValueError(f"{', '.join(wrong)} is no name of a segment, such as unhappy_recently")
    return names


_SEGMENT: Final = re.compile("[a-z][a-z0-9_]{0,60}")

Channels: TypeAlias = Annotated[tuple[str, ...], AfterValidator(_channels)]
"""Names of channels that reach a person."""

SegmentNames: TypeAlias = Annotated[tuple[str, ...], AfterValidator(_segments)]
"""Names as segments have them; whether there are such segments is not asked."""


class GateRules(BaseModel):
    """The part of the gate that a company may set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    promotion_blocked_by: SegmentNames = ("unhappy_recently", "waiting_for_support")
    """Segments whose members get no promotion, whatever they agreed to; besides those whose `holds_back` says so."""
    verified_only: Channels = ()
    """Channels on which only an address that a source vouches for is used."""
