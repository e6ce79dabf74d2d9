"""Salesforce's OAuth client-credentials flow: a session token, asked for when there is none and when one has ended."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

import httpx
from pydantic import SecretStr

from activation.sync.destination import DestinationError

CHECK: Final = "BRAID_SALESFORCE__URL, BRAID_SALESFORCE__CLIENT_ID and BRAID_SALESFORCE__CLIENT_SECRET"


class SalesforceSession(httpx.Auth):
    """Puts a token on every request.

    "OAuth 2.0 Client Credentials Flow for Server-to-Server Integration": the token does not say when it ends; a 401
    with INVALID_SESSION_ID does, and is answered with one new token.
    """

    requires_response_body = True

    def __init__(self, url: str, client_id: str, client_secret: SecretStr) -> None:
        """Keep the credentials; no request is made."""
        self._token_url = f"{url}/services/oauth2/token"
        self._client_id, self._client_secret = client_id, client_secret
        self._token: str | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request with a token; once more with a new one when the session has ended."""
        fresh = self._token is None
        if fresh:
            self._token = _token_in((yield self._asking()))
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == 401 and not fresh:
            self._token = None
            self._token = _token_in((yield self._asking()))
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _asking(self) -> httpx.Request:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret.get_secret_value(),
        }
        return httpx.Request("POST", self._token_url, data=form)


def _token_in(response: httpx.Response) -> str:
    if response.status_code in (400, 401, 403):
        raise DestinationError(f"Salesforce refuses the credentials ({response.status_code} to a token); check {CHECK}")
    try:
        body: Any = response.json() if response.is_success else {}
    except ValueError:
        body = {}
    token = body.get("access_token") if isinstance(body, dict) else None
    if not token:
        # Nothing of the real request was sent yet, so that it may be tried again whatever it is.
        raise httpx.ConnectError(f"no token ({response.status_code})")
    return str(token)
