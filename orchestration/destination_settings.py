"""The accounts of the tools that receive: their credentials, as the environment gives them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr


class Account(BaseModel):
    """A frozen part of the settings; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _without_slash(url: str) -> str:
    return url.rstrip("/")


Url = Annotated[str, AfterValidator(_without_slash)]


class KlaviyoSettings(Account):
    """A private API key of a Klaviyo account."""

    url: Url = "https://a.klaviyo.com"
    api_key: SecretStr
    revision: str = Field("2025-07-15", description="the dated revision of Klaviyo's API")


class HubSpotSettings(Account):
    """A private app of a HubSpot account."""

    url: Url = "https://api.hubapi.com"
    access_token: SecretStr


class MetaAdsSettings(Account):
    """A system user's token for the ad account of a Meta business."""

    url: Url = "https://graph.facebook.com"
    access_token: SecretStr
    ad_account_id: str = Field(description="digits, with or without act_")
    api_version: str = "v25.0"


class GoogleAdsSettings(Account):
    """An OAuth client with a refresh token, and the developer token of a Google Ads account."""

    url: Url = "https://googleads.googleapis.com"
    token_url: Url = "https://oauth2.googleapis.com/token"  # noqa: S105
    data_manager_url: Url = "https://datamanager.googleapis.com"
    customer_id: str
    login_customer_id: str | None = Field(None, description="the manager account, when the access is through one")
    developer_token: SecretStr | None = Field(None, description="not asked for by the Data Manager API")
    client_id: str
    client_secret: SecretStr
    refresh_token: SecretStr
    api_version: str = "v24"


class WebhookSettings(Account):
    """Where signed batches are posted, and the secret that signs them."""

    url: Url
    secret: SecretStr


def account_of(part: BaseModel) -> dict[str, Any]:
    """The settings of one account by field, secrets still wrapped."""
    return {name: getattr(part, name) for name in type(part).model_fields}
