"""The values that a condition saw, in words that name nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

PERSONAL: Final = frozenset({"birth_date", "postcode", "street", "full_name", "given_name", "family_name"})
"""Traits that, beside others, say who somebody is; a preview shows only that they are known."""
_MOST = 3


def leaves(rule: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The conditions of a rule in the order in which the reason of a member lists them."""
    for kind in ("all", "any"):
        for child in rule.get(kind, ()):
            yield from leaves(child)
    if "not" in rule:
        yield from leaves(rule["not"])
    if rule.keys() & {"trait", "segment", "event"}:
        yield rule


def told_values(rule: dict[str, Any], reason: dict[str, Any]) -> list[str]:
    """One phrase per condition: its words and the value seen, personal values masked.

    Args:
        rule: the rule.
        reason: of a member of it, as the macro `segment` gives it.
    """
    conditions = reason.get("conditions", [])
    asked = [leaf.get("trait") for leaf in leaves(rule)]
    known = asked if len(asked) == len(conditions) else [next(iter(PERSONAL))] * len(conditions)
    return [
        f"{condition['condition']} ({_masked(trait, condition.get('seen'))})"
        for condition, trait in zip(conditions, known, strict=True)
    ]


def _masked(trait: str | None, seen: object) -> str:
    if trait in PERSONAL:
        return "not known" if seen is None else "known, not shown"
    return _word(seen)


def _word(seen: object) -> str:
    if seen is None:
        return "not known"
    if isinstance(seen, bool):
        return "yes" if seen else "no"
    if isinstance(seen, list):
        more = f" and {len(seen) - _MOST} more" if len(seen) > _MOST else ""
        return ", ".join(_word(entry) for entry in seen[:_MOST]) + more if seen else "none"
    if isinstance(seen, dict):
        told = [f"{name.replace('_', ' ')} {_word(value)}" for name, value in seen.items() if name != "product_ids"]
        return "; ".join(told) or "none"
    text = str(seen)
    return text[:10] if text[4:5] == "-" and text[10:11] == "T" else text
