"""Why records are one customer: the cut, the weakest link, who came near, and who may ask."""

from __future__ import annotations

import pytest

from activation.access.scopes import Scope
from activation.api.models import Why
from tests.integration.activation.serving.conftest import ADA, BYRON, CLARA, MERGED, SPLIT_AWAY


@pytest.fixture
def why(client):
    api = client(Scope.STEWARD)

    def ask(customer_id: str) -> Why:
        answer = api.get(f"/v1/profiles/{customer_id}/why")
        assert answer.status_code == 200, answer.text
        return Why.model_validate_json(answer.text)

    return ask


@pytest.mark.parametrize("customer_id", [ADA, MERGED])
def test_the_weakest_link_and_the_cut_are_the_same_thin_edge(why, customer_id) -> None:
    told = why(customer_id)
    assert told.customer_id == ADA
    assert told.edge_count == 2
    assert told.edges[0].bits == 20.0
    assert told.weakest_link is not None
    assert (told.weakest_link.record_a, told.weakest_link.bits) == ("salesforce:contact:9", 12.0)
    assert told.cut is not None
    assert (told.cut.bits, told.cut.side) == (12.0, ["salesforce:contact:9"])
    assert [edge.is_bridge for edge in told.edges] == [True, True]
    assert told.weakest_link.because[0].words == "same e-mail address"
    assert all(part.comparison != "prior" for edge in told.edges for part in edge.because)


def test_the_nearest_are_told_with_what_keeps_them_apart(why) -> None:
    near = why(ADA).nearest
    assert [(one.customer_id, one.bits) for one in near] == [(CLARA, 14.0), (BYRON, 3.0)]
    assert "as a pair the two would do" in near[0].kept_apart_by[0]
    assert near[1].record == "shopify:customer:1"
    assert near[1].other_record == "shopify:customer:2"
    assert near[1].kept_apart_by == [
        "kim said that shopify:customer:1 and shopify:customer:2 are two people",
        "too little evidence: 3.0 bits, 11.0 are needed",
        "against it: different given names (-4.0)",
    ]


def test_the_newest_judgement_of_a_pair_is_the_one_told_on_both_sides(why) -> None:
    for customer in (ADA, BYRON):
        (judgement,) = why(customer).judgements
        assert (judgement.verdict, judgement.judged_by, judgement.reason) == ("different", "kim", "father and son")


def test_a_record_alone_has_nothing_to_fall_apart(why) -> None:
    told = why(SPLIT_AWAY)
    assert (told.edges, told.weakest_link, told.cut, told.nearest) == ([], None, None, [])


@pytest.mark.parametrize("scope", [Scope.SUPPORT, Scope.MARKETING, Scope.EVENTS])
def test_why_is_for_stewards(client, scope) -> None:
    assert client(scope).get(f"/v1/profiles/{ADA}/why").status_code == 403
    assert client(Scope.ADMIN).get(f"/v1/profiles/{ADA}/why").status_code == 200
