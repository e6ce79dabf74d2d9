"""Whole syncs to the ad platforms and the webhook, through the engine: what they hold is what they should."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from activation.publish import publish
from activation.sync.destination import DestinationError
from activation.sync.engine import run_sync
from activation.sync.erasure import request_erasure
from sandbox.serve import serve
from tests.integration.activation.ads.ad_tools import CASES, WEBHOOK, sha256

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)
AGREED = {"advertising": "granted"}

pytestmark = pytest.mark.parametrize("case", CASES, ids=str)

PEOPLE = {f"c{number}": (f"P{number}@Mail.org", f"+479123456{number}") for number in range(1, 6)}


def person(world, key: str, email: str | None, phone: str | None = None, **more) -> None:
    world.customer(key, email=email, phone=phone, segments=["vip"], consent=more.pop("consent", AGREED), **more)


@pytest.fixture
def five(world):
    for key, (email, phone) in PEOPLE.items():
        person(world, key, email, phone)
    person(world, "c8", "no@mail.org", consent={"advertising": "denied"})
    person(world, "c9", "silent@mail.org", consent={})
    publish(world.connection, "r1", AS_OF)
    return world


def change_email(world, key: str, email: str) -> None:
    world.execute("update golden.customers set email = %s where customer_id = %s", [email, key])
    points = "update golden.contact_points set value = %s, match_key = %s where customer_id = %s and kind = 'email'"
    world.execute(points, [email, email, key])


def test_a_first_sync_sends_everybody_once_and_a_second_nothing(five, tools, case) -> None:
    report = run_sync(five.connection, case.block, tools.receiver(case))
    assert (report.acknowledged, report.rejected, report.unknown) == (5, 0, 0)
    assert tools.holds(case) == case.wanted(PEOPLE)
    assert set(tools.written(case).values()) == {1}
    asked = sum(tools.asked(case).values())
    publish(five.connection, "r2", AS_OF)
    assert run_sync(five.connection, case.block, tools.receiver(case)).sent == 0
    assert sum(tools.asked(case).values()) == asked, "unchanged rows cost nothing"


def test_a_changed_address_takes_the_old_one_out(five, tools, case) -> None:
    run_sync(five.connection, case.block, tools.receiver(case))
    change_email(five, "c2", "new@mail.org")
    publish(five.connection, "r2", AS_OF)
    assert run_sync(five.connection, case.block, tools.receiver(case)).sent == 1
    assert tools.holds(case) == case.wanted(PEOPLE | {"c2": ("new@mail.org", PEOPLE["c2"][1])})


def test_consent_withdrawn_takes_the_person_out(five, tools, case) -> None:
    run_sync(five.connection, case.block, tools.receiver(case))
    five.execute("update golden.consents set state = 'denied' where customer_id = 'c3'")
    publish(five.connection, "r2", AS_OF)
    report = run_sync(five.connection, case.block, tools.receiver(case))
    assert (report.plan.withdrawn, report.acknowledged) == (1, 1)
    assert tools.holds(case) == case.wanted({key: who for key, who in PEOPLE.items() if key != "c3"})


def test_who_leaves_the_segment_leaves_the_audience(five, tools, case) -> None:
    run_sync(five.connection, case.block, tools.receiver(case))
    five.execute("delete from segments.segment_memberships where customer_id in ('c1', 'c2')")
    publish(five.connection, "r2", AS_OF)
    run_sync(five.connection, case.block, tools.receiver(case))
    assert tools.holds(case) == case.wanted({key: who for key, who in PEOPLE.items() if key not in ("c1", "c2")})


def test_one_of_a_couple_with_one_address_leaves_and_the_other_stays(five, tools, case) -> None:
    person(five, "c6", "p1@mail.org", "+4791234599")
    publish(five.connection, "r2", AS_OF)
    run_sync(five.connection, case.block, tools.receiver(case))
    five.execute("delete from segments.segment_memberships where customer_id = 'c1'")
    publish(five.connection, "r3", AS_OF)
    run_sync(five.connection, case.block, tools.receiver(case))
    left = {key: who for key, who in PEOPLE.items() if key != "c1"} | {"c6": ("p1@mail.org", "+4791234599")}
    assert tools.holds(case) == case.wanted(left)


def test_a_merge_keeps_the_survivor_and_retires_the_loser(five, tools, case) -> None:
    run_sync(five.connection, case.block, tools.receiver(case))
    five.move("c2", "c1")
    publish(five.connection, "r2", AS_OF)
    run_sync(five.connection, case.block, tools.receiver(case))
    assert tools.holds(case) == case.wanted({key: who for key, who in PEOPLE.items() if key != "c2"})


def test_an_erased_person_is_taken_out(five, tools, case) -> None:
    run_sync(five.connection, case.block, tools.receiver(case))
    with five.connection.transaction():
        request_erasure(five.connection, ["c4"])
    run_sync(five.connection, case.block, tools.receiver(case))
    assert tools.holds(case) == case.wanted({key: who for key, who in PEOPLE.items() if key != "c4"})
    assert five.rows("select count(*) from activation.deliveries where key = 'c4'") == [(0,)]


def test_what_was_received_survives_a_restart_of_the_tool(five, tools, case) -> None:
    run_sync(five.connection, case.block, tools.receiver(case))
    before = tools.held(case)
    tools.sandbox.close()
    with serve(tools.sandbox.world, tools.sandbox.state) as again:
        tools.sandbox = again
        assert tools.held(case) == before
        person(five, "c6", "six@mail.org")
        publish(five.connection, "r2", AS_OF)
        run_sync(five.connection, case.block, tools.receiver(case))
        assert tools.holds(case) == case.wanted(PEOPLE | {"c6": ("six@mail.org", None)})


def test_braid_remembers_hashes_and_no_address_of_an_ad_platform(five, tools, case) -> None:
    run_sync(five.connection, case.block, tools.receiver(case))
    kept = str(five.rows("select held, key, remote_id from activation.deliveries order by key")).lower()
    assert ("mail.org" in kept) == (case is WEBHOOK), "only the webhook gets addresses as they are"
    if case is not WEBHOOK:
        assert sha256("p1@mail.org") in kept


def test_wrong_credentials_are_one_clear_error_without_the_secret(five, tools, case) -> None:
    wrong = {"meta_ads": "access_token", "google_ads": "refresh_token", "webhook": "secret"}[case.account]
    secret = "a-wrong-secret-of-more-than-24-bytes"
    with pytest.raises(DestinationError, match=f"BRAID_{case.account.upper()}__{wrong.upper()}") as failure:
        run_sync(five.connection, case.block, tools.receiver(case, **{wrong: secret}))
    assert secret not in str(failure.value)
    assert tools.holds(case) == set()
    run_sync(five.connection, case.block, tools.receiver(case))
    assert tools.holds(case) == case.wanted(PEOPLE)


def test_every_permitted_address_of_a_person_is_sent_and_taken_back(five, tools, case) -> None:
    second = ("c1", "email", "second@mail.org", "second@mail.org", False, ["r"], AS_OF, AS_OF)
    five.insert("golden.contact_points", second)
    publish(five.connection, "r2", AS_OF)
    run_sync(five.connection, case.block, tools.receiver(case))
    if case is not WEBHOOK:
        assert tools.holds(case) == case.wanted(PEOPLE | {"second": ("second@mail.org", None)})
    five.execute("delete from golden.contact_points where value = 'second@mail.org'")
    publish(five.connection, "r3", AS_OF)
    assert run_sync(five.connection, case.block, tools.receiver(case)).sent == 1
    assert tools.holds(case) == case.wanted(PEOPLE)


def test_who_has_no_address_that_can_be_matched_is_a_dead_letter(five, tools, case) -> None:
    person(five, "c7", None, "912 34 567")
    publish(five.connection, "r2", AS_OF)
    report = run_sync(five.connection, case.block, tools.receiver(case))
    assert (report.acknowledged, report.rejected) == ((6, 0) if case is WEBHOOK else (5, 1))
    if case is not WEBHOOK:
        assert tools.holds(case) == case.wanted(PEOPLE)
        ((reason,),) = five.rows("select reason from activation.dead_letters")
        assert "could match" in reason
