"""What `braid segments why` says of conditions that hold and that do not."""

from __future__ import annotations

from orchestration.segment_commands.why import Condition, Verdict, verdict_lines


def verdict(*conditions: tuple[str, str, str, bool]) -> Verdict:
    told = tuple(Condition(path, path.count("."), kind, label, holds, 7) for path, kind, label, holds in conditions)
    return Verdict("c1", "vip", "VIP customers", told, "2026-06-01", "data")


def test_below_a_not_it_is_what_holds_that_keeps_somebody_out() -> None:
    found = verdict(
        ("1", "all", "all of", False),
        ("1.1", "trait", "orders: at least 3", True),
        ("1.2", "not", "not", False),
        ("1.2.1", "trait", "returns: at least 5", True),
    )
    assert found.failing() == ("not returns: at least 5 (seen: 7)",)
    assert verdict_lines(found)[0] == "c1 is not in VIP customers."


def test_of_several_that_would_do_every_one_is_told() -> None:
    found = verdict(("1", "any", "at least one of", False), ("1.1", "trait", "a", False), ("1.2", "trait", "b", False))
    assert found.failing() == ("a (seen: 7)", "b (seen: 7)")


def test_who_is_held_back_by_support_would_be_in() -> None:
    found = verdict(("1", "trait", "orders: at least 3", True), ("2", "hold_back", "no promotion", False))
    assert (found.rule_holds, found.is_member, found.failing()) == (True, False, ("no promotion (seen: 7)",))
    assert verdict_lines(found)[0] == "c1 would be in VIP customers, but gets no promotion meanwhile:"


def test_a_member_is_told_since_when() -> None:
    found = verdict(("1", "trait", "orders: at least 3", True))
    assert verdict_lines(found) == [
        "c1 is in VIP customers, since 2026-06-01 (data).",
        "",
        "✓ orders: at least 3  (seen: 7)",
    ]
