"""Klaviyo's API: its configuration, its headers, and the profiles behind addresses and ids."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from activation.destinations.vendor_client import RetryPolicy, VendorClient

CHECK: Final = "BRAID_KLAVIYO__URL and BRAID_KLAVIYO__API_KEY (scopes: see docs/destinations.md)"

_PAGE: Final = 100
"""Profiles in a page, and values in a filter `any` ("Get Profiles")."""

_LONGEST_FILTER: Final = 6_000
"""Characters of a filter, so that no proxy on the way refuses the URL."""

Profile = Mapping[str, Any]


class KlaviyoConfig(BaseModel):
    """Where the Klaviyo account is, whose fields these are, and how patient to be; times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = "https://a.klaviyo.com"
    api_key: SecretStr
    revision: str = Field("2025-07-15", description="of the API, as a date")
    fields: tuple[str, ...] = Field((), description="the profile's fields that are Braid's: cleared when taken back")
    retry: RetryPolicy = RetryPolicy()
    job_timeout: float = Field(default=900, gt=0, description="longest wait for one import")
    first_poll: float = Field(
        default=0.5, ge=0, description="first wait between two looks at a job; doubles up to 10 s"
    )


class _Key(httpx.Auth):
    def __init__(self, key: SecretStr) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Klaviyo-API-Key {self._key.get_secret_value()}"
        yield request


def klaviyo_client(config: KlaviyoConfig) -> VendorClient:
    """A client with the revision and the media type that every request must name; no request is made."""
    headers = {"revision": config.revision, "Accept": "application/vnd.api+json"}
    return VendorClient(
        "Klaviyo", config.url.rstrip("/"), _Key(config.api_key), CHECK, config.retry, headers=headers
    )  # fmt: skip


def found_profiles(
    client: VendorClient, field: str, values: Sequence[str], path: str = "/api/profiles"
) -> dict[str, Profile]:
    """The profiles whose `field` (id, email, phone_number) is one of the values, by the value in lower case.

    Args:
        client: of the account.
        field: that the filter of the path allows.
        values: any number of them.
        path: where to look: all profiles, or `/api/lists/<id>/profiles`.
    """
    found: dict[str, Profile] = {}
    for some in _portions(sorted(set(values))):
        condition = f"any({field},{json.dumps(some, ensure_ascii=False)})"
        for profile in pages(client, f"{path}?filter={quote(condition)}&page[size]={_PAGE}"):
            value = profile["id"] if field == "id" else (profile.get("attributes") or {}).get(field)
            if value is not None:
                found[str(value).lower()] = profile
    return found


def pages(client: VendorClient, path: str) -> Iterator[dict[str, Any]]:
    """Every resource of a collection, following `links.next`."""
    following: str | None = path
    while following:
        page = client.request("GET", following)
        yield from page.get("data") or []
        next_page = (page.get("links") or {}).get("next")
        # Only the query is followed: the credentials go to the configured host and to no other.
        following = f"{path.split('?', 1)[0]}?{urlsplit(next_page).query}" if next_page else None


def _portions(values: Sequence[str]) -> Iterator[list[str]]:
    some: list[str] = []
    size = 0
    for value in values:
        if some and (len(some) == _PAGE or size + len(value) > _LONGEST_FILTER):
            yield some
            some, size = [], 0
        some.append(value)
        size += len(value) + 3
    if some:
        yield some
