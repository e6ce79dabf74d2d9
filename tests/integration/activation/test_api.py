"""The API over real HTTP: lookups that never guess, pages that end, doors that are shut, errors that say why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from activation.access.keys import create_key, revoke_key
from activation.api.app import create_app
from activation.api.config import ApiConfig
from activation.api.models import Profile
from activation.publish import publish

AS_OF = datetime(2026, 6, 1, tzinfo=UTC)


def client_of(serve, warehouse, key=None, **config) -> httpx.Client:
    app = create_app(ApiConfig(conninfo=SecretStr(warehouse.address.conninfo), connection_timeout=1, **config))
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.Client(base_url=serve(app), headers=headers)


@pytest.fixture
def people(world) -> None:
    records = ["zendesk:user:1", "shopify:customer:1"]
    world.customer(
        "c1",
        email="ada.l@lovelace.org",
        phone="+12025550123",
        records=records,
        segments=["vip"],
        instagram="ada.l",
    )
    world.customer("c2", phone="+12025550123", records=["shopify:customer:2"], name="Byron Lovelace", segments=["vip"])
    world.customer("c3", records=["x:user:9"], segments=["vip"])
    for number in range(7):
        # Two at the same moment: the page must not break between them.
        world.interaction(number, "c1", AS_OF - timedelta(days=number // 2))
    publish(world.connection, "r1", AS_OF)


@pytest.fixture
def api(world, warehouse, people, serve):
    key = create_key(world.connection, "tests").key
    with client_of(serve, warehouse, key) as client:
        yield client


@pytest.mark.parametrize(
    "question",
    [
        {"email": "Ada.L+news@Lovelace.org"},
        {"email": "Ada <ada.l@lovelace.org>"},
        {"handle": "instagram:@Ada.L"},
        {"record_id": "zendesk:user:1"},
        {"customer_id": "c1"},
    ],
)
def test_one_customer_is_found_by_any_identifier(api, question) -> None:
    answer = api.get("/v1/profiles/lookup", params=question)
    assert answer.status_code == 200
    assert answer.json()["outcome"] == "found"
    assert answer.json()["profile"]["customer_id"] == "c1"


@pytest.mark.parametrize("phone", ["(202) 555-0123", "+1 202 555 0123", "2025550123"])
def test_a_shared_phone_answers_with_candidates_never_a_guess(api, phone) -> None:
    answer = api.get("/v1/profiles/lookup", params={"phone": phone}).json()
    assert answer["outcome"] == "several"
    assert answer["profile"] is None
    assert [(one["customer_id"], one["full_name"]) for one in answer["candidates"]] == [
        ("c1", "Ada Lovelace"),
        ("c2", "Byron Lovelace"),
    ]


@pytest.mark.parametrize(
    "question",
    [{"email": "nobody@lovelace.org"}, {"email": "not an e-mail"}, {"phone": "12"}, {"customer_id": "c9"}],
)
def test_nobody_is_a_404_that_does_not_repeat_the_question(api, question) -> None:
    answer = api.get("/v1/profiles/lookup", params=question)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "Not Found"
    assert next(iter(question.values())) not in answer.text


@pytest.mark.parametrize(
    "question",
    [{}, {"email": "a@b.org", "phone": "1"}, {"email": " "}, {"handle": "ada.l"}, {"handle": "x:@"}, {"email": "\x00"}],
)
def test_a_question_that_is_none_is_a_422(api, question) -> None:
    answer = api.get("/v1/profiles/lookup", params=question)
    assert answer.status_code == 422
    assert answer.json()["status"] == 422


def test_validation_errors_do_not_repeat_the_input(api) -> None:
    answer = api.get("/v1/profiles/lookup", params={"email": "x" * 400 + "@secret.org"})
    assert answer.status_code == 422
    assert "secret" not in answer.text
    assert answer.json()["errors"][0]["where"] == "query.email"


def test_a_profile_fits_its_published_shape(api) -> None:
    answer = api.get("/v1/profiles/c1")
    profile = Profile.model_validate_json(answer.text)
    assert set(answer.json()) == set(Profile.model_fields)
    assert profile.persona is not None
    assert profile.segments == ["vip"]
    assert {point.kind for point in profile.contact_points} == {"email", "phone", "instagram"}


def test_a_merged_id_answers_as_its_successor_everywhere(api, world) -> None:
    world.move("c1", "c3")
    publish(world.connection, "r2", AS_OF)
    assert api.get("/v1/profiles/c1").json()["customer_id"] == "c3"
    assert api.get("/v1/profiles/c1").json()["former_customer_ids"] == ["c1"]
    assert api.get("/v1/profiles/lookup", params={"customer_id": "c1"}).json()["profile"]["customer_id"] == "c3"
    page = api.get("/v1/profiles/c1/timeline").json()
    assert (page["customer_id"], len(page["items"])) == ("c3", 7)


def test_the_timeline_pages_through_everything_once(api) -> None:
    seen, cursor, pages = [], None, 0
    while True:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = api.get("/v1/profiles/c1/timeline", params=params).json()
        seen += [(item["occurred_at"], item["interaction_id"]) for item in page["items"]]
        cursor, pages = page["next_cursor"], pages + 1
        if cursor is None:
            break
    assert pages == 3
    assert len(set(seen)) == 7
    assert seen == sorted(seen, reverse=True)
    assert page["items"][0]["amount"] == 5


def test_an_empty_timeline_is_empty_and_a_missing_customer_is_missing(api) -> None:
    assert api.get("/v1/profiles/c3/timeline").json() == {"customer_id": "c3", "items": [], "next_cursor": None}
    assert api.get("/v1/profiles/c9/timeline").status_code == 404
    assert api.get("/v1/profiles/c9").status_code == 404


@pytest.mark.parametrize("cursor", ["nonsense", "e30", "WyJhIiwiYiJd", "WzEsMl0", "%00", "ÿ"])
def test_a_made_up_cursor_is_a_422(api, cursor) -> None:
    assert api.get("/v1/profiles/c1/timeline", params={"cursor": cursor}).status_code == 422
    assert api.get("/v1/segments/vip/members", params={"cursor": cursor}).status_code in (200, 422)


@pytest.mark.parametrize("limit", [0, 201, "many"])
def test_limits_are_held(api, limit) -> None:
    assert api.get("/v1/profiles/c1/timeline", params={"limit": limit}).status_code == 422


def test_segments_and_members_are_listed(api) -> None:
    segments = {segment["segment"]: segment for segment in api.get("/v1/segments").json()["items"]}
    assert segments["vip"]["purpose"] == "marketing"
    first = api.get("/v1/segments/vip/members", params={"limit": 2}).json()
    assert [member["customer_id"] for member in first["items"]] == ["c1", "c2"]
    assert first["items"][0]["reason"] == {"orders": 3}
    rest = api.get("/v1/segments/vip/members", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [member["customer_id"] for member in rest["items"]] == ["c3"]
    assert rest["next_cursor"] is None
    assert api.get("/v1/segments/cross_sell/members").json()["items"] == []
    assert api.get("/v1/segments/nope/members").status_code == 404


PATHS = [
    "/v1/profiles/lookup?email=a@b.org",
    "/v1/profiles/lookup",
    "/v1/profiles/c1",
    "/v1/profiles/c1/timeline",
    "/v1/segments",
    "/v1/segments/vip/members",
]


@pytest.mark.parametrize("path", PATHS)
def test_without_a_live_key_every_door_is_shut(world, warehouse, people, serve, path) -> None:
    new = create_key(world.connection, "soon revoked")
    with client_of(serve, warehouse, key_memory=0) as client:
        good = {"Authorization": f"Bearer {new.key}"}
        assert client.get(path, headers=good).status_code != 401
        for headers in ({}, {"Authorization": "Bearer braid_wrong"}, {"Authorization": new.key}):
            answer = client.get(path, headers=headers)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
            assert answer.headers["content-type"] == "application/problem+json"
        revoke_key(world.connection, new.key_id)
        assert client.get(path, headers=good).status_code == 401


def test_health_needs_no_database_and_readiness_does(serve, api, warehouse) -> None:
    assert api.get("/health").json() == {"status": "ok"}
    assert api.get("/ready").json()["run_id"] == "r1"
    config = ApiConfig(conninfo=SecretStr("host=127.0.0.1 port=9 user=x dbname=x"), connection_timeout=0.2)
    url = serve(create_app(config))
    assert httpx.get(f"{url}/health").status_code == 200
    answer = httpx.get(f"{url}/ready")
    assert (answer.status_code, answer.json()["title"]) == (503, "Service Unavailable")
    assert httpx.get(f"{url}/v1/segments", headers={"Authorization": "Bearer x"}).status_code == 503


def test_before_the_first_publication_it_says_so(serve, warehouse) -> None:
    with client_of(serve, warehouse, "braid_any") as client:
        assert client.get("/ready").status_code == 503
        answer = client.get("/v1/segments")
        assert answer.status_code == 503
        assert "run the pipeline" in answer.json()["detail"]


def test_unknown_paths_and_methods_are_problems_too(api) -> None:
    for answer in (api.get("/v2/nothing"), api.post("/v1/segments"), api.delete("/v1/profiles/c1")):
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


def test_the_api_cannot_write(serve, api, world) -> None:
    """Its connections are read-only, whatever a query would try."""
    app = create_app(ApiConfig(conninfo=SecretStr(world.connection.info.dsn)))

    @app.get("/try")
    async def attempt() -> str:
        async with app.state.pool.connection() as connection:
            await connection.execute("delete from activation.profiles")
        return "deleted"

    assert httpx.get(f"{serve(app)}/try").status_code == 500
    assert world.rows("select count(*) from activation.profiles") == [(3,)]


def test_openapi_documents_every_answer_with_examples(api) -> None:
    document = api.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    assert "Problem" in schemas
    assert "InvalidInput" in schemas
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if path.startswith("/v1"):
                assert operation["security"], path
                assert {"200", "401", "503"} <= set(operation["responses"])
            for status, response in operation["responses"].items():
                if status != "200":
                    assert list(response["content"]) == ["application/problem+json"], (path, status)
    assert schemas["Profile"]["properties"]["customer_id"]["examples"]
    assert "HTTPValidationError" not in schemas
