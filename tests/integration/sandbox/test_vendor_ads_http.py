"""The ad platforms' look-alikes and the webhook receiver, spoken to over HTTP: limits and refusals."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any

import httpx
import pytest

from activation.destinations.webhook import sign
from sandbox.vendors.google_ads.app import CLIENT, DEVELOPER_TOKEN
from sandbox.vendors.meta_ads.app import ACCESS_TOKEN
from sandbox.vendors.webhook_receiver.app import SECRET

HASH = hashlib.sha256(b"a@mail.org").hexdigest()
ACCOUNT = "/meta_ads/v25.0/act_1042/customaudiences"
SESSION = {"session_id": 1, "batch_seq": 1, "last_batch_flag": True}


@pytest.fixture
def meta(http: httpx.Client) -> httpx.Client:
    http.headers["Authorization"] = f"Bearer {ACCESS_TOKEN}"
    return http


@pytest.fixture
def audience(meta: httpx.Client) -> str:
    made = {"name": "VIP", "subtype": "CUSTOM", "customer_file_source": "USER_PROVIDED_ONLY"}
    return str(meta.post(ACCOUNT, json=made).json()["id"])


def upload(meta: httpx.Client, audience: str, data: list[Any], schema: Any = ("EMAIL",), **more: Any) -> httpx.Response:
    payload = {"schema": schema if isinstance(schema, str) else list(schema), "data": data}
    body = {"payload": payload, "session": SESSION, **more}
    return meta.post(f"/meta_ads/v25.0/{audience}/users", json=body)


def members(http: httpx.Client, vendor: str) -> dict[str, Any]:
    found: dict[str, Any] = http.get(f"/_sandbox/held?vendor={vendor}").json()["members"]
    return found


def test_meta_counts_what_is_unhashed_as_invalid_and_keeps_the_rest(meta: httpx.Client, audience: str) -> None:
    answer = upload(meta, audience, [[HASH], ["a@mail.org"], [HASH.upper()], [""]]).json()
    assert (answer["num_received"], answer["num_invalid_entries"]) == (4, 3)
    assert members(meta, "meta_ads") == {audience: {"EMAIL": [HASH]}}


def test_meta_takes_the_single_key_form_and_forms_of_the_web_as_well(meta: httpx.Client, audience: str) -> None:
    assert upload(meta, audience, [HASH], "EMAIL_SHA256").json()["num_invalid_entries"] == 0
    form = {"payload": f'{{"schema": ["EMAIL"], "data": [["{HASH}"]]}}'}
    meta.request("DELETE", f"/meta_ads/v25.0/{audience}/users", data=form).raise_for_status()
    assert members(meta, "meta_ads") == {audience: {}}


@pytest.mark.parametrize(
    ("data", "more"),
    [
        ([[HASH]] * 10_001, {}),
        ([[HASH]], {"session": None}),
        ([[HASH, HASH]], {}),
        ("no list", {}),
    ],
)
def test_meta_refuses_what_is_beyond_its_limits(meta: httpx.Client, audience: str, data: Any, more: Any) -> None:
    refused = upload(meta, audience, data, **more)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, 100)


def test_meta_wants_a_token_and_says_so_with_400(http: httpx.Client) -> None:
    refused = http.get(ACCOUNT)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, 190)


def test_meta_lists_audiences_page_by_page(meta: httpx.Client, audience: str) -> None:
    made = {"name": "Two", "subtype": "CUSTOM", "customer_file_source": "USER_PROVIDED_ONLY"}
    meta.post(ACCOUNT, json=made)
    first = meta.get(ACCOUNT, params={"fields": "name", "limit": 1}).json()
    assert first["data"] == [{"id": audience, "name": "VIP"}]
    after = first["paging"]["cursors"]["after"]
    assert [one["name"] for one in meta.get(ACCOUNT, params={"fields": "name", "after": after}).json()["data"]] == [
        "Two"
    ]


@pytest.fixture
def google(http: httpx.Client) -> httpx.Client:
    token = http.post("/google_ads/token", data={"grant_type": "refresh_token", **CLIENT}).json()["access_token"]
    http.headers.update({"Authorization": f"Bearer {token}", "developer-token": DEVELOPER_TOKEN})
    return http


GOOGLE = "/google_ads/v24/customers/1234567890"


@pytest.fixture
def job(google: httpx.Client) -> str:
    made = {"name": "VIP", "crmBasedUserList": {"uploadKeyType": "CONTACT_INFO"}}
    answer = google.post(f"{GOOGLE}/userLists:mutate", json={"operations": [{"create": made}]}).json()
    metadata = {"userList": answer["results"][0]["resourceName"]}
    body = {"job": {"type": "CUSTOMER_MATCH_USER_LIST", "customerMatchUserListMetadata": metadata}}
    return str(google.post(f"{GOOGLE}/offlineUserDataJobs:create", json=body).json()["resourceName"])


def add(google: httpx.Client, job: str, operations: list[Any], **more: Any) -> httpx.Response:
    return google.post(f"/google_ads/v24/{job}:addOperations", json={"operations": operations, **more})


def of(*identifiers: dict[str, Any]) -> dict[str, Any]:
    return {"create": {"userIdentifiers": list(identifiers)}}


def code(refused: httpx.Response) -> str:
    (error,) = refused.json()["error"]["details"][0]["errors"]
    return str(next(iter(error["errorCode"].values())))


def test_google_fails_operations_alone_or_all_of_them(google: httpx.Client, job: str) -> None:
    good, bad, many = of({"hashedEmail": HASH}), of({"hashedEmail": "a@mail.org"}), of(*[{"hashedEmail": HASH}] * 21)
    assert code(add(google, job, [good, bad])) == "INVALID_SHA256_FORMAT"
    answer = add(google, job, [good, bad, many], enablePartialFailure=True).json()
    errors = answer["partialFailureError"]["details"][0]["errors"]
    assert [error["location"]["fieldPathElements"][0]["index"] for error in errors] == [1, 2]
    google.post(f"/google_ads/v24/{job}:run", json={}).raise_for_status()
    assert list(members(google, "google_ads").values()) == [{"hashedEmail": [HASH]}]
    assert code(google.post(f"/google_ads/v24/{job}:run", json={})) == "JOB_ALREADY_STARTED"


def test_google_runs_a_job_for_a_moment(google: httpx.Client, job: str) -> None:
    query = {"query": "SELECT offline_user_data_job.status FROM offline_user_data_job"}
    seen = []
    for _ in range(3):
        (found,) = google.post(f"{GOOGLE}/googleAds:search", json=query).json()["results"]
        seen.append(found["offlineUserDataJob"]["status"])
        if len(seen) == 1:
            google.post(f"/google_ads/v24/{job}:run", json={})
    assert seen == ["PENDING", "RUNNING", "SUCCESS"]


def test_google_wants_all_its_credentials(http: httpx.Client, google: httpx.Client) -> None:
    assert http.post("/google_ads/token", data={"grant_type": "refresh_token"}).json()["error"] == "invalid_grant"
    assert google.post(f"{GOOGLE}/googleAds:search", json={}, headers={"developer-token": "x"}).status_code == 403
    assert google.post(f"{GOOGLE}/googleAds:search", json={}, headers={"Authorization": "x"}).status_code == 401


def test_google_takes_a_name_once_and_refuses_denied_consent(google: httpx.Client, job: str) -> None:
    made = {"name": "VIP", "crmBasedUserList": {"uploadKeyType": "CONTACT_INFO"}}
    assert (
        code(google.post(f"{GOOGLE}/userLists:mutate", json={"operations": [{"create": made}]})) == "NAME_ALREADY_USED"
    )
    metadata = {"userList": "customers/1234567890/userLists/7000001", "consent": {"adUserData": "DENIED"}}
    body = {"job": {"type": "CUSTOMER_MATCH_USER_LIST", "customerMatchUserListMetadata": metadata}}
    refused = google.post(f"{GOOGLE}/offlineUserDataJobs:create", json=body)
    assert code(refused) == "CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS"


def post(http: httpx.Client, body: bytes, *, age: int = 0, key: bytes | None = None) -> httpx.Response:
    timestamp = int(time.time()) - age
    signature = sign(key or base64.b64decode(SECRET.removeprefix("whsec_")), "msg_1", timestamp, body)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(timestamp), "webhook-signature": signature}
    return http.post("/webhook_receiver/braid", content=body, headers=headers)


def test_the_webhook_receiver_checks_time_and_signature_and_takes_a_message_once(http: httpx.Client) -> None:
    row = b'{"id": "1", "key": "c1", "change": "added", "identity": {}, "fields": {"a": 1}}'
    body = b'{"sync": "s", "data": {"rows": [' + row + b"]}}"
    assert post(http, body, age=301).status_code == 400
    assert post(http, body, key=b"x" * 24).status_code == 401
    assert post(http, body).status_code == post(http, body).status_code == 200
    held = http.get("/_sandbox/held?vendor=webhook_receiver").json()
    assert held["rows"] == {"s:c1": {"identity": {}, "fields": {"a": 1}}}
    assert held["writes"]["rows"] == {"s:c1": 1}
    assert post(http, b"[]").json() == {"results": []}, "the id was taken: the first answer comes again"
