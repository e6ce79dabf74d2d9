"""Faults of writes: applied without an answer, answered without being applied, and batches of which some rows fail."""

from typing import Any

import httpx
import pytest

from sandbox.serve import Sandbox, serve

WRITE = "/zendesk/api/v2/users/update_many.json"


@pytest.fixture
def auth(sandbox: Sandbox) -> tuple[str, str]:
    told = sandbox.environment()
    return f"{told['BRAID_ZENDESK__EMAIL']}/token", told["BRAID_ZENDESK__API_TOKEN"]


@pytest.fixture
def desk(http: httpx.Client, auth: tuple[str, str]) -> httpx.Client:
    field = {"user_field": {"key": "note", "type": "text", "title": "Note"}}
    http.post("/zendesk/api/v2/user_fields.json", json=field, auth=auth).raise_for_status()
    http.auth = httpx.BasicAuth(*auth)
    return http


def fault(http: httpx.Client, kind: str, **what: Any) -> None:
    http.post("/_sandbox/faults", json={"vendor": "zendesk", "kind": kind, **what}).raise_for_status()


def held(http: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = http.get("/_sandbox/held?vendor=zendesk").json()
    return found


def write(http: httpx.Client, *notes: str) -> httpx.Response:
    users = [{"id": 201 + place, "user_fields": {"note": note}} for place, note in enumerate(notes)]
    return http.put(WRITE, json={"users": users})


def test_applied_without_an_answer(desk: httpx.Client) -> None:
    fault(desk, "after_apply", method="PUT")
    with pytest.raises(httpx.TransportError):
        write(desk, "seen")
    assert held(desk)["users"] == {"201": {"note": "seen"}}
    assert write(desk, "again").status_code == 200


def test_answered_without_being_applied(desk: httpx.Client) -> None:
    fault(desk, "ignore", path="update_many")
    answer = write(desk, "lost")
    job = desk.get(f"/zendesk/api/v2/job_statuses/{answer.json()['job_status']['id']}.json").json()["job_status"]
    assert job["results"][0]["success"] is True
    assert held(desk)["users"] == {}


def test_some_rows_of_a_batch_fail(desk: httpx.Client) -> None:
    fault(desk, "partial", path="update_many", rows=[1])
    answer = write(desk, "a", "b", "c")
    job = desk.get(f"/zendesk/api/v2/job_statuses/{answer.json()['job_status']['id']}.json").json()["job_status"]
    assert [one["success"] for one in job["results"]] == [True, False, True]
    assert held(desk)["users"] == {"201": {"note": "a"}, "203": {"note": "c"}}


def test_a_fault_of_one_method_leaves_the_others_alone(desk: httpx.Client) -> None:
    fault(desk, "status", method="PUT", status=503)
    assert desk.get("/zendesk/api/v2/user_fields.json").status_code == 200
    assert write(desk, "a").status_code == 503


def test_what_is_held_survives_a_restart(desk: httpx.Client, sandbox: Sandbox) -> None:
    write(desk, "kept")
    before = held(desk)
    sandbox.close()
    with serve(sandbox.world, sandbox.state) as again:
        assert httpx.get(f"{again.url}/_sandbox/held?vendor=zendesk").json() == before


def test_holdings_of_a_vendor_that_is_not_there(http: httpx.Client) -> None:
    assert http.get("/_sandbox/held?vendor=fax").status_code == 404
    assert http.get("/_sandbox/held?vendor=x").json() == {}
