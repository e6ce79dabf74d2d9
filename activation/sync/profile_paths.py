"""What a block may send of a profile: each path, the kind of its values, and the SQL that reads it.

A path leads through the profile document (`name.given`, `metrics.lifetime_value`). Besides: `in_segment.<name>`
(whether the customer is a member), `segments` (all), `segments_for.<tool>` (those whose `destinations` name the tool).

Contact points are not among them: an address leaves only by the gate, as what a row is matched by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from psycopg import sql

from activation.sync.destination import FieldKind

_TEXTS: Final = (
    "customer_id",
    "name.full",
    "name.given",
    "name.family",
    "birth_place",
    "occupation",
    "organisation",
    "language",
    "address.street",
    "address.city",
    "address.region",
    "address.postcode",
    "address.country",
    "address.previous_city",
    "loyalty.number",
    "loyalty.tier",
    "household.household_id",
    "persona.name",
    "persona.reason",
    "metrics.currency",
    "metrics.open_cart_currency",
    "metrics.favourite_category",
    "metrics.rfm_group",
    "metrics.preferred_channel",
    "metrics.first_touch_channel",
    "metrics.last_touch_channel",
    "metrics.last_rating",
)
_NUMBERS: Final = (
    "link_strength",
    "record_count",
    "open_ticket_count",
    "loyalty.points",
    "metrics.order_count",
    "metrics.revenue",
    "metrics.lifetime_value",
    "metrics.average_order_value",
    "metrics.other_currency_order_count",
    "metrics.web_order_count",
    "metrics.store_order_count",
    "metrics.instagram_order_count",
    "metrics.amazon_order_count",
    "metrics.online_order_count",
    "metrics.pickup_order_count",
    "metrics.social_order_count",
    "metrics.marketplace_order_count",
    "metrics.discounted_order_count",
    "metrics.discount_share",
    "metrics.return_count",
    "metrics.returned_order_count",
    "metrics.return_rate",
    "metrics.return_amount",
    "metrics.category_count",
    "metrics.open_cart_amount",
    "metrics.rfm_recency",
    "metrics.rfm_frequency",
    "metrics.rfm_monetary",
    "metrics.spend_rank",
    "metrics.probability_active",
    "metrics.preferred_hour",
    "metrics.visit_count",
    "metrics.product_view_count",
    "metrics.message_count",
    "metrics.call_count",
    "metrics.social_contact_count",
    "metrics.social_engagement_count",
    "metrics.ticket_count",
    "metrics.open_ticket_count",
    "metrics.overdue_ticket_count",
    "metrics.last_csat",
    "metrics.last_nps",
    "metrics.loyalty_points",
    "metrics.points_earned",
)
_DATES: Final = ("birth_date", "loyalty.member_since")
_TIMESTAMPS: Final = (
    "address.since",
    "first_seen_at",
    "last_seen_at",
    "metrics.first_order_at",
    "metrics.last_order_at",
    "metrics.open_cart_at",
    "metrics.customer_since",
    "metrics.first_interaction_at",
    "metrics.last_interaction_at",
    "metrics.first_touch_at",
    "metrics.last_touch_at",
    "metrics.last_rating_at",
    "metrics.last_survey_at",
)
_LISTS: Final = (
    "segments",
    "sources",
    "former_customer_ids",
    "metrics.order_channels",
    "metrics.channels",
    "metrics.open_cart_product_ids",
)

PATHS: Final[Mapping[str, FieldKind]] = {
    path: kind
    for kind, paths in (
        (FieldKind.TEXT, _TEXTS),
        (FieldKind.NUMBER, _NUMBERS),
        (FieldKind.DATE, _DATES),
        (FieldKind.TIMESTAMP, _TIMESTAMPS),
        (FieldKind.LIST, _LISTS),
    )
    for path in paths
}
"""Every path that stands by itself, with the kind of its values."""

IN_SEGMENT: Final = "in_segment."
SEGMENTS_FOR: Final = "segments_for."


def kind_of(path: str) -> FieldKind | None:
    """The kind of a path's values; None when there is no such path."""
    if path.startswith(IN_SEGMENT) and len(path) > len(IN_SEGMENT):
        return FieldKind.BOOLEAN
    if path.startswith(SEGMENTS_FOR) and len(path) > len(SEGMENTS_FOR):
        return FieldKind.LIST
    return PATHS.get(path)


def tools_asked_for(paths: Iterable[str]) -> frozenset[str]:
    """The tools whose segments the paths ask for."""
    return frozenset(path.removeprefix(SEGMENTS_FOR) for path in paths if path.startswith(SEGMENTS_FOR))


def value_of(path: str, segments_for: Mapping[str, Iterable[str]]) -> sql.Composed:
    """A path as an expression of type jsonb over `profile.document`.

    A number is rounded to four places, so that the last digit of a float is no change.

    Args:
        path: one that `kind_of` knows.
        segments_for: tool -> the segments that name it.

    Raises:
        KeyError: if there is no such path.
    """
    if path.startswith(IN_SEGMENT):
        return sql.SQL("to_jsonb(coalesce(profile.document -> 'segments' ? {}, false))").format(
            sql.Literal(path.removeprefix(IN_SEGMENT))
        )
    if path.startswith(SEGMENTS_FOR):
        return sql.SQL(
            "(select coalesce(jsonb_agg(member.segment order by member.segment), '[]') "
            "from jsonb_array_elements_text(profile.document -> 'segments') as member (segment) "
            "where member.segment = any({}::text[]))"
        ).format(sql.Literal(sorted(segments_for[path.removeprefix(SEGMENTS_FOR)])))
    place = sql.SQL("profile.document #> {}::text[]").format(sql.Literal(path.split(".")))
    if PATHS[path] is FieldKind.NUMBER:
        text = sql.SQL("profile.document #>> {}::text[]").format(sql.Literal(path.split(".")))
        return sql.SQL("to_jsonb(trim_scale(round(({})::numeric, 4)))").format(text)
    return sql.SQL("coalesce(nullif({}, 'null'::jsonb), {})").format(
        place, sql.SQL("'[]'::jsonb" if PATHS[path] is FieldKind.LIST else "'null'::jsonb")
    )
