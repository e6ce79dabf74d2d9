"""Who writes another record's identifier in a message is probably that person, unless something says otherwise."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.artifact import FORMAT, ModelMismatch, load_model
from identity.columns import conform
from identity.comparison_catalogue import EMAIL, GIVEN_NAME
from identity.comparison_mention import MENTION
from identity.contract import IDENTITY_RECORDS
from identity.expectation import Levels, Patterns
from identity.feature_worker import build_features
from identity.mention_odds import weigh_mentions
from identity.pipeline import resolve
from identity.settings import IdentitySettings
from sandbox.records import identity_records
from tests.unit.identity.mention_world import NOW, made, mates, resolved, rows, with_mentions

OLUCHI = {"shop:customer:901", "crm:contact:901"}
BY_OLUCHI = ["order=shop:customer:901"]


def account(**row: Any) -> dict[str, dict[str, Any]]:
    return {"meta:instagram_user:7": row}


def joined(**row: Any) -> set[str]:
    return mates(resolved(account(**row)), "meta:instagram_user:7")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"handles": ["instagram:lucky.star"], "mentions": BY_OLUCHI}, OLUCHI),
        ({"full_name": "Oluchi W", "mentions": BY_OLUCHI}, OLUCHI),
        ({"handles": ["instagram:lucky.star"], "mentions": ["email=Oluchi.W@BluePine.example "]}, OLUCHI),
        ({"handles": ["instagram:q"], "country": "GB", "mentions": ["phone=0113 4960321"]}, {"shop:customer:902"}),
        ({"handles": ["instagram:lucky.star"]}, set()),
        ({"full_name": "Dmitri Zakharov", "mentions": BY_OLUCHI}, set()),
        ({"full_name": "Barnaby Wetherington", "mentions": BY_OLUCHI}, set()),
        ({"full_name": "Dmitri", "mentions": BY_OLUCHI}, set()),
        ({"full_name": "Dmitri Zakharov", "mentions": ["email=oluchi.w@bluepine.example"]}, set()),
    ],
    ids=[
        "no name", "a name that goes with it", "an e-mail", "a phone", "nothing written", "another name", "a spouse",
        "another given name", "another name, an e-mail",
    ],
)  # fmt: skip
def test_what_was_written_joins_unless_the_names_say_that_it_is_a_friend(row: dict, expected: set[str]) -> None:
    assert joined(**row) == expected


def test_who_wrote_of_two_people_joins_neither() -> None:
    both = [*BY_OLUCHI, "order=shop:customer:902"]
    assert joined(handles=["instagram:lucky.star"], mentions=both) == set()
    # However many accounts the writer has, and however few records those named have.
    mine = {f"{place}:user:7": {"handles": ["instagram:lucky.star"]} for place in ("x", "zendesk", "forum")}
    found = resolved(account(handles=["instagram:lucky.star"], mentions=both) | mine)
    assert mates(found, "meta:instagram_user:7") == set(mine)


def test_who_wrote_two_things_of_one_person_joins() -> None:
    one = ["order=shop:customer:901", "order=crm:contact:901", "phone=+44 113 496 0177"]
    assert joined(handles=["instagram:lucky.star"], mentions=one) == OLUCHI


def test_a_name_that_agrees_counts_although_two_people_were_named() -> None:
    both = [*BY_OLUCHI, "order=shop:customer:902"]
    other = {"meta:messenger_user:8": {"full_name": "Oluchi Wetherington", "phones": ["+441134960177"]}}
    found = resolved(account(full_name="Dmitri Zakharov", mentions=both) | other)
    assert mates(found, "meta:messenger_user:8") == OLUCHI
    assert mates(found, "meta:instagram_user:7") == set()


def test_what_several_people_share_or_everybody_writes_says_nothing() -> None:
    guests = {
        f"crm:contact:guest{n}": {"given_name": given, "family_name": family, "emails": ["desk@harbour-hotel.example"]}
        for n, (given, family) in enumerate([("Ada", "Kestrel"), ("Farid", "Olsen"), ("Ines", "Zielinski")])
    }
    writer = account(handles=["instagram:lucky.star"], mentions=["email=desk@harbour-hotel.example"])
    assert mates(resolved(guests | writer), "meta:instagram_user:7") == set()
    alone = {"crm:contact:guest0": guests["crm:contact:guest0"]}
    assert mates(resolved(alone | writer), "meta:instagram_user:7") == set(alone)
    clerk = {f"{place}:agent:1": {"full_name": "Gudrun Vukovic", "phones": ["+442079460999"]} for place in "abc"}
    callers = {
        f"meta:instagram_user:{n}": {"handles": [f"instagram:caller{n * 37}"], "mentions": ["phone=+44 20 7946 0999"]}
        for n in range(12)
    }
    found = resolved(clerk | callers)
    assert mates(found, "a:agent:1") == {"b:agent:1", "c:agent:1"}
    assert mates(resolved(clerk | dict([*callers.items()][:1])), "a:agent:1") > {"b:agent:1", "c:agent:1"}


@pytest.mark.parametrize("column", ["absent", None, [], ["", "order=", "what is this", "sms=5", "=x", "order"]])
def test_a_column_that_says_nothing_changes_nothing(column: Any) -> None:
    records = conform(identity_records(made()), IDENTITY_RECORDS).drop_columns(["mentions"])
    given_column = {"previous": None, "ledger": None, "run_id": "1", "now": NOW, "settings": IdentitySettings()}
    before = resolve(records, **given_column)
    if column == "absent":
        with_names = records.set_column(0, "record_id", records["record_id"])
    else:
        with_names = records.append_column("mentions", pa.array([column] * len(records), pa.list_(pa.string())))
    after = resolve(with_names, **given_column)
    assert after.record_customers == before.record_customers
    assert after.edges == before.edges
    assert "mention" not in [comparison.name for comparison in load_model(after.model).model.comparisons]
    # What was learnt is the same but for the digest of the records, which says what they hold.
    model = [json.loads(found.model) | {"training_digest": None} for found in (before, after)]
    assert model[0] == model[1]


def test_what_a_record_carries_itself_is_nothing_new() -> None:
    known = {
        "a:user:1": {
            "emails": ["me@inkwell.org"], "phones": ["+1 415 712 0123"], "external_ids": ["shop:customer:9"],
            "mentions": ["email=ME@inkwell.org", "phone=(415) 712-0123", "order=shop:customer:9", "order=a:user:1"],
        },
        "a:user:2": {
            "emails": ["me@inkwell.org"],
            "mentions": ["order=a:user:1", "order=a:user:1", "email=you@inkwell.org", "phone=415 712 0123"],
        },
    }  # fmt: skip
    table = build_features(rows(known), "US").table
    written = [table[f"mentioned_{kind}"].to_pylist() for kind in ("orders", "emails", "phones")]
    assert written == [[None, ["a:user:1"]], [None, ["you@inkwell.org"]], [None, ["+14157120123"]]]


def test_it_weighs_less_than_carrying_the_identifier() -> None:
    model = load_model(resolved(account(mentions=BY_OLUCHI)).model).model
    places = {comparison.name: place for place, comparison in enumerate(model.comparisons)}
    carried, written = (model.weight(places[name]) for name in ("email", "mention"))
    assert 0 < written[1] < carried[EMAIL.level_count - 1]
    assert 0 < written[2] < carried[EMAIL.level_count - 1]
    alone = written[1:] + model.prior_weight
    different_name = model.weight(places["given_name"])[0]
    assert (alone + different_name < 0).all()
    assert (alone > 0).all()


def test_what_it_says_is_learnt_from_how_often_it_is_true() -> None:
    odds = []
    for own, others in ((0.6, 0.02), (0.2, 0.5)):
        records = with_mentions(made(400, 7), own=own, others=others, seed=1)
        found = resolve(records, previous=None, ledger=None, run_id="1", now=NOW, settings=IdentitySettings())
        model = load_model(found.model).model
        place = [comparison.name for comparison in model.comparisons].index("mention")
        odds.append(model.weight(place)[2] + model.prior_weight)
    assert odds[0] > 3 > 1.5 > odds[1]


SHARE = st.floats(1e-6, 1.0)


@given(
    counts=st.lists(st.floats(0, 1e6), min_size=3, max_size=3),
    m=SHARE, u=SHARE, household=SHARE, prior=st.floats(1e-9, 0.3),
)  # fmt: skip
def test_the_odds_stay_within_their_bounds_whatever_was_seen(
    counts: list[float], m: float, u: float, household: float, prior: float
) -> None:
    comparisons = (GIVEN_NAME, MENTION)
    kinds = [
        [np.array([first, *[(1 - first) / (GIVEN_NAME.level_count - 1)] * (GIVEN_NAME.level_count - 1)]), np.ones(3)]
        for first in (m, household, u)
    ]
    patterns = Patterns(np.array([[3, 2], [4, 2], [0, 2]]), np.array(counts), np.zeros(3, dtype=np.int64))
    classes = list(np.eye(3))
    shares = [prior, prior]
    levels = weigh_mentions(patterns, comparisons, Levels(kinds[0], [kinds[1]], kinds[2]), shares, classes)
    for level in (1, 2):
        for other, share, different in ((levels.rivals[0], prior, household), (levels.u, 1 - 2 * prior, u)):
            bits = np.log2(levels.m[1][level] / other[1][level]) + np.log2(prior / share)
            assert -1e-9 <= bits <= min(5.0, max(np.log2(different / m), 0.0)) + 1e-9


def test_a_model_from_before_is_refused_so_that_a_new_one_is_learnt() -> None:
    text = resolved(account(mentions=BY_OLUCHI)).model
    assert FORMAT == 4
    with pytest.raises(ModelMismatch):
        load_model(json.dumps(json.loads(text) | {"format": 3}))
    assert load_model(text).text == text
