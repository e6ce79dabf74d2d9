"""What counts as data, what is asked again, and what each vendor means by its errors."""

from __future__ import annotations

import pytest
from requests import Response

from orchestration.sources import meta, salesforce, shopify, x, zendesk
from orchestration.sources.client import PATIENT, Fault, Vendor, dig, storable
from orchestration.sources.errors import VendorError


def judged(body: bytes, *, status: int = 200, records: str | None = "items", headers=None) -> Response:
    response = Response()
    response.status_code, response._content = status, body
    response.headers.update(headers or {})
    vendor = Vendor("https://vendor.example", lambda status, _: Fault() if status >= 400 else None, PATIENT)
    vendor._judge("things", records)(response)
    return response


def test_a_page_is_parsed_once():
    page = judged(b'{"items": [1]}')
    assert page.json() is page.json()


def test_a_page_that_is_cut_off_is_asked_again():
    with pytest.raises(VendorError) as caught:
        judged(b'{"items": [{"id": 1}, {"id"')
    assert caught.value.retry


def test_an_answer_without_its_list_is_an_error_not_an_empty_page():
    with pytest.raises(VendorError, match="no list at items") as caught:
        judged(b'{"things": []}')
    assert not caught.value.retry


@pytest.mark.parametrize(("status", "retry"), [(429, True), (500, True), (503, True), (400, False), (401, False)])
def test_which_statuses_are_asked_again(status, retry):
    with pytest.raises(VendorError) as caught:
        judged(b"{}", status=status)
    assert caught.value.retry is retry


@pytest.mark.parametrize(("sent", "read"), [({"Retry-After": "2.0"}, "2"), ({"Retry-After": "7"}, "7")])
def test_retry_after_is_made_whole_seconds(sent, read):
    with pytest.raises(VendorError) as caught:
        judged(b"{}", status=429, headers=sent)
    assert caught.value.response.headers["Retry-After"] == read


def test_the_reset_time_of_x_becomes_retry_after():
    with pytest.raises(VendorError) as caught:
        judged(b"{}", status=429, headers={"x-rate-limit-reset": "1"})
    assert caught.value.response.headers["Retry-After"] == "1"


def test_what_postgres_cannot_hold_is_replaced():
    page = judged(rb'{"items": [{"a": "x\u0000y", "b": "\ud800", "c": "\\u0000", "d": 99999999999999999999}]}')
    assert page.json()["items"] == [{"a": "xy", "b": "\ufffd", "c": "\\u0000", "d": "99999999999999999999"}]
    assert storable({"k\x00": [True, 1, None]}) == {"k": [True, 1, None]}


def test_dig():
    body = {"data": {"orders": {"nodes": [{"lineItems": {"nodes": [1]}}]}}}
    assert dig(body, "data.orders.nodes.[0].lineItems.nodes") == [1]
    assert dig(body, "data.orders.nodes.[1].lineItems") is None
    assert dig([], "data") is None


def test_shopify_says_throttled_in_a_200():
    fault = shopify.read_fault(200, {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]})
    assert fault == Fault("THROTTLED", "Throttled", retry=True)


def test_a_graphql_error_in_a_200_is_an_error():
    fault = shopify.read_fault(200, {"errors": [{"message": "Field 'x' doesn't exist"}], "data": None})
    assert fault is not None and not fault.retry
    assert shopify.read_fault(200, {"data": {}}) is None


@pytest.mark.parametrize("code", [4, 17, 32, 613])
def test_meta_tells_rate_limits_by_code(code):
    fault = meta.read_fault(400, {"error": {"code": code, "message": "limit"}})
    assert fault is not None and fault.retry


def test_meta_refuses_a_bad_token_with_a_400():
    fault = meta.read_fault(400, {"error": {"code": 190, "message": "Invalid OAuth access token"}})
    assert fault == Fault("190", "Invalid OAuth access token")


def test_x_without_meta_is_no_empty_answer():
    fault = x.read_fault(200, {"errors": [{"title": "Not Found Error", "detail": "no such user"}]})
    assert fault == Fault("Not Found Error", "no such user")
    assert x.read_fault(200, {"data": [], "errors": [{"title": "suspended"}], "meta": {}}) is None


def test_salesforce_and_zendesk_errors_are_read():
    assert salesforce.read_fault(401, [{"errorCode": "INVALID_SESSION_ID", "message": "expired"}]) == Fault(
        "INVALID_SESSION_ID", "expired"
    )
    assert salesforce.read_fault(400, {"error": "invalid_client", "error_description": "bad"}) == Fault(
        "invalid_client", "bad"
    )
    assert zendesk.read_fault(400, {"error": {"title": "Invalid", "message": "no"}}) == Fault("Invalid", "no")
    assert zendesk.read_fault(401, {"error": "Couldn't authenticate you"}) == Fault("Couldn't authenticate you", None)


def test_shopify_ids_are_numbers():
    assert shopify.number({"id": "gid://shopify/Order/7", "legacyResourceId": "7"}) == "7"
    assert shopify.number({"id": "gid://shopify/AbandonedCheckout/9?key=1"}) == "9"
    assert shopify.number({"id": 12}) == 12
    assert shopify.number({}) is None


def test_the_comments_of_a_ticket_event():
    event = {
        "ticket_id": 5,
        "created_at": "2026-01-01T00:00:00Z",
        "child_events": [
            {"id": 1, "event_type": "Comment", "body": "hello"},
            {"id": 2, "event_type": "Change", "status": "open"},
        ],
    }
    assert zendesk.comments_of(event) == [
        {"id": 1, "event_type": "Comment", "body": "hello", "ticket_id": 5, "created_at": "2026-01-01T00:00:00Z"}
    ]
    assert zendesk.comments_of("broken") == ["broken"]
