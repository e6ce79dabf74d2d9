"""Access to Google's ads APIs: an access token made from a refresh token, and what their refusals mean.

Sources: "Using OAuth 2.0 for Web Server Applications", refreshing an access token; Google Ads API, "Understand API
errors" and "Quotas"; the Google Ads developer blog of 4 March 2026 on Customer Match.
"""

from __future__ import annotations

import re
import time
from collections.abc import Generator, Mapping
from typing import Any, Final

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from activation.destinations.vendor_client import Passing, RetryPolicy, retry_after, without_personal_data
from activation.sync.destination import DestinationError

_CHECK: Final = "BRAID_GOOGLE_ADS__CLIENT_ID, BRAID_GOOGLE_ADS__CLIENT_SECRET and BRAID_GOOGLE_ADS__REFRESH_TOKEN"
# A token that ends while a request is under way would be refused.
_MARGIN: Final = 60.0
_PASSING: Final = frozenset(
    {"RESOURCE_TEMPORARILY_EXHAUSTED", "CONCURRENT_MODIFICATION", "TRANSIENT_ERROR", "INTERNAL_ERROR"}
)
_TERMS: Final = "CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS"
_NEW_ADOPTER: Final = "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE"


class GoogleAdsAccount(BaseModel):
    """The account, its OAuth client, and how patient to be with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = "https://googleads.googleapis.com"
    data_manager_url: str = "https://datamanager.googleapis.com"
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105
    customer_id: str = Field(description="ten digits, with or without hyphens")
    login_customer_id: str | None = None
    developer_token: SecretStr | None = Field(None, description="not asked for by the Data Manager API")
    client_id: str
    client_secret: SecretStr
    refresh_token: SecretStr
    api_version: str = "v24"
    retry: RetryPolicy = RetryPolicy()

    @property
    def customer(self) -> str:
        """The account's digits alone, as URLs and headers want them."""
        return self.customer_id.replace("-", "")

    @property
    def login_customer(self) -> str | None:
        """The manager account's digits, when the access is through one."""
        return None if self.login_customer_id is None else self.login_customer_id.replace("-", "")


class Token(httpx.Auth):
    """Carries an access token, made when there is none, when it has ended, and once more when it is refused."""

    requires_response_body = True

    def __init__(self, account: GoogleAdsAccount) -> None:
        """Make no request yet."""
        self._account = account
        self._token: str | None = None
        self._ends = 0.0

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Authorise a request.

        Raises:
            Passing: if the token endpoint is down for now.
            DestinationError: if it refuses the client or its refresh token.
        """
        if self._token is None or time.monotonic() >= self._ends:
            self._keep((yield self._asking()))
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == 401:
            self._keep((yield self._asking()))
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _asking(self) -> httpx.Request:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._account.client_id,
            "client_secret": self._account.client_secret.get_secret_value(),
            "refresh_token": self._account.refresh_token.get_secret_value(),
        }
        return httpx.Request("POST", self._account.token_url, data=form)

    def _keep(self, answer: httpx.Response) -> None:
        status = answer.status_code
        if status == 429 or status >= 500:
            raise Passing(f"answered {status} when asked for a token", retry_after(answer.headers.get("retry-after")))
        body = _json(answer)
        if answer.is_success and not body:
            raise Passing("answered with half a token")
        try:
            self._token, lasts = str(body["access_token"]), float(body.get("expires_in", 3600))
        except (ValueError, KeyError, TypeError):
            said = re.sub(r"[^a-z_]", "", str(body.get("error", "")))[:40] or "no reason"
            raise DestinationError(
                f"Google gives no access token ({status}: {said}); check {_CHECK}; was the access withdrawn?"
            ) from None
        self._ends = time.monotonic() + max(lasts - _MARGIN, 0)


def judge(response: httpx.Response) -> None:
    """Raise what a refusal of a Google ads API means; return when only its status says anything.

    Raises:
        Passing: a quota that refills, or a fault that Google calls transient.
        DestinationError: nothing more can be sent until a person has done what the message says.
    """
    for code, error in errors_in(_json(response)):
        if code in _PASSING:
            wait = _delay(error) or retry_after(response.headers.get("retry-after"))
            raise Passing(f"answered {code}", wait, sent=code != "RESOURCE_TEMPORARILY_EXHAUSTED")
        if code == _TERMS:
            raise DestinationError(
                f"Google's customer data terms are not accepted for this account ({code}); an admin accepts them in "
                "Google Ads, then run the sync again"
            )
        if code == _NEW_ADOPTER:
            raise DestinationError(
                f"Google takes Customer Match uploads by the Google Ads API from its former users only ({code}); write "
                "`api: data_manager` in the block's options"
            )
        if any(kind in error.get("errorCode", {}) for kind in ("authenticationError", "authorizationError")):
            raise DestinationError(
                f"Google refuses the access ({code}); check BRAID_GOOGLE_ADS__CUSTOMER_ID, "
                "BRAID_GOOGLE_ADS__LOGIN_CUSTOMER_ID and BRAID_GOOGLE_ADS__DEVELOPER_TOKEN"
            )


def errors_in(body: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """The errors of a `GoogleAdsFailure`, each with its code: in a refusal's `error`, or in `partialFailureError`."""
    status = body.get("error") or body.get("partialFailureError") or {}
    found: list[tuple[str, Mapping[str, Any]]] = []
    for detail in status.get("details", []) if isinstance(status, dict) else []:
        for error in detail.get("errors", []):
            codes = error.get("errorCode") or {"": "UNKNOWN"}
            found += [(str(code), error) for code in codes.values()]
    return found


def said_by(error: Mapping[str, Any]) -> str:
    """An error's message without personal data."""
    return without_personal_data(str(error.get("message") or "no reason given"))


def _delay(error: Mapping[str, Any]) -> float | None:
    details = (error.get("details") or {}).get("quotaErrorDetails") or {}
    seconds = re.fullmatch(r"(\d+(?:\.\d+)?)s", str(details.get("retryDelay", "")))
    return float(seconds[1]) if seconds else None


def _json(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
