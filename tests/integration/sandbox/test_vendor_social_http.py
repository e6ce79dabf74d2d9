"""The Meta and X look-alikes over HTTP."""

from typing import Any

import httpx
import pytest

from sandbox.serve import Sandbox
from sandbox.vendors.meta.payloads import INSTAGRAM_ID, PAGE_ID
from sandbox.vendors.x.payloads import USER_ID

INBOX = f"/meta/v23.0/{PAGE_ID}/conversations"
MEDIA = f"/meta/v23.0/{INSTAGRAM_ID}/media"
MENTIONS = f"/x/2/users/{USER_ID}/mentions"


@pytest.fixture
def graph(http: httpx.Client, sandbox: Sandbox) -> httpx.Client:
    http.headers["authorization"] = f"Bearer {sandbox.environment()['BRAID_META__ACCESS_TOKEN']}"
    return http


@pytest.fixture
def x(http: httpx.Client, sandbox: Sandbox) -> httpx.Client:
    http.headers["authorization"] = f"Bearer {sandbox.environment()['BRAID_X__BEARER_TOKEN']}"
    return http


def every(client: httpx.Client, url: str, **params: Any) -> list[dict[str, Any]]:
    found, page = [], client.get(url, params=params).json()
    while True:
        found += page["data"]
        if "next" not in page.get("paging", {}):
            return found
        page = client.get(page["paging"]["next"]).json()


def test_a_bad_token_is_code_190(http: httpx.Client) -> None:
    answer = http.get(INBOX, params={"platform": "instagram", "access_token": "wrong"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, 190)
    assert {"message", "type", "fbtrace_id"} <= answer.json()["error"].keys()


def test_the_token_may_be_a_parameter_and_stays_in_the_links(http: httpx.Client, sandbox: Sandbox) -> None:
    token = sandbox.environment()["BRAID_META__ACCESS_TOKEN"]
    page = http.get(MEDIA, params={"limit": 1, "access_token": token}).json()
    assert f"access_token={token}" in page["paging"]["next"]
    assert len(every(http, MEDIA, limit=1, access_token=token)) == 3


def test_conversations_newest_first_by_platform(graph: httpx.Client) -> None:
    (one,) = every(graph, INBOX, platform="instagram", fields="id,updated_time,participants")
    assert one["updated_time"] == "2026-01-04T12:00:00+0000"
    assert one["participants"]["data"][0] == {"username": "ada.b", "id": "9001"}
    (other,) = every(graph, INBOX, platform="messenger", fields="participants")
    assert other["participants"]["data"][0]["name"] == "Bo O'Neil"
    assert "access_token" not in str(one)


def test_messages_inside_and_below_a_conversation(graph: httpx.Client) -> None:
    fields = "id,messages.limit(3){id,from,to,message,created_time}"
    (one,) = every(graph, INBOX, platform="instagram", fields=fields)
    inside = one["messages"]["data"]
    assert [message["id"] for message in inside] == ["m_3", "m_2", "m_1"]
    assert inside[0]["from"]["id"] == INSTAGRAM_ID and inside[1]["from"]["id"] == "9001"
    rest = graph.get(one["messages"]["paging"]["next"]).json()
    assert [(message["id"], message["message"]) for message in rest["data"]] == [("m_0", "Hi 0")]
    assert "next" not in rest["paging"]
    assert len(every(graph, "/meta/v23.0/t_1/messages", limit=1)) == 4
    assert graph.get("/meta/v23.0/t_9/messages").json()["error"]["code"] == 100


def test_comments_below_media(graph: httpx.Client) -> None:
    media = every(graph, MEDIA, fields="id,comments{id,text,username,from,timestamp}", limit=2)
    assert [one["id"] for one in media] == ["1802", "1801", "1800"]
    assert "comments" not in media[0]
    assert media[2]["comments"]["data"][0]["from"] == {"id": "9001", "username": "ada.b"}
    assert [one["id"] for one in every(graph, MEDIA, since=1767355200)] == ["1802", "1801"]


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"platform": "instagram", "fields": "id,shoe"}, 2500),
        ({"platform": "instagram", "fields": "id{"}, 2500),
        ({"platform": "instagram", "limit": "many"}, 100),
        ({"platform": "instagram", "after": "@"}, 100),
        ({"platform": "fax"}, 100),
    ],
)
def test_refused_graph_queries(graph: httpx.Client, params: dict[str, str], code: int) -> None:
    answer = graph.get(INBOX, params=params)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_meta_allowance(graph: httpx.Client) -> None:
    graph.post("/_sandbox/limits", json={"vendor": "meta", "capacity": 1, "per_second": 0})
    assert "call_count" in graph.get(MEDIA).headers["X-App-Usage"]
    answer = graph.get(MEDIA)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, 4)


def test_mentions_page_backwards_in_time(x: httpx.Client) -> None:
    params = {"max_results": 5, "tweet.fields": "created_at,author_id", "expansions": "author_id"}
    ids: list[str] = []
    while True:
        page = x.get(MENTIONS, params=params).json()
        ids += [one["id"] for one in page["data"]]
        assert page["includes"]["users"] == [{"id": "7001", "name": "Ada B", "username": "ada_b"}]
        if "next_token" not in page["meta"]:
            break
        params["pagination_token"] = page["meta"]["next_token"]
    assert ids == [str(number) for number in range(1611, 1599, -1)]


def test_mentions_since(x: httpx.Client) -> None:
    late = x.get(MENTIONS, params={"start_time": "2026-01-11T12:00:00Z"}).json()
    assert [one["id"] for one in late["data"]] == ["1611", "1610"]
    assert late["meta"] == {"result_count": 2, "newest_id": "1611", "oldest_id": "1610"}
    assert [one["id"] for one in x.get(MENTIONS, params={"since_id": "1610"}).json()["data"]] == ["1611"]
    assert x.get(MENTIONS, params={"since_id": "9999"}).json() == {"meta": {"result_count": 0}}
    assert x.get(MENTIONS, params={"since_id": "1611"}).json() == {"meta": {"result_count": 0}}
    assert set(late["data"][0]) == {"id", "text", "edit_history_tweet_ids"}


def test_direct_messages(x: httpx.Client) -> None:
    fields = "id,text,event_type,created_at,sender_id,dm_conversation_id,participant_ids"
    params = {"dm_event.fields": fields, "expansions": "sender_id,participant_ids", "user.fields": "location"}
    body = x.get("/x/2/dm_events", params=params).json()
    reply, first = body["data"]
    assert first["sender_id"] == "7001" and reply["sender_id"] == USER_ID
    assert first["dm_conversation_id"] == reply["dm_conversation_id"] == f"7001-{USER_ID}"
    assert {one["id"] for one in body["includes"]["users"]} == {"7001", USER_ID}


@pytest.mark.parametrize(
    ("path", "params"),
    [
        (MENTIONS, {"max_results": "4"}),
        (MENTIONS, {"max_results": "101"}),
        (MENTIONS, {"start_time": "yesterday"}),
        (MENTIONS, {"since_id": "abc"}),
        ("/x/2/dm_events", {"pagination_token": "@"}),
        ("/x/2/dm_events", {"max_results": "0"}),
    ],
)
def test_refused_x_queries(x: httpx.Client, path: str, params: dict[str, str]) -> None:
    answer = x.get(path, params=params)
    assert (answer.status_code, answer.json()["title"]) == (400, "Invalid Request")
    assert next(iter(params)) in answer.json()["errors"][0]["parameters"]


def test_x_errors(http: httpx.Client, x: httpx.Client) -> None:
    assert x.get("/x/2/users/1/mentions").json()["errors"][0]["title"] == "Not Found Error"
    x.post("/_sandbox/limits", json={"vendor": "x", "capacity": 1, "per_second": 0.1})
    assert x.get("/x/2/dm_events").headers["x-rate-limit-limit"] == "1"
    answer = x.get("/x/2/dm_events")
    assert (answer.status_code, answer.json()["title"]) == (429, "Too Many Requests")
    assert answer.headers["x-rate-limit-remaining"] == "0" and int(answer.headers["x-rate-limit-reset"]) > 0
    del http.headers["authorization"]
    assert http.get("/x/2/dm_events").json() == {
        "title": "Unauthorized",
        "detail": "Unauthorized",
        "type": "about:blank",
        "status": 401,
    }
