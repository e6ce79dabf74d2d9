"""Syncs to the ad platforms and the webhook while these misbehave, or the sync is killed: the end is the same."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from activation.publish import publish
from activation.sync.destination import DestinationError
from activation.sync.engine import run_sync
from activation.sync.history import dead_letters, request_replay
from tests.integration.activation.ads.ad_tools import (
    CASES,
    DATA_MANAGER,
    GOOGLE,
    META,
    WEBHOOK,
    await_requests,
    start_sync,
)

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
PEOPLE = {f"c{number}": (f"p{number}@mail.org", f"+479123456{number}") for number in range(1, 6)}
LATER = {key: who for key, who in PEOPLE.items() if key != "c5"} | {"c2": ("new@mail.org", PEOPLE["c2"][1])}


@pytest.fixture
def five(world):
    for key, (email, phone) in PEOPLE.items():
        world.customer(key, email=email, phone=phone, segments=["vip"], consent={"advertising": "granted"})
    publish(world.connection, "r1", AS_OF)
    return world


def move_on(world) -> None:
    """One withdraws, one has another address: removals and a changed row."""
    world.execute("update golden.consents set state = 'denied' where customer_id = 'c5'")
    points = "update golden.contact_points set value = %s, match_key = %s where customer_id = 'c2' and kind = 'email'"
    world.execute(points, ["new@mail.org", "new@mail.org"])
    world.execute("update golden.customers set email = 'new@mail.org' where customer_id = 'c2'")
    publish(world.connection, "r2", AS_OF)


FAULTS = {
    "429": {"kind": "status", "status": 429, "retry_after": 0},
    "500": {"kind": "status", "status": 500},
    "503": {"kind": "status", "status": 503, "retry_after": 1},
    "reset": {"kind": "reset"},
    "lost answer": {"kind": "after_apply"},
    "cut off": {"kind": "truncate"},
    "timeout": {"kind": "slow", "seconds": 1.3},
}
PATHS = (
    (META, ("customaudiences", "/users")),
    (GOOGLE, ("/token", "googleAds:search", "userLists:mutate", "Jobs:create", ":addOperations", ":run")),
    (DATA_MANAGER, ("audienceMembers:", "requestStatus:")),
    (WEBHOOK, ("/braid",)),
)
PLACES = [pytest.param(case, path, id=f"{case}-{path.strip('/:')}") for case, paths in PATHS for path in paths]


@pytest.mark.parametrize(("case", "path"), PLACES)
def test_faults_that_pass_change_nothing_in_the_end(five, tools, case, path) -> None:
    """One fault after another, each on a sync that adds one person, takes one out and changes an address."""
    people = dict(PEOPLE)
    for number, trouble in enumerate(FAULTS.values()):
        tools.fault(case, path=path, **trouble)
        assert run_sync(five.connection, case.block, tools.receiver(case)).rejected == 0
        assert tools.holds(case) == case.wanted(people), trouble
        tools.clear_faults()
        step(five, people, number)
    found = tools.held(case)
    assert len(found.get("audiences", found.get("user_lists", ["one"]))) == 1, "a lost answer makes no second audience"
    if case is WEBHOOK:
        assert max(tools.written(case).values()) <= 1 + len(FAULTS), "each change was carried out once"


def step(world, people, number: int) -> None:
    gone, changed, new = f"c{number + 1}", f"c{number + 2}", f"c{number + 6}"
    world.execute("update golden.consents set state = 'denied' where customer_id = %s", [gone])
    points = "update golden.contact_points set value = %s, match_key = %s where customer_id = %s and kind = 'email'"
    address = f"new{number}@mail.org"
    world.execute(points, [address, address, changed])
    world.customer(new, email=f"{new}@mail.org", segments=["vip"], consent={"advertising": "granted"})
    publish(world.connection, f"step {number}", AS_OF)
    people |= {changed: (address, people[changed][1]), new: (f"{new}@mail.org", None)}
    del people[gone]


MADE = [
    (META, "customaudiences", "audiences"),
    (GOOGLE, "userLists:mutate", "user_lists"),
    (GOOGLE, "s:create", "jobs"),
]


@pytest.mark.parametrize("trouble", ["lost answer", "reset", "500"])
@pytest.mark.parametrize(("case", "path", "made"), MADE, ids=lambda one: str(one).strip(":"))
def test_what_is_made_under_a_fault_is_made_once(five, tools, case, path, made, trouble) -> None:
    tools.fault(case, method="POST", path=path, **FAULTS[trouble])
    assert run_sync(five.connection, case.block, tools.receiver(case)).acknowledged == 5
    assert len(tools.held(case)[made]) == 1
    assert tools.holds(case) == case.wanted(PEOPLE)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_fault_that_stays_is_one_clear_error_and_the_next_sync_ends_right(five, tools, case) -> None:
    tools.fault(case, "status", path=case.write, status=500, times=-1)
    with pytest.raises(DestinationError, match=r"did not recover.*0 of 5 rows"):
        run_sync(five.connection, case.block, tools.receiver(case))
    tools.clear_faults()
    move_on(five)
    run_sync(five.connection, case.block, tools.receiver(case))
    assert tools.holds(case) == case.wanted(LATER)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_long_wait_is_not_sat_out(five, tools, case) -> None:
    tools.fault(case, "status", path=case.write, status=429, retry_after=3600)
    with pytest.raises(DestinationError, match="asks to wait 3600 s"):
        run_sync(five.connection, case.block, tools.receiver(case))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rows_that_are_refused_are_dead_letters_and_the_others_arrive(five, tools, case) -> None:
    if case in (META, DATA_MANAGER):
        # Both refuse the batch and name no row: the half, then the row alone, must be found.
        for rows, after in (([1], 0), ([1], 0), ([0], 1)):
            tools.fault(case, "partial", method="POST", path=case.write, rows=rows, after=after)
    else:
        tools.fault(case, "partial", path=case.write, rows=[1])
    report = run_sync(five.connection, case.block, tools.receiver(case))
    assert (report.acknowledged, report.rejected) == (4, 1)
    assert len(dead_letters(five.connection, case.block.name)) == 1
    tools.clear_faults()
    request_replay(five.connection, case.block.name)
    run_sync(five.connection, case.block, tools.receiver(case))
    assert tools.holds(case) == case.wanted(PEOPLE)


def test_a_google_job_that_is_not_run_although_it_said_so_is_noticed(five, tools) -> None:
    """The job still waits to be run: that is all of it that Google shows, and it is enough."""
    tools.fault(GOOGLE, "ignore", path=":run")
    impatient = GOOGLE.block.model_copy(update={"options": {"job_wait": 0.2}})
    receiver = tools.receiver(GOOGLE)
    receiver._options = receiver._options.model_copy(update={"job_wait": 0.2})
    report = run_sync(five.connection, impatient, receiver)
    assert (report.acknowledged, report.unknown) == (0, 5)
    assert run_sync(five.connection, GOOGLE.block, tools.receiver(GOOGLE)).acknowledged == 5
    assert tools.holds(GOOGLE) == GOOGLE.wanted(PEOPLE)


def test_google_jobs_that_outlast_a_sync_are_met_again_by_the_next(five, tools) -> None:
    """Additions that are under way hold back no other additions; a removal that is under way does."""
    receiver = tools.receiver(GOOGLE)
    receiver.batch_size = 2
    receiver._options = receiver._options.model_copy(update={"job_wait": 0})
    assert run_sync(five.connection, GOOGLE.block, receiver).unknown == 5
    assert len(tools.held(GOOGLE)["jobs"]) == 3
    patient = tools.receiver(GOOGLE)
    patient.batch_size = 2
    assert run_sync(five.connection, GOOGLE.block, patient).acknowledged == 5
    assert len(tools.held(GOOGLE)["jobs"]) == 3, "nothing was sent twice"

    move_on(five)
    report = run_sync(five.connection, GOOGLE.block, receiver)
    assert (report.acknowledged, report.unknown) == (0, 2)
    kinds = [job["customerMatchUserListMetadata"].get("consent") for job in tools.held(GOOGLE)["jobs"].values()]
    assert kinds[3:] == [None, None], "removals, and no addition that they might overtake"
    run_sync(five.connection, GOOGLE.block, patient)
    assert tools.holds(GOOGLE) == GOOGLE.wanted(LATER)


def test_the_data_manager_needs_no_developer_token_for_a_list_that_exists(five, tools) -> None:
    run_sync(five.connection, DATA_MANAGER.block, tools.receiver(DATA_MANAGER))
    ((number, _),) = [(held["id"], name) for name, held in tools.held(DATA_MANAGER)["user_lists"].items()]
    with pytest.raises(DestinationError, match="asks for a developer token"):
        tools.receiver(DATA_MANAGER, developer_token=None).prepare({})
    move_on(five)
    receiver = tools.receiver(DATA_MANAGER, developer_token=None)
    receiver._options = receiver._options.model_copy(update={"user_list_id": number})
    run_sync(five.connection, DATA_MANAGER.block, receiver)
    assert tools.holds(DATA_MANAGER) == DATA_MANAGER.wanted(LATER)


def test_a_google_job_that_fails_is_run_once_more(five, tools) -> None:
    failed = {"path": "results.0.offlineUserDataJob", "set": {"status": "FAILED"}}
    tools.fault(GOOGLE, "mutate", path="offline_user_data_job", after=1, times=2, mutate=failed)
    assert run_sync(five.connection, GOOGLE.block, tools.receiver(GOOGLE)).acknowledged == 5
    assert len(tools.held(GOOGLE)["jobs"]) == 2
    assert tools.holds(GOOGLE) == GOOGLE.wanted(PEOPLE)


def test_meta_that_counts_fewer_rows_than_were_sent_leaves_them_in_doubt(five, tools) -> None:
    tools.fault(META, "mutate", method="POST", path="/users", mutate={"set": {"num_received": 3}})
    report = run_sync(five.connection, META.block, tools.receiver(META))
    assert (report.acknowledged, report.unknown) == (0, 5)
    assert run_sync(five.connection, META.block, tools.receiver(META)).acknowledged == 5
    assert tools.holds(META) == META.wanted(PEOPLE)


@pytest.mark.parametrize(
    ("case", "status", "told"),
    [
        (META, 403, "terms for custom audiences are not accepted"),
        (META, 401, "BRAID_META_ADS__ACCESS_TOKEN"),
        (GOOGLE, 412, "customer data terms are not accepted"),
        (GOOGLE, 451, "from its former users only"),
        (GOOGLE, 403, "BRAID_GOOGLE_ADS__LOGIN_CUSTOMER_ID"),
        (DATA_MANAGER, 401, "BRAID_GOOGLE_ADS__CUSTOMER_ID"),
        (WEBHOOK, 410, "wants no more messages"),
        (WEBHOOK, 404, "URL is not the right one"),
    ],
)
def test_a_refusal_says_what_a_person_must_do(five, tools, case, status, told) -> None:
    tools.fault(case, "status", path=case.write, status=status, times=-1)
    with pytest.raises(DestinationError, match=told):
        run_sync(five.connection, case.block, tools.receiver(case))


KILLS = [(META, "/users", 1), (GOOGLE, "Jobs:create", 1), (GOOGLE, ":addOperations", 1), (GOOGLE, ":run", 1)]
KILLS += [(DATA_MANAGER, "audienceMembers:", 1)]
KILLS += [(WEBHOOK, "/braid", 1), (WEBHOOK, "/braid", 2)]


@pytest.mark.parametrize(("case", "path", "number"), KILLS, ids=lambda one: str(one).strip("/:"))
def test_kill_9_and_a_change_of_mind_end_where_they_should(five, tools, warehouse, case, path, number) -> None:
    tools.fault(case, "slow", path=path, seconds=0.4, after=number - 1)
    process = start_sync(warehouse.address.conninfo, case, tools)
    await_requests(tools, case, path, number)
    process.kill()
    assert process.wait() == -9
    time.sleep(0.5)  # what was on its way is carried out after its sender is gone
    move_on(five)
    run_sync(five.connection, case.block, tools.receiver(case))
    assert tools.holds(case) == case.wanted(LATER)
    assert run_sync(five.connection, case.block, tools.receiver(case)).sent == 0
    if case is WEBHOOK:
        sent_twice = {place for place, times in tools.written(case).items() if times > 2}
        assert sent_twice == set()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_kill_9_of_a_google_or_meta_sync_and_nothing_else_sends_what_is_left(five, tools, warehouse, case) -> None:
    tools.fault(case, "slow", path=case.write, seconds=0.4)
    process = start_sync(warehouse.address.conninfo, case, tools)
    await_requests(tools, case, case.write, 1)
    process.kill()
    process.wait()
    time.sleep(0.6)
    run_sync(five.connection, case.block, tools.receiver(case))
    assert tools.holds(case) == case.wanted(PEOPLE)
    if case is WEBHOOK:
        assert set(tools.written(case).values()) == {1}, "recognised by its id, and carried out once"
    if case is GOOGLE:
        assert len(tools.held(case)["jobs"]) == 1, "the killed sync's job was met again and run"
