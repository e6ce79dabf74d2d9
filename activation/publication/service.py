"""Persona cards and the figures of service, as rows with their figures in one document."""

from __future__ import annotations

from typing import Final

PERSONAS: Final = """
    select persona, label, description, to_jsonb(cards) - array['persona', 'label', 'description'] as card
    from segments.persona_cards as cards
"""

SERVICE_FIGURES: Final = """
    select
        concat_ws('|', level, coalesce(month::text, '*'), coalesce(channel, '*'), coalesce(team, '*')) as figure_id,
        level, month, channel, team,
        to_jsonb(figures) - array['level', 'month', 'channel', 'team'] as figures
    from marts.service_figures as figures
"""
