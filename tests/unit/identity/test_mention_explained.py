"""A mention is told under its own name: in an edge, a pair, a customer, a look-up; and never with anybody's values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import pyarrow as pa
import pytest

from identity.artifact import load_model
from identity.columns import conform
from identity.compare import compare_pairs
from identity.contract import IDENTITY_RECORDS
from identity.lookup.finder import Finder
from identity.pipeline import resolve
from identity.settings import IdentitySettings
from identity.state import open_state
from identity.why.case import Case, pair_of
from identity.why.customer import explain_customer
from identity.why.masking import mask
from identity.why.pair import PairExplanation, explain_pair
from identity.why.words import customer_lines, pair_lines, to_json
from sandbox.records import identity_records
from tests.unit.identity.mention_world import BUYERS, NOW, made, rows

BUYER, OTHER = "shop:customer:901", "shop:customer:902"
WRITERS: dict[str, dict[str, Any]] = {
    "meta:instagram_user:7": {"handles": ["instagram:lucky.star"], "mentions": [f"order={BUYER}"]},
    "x:user:8": {"handles": ["x:torn.between"], "mentions": [f"order={BUYER}", f"order={OTHER}"]},
    "x:user:9": {"full_name": "Dmitri Zakharov", "mentions": ["email=Oluchi.W@bluepine.example"]},
}


@pytest.fixture(scope="module")
def opened() -> Iterator[tuple[Case, Finder]]:
    records = pa.concat_tables([conform(identity_records(made()), IDENTITY_RECORDS), rows(BUYERS | WRITERS)])
    with open_state() as state:
        found = resolve(
            records, previous=None, ledger=None, run_id="1", now=NOW, settings=IdentitySettings(), state=state
        )
        frozen = load_model(found.model)
        compare = partial(compare_pairs, records, frozen=frozen)
        case = Case(records, found.record_customers, found.edges, frozen, lambda pairs: compare(pairs))
        finder = Finder.of_state(state, frozen, found.record_customers)
        yield case, finder
        finder.close()


def lines(pair: PairExplanation) -> str:
    return "\n".join(pair_lines(pair))


def test_a_pair_and_its_customer_say_what_was_written(opened: tuple[Case, Finder]) -> None:
    case, _ = opened
    pair = explain_pair(case, "meta:instagram_user:7", BUYER)
    (view,) = [view for view in pair.comparisons if view.comparison == "mention"]
    assert (view.compared, view.words) == (True, "wrote an order number of the other")
    assert view.bits > 0
    assert view.values_a == (f"order={BUYER}", "meta:instagram_user:7")
    assert BUYER in view.values_b
    assert pair.same_customer
    assert not pair.is_outdated
    assert "brought together by mentioned identifier" in pair.blocking.words
    told = "\n".join(customer_lines(explain_customer(case, case.customer_of[BUYER])[0]))
    assert "wrote an order number of the other" in told


def test_values_are_masked(opened: tuple[Case, Finder]) -> None:
    pair = explain_pair(opened[0], "x:user:9", BUYER)
    told = lines(pair) + to_json(pair)
    assert "wrote an e-mail or phone of the other" in told
    assert "email=O***@b***.example" in told
    assert "bluepine" not in told
    assert "Oluchi.W@bluepine.example" in lines(explain_pair(opened[0], "x:user:9", BUYER, show_values=True))
    assert mask("mention", "phone=+44 113 496 0321") == "phone=*** 21"
    assert mask("mention", "order=files:people:ada@inkwell.org") == "order=files:people:a***@i***.org"
    assert mask("mention", "my number is 0113 496 0321") == "***"


def test_two_who_share_an_address_are_told_that_nobody_wrote_it(opened: tuple[Case, Finder]) -> None:
    pair = explain_pair(opened[0], BUYER, "crm:contact:901")
    (rule,) = [rule for rule in pair.blocking.rules if rule.rule == "mentioned_identifier"]
    assert rule.state == "unsought"
    assert rule.words.endswith("counts only for a record whose person wrote it in a message")
    (view,) = [view for view in pair.comparisons if view.comparison == "mention"]
    assert not view.compared


def test_who_named_two_people_is_told_why_it_joined_neither(opened: tuple[Case, Finder]) -> None:
    pair = explain_pair(opened[0], "x:user:8", OTHER)
    assert pair.apart is not None
    assert pair.apart.bits >= pair.apart.threshold
    assert [reason.kind for reason in pair.apart.reasons] == ["mention"]
    assert "identifiers of several customers were written by x:user:8" in lines(pair)
    friend = explain_pair(opened[0], "x:user:9", BUYER)
    assert friend.apart is not None
    assert [reason.kind for reason in friend.apart.reasons] == ["evidence"]


def test_the_published_edge_says_it(opened: tuple[Case, Finder]) -> None:
    case, _ = opened
    ends = pair_of("meta:instagram_user:7", BUYER)
    pairs = pa.table({"record_id_a": [ends[0]], "record_id_b": [ends[1]]})
    (evidence,) = case.compare(pairs)["evidence"].to_pylist()
    assert "wrote an order number of the other" in {item["words"] for item in json.loads(evidence)}
    assert ends in case.stored


def test_a_look_up_hears_what_was_written(opened: tuple[Case, Finder]) -> None:
    case, finder = opened
    answer = finder.who({"handles": ["x:somebody.new"], "mentions": [f"order={BUYER}"]})
    assert answer.customer_id == case.customer_of[BUYER]
    assert "wrote an order number of the other" in {fact.words for fact in answer.candidates[0].evidence}
    both = finder.who({"handles": ["x:somebody.new"], "mentions": [f"order={BUYER}", f"order={OTHER}"]})
    assert both.customer_id is None
    assert both.joins == ()
    assert {case.customer_of[BUYER], case.customer_of[OTHER]} <= {other.customer_id for other in both.candidates}
    # Without the mention a user name like this is too little, and the mention is worth nothing beside the other.
    alike = {"handles": ["x:wetherington77"], "mentions": [f"order={BUYER}"]}
    assert finder.who(alike).customer_id == case.customer_of[BUYER]
    assert finder.who(alike | {"mentions": [f"order={BUYER}", f"order={OTHER}"]}).joins == ()
    friend = finder.who({"full_name": "Xiomara Zzyzxwell", "mentions": [f"order={OTHER}"]})
    assert friend.joins == ()


def test_a_look_up_finds_who_wrote_of_the_one_that_is_new(opened: tuple[Case, Finder]) -> None:
    case, finder = opened
    without = finder.who({**BUYERS[BUYER], "record_id": "web:form:1", "emails": ["oluchi.w@bluepine.example"]})
    assert without.customer_id == case.customer_of[BUYER]
    known = finder.who(case.row(BUYER), exclude=["crm:contact:901", "x:user:8"])
    assert case.customer_of["meta:instagram_user:7"] in known.joins
