"""The seeds of personas as text: what keeping a proposal makes of them, and the difference to what is there."""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Sequence

from activation.personas.proposal import Proposal

PERSONAS = "personas.csv"
WEIGHTS = "persona_weights.csv"


def seed_texts(proposal: Proposal) -> dict[str, str]:
    """The two seeds by file name; equal scores go to the persona that stands first in the proposal."""
    personas = [
        (persona.persona, persona.label.strip(), persona.description.strip(), place)
        for place, persona in enumerate(proposal.personas, start=1)
    ]
    weights = [
        (persona.persona, trait, weight) for persona in proposal.personas for trait, weight in persona.weights.items()
    ]
    return {
        PERSONAS: _csv(("persona", "label", "description", "priority"), personas),
        WEIGHTS: _csv(("persona", "trait", "weight"), weights),
    }


def difference(before: str, after: str, name: str) -> str:
    """The change as a unified diff; empty when there is none."""
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), f"{name} now", f"{name} kept", n=1, lineterm=""
    )
    return "\n".join(lines)


def _csv(header: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
