"""Why two records are, or are not, one person: what is said adds up, and says why."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from identity import contract
from identity.compare import compare_pairs
from identity.comparison_catalogue import EVERY_COMPARISON
from identity.why.case import Case
from identity.why.pair import PairExplanation, explain_pair
from identity.why.values import FIELDS
from identity.why.words import pair_lines, to_json
from tests.unit.identity.why_case import named, world

ROUNDING = 0.1  # a dozen comparisons, each rounded to hundredths


def words(pair: PairExplanation) -> str:
    return "\n".join(pair_lines(pair))


def judged(a: str, b: str, verdict: str, day: int) -> dict[str, Any]:
    return {
        "judgement_id": f"{a}{b}{day}",
        "record_id_a": a,
        "record_id_b": b,
        "verdict": verdict,
        "judged_by": "mia",
        "judged_at": datetime(2026, 1, day, tzinfo=UTC),
        "reason": "their mother told us",
        "origin": "steward",
    }


def with_judgements(*rows: dict[str, Any]) -> Case:
    return replace(world(), judgements=pa.Table.from_pylist(list(rows), schema=contract.JUDGEMENTS))


def customers_that_met(accepted: bool) -> list[dict[str, Any]]:
    edges = world().edges.filter(pc.equal(world().edges["accepted"], accepted))
    return edges.take(np.linspace(0, edges.num_rows - 1, 5).astype(int)).to_pylist()


@pytest.mark.parametrize("accepted", [True, False])
def test_words_and_bits_add_up_to_the_weight_that_was_stored(accepted: bool) -> None:
    for edge in customers_that_met(accepted):
        pair = explain_pair(world(), edge["record_id_a"], edge["record_id_b"])
        strangers, household = pair.against
        assert sum(view.bits for view in pair.comparisons) + strangers.prior == pytest.approx(
            strangers.bits, abs=ROUNDING
        )
        of_household = sum(view.rival_bits[0] for view in pair.comparisons)
        assert of_household + household.prior == pytest.approx(household.bits, abs=ROUNDING)
        together = -np.logaddexp2(-strangers.bits, -household.bits)
        assert together == pytest.approx(edge["match_weight"], abs=ROUNDING)
        assert pair.match_weight == pytest.approx(edge["match_weight"], abs=0.01)
        assert pair.same_customer == accepted
        assert not pair.is_outdated
        assert all(view.words for view in pair.comparisons)
        assert (pair.apart is None) == accepted


def test_the_values_on_both_sides_are_those_of_the_records() -> None:
    pair = explain_pair(world(), "test:person:1", "test:person:0", show_values=True)
    assert (pair.record_a.record_id, pair.record_b.record_id) == ("test:person:0", "test:person:1")
    seen = {view.comparison: (view.values_a, view.values_b) for view in pair.comparisons}
    assert seen["email"] == (("zeb.q@harbourpost.net",), ("zeb.q@harbourpost.net",))
    assert seen["phone"] == (("+12025550143",), ())
    assert seen["birth_date"] == ((), ("1984-05-06",))
    assert pair.same_customer
    assert "zeb.q@harbourpost.net" in words(pair)


def test_a_pair_that_blocking_never_compared_says_which_key_was_missing() -> None:
    pair = explain_pair(world(), "test:person:3", "test:person:4")
    assert not pair.blocking.compared
    assert pair.stored_weight is None
    rules = {rule.rule: rule for rule in pair.blocking.rules}
    assert rules["same_email"].state == "missing"
    assert rules["same_email"].missing == ("usable e-mail address (second record)",)
    assert rules["birth_date_and_given_name"].missing == ("birth date (first record)", "given name (first record)")
    assert set(rules["postcode_and_family_name"].missing) == {"postcode (both records)", "family name (both records)"}
    # Only what is not there is missing.
    assert rules["postcode_and_given_name"].missing == ("postcode (both records)", "given name (first record)")
    assert rules["same_external_id"].state == "different"
    assert "never compared" in words(pair)
    assert "no key for lack of usable e-mail address (second record): same e-mail" in words(pair)


def test_a_pair_that_blocking_compared_says_by_which_rules() -> None:
    pair = explain_pair(world(), "test:person:0", "test:person:1")
    assert pair.blocking.compared
    states = {rule.rule: rule.state for rule in pair.blocking.rules}
    assert states["same_email"] == states["whole_name"] == "equal"
    assert states["same_phone"] == "missing"


def test_a_crowded_key_is_no_comparison() -> None:
    alone = replace(world(), edges=world().edges.slice(0, 0))
    crowd = pa.table({"kind": ["email"], "value": ["zeb.q@harbourpost.net"], "records": [70_000]})
    pair = explain_pair(replace(alone, carriers=crowd), "test:person:0", "test:person:1")
    (email,) = [rule for rule in pair.blocking.rules if rule.rule == "same_email"]
    assert (email.state, email.carriers) == ("crowded", 70_000)
    few = explain_pair(
        replace(alone, carriers=crowd.set_column(2, "records", pa.array([2]))), *["test:person:0", "test:person:1"]
    )
    assert {rule.state for rule in few.blocking.rules if rule.rule == "same_email"} == {"equal"}


def test_the_newest_judgement_counts_and_unsure_withdraws() -> None:
    ends = ("test:person:0", "test:person:1")
    told = explain_pair(with_judgements(judged(*ends, "same", 3), judged(*ends, "different", 5)), *ends)
    assert [view.verdict for view in told.judgements] == ["different"]
    assert "mia said on 2026-01-05" in words(told)
    assert "mother" not in words(told) + to_json(told)
    open_case = with_judgements(judged(*ends, "different", 3), judged(*ends, "unsure", 5))
    assert explain_pair(open_case, *ends).judgements == ()
    shown = explain_pair(with_judgements(judged(*ends, "different", 3)), *ends, show_values=True)
    assert "their mother told us" in words(shown)


def test_two_customers_say_what_keeps_them_apart() -> None:
    pair = explain_pair(world(), "test:person:3", "test:person:4")
    assert pair.apart is not None
    assert [reason.kind for reason in pair.apart.reasons] == ["evidence"]
    assert pair.apart.bits < pair.apart.threshold
    ruled = explain_pair(
        with_judgements(judged("test:person:3", "test:person:4", "different", 2)), *["test:person:3", "test:person:4"]
    )
    assert ruled.apart is not None
    assert [reason.kind for reason in ruled.apart.reasons] == ["judged", "evidence"]
    assert ruled.apart.would_do == ()


def test_the_values_of_every_comparison_are_known() -> None:
    assert {comparison.name for comparison in EVERY_COMPARISON} <= FIELDS.keys()
    assert {field for fields in FIELDS.values() for field, _ in fields} <= set(contract.IDENTITY_RECORDS.names)


def test_a_changed_record_is_told() -> None:
    stored = world().edges.to_pylist()
    moved = [{**edge, "match_weight": edge["match_weight"] - 3.0} for edge in stored]
    case = replace(world(), edges=pa.Table.from_pylist(moved, schema=world().edges.schema))
    assert "has changed since" in words(explain_pair(case, "test:person:0", "test:person:1"))


def test_json_holds_everything() -> None:
    pair = explain_pair(world(), "test:person:0", "test:person:1")
    read = json.loads(to_json(pair))
    assert read["match_weight"] == pair.match_weight
    assert {view["comparison"] for view in read["comparisons"]} == {view.comparison for view in pair.comparisons}
    assert read["blocking"]["rules"][0]["state"]


@pytest.mark.parametrize(
    ("ends", "error", "message"),
    [
        (("test:person:0", "test:person:0"), ValueError, "given twice"),
        (("test:person:0", "test:person:99"), KeyError, "no record test:person:99"),
    ],
)
def test_what_cannot_be_explained_is_said(ends: tuple[str, str], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        explain_pair(world(), *ends)


ODD = st.text("qxzjvk", min_size=4, max_size=9)
PERSON = st.fixed_dictionaries(
    {
        "given_name": ODD,
        "family_name": ODD,
        "emails": st.tuples(ODD, ODD).map(lambda parts: [f"{parts[0]}@{parts[1]}.com"]),
        "phones": st.from_regex(r"\+1202555[0-9]{4}", fullmatch=True).map(lambda phone: [phone]),
        "handles": ODD.map(lambda name: [f"instagram:{name}"]),
        "street": ODD,
        "city": ODD,
        "postcode": ODD,
        "occupation": ODD,
        "birth_date": st.dates(date(1940, 1, 1), date(2005, 12, 31)),
    }
)


def case_of(rows: list[dict[str, Any]]) -> Case:
    records = named(rows)
    ids = records["record_id"]
    customers = pa.table(
        {"record_id": ids, "customer_id": [f"cus_{n}" for n in range(len(ids))], "link_strength": [1.0] * len(ids)}
    )
    frozen = world().frozen
    return Case(
        records,
        customers,
        contract.EDGES.empty_table(),
        frozen,
        lambda pairs: compare_pairs(records, pairs, frozen, None),
    )


def raw_values(rows: list[dict[str, Any]]) -> set[str]:
    said = [
        str(item) for row in rows for value in row.values() for item in (value if isinstance(value, list) else [value])
    ]
    parts = [
        part
        for value in said
        if "@" in value or ":" in value
        for part in value.replace(".com", "").replace("@", ":").split(":")
    ]
    return {value.casefold() for value in [*said, *parts]} - {"instagram"}


@settings(max_examples=4, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(PERSON, PERSON)
def test_masked_output_never_tells_a_value(one: dict[str, Any], other: dict[str, Any]) -> None:
    rows = [
        {**one, "record_id": f"files:people:{one['emails'][0]}"},
        {**other, "record_id": f"files:people:{other['handles'][0].split(':')[1]}"},
    ]
    case = case_of(rows)
    pair = explain_pair(case, *(row["record_id"] for row in rows))
    told = (words(pair) + to_json(pair)).casefold()
    assert [value for value in raw_values([one, other]) if value in told] == []
    shown = words(explain_pair(case, *(row["record_id"] for row in rows), show_values=True)).casefold()
    assert one["emails"][0] in shown
