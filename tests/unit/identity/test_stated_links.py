"""A system that names another record as itself is believed, unless something says otherwise."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.artifact import load_model
from identity.columns import conform
from identity.compare import compare_pairs
from identity.comparison_catalogue import EXTERNAL_ID
from identity.comparison_names import GIVEN_NAME
from identity.contract import IDENTITY_RECORDS
from identity.expectation import Levels, Patterns
from identity.lookup.finder import Finder
from identity.pipeline import Resolution, resolve
from identity.settings import IdentitySettings
from identity.state import open_state
from identity.stated_odds import weigh_stated
from identity.why.case import Case
from identity.why.pair import explain_pair
from identity.why.words import pair_lines
from sandbox.records import identity_records
from tests.unit.identity.mention_world import BUYERS, NOW, customers, made, mates, resolved, rows

OLUCHI = {"shop:customer:901", "crm:contact:901"}
BROWSER = "web:client:7"
TO_OLUCHI = {"external_ids": ["shop:customer:901"]}
TO_BOTH = {"external_ids": ["shop:customer:901", "shop:customer:902"]}


def joined(**row: Any) -> set[str]:
    return mates(resolved({BROWSER: row}), BROWSER)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (TO_OLUCHI, OLUCHI),
        (TO_OLUCHI | {"full_name": "Oluchi W"}, OLUCHI),
        (TO_OLUCHI | {"emails": ["someone.else@bluepine.example"]}, OLUCHI),
        ({"external_ids": ["shop:customer:901", "crm:contact:901"]}, OLUCHI),
        ({"external_ids": ["shop:customer:none"]}, set()),
        (TO_OLUCHI | {"full_name": "Dmitri Zakharov"}, set()),
        (TO_OLUCHI | {"full_name": "Dmitri Zakharov", "emails": ["d.zakharov@inkwell.example"]}, set()),
        (TO_OLUCHI | {"full_name": "Dmitri Zakharov", "birth_date": date(1981, 3, 4)}, set()),
    ],
    ids=[
        "nothing else", "a name that goes with it", "another address", "two systems", "nobody's number", "another name",
        "another name and e-mail", "another name and a birth date",
    ],
)  # fmt: skip
def test_a_key_joins_unless_somebody_else_stands_behind_it(row: dict[str, Any], expected: set[str]) -> None:
    assert joined(**row) == expected


def test_a_number_given_to_somebody_else_since_loses_against_names_and_birth_dates() -> None:
    first = {"shop:customer:950": {"full_name": "Wilhelmina Oakes", "birth_date": date(1956, 2, 3)}}
    later = {"desk:user:9": {"full_name": "Thaddeus Bright", "birth_date": date(1999, 8, 17)}}
    later["desk:user:9"]["external_ids"] = ["shop:customer:950"]
    assert mates(resolved(first | later), "desk:user:9") == set()


def test_one_person_may_have_many_browsers_and_help_desk_users() -> None:
    many = {f"web:client:{n}": TO_OLUCHI for n in range(25)} | {f"desk:user:{n}": TO_OLUCHI for n in range(3)}
    assert mates(resolved(many), BROWSER) == (OLUCHI | set(many)) - {BROWSER}


def among_browsers() -> tuple[Resolution, dict[str, str]]:
    """A few people, most of whose records are browsers that signed in; and where each of those did."""
    known = conform(identity_records(made(60, 3)), IDENTITY_RECORDS)
    shops = [record for record in known["record_id"].to_pylist() if record.startswith("shopify:")]
    home = {f"web:client:{n}": shop for n, shop in enumerate([*shops, *shops, *shops, "shop:customer:901"])}
    browsers = {record: {"external_ids": [shop]} for record, shop in home.items()}
    records = pa.concat_tables([known, rows(BUYERS | browsers)])
    found = resolve(records, previous=None, ledger=None, run_id="1", now=NOW, settings=IdentitySettings())
    return found, home


def test_where_most_records_are_browsers_their_number_does_not_make_them_doubtful() -> None:
    found, home = among_browsers()
    of = customers(found)
    assert {record for record, shop in home.items() if of[record] != of[shop]} == set()


def test_who_names_two_customers_of_one_shop_joins_neither() -> None:
    assert joined(**TO_BOTH) == set()
    # However many such browsers there are, whatever else is known of those named, and who else is theirs.
    tablets = {f"web:client:{n}": TO_BOTH for n in range(6, 10)}
    others = {"web:client:1": TO_OLUCHI, "web:client:2": {"external_ids": ["shop:customer:902"]}}
    found = resolved(tablets | others)
    assert mates(found, "web:client:1") == OLUCHI
    assert mates(found, "web:client:2") == {"shop:customer:902"}
    bare: dict[str, dict[str, Any]] = {f"shop:customer:{n}": {} for n in (801, 802)}
    two = {"web:client:5": {"external_ids": list(bare)}, "web:client:6": {"external_ids": list(bare)}}
    found = resolved(bare | two)
    assert all(not mates(found, record) & set(bare) for record in [*bare, *two])


def test_who_names_two_accounts_of_one_person_joins() -> None:
    again = {"shop:customer:903": {**BUYERS["shop:customer:901"], "phones": ["+44 113 496 0177"], "country": "GB"}}
    browser = {BROWSER: {"external_ids": ["shop:customer:901", "shop:customer:903"]}}
    assert mates(resolved(again | browser), BROWSER) == OLUCHI | set(again)


def test_two_accounts_of_one_person_stay_one_however_many_browsers_each_has() -> None:
    again = {"shop:customer:903": {**BUYERS["shop:customer:901"], "phones": ["+44 113 496 0177"], "country": "GB"}}
    browsers = {f"web:client:{n}": {"external_ids": [f"shop:customer:{901 + n % 2 * 2}"]} for n in range(8)}
    assert mates(resolved(again | browsers), "web:client:0") == (OLUCHI | set(again) | set(browsers)) - {"web:client:0"}


def test_a_look_up_and_an_explanation_say_the_same() -> None:
    ours = {BROWSER: TO_OLUCHI, "web:client:8": TO_BOTH}
    records = pa.concat_tables([conform(identity_records(made()), IDENTITY_RECORDS), rows(BUYERS | ours)])
    with open_state() as state:
        found = resolve(
            records, previous=None, ledger=None, run_id="1", now=NOW, settings=IdentitySettings(), state=state
        )
        frozen = load_model(found.model)
        finder = Finder.of_state(state, frozen, found.record_customers)
        answer, both = (finder.who(named) for named in (TO_OLUCHI, TO_BOTH))
        finder.close()
    of = customers(found)
    assert (answer.customer_id, answer.is_sure) == (of["shop:customer:901"], True)
    assert (both.customer_id, both.joins) == (None, ())
    case = Case(
        records, found.record_customers, found.edges, frozen, lambda pairs: compare_pairs(records, pairs, frozen)
    )
    joined_pair = explain_pair(case, BROWSER, "shop:customer:901")
    assert joined_pair.same_customer
    assert "one names the other, or both name the same record" in "\n".join(pair_lines(joined_pair))
    apart = explain_pair(case, "web:client:8", "shop:customer:902").apart
    assert apart is not None
    assert [reason.kind for reason in apart.reasons] == ["external_id"]
    assert "web:client:8" in apart.reasons[0].words


def test_an_account_that_everybody_signs_in_to_is_nobodys() -> None:
    till = {"shop:customer:till": {"full_name": "Harbour Till"}}
    clients = {f"web:client:t{n}": {"external_ids": ["shop:customer:till"]} for n in range(200)}
    few = dict(list(clients.items())[:100])
    assert mates(resolved(till | few), "shop:customer:till") == set(few)
    found = resolved(till | clients)
    assert mates(found, "shop:customer:till") == set()
    assert len({customers(found)[record] for record in clients}) == len(clients)
    # Nor was that left to a bound on the size of customers: nobody was compared.
    assert not {*till, *clients} & {*found.edges["record_id_a"].to_pylist(), *found.edges["record_id_b"].to_pylist()}


def test_it_leaves_less_than_a_different_given_name_takes_and_enough_alone() -> None:
    for found in (resolved({BROWSER: TO_OLUCHI}), among_browsers()[0]):
        frozen = load_model(found.model)
        places = {comparison.name: place for place, comparison in enumerate(frozen.model.comparisons)}
        alone = frozen.model.weight(places["external_id"])[1] + frozen.model.prior_weight
        assert alone + frozen.model.weight(places["given_name"])[0] < 0.0
        assert alone >= frozen.threshold + 1.0


def test_what_it_says_is_learnt_from_how_often_it_is_true() -> None:
    known = conform(identity_records(made(400, 7)), IDENTITY_RECORDS).to_pylist()
    shops = [row["record_id"] for row in known if row["source"] == "shopify"]
    draw, odds = np.random.default_rng(1), []
    for wrong in (0.0, 0.6):
        table = [
            row | {"external_ids": [shops[draw.integers(len(shops))]]}
            if row["source"] in ("salesforce", "zendesk") and draw.random() < wrong
            else row
            for row in known
        ]
        records = pa.Table.from_pylist(table, schema=IDENTITY_RECORDS)
        found = resolve(records, previous=None, ledger=None, run_id="1", now=NOW, settings=IdentitySettings())
        model = load_model(found.model).model
        place = [comparison.name for comparison in model.comparisons].index("external_id")
        odds.append(model.weight(place)[1] + model.prior_weight)
    assert odds[0] > 6.5
    assert odds[1] < 1.5


SHARE = st.floats(1e-6, 0.999)


@given(
    counts=st.lists(st.floats(0, 1e6), min_size=3, max_size=3),
    m=SHARE, u=SHARE, household=SHARE, prior=st.floats(1e-9, 0.3),
)  # fmt: skip
def test_the_odds_stay_within_their_bounds_whatever_was_seen(
    counts: list[float], m: float, u: float, household: float, prior: float
) -> None:
    comparisons = (GIVEN_NAME, EXTERNAL_ID)
    rest = GIVEN_NAME.level_count - 1
    kinds = [[np.array([first, *[(1 - first) / rest] * rest]), np.array([0.1, 0.9])] for first in (m, household, u)]
    patterns = Patterns(np.array([[3, 1], [4, 1], [0, 1]]), np.array(counts), np.zeros(3, dtype=np.int64))
    levels = weigh_stated(
        patterns, comparisons, Levels(kinds[0], [kinds[1]], kinds[2]), [prior, prior], list(np.eye(3))
    )
    bits = np.log2(levels.m[1][1] / levels.u[1][1]) + np.log2(prior / (1 - 2 * prior))
    assert -1e-9 <= bits <= min(7.5, max(np.log2(u / m), 0.0)) + 1e-9
    assert levels.rivals[0][1][1] == levels.u[1][1]
    # Naming another record of the same kind says what it said.
    assert levels.u[1][0] == 0.1
    assert levels.m is kinds[0]
