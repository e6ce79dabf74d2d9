"""The Zendesk look-alike over HTTP: exports, writes, and what survives a restart."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.serve import Sandbox, serve
from sandbox.world import World

API = "/zendesk/api/v2"


def signed_in(sandbox: Sandbox) -> httpx.Client:
    told = sandbox.environment()
    auth = (f"{told['BRAID_ZENDESK__EMAIL']}/token", told["BRAID_ZENDESK__API_TOKEN"])
    return httpx.Client(base_url=sandbox.url, auth=auth, timeout=10)


@pytest.fixture
def desk(sandbox: Sandbox) -> Any:
    with signed_in(sandbox) as client:
        yield client


def define(desk: httpx.Client, key: str = "braid_customer_id", kind: str = "text") -> httpx.Response:
    field = {"type": kind, "title": key, "key": key}
    return desk.post(f"{API}/user_fields.json", json={"user_field": field})


def write(desk: httpx.Client, *users: dict[str, Any]) -> httpx.Response:
    return desk.put(f"{API}/users/update_many.json", json={"users": list(users)})


def test_no_credentials_no_data(http: httpx.Client) -> None:
    answer = http.get(f"{API}/users/201.json")
    assert (answer.status_code, answer.json()) == (401, {"error": "Couldn't authenticate you"})


def test_users_by_cursor_with_identities(desk: httpx.Client) -> None:
    url = f"{API}/incremental/users/cursor.json?start_time=0&per_page=3&include=identities"
    users: list[dict[str, Any]] = []
    identities: list[dict[str, Any]] = []
    while True:
        page = desk.get(url).json()
        users += page["users"]
        identities += page["identities"]
        if page["end_of_stream"]:
            break
        url = page["after_url"]
    assert sorted(one["id"] for one in users if one["role"] == "end-user") == [201, 202, 203, 204, 205]
    assert {one["role"] for one in users} == {"end-user", "agent"}
    mine = [(one["type"], one["value"], one["primary"]) for one in identities if one["user_id"] == 201]
    assert mine == [
        ("email", "p1@example.com", True),
        ("phone_number", "+1 202 555 0101", True),
        ("twitter", "ada_b", True),
    ]
    assert next(one["external_id"] for one in users if one["id"] == 201) == "101"
    assert desk.get(f"{API}/incremental/users/cursor.json?cursor={page['after_cursor']}").json()["users"] == []
    late = desk.get(f"{API}/incremental/users/cursor.json?start_time=1767614400").json()["users"]
    assert [one["id"] for one in late] == [204, 205]


def test_start_time_is_required(desk: httpx.Client) -> None:
    for path in ("users/cursor", "tickets/cursor", "ticket_events"):
        answer = desk.get(f"{API}/incremental/{path}.json")
        assert (answer.status_code, answer.json()["error"]["title"]) == (400, "Invalid attribute")
    assert desk.get(f"{API}/incremental/users/cursor.json?start_time=soon").status_code == 400
    assert desk.get(f"{API}/incremental/users/cursor.json?cursor=@@").status_code == 400


def test_tickets_with_metrics(desk: httpx.Client) -> None:
    page = desk.get(f"{API}/incremental/tickets/cursor.json?start_time=0&include=metric_sets").json()
    assert [one["via"]["channel"] for one in page["tickets"]] == [
        "email",
        "native_messaging",
        "voice",
        "whatsapp",
        "web",
    ]
    metric = page["tickets"][0]["metric_set"]
    assert metric["reply_time_in_minutes"] == {"calendar": 30, "business": 30}
    assert metric["full_resolution_time_in_minutes"]["calendar"] == 1440
    plain = desk.get(f"{API}/incremental/tickets/cursor.json?start_time=0").json()
    assert "metric_set" not in plain["tickets"][0]


def test_comments_are_events(desk: httpx.Client) -> None:
    url = f"{API}/incremental/ticket_events.json?start_time=0&include=comment_events&per_page=3"
    seen: dict[int, Any] = {}
    while True:
        page = desk.get(url).json()
        assert page["count"] == len(page["ticket_events"])
        seen |= {event["child_events"][0]["id"]: event["child_events"][0] for event in page["ticket_events"]}
        if page["end_of_stream"]:
            break
        url = page["next_page"]
    assert sorted(seen) == [400, 401, 402, 403]
    assert seen[400]["author_id"] == 201 and seen[400]["body"] == "Comment 0"
    agents = desk.get(f"{API}/users/show_many.json?ids={seen[401]['author_id']}").json()["users"]
    assert agents[0]["role"] == "agent"
    bare = desk.get(f"{API}/incremental/ticket_events.json?start_time=0").json()["ticket_events"][0]
    assert "body" not in bare["child_events"][0]


def test_ratings(desk: httpx.Client) -> None:
    first = desk.get(f"{API}/satisfaction_ratings.json", params={"page[size]": 2, "start_time": 0}).json()
    assert first["meta"]["has_more"] is True and len(first["satisfaction_ratings"]) == 2
    rest = desk.get(first["links"]["next"]).json()
    assert [one["id"] for one in rest["satisfaction_ratings"]] == [502]
    assert (rest["meta"]["has_more"], rest["links"]["next"]) == (False, None)
    late = desk.get(f"{API}/satisfaction_ratings.json?start_time=1767441600").json()["satisfaction_ratings"]
    assert [one["id"] for one in late] == [502]


def test_identities_of_one_user(desk: httpx.Client) -> None:
    assert len(desk.get(f"{API}/users/202/identities.json").json()["identities"]) == 1
    assert desk.get(f"{API}/users/9/identities.json").status_code == 404


def test_user_fields(desk: httpx.Client) -> None:
    assert define(desk).status_code == 201
    twice = define(desk)
    assert twice.status_code == 422 and twice.json()["details"]["key"][0]["error"] == "DuplicateValue"
    assert define(desk, "other", "colour").status_code == 422
    assert desk.post(f"{API}/user_fields.json", json={"user_field": {"type": "text"}}).status_code == 422
    listed = desk.get(f"{API}/user_fields.json").json()
    assert [one["key"] for one in listed["user_fields"]] == ["braid_customer_id"]
    assert desk.get(f"{API}/users/201.json").json()["user"]["user_fields"] == {"braid_customer_id": None}


def test_a_write_is_an_async_job_and_comes_back_in_the_export(desk: httpx.Client) -> None:
    define(desk)
    cursor = desk.get(f"{API}/incremental/users/cursor.json?start_time=0").json()["after_cursor"]
    before = desk.get(f"{API}/users/201/identities.json").json()
    answer = write(desk, {"id": 201, "user_fields": {"braid_customer_id": "C1", "unknown": 1}}, {"id": 77})
    job = answer.json()["job_status"]
    assert (answer.status_code, job["status"], job["results"]) == (200, "queued", None)
    done = desk.get(job["url"]).json()["job_status"]
    assert (done["status"], done["total"]) == ("completed", 2)
    assert [(one["success"], one.get("error")) for one in done["results"]] == [(True, None), (False, "NotFound")]
    again = desk.get(f"{API}/incremental/users/cursor.json?cursor={cursor}").json()["users"]
    assert [(one["id"], one["user_fields"]) for one in again] == [(201, {"braid_customer_id": "C1"})]
    assert again[0]["updated_at"] > "2026-02"
    assert desk.get(f"{API}/users/201/identities.json").json() == before


def test_writing_the_same_again_moves_nothing(desk: httpx.Client) -> None:
    define(desk)
    write(desk, {"id": 201, "user_fields": {"braid_customer_id": "C1"}})
    cursor = desk.get(f"{API}/incremental/users/cursor.json?start_time=0").json()["after_cursor"]
    write(desk, {"id": 201, "user_fields": {"braid_customer_id": "C1"}})
    assert desk.get(f"{API}/incremental/users/cursor.json?cursor={cursor}").json()["users"] == []
    assert desk.get("/_sandbox/zendesk").json()["users"]["201"]["writes"] == 1


def test_values_must_fit_their_field(desk: httpx.Client) -> None:
    define(desk, "value", "decimal")
    define(desk, "vip", "checkbox")
    users = ({"id": 201, "user_fields": {"value": "much"}}, {"id": 202, "user_fields": {"value": 9.5, "vip": True}})
    job = desk.get(write(desk, *users).json()["job_status"]["url"]).json()["job_status"]
    assert [one["success"] for one in job["results"]] == [False, True]


def test_a_batch_has_at_most_100_users(desk: httpx.Client) -> None:
    assert write(desk, *({"id": 201} for _ in range(101))).status_code == 400
    assert desk.put(f"{API}/users/update_many.json", json={"nothing": 1}).status_code == 400
    assert desk.put(f"{API}/users/update_many.json", content=b"{").status_code == 400


def test_what_was_written_survives_a_restart(world: World, tmp_path: Path) -> None:
    with serve(world, tmp_path) as first, signed_in(first) as desk:
        define(desk)
        url = write(desk, {"external_id": "101", "user_fields": {"braid_customer_id": "C1"}}).json()["job_status"][
            "url"
        ]
        moved = desk.get(f"{API}/users/201.json").json()["user"]["updated_at"]
    with serve(world, tmp_path) as second, signed_in(second) as desk:
        user = desk.get(f"{API}/users/201.json").json()["user"]
        assert (user["user_fields"], user["updated_at"]) == ({"braid_customer_id": "C1"}, moved)
        job = desk.get(url.replace(first.url, second.url)).json()["job_status"]
        assert job["status"] == "completed"
        assert define(desk).status_code == 422


def test_a_spent_allowance(desk: httpx.Client) -> None:
    desk.post("/_sandbox/limits", json={"vendor": "zendesk", "capacity": 1, "per_second": 0.5})
    assert desk.get(f"{API}/users/201.json").headers["X-Rate-Limit"] == "1"
    answer = desk.get(f"{API}/users/201.json")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    assert answer.json()["error"] == "APIRateLimitExceeded"
