"""HubSpot's API: its configuration, and how it says that the allowance of a day is spent."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from activation.destinations.vendor_client import RetryPolicy, VendorClient

CHECK: Final = "BRAID_HUBSPOT__URL and BRAID_HUBSPOT__ACCESS_TOKEN (scopes: see docs/destinations.md)"

CUSTOMER_ID: Final = "braid_customer_id"
"""The unique property that holds Braid's key. HubSpot's e-mail cannot be one: "partial upserts are not supported when
using email as the idProperty for contacts"."""


class HubSpotConfig(BaseModel):
    """Where the HubSpot account is, whose properties these are, and how patient to be with it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = "https://api.hubapi.com"
    access_token: SecretStr
    fields: tuple[str, ...] = Field((), description="the properties that are Braid's: cleared when taken back")
    retry: RetryPolicy = RetryPolicy()


class _Bearer(httpx.Auth):
    def __init__(self, token: SecretStr) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        yield request


def hubspot_client(config: HubSpotConfig) -> VendorClient:
    """A client of the account; no request is made."""
    url = config.url.rstrip("/")
    return VendorClient("HubSpot", url, _Bearer(config.access_token), CHECK, config.retry, spent=_is_spent)


def _is_spent(status: int, body: Any) -> bool:
    """A 429 names the policy that was broken: TEN_SECONDLY_ROLLING passes, DAILY does not before midnight."""
    return status == 429 and isinstance(body, dict) and body.get("policyName") == "DAILY"
