"""Incremental equals full: however records arrive, change and go, the clusters are those of one run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.artifact import FrozenModel, load_model
from identity.columns import conform
from identity.contract import IDENTITY_RECORDS
from identity.judgement import Constraints, constraints, new_judgement
from identity.pipeline import resolve
from identity.run import Found, find_clusters
from identity.settings import IdentitySettings
from identity.state import MatchState, open_state
from sandbox.generator import generate
from sandbox.records import identity_records
from tests.unit.identity.mention_world import rows, with_mentions

# Small blocks, so that a few hundred records bring many blocks above and below the largest that is compared.
SETTINGS = IdentitySettings(largest_block=6)
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def records() -> pa.Table:
    """Records of 60 people; one e-mail and one phone stand on many of them, so that identifiers become shared.

    Some of them write of orders, e-mails and phones: their own, somebody else's, those of two people, the shared ones.
    Browsers sign in to one of their accounts or to two; to one account of the shop, more than are compared.
    """
    rows = with_mentions(generate(people=60, seed=5), own=0.5, others=0.2, seed=5).to_pylist()
    for number, row in enumerate(rows):
        if number % 9 == 0:
            row["emails"] = [*(row["emails"] or []), "front.desk@harbour-hotel.example"]
        if number % 13 == 0:
            row["phones"] = [*(row["phones"] or []), "+44 113 496 0999"]
        other = rows[number * 7 % len(rows)]
        if number % 5 == 0:
            written = [f"email={email}" for email in other["emails"] or []]
            row["mentions"] = [
                *(row["mentions"] or []),
                *written,
                *(f"phone={phone}" for phone in other["phones"] or []),
            ]
        if number % 31 == 0:
            row["mentions"] = [*(row["mentions"] or []), "phone=0113 496 0999", f"order={other['record_id']}"]
    accounts = [row["record_id"] for row in rows if row["source"] == "shopify"]
    for number in range(40):
        named = accounts[number * 3 % 21 :][: 2 if number % 4 == 0 else 1] if number % 5 else accounts[:1]
        browser = {"record_id": f"ga4:client:{number}", "source": "ga4", "entity": "client", "native_id": str(number)}
        rows.append(browser | {"external_ids": named})
    return pa.Table.from_pylist(rows, schema=IDENTITY_RECORDS)


@pytest.fixture(scope="module")
def frozen(records: pa.Table) -> FrozenModel:
    resolution = resolve(records, previous=None, ledger=None, run_id="1", now=NOW, settings=SETTINGS)
    return load_model(resolution.model)


@pytest.fixture
def state() -> Iterator[MatchState]:
    with open_state() as made:
        yield made


def step(
    state: MatchState,
    records: pa.Table,
    frozen: FrozenModel,
    before: Found | None = None,
    judged: Constraints | None = None,
) -> Found:
    return find_clusters(
        state,
        records,
        frozen,
        SETTINGS,
        judged,
        previous=None,
        published=before.digest if before else None,
        revisit=None,
        progress=lambda _: None,
    )


def partition(found: Found) -> dict[str, str]:
    """Each record's cluster, named by its smallest record."""
    ids = found.matched.record_ids.to_pylist()
    return {record: ids[label] for record, label in zip(ids, found.matched.labels.tolist(), strict=True)}


def strengths(found: Found) -> dict[str, float]:
    return dict(
        zip(
            found.matched.record_ids.to_pylist(), found.matched.strengths_in(found.matched.labels).tolist(), strict=True
        )
    )


def edited(records: pa.Table, places: list[int], donors: list[int]) -> pa.Table:
    """Some records with the contact data and the name of others: changes that join and part people."""
    rows = records.to_pylist()
    for place, donor in zip(places, donors, strict=True):
        for field in ("emails", "phones", "family_name", "full_name", "mentions"):
            rows[place % len(rows)][field] = rows[donor % len(rows)][field]
    return pa.Table.from_pylist(rows, schema=records.schema)


def carried_on(
    state: MatchState, batches: list[pa.Table], frozen: FrozenModel, judged: list[Constraints | None] | None = None
) -> tuple[dict[str, str], dict[str, float]]:
    """What is known after all batches, each run replacing just what its scope says."""
    clusters: dict[str, str] = {}
    held: dict[str, float] = {}
    before = None
    for number, batch in enumerate(batches):
        before = step(state, batch, frozen, before, judged[number] if judged else None)
        gone = before.scope.records.to_pylist() if before.scope else list(clusters)
        for record in gone:
            clusters.pop(record, None)
            held.pop(record, None)
        clusters.update(partition(before))
        held.update(strengths(before))
    return clusters, held


def compared(state: MatchState) -> set[tuple[object, ...]]:
    """Every blocked pair that the state knows, with what its comparisons found."""
    return set(
        state.connection.execute("""
            select least(a.record_id, b.record_id), greatest(a.record_id, b.record_id), v.* exclude (rid_l, rid_r)
            from vectors as v join records as a on a.rid = v.rid_l join records as b on b.rid = v.rid_r
        """).fetchall()
    )


def at_once(records: pa.Table, frozen: FrozenModel, judged: Constraints | None = None) -> tuple[dict, dict]:
    with open_state() as fresh:
        found = step(fresh, records, frozen, None, judged)
        return partition(found), strengths(found)


@settings(max_examples=8)
@given(data=st.data())
def test_any_order_and_batching_of_arrivals_changes_and_departures_ends_in_the_clusters_of_one_run(
    data: st.DataObject, records: pa.Table, frozen: FrozenModel
) -> None:
    count = len(records)
    seed = data.draw(st.integers(0, 2**16), label="seed")
    shuffled = records.take(np.random.default_rng(seed).permutation(count))
    cuts = sorted(data.draw(st.lists(st.integers(0, count), min_size=1, max_size=3), label="cuts"))
    places = data.draw(st.lists(st.integers(0, count - 1), max_size=12), label="changed")
    donors = data.draw(st.lists(st.integers(0, count - 1), min_size=len(places), max_size=len(places)), label="donors")
    batches = [shuffled.slice(0, cut) for cut in cuts if cut > 1]
    # Some records say something else for a while, some are gone for a while.
    batches.append(edited(shuffled, places, donors))
    batches.append(shuffled.filter(pa.array(np.arange(count) % data.draw(st.integers(2, 9), label="gone") > 0)))
    batches.append(edited(shuffled, places[::-1], donors))
    final = batches[-1]
    with open_state() as state, open_state() as fresh:
        carried = carried_on(state, batches, frozen)
        whole = step(fresh, final, frozen)
        assert carried == (partition(whole), strengths(whole))
        assert compared(state) == compared(fresh)


def without(records: pa.Table, record_id: str) -> pa.Table:
    return records.filter(pc.not_equal(records["record_id"], record_id))


def silent(records: pa.Table, record_id: str) -> pa.Table:
    rows = [row | ({"mentions": None} if row["record_id"] == record_id else {}) for row in records.to_pylist()]
    return pa.Table.from_pylist(rows, schema=records.schema)


@pytest.fixture(scope="module")
def mention(records: pa.Table, frozen: FrozenModel) -> tuple[str, str]:
    """A record that is with another just because its person wrote of that one's order, and that other."""
    clusters = at_once(records, frozen)[0]
    for row in records.to_pylist():
        writer, written = row["record_id"], row["mentions"] or []
        named = [said.removeprefix("order=") for said in written if said.startswith("order=")]
        if len(written) == 1 and named and clusters[named[0]] == clusters[writer]:
            quiet = at_once(silent(records, writer), frozen)[0]
            if quiet[named[0]] != quiet[writer]:
                return writer, named[0]
    pytest.fail("nobody is joined by a mention alone: the records of this test teach nothing")


@pytest.mark.parametrize("late", ["the mention", "the writer", "the one written of", "the mention goes"])
def test_a_mention_joins_whichever_comes_last_and_parts_when_it_goes(
    late: str, state: MatchState, records: pa.Table, frozen: FrozenModel, mention: tuple[str, str]
) -> None:
    writer, named = mention
    earlier = {
        "the mention": silent(records, writer),
        "the writer": without(records, writer),
        "the one written of": without(records, named),
        "the mention goes": records,
    }[late]
    final = silent(records, writer) if late == "the mention goes" else records
    carried = carried_on(state, [earlier, final], frozen)
    assert carried == at_once(final, frozen)
    assert (carried[0][writer] == carried[0][named]) == (final is records)


def test_a_model_that_met_a_mention_and_nobody_whom_it_names_finds_them_later(state: MatchState) -> None:
    known = conform(identity_records(generate(people=60, seed=5)), IDENTITY_RECORDS)
    writer = rows({"x:user:late": {"handles": ["x:lucky.star"], "mentions": ["order=shop:customer:later"]}})
    named = rows({"shop:customer:later": {"given_name": "Oluchi", "family_name": "Wetherington"}})
    before = pa.concat_tables([known, writer])
    found = resolve(before, previous=None, ledger=None, run_id="1", now=NOW, settings=SETTINGS)
    clusters = carried_on(state, [before, pa.concat_tables([before, named])], load_model(found.model))[0]
    assert clusters["x:user:late"] == clusters["shop:customer:later"]


def test_a_change_is_all_that_is_looked_at(state: MatchState, records: pa.Table, frozen: FrozenModel) -> None:
    before = step(state, records, frozen)
    after = step(state, edited(records, [3], [150]), frozen, before)
    assert after.scope is not None
    assert 0 < len(after.scope.records) < len(records) / 4
    assert after.scope.changed.to_pylist() == [records["record_id"][3].as_py()]
    nothing = step(state, edited(records, [3], [150]), frozen, after)
    assert nothing.scope is not None
    assert len(nothing.scope.records) == 0


def test_a_state_of_another_publication_gives_a_whole_answer(
    state: MatchState, records: pa.Table, frozen: FrozenModel
) -> None:
    step(state, records.slice(0, 90), frozen)
    found = find_clusters(
        state, records, frozen, SETTINGS, None,
        previous=None, published="another", revisit=None, progress=lambda _: None,
    )  # fmt: skip
    assert found.scope is None
    assert partition(found) == at_once(records, frozen)[0]
    assert len(found.identifiers) == pc.sum(pc.list_value_length(records["emails"])).as_py() + pc.sum(
        pc.list_value_length(records["phones"])
    ).as_py() + (pc.sum(pc.list_value_length(records["handles"])).as_py() or 0)


def test_a_judgement_reaches_its_records_though_nothing_about_them_changed(
    state: MatchState, records: pa.Table, frozen: FrozenModel
) -> None:
    clusters = at_once(records, frozen)[0]
    a = next(record for record, name in clusters.items() if record != name)
    b = next(record for record in clusters if clusters[record] != clusters[a])
    said = [
        constraints(pa.concat_tables([
            new_judgement(a, clusters[a], "different", judged_by="s", judged_at=NOW, reason="two people"),
            new_judgement(a, b, "same", judged_by="s", judged_at=NOW, reason="she said so"),
        ])),
        None,
    ]  # fmt: skip
    carried = carried_on(state, [records, records], frozen, [None, said[0]])
    assert carried == at_once(records, frozen, said[0])
    assert carried[0][a] == carried[0][b] != carried[0][clusters[a]]
    with open_state() as other:
        undone = carried_on(other, [records, records, records], frozen, [None, said[0], None])
    assert undone[0] == clusters


def test_the_comparisons_do_not_care_which_record_is_the_left_one(records: pa.Table, frozen: FrozenModel) -> None:
    from identity.vectors import VectorBuilder

    with open_state() as state:
        step(state, records, frozen)
        connection = state.connection
        connection.execute("create table mirrored as select rid_r as rid_l, rid_l as rid_r from vectors")
        builder = VectorBuilder(connection, frozen.model.comparisons)
        builder.build("mirrored", "mirrored_vectors")
        gammas = ", ".join(f"gamma_{comparison.name}" for comparison in frozen.model.comparisons)
        differing = connection.execute(f"""
            select count(*) from (
                select rid_l, rid_r, {gammas} from vectors
                except select rid_r, rid_l, {gammas} from mirrored_vectors
            )
        """).fetchall()
    assert differing == [(0,)]


def test_a_run_that_breaks_halfway_leaves_the_state_as_it_was(
    state: MatchState, records: pa.Table, frozen: FrozenModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = step(state, records, frozen)
    pairs = compared(state)

    def break_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("identity.run.match", break_off)
        with pytest.raises(KeyboardInterrupt):
            step(state, edited(records, [3], [150]), frozen, before)
    assert compared(state) == pairs
    after = step(state, edited(records, [3], [150]), frozen, before)
    assert after.scope is not None
    assert after.scope.changed.to_pylist() == [records["record_id"][3].as_py()]
