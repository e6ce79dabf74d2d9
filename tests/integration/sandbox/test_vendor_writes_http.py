"""What the look-alikes refuse, each in its vendor's own words: too large a batch, bad values, unknown callers."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sandbox.serve import Sandbox

Ask = Callable[..., httpx.Response]


@pytest.fixture
def klaviyo(http: httpx.Client, sandbox: Sandbox) -> Ask:
    key = sandbox.environment()["BRAID_KLAVIYO__API_KEY"]
    headers = {"Authorization": f"Klaviyo-API-Key {key}", "revision": "2025-07-15"}
    return lambda method, path, body=None: http.request(method, f"/klaviyo/api{path}", json=body, headers=headers)


@pytest.fixture
def hubspot(http: httpx.Client, sandbox: Sandbox) -> Ask:
    headers = {"Authorization": f"Bearer {sandbox.environment()['BRAID_HUBSPOT__ACCESS_TOKEN']}"}
    return lambda method, path, body=None: http.request(method, f"/hubspot/crm/v3{path}", json=body, headers=headers)


@pytest.fixture
def salesforce(http: httpx.Client, sandbox: Sandbox) -> Ask:
    told = sandbox.environment()
    form = {
        "grant_type": "client_credentials",
        "client_id": told["BRAID_SALESFORCE__CLIENT_ID"],
        "client_secret": told["BRAID_SALESFORCE__CLIENT_SECRET"],
    }
    token = http.post("/salesforce/services/oauth2/token", data=form).json()["access_token"]
    base, headers = "/salesforce/services/data/v61.0", {"Authorization": f"Bearer {token}"}
    return lambda method, path, body=None: http.request(method, f"{base}{path}", json=body, headers=headers)


def held(http: httpx.Client, vendor: str) -> dict[str, Any]:
    found: dict[str, Any] = http.get(f"/_sandbox/held?vendor={vendor}").json()
    return found


def job_of(*profiles: dict[str, Any]) -> dict[str, Any]:
    rows = [{"type": "profile", "attributes": one} for one in profiles]
    return {"data": {"type": "profile-bulk-import-job", "attributes": {"profiles": {"data": rows}}}}


def test_a_job_reports_each_bad_profile_with_what_was_sent(http: httpx.Client, klaviyo: Ask) -> None:
    started = klaviyo(
        "POST", "/profile-bulk-import-jobs", job_of({"email": "a@b.com"}, {"email": "no"}, {"email": None})
    )
    assert (started.status_code, started.json()["data"]["attributes"]["status"]) == (202, "queued")
    key = started.json()["data"]["id"]
    done = klaviyo("GET", f"/profile-bulk-import-jobs/{key}").json()["data"]["attributes"]
    assert (done["status"], done["completed_count"], done["failed_count"]) == ("complete", 1, 2)
    errors = klaviyo("GET", f"/profile-bulk-import-jobs/{key}/import-errors").json()["data"]
    assert errors[0]["attributes"]["original_payload"]["attributes"] == {"email": "no"}
    assert errors[0]["attributes"]["source"]["pointer"].endswith("/1/attributes/email")
    assert [one["email"] for one in held(http, "klaviyo")["profiles"].values()] == ["a@b.com"]


def test_a_bulk_import_clears_nothing_and_a_single_one_does(http: httpx.Client, klaviyo: Ask) -> None:
    given = {"email": "a@b.com", "first_name": "Ada", "properties": {"x": 1}}
    klaviyo("POST", "/profile-bulk-import-jobs", job_of(given))
    klaviyo("POST", "/profile-bulk-import-jobs", job_of({"email": "A@B.com", "first_name": None}))
    (key,) = held(http, "klaviyo")["profiles"]
    assert held(http, "klaviyo")["profiles"][key]["first_name"] == "Ada"
    data = {"type": "profile", "id": key, "attributes": {"first_name": None}}
    klaviyo("POST", "/profile-import", {"data": {**data, "meta": {"patch_properties": {"unset": ["x"]}}}})
    profile = held(http, "klaviyo")["profiles"][key]
    assert (profile["first_name"], profile["properties"]) == (None, {})
    assert held(http, "klaviyo")["writes"]["profiles"] == {key: 3}


def test_klaviyo_refuses_what_is_too_much_and_who_is_not_known(http: httpx.Client, klaviyo: Ask) -> None:
    assert klaviyo("POST", "/profile-bulk-import-jobs", job_of(*[{"email": "a@b.com"}] * 10_001)).status_code == 400
    heavy = [{"email": f"a{n}@b.com", "properties": {"text": "x" * 9000}} for n in range(600)]
    assert klaviyo("POST", "/profile-bulk-import-jobs", job_of(*heavy)).status_code == 413
    klaviyo("POST", "/lists", {"data": {"type": "list", "attributes": {"name": "News"}}})
    (listed,) = held(http, "klaviyo")["lists"]
    many = [{"type": "profile", "id": str(n)} for n in range(1_001)]
    assert klaviyo("POST", f"/lists/{listed}/relationships/profiles", {"data": many}).status_code == 400
    assert klaviyo("POST", f"/lists/{listed}/relationships/profiles", {"data": many[:1]}).status_code == 404
    assert klaviyo("GET", '/profiles?filter=any(favourite,["x"])').status_code == 400
    refused = http.get("/klaviyo/api/profiles", headers={"Authorization": "Klaviyo-API-Key no"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (401, "not_authenticated")
    key = {"Authorization": "Klaviyo-API-Key pk_klaviyo_sandbox"}
    assert http.get("/klaviyo/api/profiles", headers=key).json()["errors"][0]["source"]["pointer"] == "revision"


def test_hubspot_answers_for_each_traced_contact(http: httpx.Client, hubspot: Ask) -> None:
    hubspot("POST", "/properties/contacts/groups", {"name": "g", "label": "G"})
    own = {"name": "own_id", "label": "Own", "type": "string", "fieldType": "text", "groupName": "g"}
    assert hubspot("POST", "/properties/contacts", {**own, "hasUniqueValue": True}).status_code == 201
    assert hubspot("POST", "/properties/contacts", own).status_code == 409

    def upsert(*emails: str, traced: bool = True) -> httpx.Response:
        inputs = [{"id": f"k{n}", "idProperty": "own_id", "properties": {"email": one}} for n, one in enumerate(emails)]
        traces = [{"objectWriteTraceId": one["id"]} if traced else {} for one in inputs]
        body = {"inputs": [{**one, **trace} for one, trace in zip(inputs, traces, strict=True)]}
        return hubspot("POST", "/objects/contacts/batch/upsert", body)

    mixed = upsert("a@b.com", "no", "a@b.com")
    assert mixed.status_code == 207
    assert [one["objectWriteTraceId"] for one in mixed.json()["results"]] == ["k0"]
    assert [(e["category"], e["context"]["objectWriteTraceId"]) for e in mixed.json()["errors"]] == [
        ("VALIDATION_ERROR", ["k1"]),
        ("CONFLICT", ["k2"]),
    ]
    assert upsert("c@d.com", "no", traced=False).status_code == 400
    assert len(held(http, "hubspot")["contacts"]) == 1, "an untraced batch is refused as a whole"


def test_hubspot_refuses_what_is_too_much_and_who_is_not_known(http: httpx.Client, hubspot: Ask) -> None:
    inputs = [{"id": str(n)} for n in range(101)]
    for action in ("read", "update", "upsert"):
        assert hubspot("POST", f"/objects/contacts/batch/{action}", {"inputs": inputs}).status_code == 400
    by_email = {"inputs": [{"id": "a@b.com", "idProperty": "email", "properties": {}}]}
    assert "Partial upserts" in hubspot("POST", "/objects/contacts/batch/upsert", by_email).json()["message"]
    assert http.post("/hubspot/crm/v3/objects/contacts/batch/read", json={}).status_code == 401
    http.post("/_sandbox/limits", json={"vendor": "hubspot", "capacity": 0, "per_second": 1})
    assert hubspot("GET", "/properties/contacts").json()["policyName"] == "TEN_SECONDLY_ROLLING"


def test_salesforce_answers_for_each_record_in_order(http: httpx.Client, salesforce: Ask) -> None:
    def patch(*records: dict[str, Any]) -> httpx.Response:
        body = [{"attributes": {"type": "Contact"}, **one} for one in records]
        return salesforce("PATCH", "/composite/sobjects", {"allOrNone": False, "records": body})

    results = patch(
        {"Id": "003A", "FirstName": "Augusta"},
        {"Id": "003Z", "FirstName": "Nobody"},
        {"Id": "003B", "Email": "no"},
        {"Id": "003B", "LastName": "x" * 81},
    ).json()
    assert [one["success"] for one in results] == [True, False, False, False]
    assert [one["errors"][0]["statusCode"] for one in results[1:]] == [
        "INVALID_CROSS_REFERENCE_KEY",
        "INVALID_EMAIL_ADDRESS",
        "STRING_TOO_LONG",
    ]
    assert held(http, "salesforce")["contacts"] == {"003A": {"FirstName": "Augusta"}}
    assert patch({"Id": "003A", "Shoe__c": 1}).json()[0]["errorCode"] == "INVALID_FIELD"
    assert patch(*[{"Id": "003A"}] * 201).json()[0]["errorCode"] == "EXCEEDED_ID_LIMIT"
    query = "/query?q=SELECT FirstName FROM Contact WHERE Id = '003A'"
    assert salesforce("GET", query).json()["records"][0]["FirstName"] == "Augusta"


def test_salesforce_makes_fields_upserts_and_deletes(http: httpx.Client, salesforce: Ask) -> None:
    text = {"type": "Text", "label": "Key", "length": 255}
    made = {"FullName": "Contact.Key__c", "Metadata": {**text, "externalId": True, "unique": True}}
    assert salesforce("POST", "/tooling/sobjects/CustomField", made).status_code == 201
    assert (
        salesforce("POST", "/tooling/sobjects/CustomField", made).json()[0]["errorCode"] == "DUPLICATE_DEVELOPER_NAME"
    )
    fields = {one["name"]: one for one in salesforce("GET", "/sobjects/Contact/describe").json()["fields"]}
    assert (fields["Key__c"]["type"], fields["Key__c"]["externalId"]) == ("string", True)
    record = {"attributes": {"type": "Contact"}, "Key__c": "c1", "LastName": "Byron"}
    nameless = {"attributes": {"type": "Contact"}, "Key__c": "c2"}
    body = {"records": [record, nameless]}
    first, second = salesforce("PATCH", "/composite/sobjects/Contact/Key__c", body).json()
    assert (first["created"], second["errors"][0]["statusCode"]) == (True, "REQUIRED_FIELD_MISSING")
    again = salesforce("PATCH", "/composite/sobjects/Contact/Key__c", {"records": [record]}).json()
    assert (again[0]["created"], again[0]["id"]) == (False, first["id"])
    gone = salesforce("DELETE", f"/composite/sobjects?ids={first['id']},003Q&allOrNone=false").json()
    assert [one["success"] for one in gone] == [True, False]
    assert salesforce("GET", "/query?q=SELECT Id FROM Contact WHERE Key__c = 'c1'").json()["totalSize"] == 0
    assert salesforce("GET", "/queryAll?q=SELECT Id FROM Contact WHERE Key__c = 'c1'").json()["totalSize"] == 1
    assert http.get("/salesforce/services/data/v61.0/sobjects/Contact/describe").status_code == 401


def test_a_deleted_user_of_zendesk_is_gone_in_two_steps(http: httpx.Client, sandbox: Sandbox) -> None:
    told = sandbox.environment()
    auth = (f"{told['BRAID_ZENDESK__EMAIL']}/token", told["BRAID_ZENDESK__API_TOKEN"])
    base = "/zendesk/api/v2"
    assert http.delete(f"{base}/deleted_users/201.json", auth=auth).status_code == 404, "not deleted yet"
    assert http.delete(f"{base}/users/201.json", auth=auth).status_code == 200
    assert http.get(f"{base}/users/201.json", auth=auth).status_code == 404
    assert http.delete(f"{base}/deleted_users/201.json", auth=auth).status_code == 200
    assert http.delete(f"{base}/deleted_users/201.json", auth=auth).status_code == 404
    assert held(http, "zendesk")["deleted"] == ["201"]
