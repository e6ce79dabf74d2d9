"""Errors name source, stream and remedy; they never repeat a secret or a person."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from requests import ConnectionError as RequestsConnectionError
from requests import ReadTimeout, Response

from orchestration.sources.errors import SourceError, VendorError, redact, translate


def answer(status: int, reason: str) -> Response:
    response = Response()
    response.status_code, response.reason = status, reason
    response.url = "https://vendor.example/x?access_token=EAASECRET1234567890123"
    return response


def refused(status: int = 401, reason: str = "Unauthorized", message: str | None = None) -> VendorError:
    return VendorError(answer(status, reason), stream="orders", code="INVALID", message=message, retry=False)


def translated(error: BaseException) -> str:
    return str(translate(error, "shopify", "BRAID_SHOPIFY__ACCESS_TOKEN", "BRAID_SHOPIFY__URL"))


def test_a_401_says_which_stream_and_which_setting():
    said = translated(refused(message="[API] Invalid API key"))
    assert said.startswith("shopify.orders: HTTP 401 Unauthorized (INVALID: [API] Invalid API key).")
    assert "BRAID_SHOPIFY__ACCESS_TOKEN" in said


@pytest.mark.parametrize(("status", "word"), [(403, "Check"), (429, "later"), (500, "later"), (400, "refused")])
def test_every_status_says_what_to_do(status, word):
    assert word in translated(refused(status, ""))


def test_the_cause_is_found_below_the_wrappers():
    class Wrapper(Exception):
        pipe_name = "orders"
        step = "extract"

    try:
        try:
            raise refused()
        except VendorError as inner:
            raise Wrapper("In processing pipe, with a row: Ada Lovelace") from inner
    except Wrapper as outer:
        said = translated(outer)
    assert "401" in said and "Ada" not in said


@pytest.mark.parametrize("error", [RequestsConnectionError("GET /x?access_token=EAASECRET"), ReadTimeout("token=abc")])
def test_a_network_error_keeps_the_address_to_itself(error):
    said = translated(error)
    assert "BRAID_SHOPIFY__URL" in said
    assert "EAASECRET" not in said and "token" not in said


def test_a_source_error_passes_unchanged():
    error = SourceError("files", "members", "no column 'email'", "Correct the mapping")
    assert translate(error, "files", "BRAID_FILES", "BRAID_FILES") is error


def test_an_unknown_error_is_bounded_and_redacted():
    said = translated(ValueError('bad value "Ada Lovelace" of ada@example.com\nDETAIL: row (Ada, 1815)'))
    assert "ValueError" in said
    assert "Ada" not in said and "ada@" not in said and "1815" not in said


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("no user ada@example.com", "ada@example.com"),
        ("the number +1 (202) 555-0100 is invalid", "555"),
        ("token shpat_0123456789abcdef0123456789 is revoked", "shpat"),
        ("value 'Ada Lovelace' is too long", "Ada"),
    ],
)
def test_personal_data_and_secrets_are_redacted(text, gone):
    assert gone not in redact(text)


def test_the_name_of_a_field_stays():
    assert "'Loyalty_Number__c'" in redact("No such column 'Loyalty_Number__c' on entity Contact")


def test_a_long_message_is_cut():
    assert len(redact("word " * 500)) < 300


@given(st.text(), st.emails(), st.text())
@example("", "'@A.Aq", "")
def test_no_address_survives(before: str, address: str, after: str) -> None:
    assert address not in redact(f"{before} {address} {after}")
