"""A look-up says what a run would do with the record, and says so when it cannot know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from identity.artifact import load_model
from identity.judgement import new_judgement
from identity.lookup.answer import Answer
from identity.lookup.finder import Finder, StateMismatch
from identity.pipeline import resolve
from identity.run import find_clusters
from identity.state import open_state
from tests.unit.identity.lookup_world import NOW, SETTINGS, World, open_world, record

LATE = 10
NAME = {"full_name": "Marisol Quintabrava", "given_name": "Marisol", "family_name": "Quintabrava"}
# Two people of one rare name, and one more of a name of her own.
NAMESAKES = (
    {"record_id": "crm:contact:1", **NAME, "birth_date": date(1961, 3, 4), "postcode": "45263", "city": "Cincinnati",
     "emails": ["marisol.q61@bluepine.example"], "street": "12 Elm Court"},
    {"record_id": "shop:customer:1", **NAME, "birth_date": date(1961, 3, 4),
     "emails": ["marisol.q61@bluepine.example"]},
    {"record_id": "crm:contact:2", **NAME, "birth_date": date(1988, 11, 23), "postcode": "97201", "city": "Portland",
     "emails": ["quintabrava@harbourmail.example"], "street": "7 Oak Road"},
    {"record_id": "shop:customer:2", **NAME, "birth_date": date(1988, 11, 23),
     "emails": ["quintabrava@harbourmail.example"]},
    {"record_id": "crm:contact:3", "full_name": "Thaddeus Wexlington", "given_name": "Thaddeus",
     "family_name": "Wexlington", "birth_date": date(1970, 5, 6), "phones": ["+44 113 496 0555"],
     "emails": ["wexlington.thaddeus@harbourmail.example"]},
)  # fmt: skip


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with open_world(120, LATE, *NAMESAKES) as made:
        yield made


def mates(world: World, late: pa.Table, published: str) -> tuple[set[str], str]:
    """The customers that a run puts a record with, and the digest of that run."""
    records = pa.concat_tables([world.records, late])
    found = find_clusters(
        world.state, records, world.frozen, SETTINGS, None,
        previous=world.customers, published=published, revisit=None, progress=lambda _: None,
    )  # fmt: skip
    assert found.scope is not None
    ids = found.matched.record_ids.to_pylist()
    own = ids.index(late["record_id"][0].as_py())
    alike = np.flatnonzero(found.matched.labels == found.matched.labels[own])
    return {world.customer_of(ids[place]) for place in alike if place != own}, found.digest


def test_it_says_what_a_run_with_the_record_would_do() -> None:
    with open_world(120, LATE) as world:
        answers = [world.finder.who(world.late.slice(place, 1)) for place in range(LATE)]
        agreeing, published = 0, world.digest
        for place, answer in enumerate(answers):
            together, published = mates(world, world.late.slice(place, 1), published)
            agreeing += together == set(answer.joins)
            assert answer.customer_id in {None, *answer.joins}
    assert sum(answer.is_sure for answer in answers) > LATE / 2
    assert agreeing >= 0.9 * LATE


def test_somebody_known_is_known_by_a_part_of_what_is_known(world: World) -> None:
    answer = world.finder.who({"full_name": "thaddeus wexlington", "phones": "0113 496 0555", "country": "GB"})
    assert answer.customer_id == world.customer_of("crm:contact:3")
    assert answer.question is None
    first = answer.candidates[0]
    assert first.customer_id == answer.customer_id
    assert first.match_probability > 0.99
    assert {"phone", "given_name", "family_name"} <= {fact.comparison for fact in first.evidence}
    assert "same phone number" in {fact.words for fact in first.evidence}


def test_nobody_known_is_nobody(world: World) -> None:
    answer = world.finder.who({"full_name": "Xiomara Zzyzxwell", "emails": ["xz@unheard.example"]})
    assert answer == Answer(None, (), (), None)
    assert not world.finder.who({}).is_sure


def test_namesakes_are_candidates_and_never_a_guess(world: World) -> None:
    answer = world.finder.who({"full_name": "Marisol Quintabrava"})
    both = {world.customer_of("crm:contact:1"), world.customer_of("crm:contact:2")}
    assert len(both) == 2
    assert answer.customer_id is None
    assert answer.joins == ()
    assert {candidate.customer_id for candidate in answer.candidates[:2]} == both
    one, other = (candidate.match_probability for candidate in answer.candidates[:2])
    assert one == pytest.approx(other, abs=0.1)
    assert one + other <= 1.0
    assert answer.question is not None
    assert answer.question.attribute == "city"
    told = world.finder.who({"full_name": "Marisol Quintabrava", "birth_date": "1988-11-23"})
    assert told.customer_id == world.customer_of("crm:contact:2")


def test_a_known_record_is_not_compared_with_itself_nor_with_those_left_out(world: World) -> None:
    rows = {row["record_id"]: row for row in world.records.to_pylist()}
    assert world.finder.who(rows["crm:contact:3"]).candidates == ()
    other = world.finder.who(rows["crm:contact:1"])
    assert other.customer_id == world.customer_of("shop:customer:1")
    # Only a record itself, or one that names it, has its id.
    assert "external_id" in {comparison.name for comparison in world.frozen.model.comparisons}
    assert "external_id" not in {fact.comparison for fact in other.candidates[0].evidence}
    left = world.finder.who(rows["crm:contact:1"], exclude=["shop:customer:1"])
    assert left.customer_id is None
    assert world.customer_of("shop:customer:1") not in {candidate.customer_id for candidate in left.candidates}


def test_who_contradicts_is_not_that_customer_whatever_agrees(world: World) -> None:
    answer = world.finder.who(
        {"full_name": "Bartholomew Wexlington", "birth_date": date(1999, 12, 31), "phones": ["+44 113 496 0555"]}
    )
    thaddeus = world.customer_of("crm:contact:3")
    assert answer.customer_id is None
    (candidate,) = [c for c in answer.candidates if c.customer_id == thaddeus]
    assert candidate.contradicts
    assert candidate.match_probability == 0.0


def test_an_identifier_that_the_record_shows_to_be_shared_does_not_identify(world: World) -> None:
    answer = world.finder.who({"full_name": "Philippa Okonjo", "emails": ["wexlington.thaddeus@harbourmail.example"]})
    (candidate,) = [c for c in answer.candidates if c.customer_id == world.customer_of("crm:contact:3")]
    said = {fact.comparison: fact.words for fact in candidate.evidence}
    assert said.get("email", "shared") != "same e-mail address"
    assert answer.customer_id is None


def test_people_who_said_that_two_differ_are_obeyed() -> None:
    told = new_judgement(
        "crm:contact:1", "shop:customer:1", "different", judged_by="s", judged_at=NOW, reason="two people"
    )
    with open_world(60, 1, *NAMESAKES, judgements=told) as world:
        shop = next(row for row in world.records.to_pylist() if row["record_id"] == "shop:customer:1")
        assert world.customer_of("crm:contact:1") not in world.finder.who(shop).joins
        # The judgement is about the record; a stranger with the same data is not spoken of.
        assert world.customer_of("shop:customer:1") in {
            candidate.customer_id for candidate in world.finder.who(shop | {"record_id": "web:form:9"}).candidates
        }


def test_what_cannot_be_read_is_refused_without_showing_it(world: World) -> None:
    with pytest.raises(ValueError, match=r"unknown columns nickname; there are record_id"):
        world.finder.who({"nickname": "Ada"})
    with pytest.raises(ValueError, match="column birth_date holds no date32") as refused:
        world.finder.who({"birth_date": "31 Dec 1999"})
    assert "1999" not in str(refused.value)
    with pytest.raises(ValueError, match="about one record, the table has 2 rows"):
        world.finder.who(world.records.slice(0, 2))


def test_the_file_is_free_again_and_has_to_fit(tmp_path: Path, world: World) -> None:
    path, records = tmp_path / "state.duckdb", world.records.slice(0, 300)
    with pytest.raises(FileNotFoundError, match="a run with this state path writes it"):
        Finder.open(path, world.frozen, world.customers)
    with open_state(path) as state:
        found = resolve(
            records, previous=None, ledger=None, run_id="1", now=NOW, settings=SETTINGS, state=state
        )  # fmt: skip
    finder = Finder.open(path, load_model(found.model), found.record_customers)
    assert finder.records == 300
    assert finder.digest == found.input_digest
    with open_state(path) as state:
        state.connection.execute("drop table vectors")
    assert finder.who(records.slice(0, 1)).customer_id in {None, *found.record_customers["customer_id"].to_pylist()}
    with pytest.raises(StateMismatch, match="the next run makes it anew"):
        Finder.open(path, world.frozen, world.customers)
    pq.write_table(records, tmp_path / "no.duckdb")
    with pytest.raises(StateMismatch):
        Finder.open(tmp_path / "no.duckdb", world.frozen, world.customers)


def test_a_table_without_people_answers_nobody() -> None:
    nobody = record({"record_id": "crm:contact:1"}).slice(0, 0)
    with open_state() as state:
        found = resolve(nobody, previous=None, ledger=None, run_id="1", now=NOW, settings=SETTINGS, state=state)
        finder = Finder.of_state(state, load_model(found.model), found.record_customers)
        assert finder.who({"full_name": "Ada Lovelace"}) == Answer(None, (), (), None)
