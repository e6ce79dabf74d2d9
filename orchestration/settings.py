"""Environment to one frozen, typed `Settings`; nothing else in Braid reads the environment."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from activation.consent import Channels, GateRules, SegmentNames
from activation.destinations.file_store import place_of
from identity.plan_bounds import Bounds
from identity.settings import EngineName
from orchestration.destination_settings import (
    GoogleAdsSettings,
    HubSpotSettings,
    KlaviyoSettings,
    MetaAdsSettings,
    WebhookSettings,
    account_of,
)


class Part(BaseModel):
    """A frozen part of the settings; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _without_slash(url: str) -> str:
    return url.rstrip("/")


Url = Annotated[str, AfterValidator(_without_slash)]


def _absolute(path: Path) -> Path:
    return path.expanduser().resolve()


Folder = Annotated[Path, AfterValidator(_absolute)]
"""A folder as it was meant where the command was given: dbt's libraries change the working directory on the way."""

Place = Annotated[str | Path, AfterValidator(place_of)]
"""A folder like that, or the URL of one in an object store, which a path would spoil."""


def _listed(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _kinds_of_record(kinds: frozenset[str]) -> frozenset[str]:
    wrong = sorted(kind for kind in kinds if len([part for part in kind.split(":") if part]) != 2)
    if wrong:
        raise ValueError(f"{', '.join(wrong)} is no <source>:<entity>, such as loyalty:member")
    return kinds


RecordKinds = Annotated[frozenset[str], NoDecode, BeforeValidator(_listed), AfterValidator(_kinds_of_record)]
"""Kinds of source record as `<source>:<entity>`, with commas between them."""


class SalesforceSettings(Part):
    """A connected app of Salesforce (OAuth client-credentials flow)."""

    url: Url = Field(description="https://<my domain>.my.salesforce.com")
    client_id: str
    client_secret: SecretStr
    api_version: str = "v61.0"


class ShopifySettings(Part):
    """A custom app of a Shopify shop (Admin GraphQL API)."""

    url: Url = Field(description="https://<shop>.myshopify.com")
    access_token: SecretStr
    api_version: str = "2026-07"


class ZendeskSettings(Part):
    """An API token of a Zendesk account."""

    url: Url = Field(description="https://<subdomain>.zendesk.com")
    email: str
    api_token: SecretStr


class MetaSettings(Part):
    """A page token of the Meta Graph API, for Instagram and Messenger."""

    url: Url = "https://graph.facebook.com"
    access_token: SecretStr
    page_id: str
    instagram_account_id: str
    api_version: str = "v23.0"


class XSettings(Part):
    """An app of the X API v2."""

    url: Url = "https://api.x.com"
    bearer_token: SecretStr
    user_id: str


_RECEIVING: Final = ("zendesk", "salesforce", "klaviyo", "hubspot", "meta_ads", "google_ads", "webhook")


class Settings(BaseSettings):
    """Everything Braid is told from outside: `BRAID_<FIELD>`, nested fields as `BRAID_SHOPIFY__URL`.

    A source or a destination that is not given is left out of the graph.
    """

    model_config = SettingsConfigDict(
        env_prefix="BRAID_",
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        env_parse_none_str="off",
        hide_input_in_errors=True,
        validate_default=True,
    )

    database_url: SecretStr | None = Field(None, description="a Postgres 15 or newer; the embedded one when not given")
    home: Folder = Field(Path(".braid"), description="where Braid keeps its working files")
    default_region: str = Field("US", min_length=2, max_length=2, description="region of phones without a country code")
    as_of: datetime | None = Field(None, description="what 'now' means to segments; the current time when not given")
    identity_engine: EngineName = Field(
        "duckdb", description="where records are compared; spark needs the extra and Java 17, and gives the same result"
    )
    identity_apply: Literal["auto", "manual"] = Field(
        "auto", description="auto: a run publishes the changes that no bound holds; manual: `braid identity apply` does"
    )
    identity_bound: Bounds = Field(Bounds(), description="what a run may change without a person's word; off: no bound")
    identity_strong_ids: RecordKinds = Field(
        frozenset(), description="kinds of record that a person has once, e.g. loyalty:member; two in one are held"
    )
    gate_promotion_blocked_by: Annotated[SegmentNames, NoDecode, BeforeValidator(_listed)] = Field(
        GateRules().promotion_blocked_by, description="segments whose members get no promotion, commas between them"
    )
    gate_verified_only: Annotated[Channels, NoDecode, BeforeValidator(_listed)] = Field(
        (), description="channels on which only a verified address is used, commas between them, e.g. sms,whatsapp"
    )
    salesforce: SalesforceSettings | None = None
    shopify: ShopifySettings | None = None
    zendesk: ZendeskSettings | None = None
    meta: MetaSettings | None = None
    x: XSettings | None = None
    klaviyo: KlaviyoSettings | None = None
    hubspot: HubSpotSettings | None = None
    meta_ads: MetaAdsSettings | None = None
    google_ads: GoogleAdsSettings | None = None
    webhook: WebhookSettings | None = None
    files: Folder | None = Field(None, description="a folder of CSV, JSONL or Parquet with a mapping.yml")
    dagster_home: Folder | None = Field(
        None, validation_alias="DAGSTER_HOME", description="Dagster's own folder, if it has one; else <home>/dagster"
    )
    alert_url: SecretStr | None = Field(None, description="where a failed run is posted as JSON, e.g. a chat webhook")
    privacy_key: SecretStr | None = Field(
        None, description="the secret of the tombstones of erased people; that of <home>/privacy.key if not given"
    )
    file_drop: Place | None = Field(
        None, description="where segments are dropped as files, a folder or s3://bucket/…; <home>/outbox if not given"
    )
    syncs: Folder | None = Field(None, description="where syncs are declared; dbt_project/syncs if not given")

    @property
    def drop_folder(self) -> str | Path:
        """The folder, or the URL of one, that the marketing file drop writes to."""
        return self.file_drop or self.home / "outbox"

    @property
    def gate_rules(self) -> GateRules:
        """What the company has set of the consent gate."""
        return GateRules(promotion_blocked_by=self.gate_promotion_blocked_by, verified_only=self.gate_verified_only)

    @property
    def accounts(self) -> dict[str, dict[str, Any]]:
        """The accounts that can receive and are configured, by name; `file_drop` always is."""
        parts = {name: getattr(self, name) for name in _RECEIVING}
        configured = {name: account_of(part) for name, part in parts.items() if part is not None}
        return configured | {"file_drop": {"folder": self.drop_folder}}

    @property
    def has_sources(self) -> bool:
        """Whether anything to read from is configured."""
        return any((self.salesforce, self.shopify, self.zendesk, self.meta, self.x, self.files))
