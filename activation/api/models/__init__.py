"""The shapes of the API's answers, with examples; they are the contract that the OpenAPI document shows."""

from __future__ import annotations

from activation.api.models.health import Health, Readiness
from activation.api.models.lookup import AskedId, Candidate, Lookup, Question
from activation.api.models.personas import CustomerPersona, PersonaCard, Personas
from activation.api.models.profile import AgentProfile, Profile
from activation.api.models.segments import Condition, Member, Members, Segment, SegmentExplanation, Segments
from activation.api.models.service import ServiceFigure, ServiceFigures
from activation.api.models.timeline import Interaction, Timeline
from activation.api.models.why import Edge, Judgement, Nearest, Why

__all__ = [
    "AgentProfile",
    "AskedId",
    "Candidate",
    "Condition",
    "CustomerPersona",
    "Edge",
    "Health",
    "Interaction",
    "Judgement",
    "Lookup",
    "Member",
    "Members",
    "Nearest",
    "PersonaCard",
    "Personas",
    "Profile",
    "Question",
    "Readiness",
    "Segment",
    "SegmentExplanation",
    "Segments",
    "ServiceFigure",
    "ServiceFigures",
    "Timeline",
    "Why",
]
