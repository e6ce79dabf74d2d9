"""The door over real HTTP: scopes, rates, ends of keys, and what every answer carries."""

from __future__ import annotations

import time
from datetime import timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from activation.access.keys import create_key, list_keys, revoke_key, rotate_key
from activation.access.scopes import Scope

LOOKUP = "/v1/profiles/lookup?email=ada@lovelace.org"


def status_of(url: str, key: str, path: str = "/v1/segments") -> int:
    return httpx.get(f"{url}{path}", headers={"Authorization": f"Bearer {key}"}).status_code


def until(wanted: int, url: str, key: str) -> bool:
    """Ask until the answer is the wanted one; ten times longer than it may take."""
    for _ in range(100):
        if status_of(url, key) == wanted:
            return True
        time.sleep(0.1)
    return False


def test_a_key_for_events_reads_nothing_and_says_what_is_missing(client) -> None:
    with client(Scope.EVENTS) as events:
        for path in (LOOKUP, "/v1/profiles/c1", "/v1/profiles/c1/timeline"):
            answer = events.get(path)
            assert answer.status_code == 403
            assert answer.headers["content-type"] == "application/problem+json"
            assert "support" in answer.json()["detail"]
            assert "events" in answer.json()["detail"]
            assert "lovelace" not in answer.text


@pytest.mark.parametrize("scope", [Scope.SUPPORT, Scope.STEWARD, Scope.ADMIN])
def test_scopes_that_see_people_get_the_whole_profile(client, scope) -> None:
    with client(scope) as whole:
        assert whole.get("/v1/profiles/c1").json()["primary"]["email"] == "ada@lovelace.org"


def test_marketing_gets_a_profile_without_the_person(client) -> None:
    with client(Scope.MARKETING) as marketing:
        for path in ("/v1/profiles/c1", LOOKUP, "/v1/profiles/c1/timeline"):
            answer = marketing.get(path)
            assert answer.status_code == 200
            assert not [word for word in ("ada@", "5550123", "Ada", "Lovelace", "1 Main") if word in answer.text]
        assert marketing.get("/v1/profiles/c1").json()["segments"] == ["vip"]


def test_a_key_as_user_name_opens_too(published, url) -> None:
    key = create_key(published.connection, "curl -u").key
    assert httpx.get(f"{url}/v1/segments", auth=(key, "")).status_code == 200
    assert httpx.get(f"{url}/v1/segments", auth=("", key)).status_code == 401
    for nonsense in ("Basic", "Basic ÿÿ", "Basic %%%", "Bearer", "Digest " + key):
        headers = {"Authorization": nonsense.encode("latin-1")}
        assert httpx.get(f"{url}/v1/segments", headers=headers).status_code == 401


def test_a_rate_is_held_and_told(client) -> None:
    with client(Scope.SUPPORT, rate_limit=3) as slow:
        answers = [slow.get("/v1/segments") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"minute";q=3;w=60'
    assert answers[0].headers["ratelimit"].startswith('"minute";r=2;t=')
    refused = answers[-1]
    assert 1 <= int(refused.headers["retry-after"]) <= 120
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["title"] == "Too Many Requests"


def test_a_revoked_key_is_refused_by_a_server_that_remembers_it(published, url) -> None:
    new = create_key(published.connection, "soon gone")
    assert status_of(url, new.key) == 200
    revoke_key(published.connection, new.key_id)
    assert until(401, url, new.key)


def test_a_rotated_key_lives_for_its_overlap(published, url) -> None:
    old = create_key(published.connection, "rotated", frozenset({Scope.SUPPORT, Scope.MARKETING}), rate_limit=50)
    new = rotate_key(published.connection, old.key_id, timedelta(hours=1))
    assert status_of(url, old.key) == status_of(url, new.key) == 200
    gone = rotate_key(published.connection, new.key_id, timedelta())
    assert until(401, url, new.key)
    assert status_of(url, old.key) == status_of(url, gone.key) == 200
    kept = {key.key_id: key for key in list_keys(published.connection)}
    assert kept[gone.key_id].scopes == {Scope.SUPPORT, Scope.MARKETING}
    assert kept[gone.key_id].rate_limit == 50
    assert kept[gone.key_id].replaces == new.key_id


def test_a_key_ends_when_it_was_made_to(published, url) -> None:
    new = create_key(published.connection, "short", lifetime=timedelta(hours=1))
    assert status_of(url, new.key) == 200
    published.execute("update activation.api_keys set expires_at = now() where key_id = %s", [new.key_id])
    assert until(401, url, new.key)


def test_when_a_key_was_used_is_written_down(published, url) -> None:
    new, idle = create_key(published.connection, "used"), create_key(published.connection, "idle")
    assert status_of(url, new.key) == 200
    for _ in range(100):
        used = {key.key_id: key.last_used_at for key in list_keys(published.connection)}
        if used[new.key_id] is not None:
            break
        time.sleep(0.1)
    assert used[new.key_id] is not None
    assert used[idle.key_id] is None


def test_every_answer_has_its_id_and_stays_out_of_caches_and_frames(app, client, serve) -> None:
    with client(Scope.SUPPORT) as support:
        answer = support.get("/v1/profiles/c1", headers={"X-Request-Id": "zendesk-42"})
        assert answer.headers["x-request-id"] == "zendesk-42"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        made_up = support.get("/v1/nothing", headers={"X-Request-Id": "a b"}).headers["x-request-id"]
        assert len(made_up) == 32


def test_an_unforeseen_error_is_framed_and_its_words_stay_inside(app, serve, caplog) -> None:
    words = "no such row: ada@lovelace.org"

    @app.get("/fail")
    async def fail() -> None:
        raise RuntimeError(words)

    answer = httpx.get(f"{serve(app)}/fail")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    for _ in range(100):  # the answer is out before the log is written
        if caplog.text:
            break
        time.sleep(0.1)
    assert answer.headers["x-request-id"] in caplog.text
    assert "RuntimeError" in caplog.text
    assert "lovelace" not in answer.text + caplog.text


def test_metrics_count_by_template_and_name_nobody(client) -> None:
    with client(Scope.SUPPORT) as support:
        support.get("/v1/profiles/c1")
        support.get("/v1/profiles/c2")
        support.get("/v1/profiles/c9")
        support.get(LOOKUP)
        support.request("PROPFIND", "/v1/coffee/ada@lovelace.org")
        text = support.get("/metrics").text
    samples = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }

    def answered(method: str, route: str, status: str) -> float:
        labels = (("method", method), ("route", route), ("status", status))
        return samples.get(("braid_http_requests_total", labels), 0)

    assert answered("GET", "/v1/profiles/{customer_id}", "200") == 2
    assert answered("GET", "/v1/profiles/{customer_id}", "404") == 1
    assert answered("GET", "/v1/profiles/lookup", "200") == 1
    assert answered("other", "unmatched", "404") == 1
    durations = ("braid_http_request_duration_seconds_count", (("route", "/v1/profiles/lookup"),))
    assert samples[durations] == 1
    assert not [word for word in ("c1", "c9", "ada", "coffee", "key_") if word in text]


def test_connections_that_the_server_closed_cost_no_request(published, client) -> None:
    with client(Scope.SUPPORT) as support:
        for _ in range(3):
            assert support.get("/v1/profiles/c1").status_code == 200
            published.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
                "where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
            )
        assert support.get("/v1/profiles/c1").status_code == 200
