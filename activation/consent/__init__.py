"""The consent gate: who may be contacted, where, for what, and why the others may not. The only door out."""

from activation.consent.gate import decisions, eligible, excluded, hashed_addresses, permitted
from activation.consent.rules import CONTACT_KINDS, Channels, Exclusion, GateRules, Purpose, SegmentNames

__all__ = [
    "CONTACT_KINDS",
    "Channels",
    "Exclusion",
    "GateRules",
    "Purpose",
    "SegmentNames",
    "decisions",
    "eligible",
    "excluded",
    "hashed_addresses",
    "permitted",
]
