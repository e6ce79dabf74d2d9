"""Groups are found where there are some and nowhere else, are the same twice, and become weights that say the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activation.personas.clustering import FEWEST_CUSTOMERS, Floats, TooFewCustomers, find_groups
from activation.personas.proposal import doubts, propose
from activation.personas.weights import assigned, persona_weights
from activation.personas.wording import describe

TRAITS = ("buying", "browsing", "returning", "constant")


def people(*, groups: int, each: int = 150, spread: float = 0.05, seed: int = 3) -> Floats:
    """Customers around the corners of a cube, in an order that says nothing."""
    random = np.random.default_rng(seed)
    corners = np.array([[0.1, 0.1, 0.1], [0.9, 0.1, 0.5], [0.1, 0.9, 0.9], [0.9, 0.9, 0.1]])[:groups]
    values = np.repeat(corners, each, axis=0) + random.normal(0, spread, (groups * each, 3))
    values = np.clip(np.column_stack([values, np.full(len(values), 0.3)]), 0, 1)
    return np.asarray(values[random.permutation(len(values))], dtype=np.float64)


@pytest.mark.parametrize("groups", [2, 3, 4])
def test_as_many_groups_as_there_are(groups: int) -> None:
    found = find_groups(TRAITS, people(groups=groups))
    assert len(found.centres) == groups
    assert found.is_clear
    assert doubts(found) == []
    assert found.scale.traits == ("buying", "browsing", "returning")


def test_a_person_may_say_how_many() -> None:
    found = find_groups(TRAITS, people(groups=4), count=2)
    assert len(found.centres) == 2
    assert set(found.tried) == {2}


def test_one_cloud_has_no_good_structure_and_says_so() -> None:
    random = np.random.default_rng(1)
    cloud = np.clip(random.normal(0.5, 0.15, (600, 8)), 0, 1)
    found = find_groups(tuple("abcdefgh"), cloud)
    assert not found.is_clear
    assert doubts(found)


def test_the_same_customers_give_the_same_groups() -> None:
    values = people(groups=3, spread=0.2)
    one, two = find_groups(TRAITS, values), find_groups(TRAITS, values)
    assert np.array_equal(one.labels, two.labels)
    assert np.array_equal(one.centres, two.centres)
    assert one.stability == two.stability


def test_the_largest_group_comes_first() -> None:
    values = np.concatenate([people(groups=2), people(groups=1, each=300, seed=4)])
    sizes = np.bincount(find_groups(TRAITS, values).labels)
    assert list(sizes) == sorted(sizes, reverse=True)


def test_too_few_customers_are_told() -> None:
    with pytest.raises(TooFewCustomers, match=str(FEWEST_CUSTOMERS)):
        find_groups(TRAITS, people(groups=2, each=10))


def test_customers_who_are_all_alike_are_told() -> None:
    with pytest.raises(TooFewCustomers, match="differ in too little"):
        find_groups(TRAITS, np.full((200, 4), 0.5))


def test_more_groups_than_different_customers_are_told() -> None:
    with pytest.raises(TooFewCustomers, match="differ in too little"):
        find_groups(TRAITS, np.repeat(np.eye(4), 50, axis=0), count=5)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.integers(2, 5), st.integers(3, 6))
def test_the_weights_put_everyone_into_the_group_of_the_nearest_centre(seed: int, count: int, width: int) -> None:
    values = np.random.default_rng(seed).uniform(0, 1, (120, width))
    traits = tuple(f"trait_{place}" for place in range(width))
    found = find_groups(traits, values, count)
    weights = persona_weights(found)
    assert max(abs(weight) for of in weights for weight in of.values()) <= 1
    # Three decimals move only who stands on the border.
    assert (assigned(weights, traits, values) == found.labels).mean() >= 0.97


def test_a_group_is_told_by_what_sets_it_apart_with_shares() -> None:
    values = people(groups=2)
    found = find_groups(TRAITS, values)
    told = describe(found, TRAITS, values)
    buyers = next(sentence for sentence in told if "igh buying" in sentence)
    assert "shown by 100%, 50% of all customers" in buyers
    assert "constant" not in "".join(told)


def test_a_proposal_says_how_well_its_weights_agree() -> None:
    values = people(groups=3)
    proposal = propose(find_groups(TRAITS, values), TRAITS, values)
    assert proposal.agreement == 1
    assert proposal.customers == 450
    assert round(sum(persona.share for persona in proposal.personas), 2) == 1
