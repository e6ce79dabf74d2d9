"""The Salesforce look-alike over HTTP."""

import httpx
import pytest

from sandbox.serve import Sandbox

DATA = "/salesforce/services/data/v61.0"


def token(http: httpx.Client, sandbox: Sandbox, **changed: str) -> httpx.Response:
    told = sandbox.environment()
    form = {
        "grant_type": "client_credentials",
        "client_id": told["BRAID_SALESFORCE__CLIENT_ID"],
        "client_secret": told["BRAID_SALESFORCE__CLIENT_SECRET"],
    }
    return http.post("/salesforce/services/oauth2/token", data={**form, **changed})


@pytest.fixture
def crm(http: httpx.Client, sandbox: Sandbox) -> httpx.Client:
    http.headers["authorization"] = f"Bearer {token(http, sandbox).json()['access_token']}"
    return http


def ask(crm: httpx.Client, soql: str, path: str = "query", **headers: str) -> httpx.Response:
    return crm.get(f"{DATA}/{path}", params={"q": soql}, headers=headers)


def test_token(http: httpx.Client, sandbox: Sandbox) -> None:
    assert token(http, sandbox).json()["instance_url"] == f"{sandbox.url}/salesforce"
    refused = token(http, sandbox, client_secret="wrong")
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client")
    assert token(http, sandbox, grant_type="password").json()["error"] == "unsupported_grant_type"


def test_no_session_no_data(http: httpx.Client) -> None:
    answer = ask(http, "SELECT Id FROM Contact")
    assert answer.status_code == 401
    assert answer.json()[0]["errorCode"] == "INVALID_SESSION_ID"


def test_records_have_attributes_and_only_the_fields_asked(crm: httpx.Client) -> None:
    body = ask(crm, "SELECT Id, LastName, Shopify_Customer_Id__c FROM Contact WHERE Id = '003A'").json()
    assert body["totalSize"] == 1 and body["done"] is True
    url = "/services/data/v61.0/sobjects/Contact/003A"
    assert body["records"] == [
        {
            "attributes": {"type": "Contact", "url": url},
            "Id": "003A",
            "LastName": "Byron",
            "Shopify_Customer_Id__c": "101",
        }
    ]


def test_incremental_filter(crm: httpx.Client) -> None:
    soql = "SELECT Id, SystemModstamp FROM Contact WHERE SystemModstamp >= {} ORDER BY SystemModstamp, Id"
    every = ask(crm, soql.format("2026-01-02T12:00:00Z")).json()["records"]
    assert [one["SystemModstamp"] for one in every] == ["2026-01-02T12:00:00.000+0000", "2026-01-03T12:00:00.000+0000"]
    assert len(ask(crm, soql.format("2026-01-02T12:00:01Z")).json()["records"]) == 1


def test_pages(crm: httpx.Client) -> None:
    for number in range(450):
        row = {"vendor": "salesforce", "stream": "leads", "row": {"Id": f"00Q{number:04}"}}
        assert crm.post("/_sandbox/rows", json=row).status_code == 201
    page = ask(crm, "SELECT Id FROM Lead ORDER BY Id", **{"Sforce-Query-Options": "batchSize=200"}).json()
    assert (page["totalSize"], page["done"], len(page["records"])) == (451, False, 200)
    keys = [one["Id"] for one in page["records"]]
    for prefix in ("/salesforce", ""):  # below the instance URL, and at the root of its host
        more = crm.get(f"{prefix}{page['nextRecordsUrl']}", headers={"Sforce-Query-Options": "batchSize=200"})
        assert len(more.json()["records"]) == 200
    while not page["done"]:
        page = crm.get(f"/salesforce{page['nextRecordsUrl']}", headers={"Sforce-Query-Options": "batchSize=200"}).json()
        keys += [one["Id"] for one in page["records"]]
    assert len(keys) == len(set(keys)) == 451
    lost = crm.get(f"{DATA}/query/01gnone-200")
    assert (lost.status_code, lost.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Id FORM Contact", "MALFORMED_QUERY"),
        ("SELECT Id, Shoe_Size__c FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Nope = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Account", "INVALID_TYPE"),
    ],
)
def test_refused_queries(crm: httpx.Client, soql: str, code: str) -> None:
    answer = ask(crm, soql)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_deleted_records_are_only_in_query_all(crm: httpx.Client) -> None:
    gone = {"vendor": "salesforce", "stream": "contacts", "key": "003B", "set": {"IsDeleted": True}}
    crm.post("/_sandbox/rows", json=gone)
    soql = "SELECT Id, IsDeleted FROM Contact"
    assert [one["Id"] for one in ask(crm, soql).json()["records"]] == ["003A"]
    every = ask(crm, soql, "queryAll").json()["records"]
    assert {one["Id"]: one["IsDeleted"] for one in every} == {"003A": False, "003B": True}


def test_count(crm: httpx.Client) -> None:
    assert ask(crm, "SELECT COUNT() FROM Contact").json() == {"totalSize": 2, "done": True, "records": []}


def test_a_spent_allowance(crm: httpx.Client) -> None:
    crm.post("/_sandbox/limits", json={"vendor": "salesforce", "capacity": 1, "per_second": 0})
    assert ask(crm, "SELECT Id FROM Contact").status_code == 200
    answer = ask(crm, "SELECT Id FROM Contact")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
