"""What is published, table by table: where each row comes from, what identifies it, and what makes it differ.

The queries are in `activation.publication`; they read only `golden`, `marts`, `segments` and `identity`, and the
columns are those of docs/architecture.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from activation.publication import conditions, customer_ids, explanations, profiles, service


@dataclass(frozen=True)
class PublishedTable:
    """One table of schema `activation` as the outcome of one query.

    `keys` identify a row, `values` are the other columns; a row has changed when any of `compared` differs. `derived`
    are columns that follow from `values`: as SQL over them, worked out for the rows that are written alone.
    """

    name: str
    keys: tuple[str, ...]
    values: tuple[str, ...]
    source: str
    hashed: bool = False
    derived: tuple[tuple[str, str], ...] = ()

    @property
    def written(self) -> tuple[str, ...]:
        """Every column but the keys."""
        return (*self.values, *(name for name, _ in self.derived))

    @property
    def compared(self) -> tuple[str, ...]:
        """The hash alone, where there is one: comparing it moves 16 bytes instead of the row."""
        return ("content_hash",) if self.hashed else self.values


SOURCES: Final = (
    "golden.customers",
    "golden.profiles",
    "golden.contact_points",
    "golden.consents",
    "golden.contact_permissions",
    "marts.interactions",
    "marts.conversations",
    "marts.customer_metrics",
    "marts.service_cases",
    "marts.service_figures",
    "marts.orders",
    "marts.order_lines",
    "segments.segment_memberships",
    "segments.segment_catalogue",
    "segments.segment_conditions",
    "segments.customer_features",
    "segments.customer_personas",
    "segments.persona_cards",
    "identity.record_customers",
    "identity.customer_ledger",
    "identity.edges",
    "identity.edge_patterns",
    "identity.judgements",
    "identity.models",
    "identity.runs",
)
"""Every table that publication reads; all must exist."""

PUBLISHED_TABLES: Final = (
    # First, for profiles tell of the latest touchpoints.
    PublishedTable(
        "timeline", ("interaction_id",), (*profiles.TIMELINE_VALUES, "content_hash"), profiles.TIMELINE, hashed=True
    ),
    PublishedTable(
        "profiles",
        ("customer_id",),
        ("document", "telling", "link_strength", "content_hash"),
        profiles.PROFILES,
        hashed=True,
        derived=(("answer", profiles.ANSWER),),
    ),
    PublishedTable("profile_identifiers", ("kind", "match_key", "customer_id"), (), profiles.IDENTIFIERS),
    PublishedTable("customer_ids", ("customer_id",), ("status", "successor", "siblings"), customer_ids.CUSTOMER_IDS),
    PublishedTable(
        "explanations",
        ("customer_id",),
        ("edges", "nearest", "judgements", "content_hash"),
        explanations.EXPLANATIONS,
        hashed=True,
    ),
    PublishedTable("match_evidence", ("pattern",), ("evidence",), explanations.MATCH_EVIDENCE),
    PublishedTable("match_models", ("model_id",), ("threshold",), explanations.MATCH_MODELS),
    PublishedTable(
        "consents",
        ("customer_id", "channel", "purpose"),
        ("state",),
        "select customer_id, channel, purpose, state from golden.consents",
    ),
    PublishedTable(
        "contact_permissions",
        ("customer_id", "kind", "value"),
        ("match_key", "type", "verified", "place", "granted", "refused"),
        """
        select customer_id, kind, value, match_key, type, is_verified as verified, place, granted, refused
        from golden.contact_permissions
        """,
    ),
    PublishedTable(
        "segments",
        ("segment",),
        ("label", "description", "purpose", "destinations", "minimum_link_strength", "holds_back", "size"),
        """
        select
            segment, label, description, purpose,
            coalesce(destinations, '{}') as destinations,
            coalesce(minimum_link_strength, 1)::double precision as minimum_link_strength,
            coalesce(holds_back, false) as holds_back,
            coalesce(size, 0)::bigint as size
        from segments.segment_catalogue
        """,
    ),
    PublishedTable(
        "segment_members",
        ("segment", "customer_id"),
        ("reason",),
        "select segment, customer_id, to_jsonb(reason) as reason from segments.segment_memberships",
    ),
    PublishedTable(
        "segment_conditions",
        ("segment", "path"),
        (
            "position",
            "depth",
            "kind",
            "label",
            "expression",
            "seen_expression",
            "other_segment",
            "holds_without",
        ),
        conditions.SEGMENT_CONDITIONS,
    ),
    PublishedTable("trait_types", ("trait",), ("type",), conditions.TRAIT_TYPES),
    PublishedTable(
        "customer_traits", ("customer_id",), ("traits", "content_hash"), conditions.CUSTOMER_TRAITS, hashed=True
    ),
    PublishedTable("counted_events", ("customer_id", "segment", "path"), ("holds", "seen"), conditions.COUNTED_EVENTS),
    PublishedTable("personas", ("persona",), ("label", "description", "card"), service.PERSONAS),
    PublishedTable(
        "service_figures", ("figure_id",), ("level", "month", "channel", "team", "figures"), service.SERVICE_FIGURES
    ),
)
"""Every table of schema `activation` that publication owns."""
