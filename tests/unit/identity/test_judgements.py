"""People's judgements: the newest word counts, contradictions end, nothing is lost, everything can be undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import networkx
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.contract import JUDGEMENTS
from identity.judgement import Constraints, constraints, new_judgement, undo, unmerge

START = datetime(2026, 1, 1, tzinfo=UTC)


def said(*statements: str) -> pa.Table:
    """Judgements written as "a=b" (same), "a!b" (different), "a?b" (unsure), one minute after the other."""
    verdicts: dict[str, Any] = {"=": "same", "!": "different", "?": "unsure"}
    rows = [
        new_judgement(a, b, verdicts[sign], judged_by="ann", judged_at=START + timedelta(minutes=n), reason="looked")
        for n, (a, sign, b) in enumerate(statements)
    ]
    return pa.concat_tables([JUDGEMENTS.empty_table(), *rows])


def pairs(table: pa.Table) -> list[str]:
    return [row["record_id_a"] + row["record_id_b"] for row in table.to_pylist()]


def told(found: Constraints) -> tuple[list[str], list[str]]:
    return pairs(found.together), pairs(found.apart)


def test_the_newest_verdict_of_a_pair_counts_and_unsure_withdraws() -> None:
    assert told(constraints(said("a=b", "b!a"))) == ([], ["ab"])
    assert told(constraints(said("a!b", "a=b"))) == (["ab"], [])
    assert told(constraints(said("a=b", "a?b", "c=d"))) == (["cd"], [])


def test_of_two_verdicts_at_once_the_larger_id_counts() -> None:
    both = pa.concat_tables([said("a=b"), said("a!b")])
    newest = max(both.to_pylist(), key=lambda row: row["judgement_id"])["verdict"]
    for rows in (both, both.take([1, 0])):
        assert told(constraints(rows)) == ((["ab"], []) if newest == "same" else ([], ["ab"]))


def test_in_a_contradiction_the_newer_statements_stand() -> None:
    judgements = said("a=b", "b=c", "a!c")
    found = constraints(judgements)
    assert told(found) == (["bc"], ["ac"])
    (aside,) = found.set_aside.to_pylist()
    assert (aside["record_id_a"], aside["record_id_b"], aside["verdict"]) == ("a", "b", "same")
    assert aside["outweighed_by"] == sorted(judgements["judgement_id"].to_pylist()[1:])


def test_an_old_difference_falls_to_newer_agreement() -> None:
    judgements = said("a!c", "a=b", "b=c")
    found = constraints(judgements)
    assert told(found) == (["ab", "bc"], [])
    assert found.set_aside["outweighed_by"].to_pylist() == [sorted(judgements["judgement_id"].to_pylist()[1:])]


def test_what_was_set_aside_stands_again_when_the_newer_is_withdrawn() -> None:
    assert told(constraints(said("a=b", "b=c", "a!c", "a?c"))) == (["ab", "bc"], [])


def test_judgements_about_records_that_are_gone_are_idle_until_they_come_back() -> None:
    judgements = said("a=b", "b=c", "a!c")
    found = constraints(judgements, pa.array(["a", "c"]))
    assert (told(found), pairs(found.idle), len(found.set_aside)) == (([], ["ac"]), ["bc", "ab"], 0)
    assert told(constraints(judgements, pa.chunked_array([["a", "b"], ["c"]]))) == (["bc"], ["ac"])


def test_an_unmerged_record_differs_from_all_others_of_its_customer_and_undo_restores_what_was_said() -> None:
    judgements = said("a=b")
    out = unmerge("b", ["a", "b", "c"], judged_by="bob", judged_at=START + timedelta(days=1), reason="two callers")
    assert out["origin"].to_pylist() == ["unmerge"] * 2
    judgements = pa.concat_tables([judgements, out])
    assert told(constraints(judgements)) == ([], ["ab", "bc"])
    back = undo(
        judgements,
        out["judgement_id"].to_pylist(),
        judged_by="bob",
        judged_at=START + timedelta(days=2),
        reason="one caller after all",
    )
    assert sorted(zip(pairs(back), back["verdict"].to_pylist(), strict=True)) == [("ab", "same"), ("bc", "unsure")]
    assert told(constraints(pa.concat_tables([judgements, back]))) == (["ab"], [])


def test_only_the_newest_of_a_pair_can_be_undone_and_only_later() -> None:
    judgements = said("a=b", "a!b")
    first, second = judgements["judgement_id"].to_pylist()
    later = START + timedelta(days=1)
    with pytest.raises(ValueError, match=f"judgements {first} cannot be undone"):
        undo(judgements, [first], judged_by="bob", judged_at=later, reason="no")
    with pytest.raises(ValueError, match=f"judgements {second} were made at"):
        undo(judgements, [second], judged_by="bob", judged_at=START, reason="no")


def test_the_same_statement_has_the_same_id_whichever_record_is_named_first() -> None:
    first = new_judgement("a", "b", "same", judged_by="ann", judged_at=START, reason="looked")
    assert first == new_judgement("b", "a", "same", judged_by="ann", judged_at=START, reason="looked")
    assert first.schema == JUDGEMENTS
    other = new_judgement("a", "b", "same", judged_by="bob", judged_at=START, reason="looked")
    assert first["judgement_id"] != other["judgement_id"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"other_record_id": "a"}, "name one record twice"),
        ({"verdict": "maybe"}, "verdicts maybe are unknown"),
        ({"judged_by": " "}, "who judged and why"),
        ({"reason": ""}, "who judged and why"),
        ({"judged_at": datetime(2026, 1, 1)}, "without a time zone"),  # noqa: DTZ001
        ({"origin": "model"}, "origin 'model' is none of"),
    ],
)
def test_a_judgement_that_says_too_little_is_refused(wrong: dict[str, Any], words: str) -> None:
    good: dict[str, Any] = {
        "record_id": "a",
        "other_record_id": "b",
        "verdict": "same",
        "judged_by": "ann",
        "judged_at": START,
        "reason": "looked",
    }
    with pytest.raises(ValueError, match=words):
        new_judgement(**(good | wrong))


def test_a_record_that_is_alone_cannot_be_unmerged() -> None:
    with pytest.raises(ValueError, match="alone in its customer"):
        unmerge("a", ["a"], judged_by="bob", judged_at=START, reason="why not")


def test_a_pair_that_is_out_of_order_is_refused() -> None:
    rows = said("a=b").to_pylist()
    rows[0] |= {"record_id_a": "b", "record_id_b": "a"}
    with pytest.raises(ValueError, match="not the smaller id first"):
        constraints(pa.Table.from_pylist(rows, schema=JUDGEMENTS))


statements = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from("=!?"), st.sampled_from("abcdef"))
    .filter(lambda parts: parts[0] != parts[2])
    .map("".join),
    max_size=14,
)


@given(statements, st.randoms(use_true_random=False))
def test_what_clustering_must_obey_is_free_of_contradiction_and_as_new_as_can_be(texts: list[str], random: Any) -> None:
    judgements = said(*texts)
    order = list(range(len(judgements)))
    random.shuffle(order)
    found = constraints(judgements.take(pa.array(order, pa.int64())))
    again = constraints(judgements)
    assert (told(found), found.set_aside) == (told(again), again.set_aside)

    # The rule, told plainly: from the newest to the oldest, take what those taken do not rule out.
    newest: dict[tuple[str, ...], str] = {}
    for text in reversed(texts):
        newest.setdefault(tuple(sorted(text[::2])), text[1])
    people, differ, aside = networkx.Graph(), networkx.Graph(), []
    people.add_nodes_from("abcdef")
    for (a, b), sign in newest.items():
        one, other = networkx.node_connected_component(people, a), networkx.node_connected_component(people, b)
        if sign == "=" and not (one is not other and any(differ.has_edge(x, y) for x in one for y in other)):
            people.add_edge(a, b)
        elif sign == "!" and b not in one:
            differ.add_edge(a, b)
        elif sign != "?":
            aside.append(a + b)
    assert told(found) == (
        sorted("".join(sorted(edge)) for edge in people.edges),
        sorted("".join(sorted(edge)) for edge in differ.edges),
    )
    assert sorted(pairs(found.set_aside)) == sorted(aside)
    standing = {row["judgement_id"] for row in judgements.to_pylist()} - set(
        found.set_aside["judgement_id"].to_pylist()
    )
    assert all(set(row["outweighed_by"]) <= standing for row in found.set_aside.to_pylist())
