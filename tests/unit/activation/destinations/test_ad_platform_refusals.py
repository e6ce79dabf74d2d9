"""What Meta's and Google's refusals mean: what passes, what these rows alone are refused for, what a person must do."""

from __future__ import annotations

import httpx
import pytest

from activation.destinations import google_access, meta_errors
from activation.destinations.vendor_client import Passing
from activation.sync.destination import BatchRejected, DestinationError


def meta(status: int, code: int, subcode: int | None = None, headers: dict[str, str] | None = None, **more) -> None:
    error = {"code": code, "message": "about ada@mail.org", "error_subcode": subcode, **more}
    meta_errors.judge(httpx.Response(status, json={"error": error}, headers=headers))


def google(status: int, kind: str, code: str, **more) -> None:
    details = [{"errors": [{"errorCode": {kind: code}, "message": "m", **more}]}]
    google_access.judge(httpx.Response(status, json={"error": {"code": status, "details": details}}))


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80000, 80003, 80014])
def test_metas_rate_limits_pass_whatever_their_status(code) -> None:
    with pytest.raises(Passing) as passing:
        meta(400, code)
    assert not passing.value.sent, "a call over the limit was not carried out"


def test_metas_own_header_tells_the_wait_in_minutes() -> None:
    usage = '{"1": [{"estimated_time_to_regain_access": 2}, {"estimated_time_to_regain_access": 0}], "2": [{}]}'
    with pytest.raises(Passing) as passing:
        meta(400, 80003, headers={"X-Business-Use-Case-Usage": usage})
    assert passing.value.retry_after == 120
    for nonsense in ("no json", "[]", '{"1": 3}'):
        with pytest.raises(Passing) as passing:
            meta(400, 80003, headers={"X-Business-Use-Case-Usage": nonsense})
        assert passing.value.retry_after is None


@pytest.mark.parametrize(("code", "more"), [(1, {}), (2, {}), (368, {"is_transient": True})])
def test_metas_transient_faults_pass(code, more) -> None:
    with pytest.raises(Passing):
        meta(400, code, **more)


@pytest.mark.parametrize(
    ("status", "code", "subcode", "told"),
    [
        (400, 190, 463, "make a new one for the system user"),
        (403, 200, 1870034, "terms for custom audiences"),
        (400, 100, 1713230, "has blocked the audience"),
        (400, 100, 33, "no such ad account or audience"),
        (403, 10, None, "ads_management"),
        (403, 294, None, "ads_management"),
    ],
)
def test_what_a_person_must_do_at_meta_is_said_without_the_people(status, code, subcode, told) -> None:
    with pytest.raises(DestinationError, match=told) as failure:
        meta(status, code, subcode)
    assert "ada@mail.org" not in str(failure.value)


def test_meta_takes_nobody_out_of_an_audience_that_would_be_too_small() -> None:
    with pytest.raises(BatchRejected, match="too small"):
        meta(400, 200, 1870047)


def test_an_answer_that_says_nothing_is_left_to_its_status() -> None:
    meta(400, 100)
    for body in (b"", b"<html>", b"[]", b'{"error": "text"}'):
        meta_errors.judge(httpx.Response(502, content=body))
        google_access.judge(httpx.Response(502, content=body))


@pytest.mark.parametrize("code", ["RESOURCE_TEMPORARILY_EXHAUSTED", "CONCURRENT_MODIFICATION", "TRANSIENT_ERROR"])
def test_googles_passing_faults(code) -> None:
    with pytest.raises(Passing):
        google(400, "anyError", code)


def test_googles_quota_tells_the_wait() -> None:
    details = {"quotaErrorDetails": {"retryDelay": "30s"}}
    with pytest.raises(Passing) as passing:
        google(429, "quotaError", "RESOURCE_TEMPORARILY_EXHAUSTED", details=details)
    assert passing.value.retry_after == 30
    assert not passing.value.sent


@pytest.mark.parametrize(
    ("kind", "code", "told"),
    [
        ("offlineUserDataJobError", "CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS", "accepts them in Google Ads"),
        ("authorizationError", "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE", "data_manager"),
        ("authorizationError", "USER_PERMISSION_DENIED", "LOGIN_CUSTOMER_ID"),
        ("authenticationError", "DEVELOPER_TOKEN_INVALID", "DEVELOPER_TOKEN"),
    ],
)
def test_what_a_person_must_do_at_google(kind, code, told) -> None:
    with pytest.raises(DestinationError, match=told):
        google(403, kind, code)
