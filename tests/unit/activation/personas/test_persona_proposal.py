"""A proposal is kept only when a person has named it, and becomes exactly the seeds that it says."""

from __future__ import annotations

import csv
import io

import pytest
import yaml

from activation.personas.proposal import Proposal, ProposalError, ProposedPersona, read_proposal, to_yaml
from activation.personas.seeds import PERSONAS, WEIGHTS, difference, seed_texts

TRAITS = ("order_frequency", "recency")


def proposal(**fields: object) -> Proposal:
    persona = {"persona": "fans", "label": "Fans", "description": "They, often.", "weights": {"recency": 0.5}, **fields}
    return Proposal(personas=[ProposedPersona.model_validate(persona)])


def test_what_was_written_is_read_again() -> None:
    whole = proposal(weights={"everyone": -0.25, "recency": 1.0}, description="Ä: says “hello”, 7 % of all")
    assert read_proposal(to_yaml(whole, "x.yml"), TRAITS) == whole


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"persona": "group_1"}, "group_1 has no name yet"),
        ({"label": " "}, "fans has no label"),
        ({"description": ""}, "fans has no description"),
        ({"weights": {"recncy": 1.0}}, "did you mean recency?"),
    ],
)
def test_what_is_not_finished_is_not_kept(fields: dict[str, object], words: str) -> None:
    with pytest.raises(ProposalError, match=words.replace("?", r"\?")):
        read_proposal(to_yaml(proposal(**fields), "x.yml"), TRAITS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("personas: [", "no YAML"),
        ("", "holds no proposal"),
        ("personas: []", "personas"),
        ("personas: [{persona: Big Fans, weights: {recency: 1}}]", "personas.0.persona"),
        ("personas: [{persona: fans, weights: {}}]", "personas.0.weights"),
        ("personas: [{persona: fans, weights: {recency: .nan}}]", "recency"),
        ("personas: [{persona: fans, weights: {recency: lots}}]", "recency"),
        ("personas: [{persona: fans, wieghts: {recency: 1}}]", "wieghts"),
    ],
)
def test_what_is_no_proposal_is_told(text: str, words: str) -> None:
    with pytest.raises(ProposalError, match=words):
        read_proposal(text, TRAITS)


def test_a_name_stands_once() -> None:
    twice = yaml.safe_dump({"personas": [{"persona": "fans", "weights": {"recency": 1.0}}] * 2})
    with pytest.raises(ProposalError, match="fans stands there twice"):
        read_proposal(twice, TRAITS)


def test_the_seeds_hold_every_weight_and_a_comma_in_words() -> None:
    texts = seed_texts(proposal(weights={"everyone": -0.25, "recency": 1.0}))
    personas = list(csv.DictReader(io.StringIO(texts[PERSONAS])))
    weights = list(csv.DictReader(io.StringIO(texts[WEIGHTS])))
    assert personas == [{"persona": "fans", "label": "Fans", "description": "They, often.", "priority": "1"}]
    assert [(row["trait"], float(row["weight"])) for row in weights] == [("everyone", -0.25), ("recency", 1.0)]


def test_the_difference_is_shown_and_none_is_none() -> None:
    assert difference("a\nb\n", "a\nc\n", "personas.csv").splitlines()[-2:] == ["-b", "+c"]
    assert difference("a\n", "a\n", "personas.csv") == ""
