"""A sync as it is declared: which customers, to which tool, under which permission, as which fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")
AFTER_PUBLICATION: Final = "after_publication"
MANUAL: Final = "manual"
_MODEL: Final = re.compile(r"customers|nobody|segment:[a-z][a-z0-9_]{0,60}")
_KEY: Final = re.compile(r"customer_id|record:[a-z][a-z0-9_]*:[a-z][a-z0-9_]*")


class Mode(StrEnum):
    """What becomes of a row whose customer leaves the model."""

    UPSERT = "upsert"
    MIRROR = "mirror"
    APPEND = "append"


class Channel(StrEnum):
    """Which permission is asked for; `none` for service data on a record that the vendor has already."""

    EMAIL = "email"
    SMS = "sms"
    PHONE = "phone"
    WHATSAPP = "whatsapp"
    ADVERTISING = "advertising"
    NONE = "none"


class SyncPurpose(StrEnum):
    """What the tool will use it for."""

    MARKETING = "marketing"
    SERVICE = "service"


def _a_model(value: str) -> str:
    if not _MODEL.fullmatch(value):
        raise ValueError("write customers, nobody, or segment:<name> such as segment:vip")
    return value


def _a_key(value: str) -> str:
    if not _KEY.fullmatch(value):
        raise ValueError("write customer_id, or record:<source>:<entity> such as record:zendesk:user")
    return value


class Cap(BaseModel):
    """How much one sync may take back or change without a person's word, as shares of what the destination holds."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    removed: float = Field(0.2, ge=0, le=1)
    changed: float = Field(0.5, ge=0, le=1)
    from_rows: int = Field(20, ge=0, description="fewer rows than this never break a cap")


class SyncBlock(BaseModel):
    """The fields of `syncs/<name>.yml`; an unknown one is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, StringConstraints(pattern=f"^{NAME.pattern}$")] = Field(
        description="what deliveries are kept under"
    )
    description: str = Field("", description="what it is for, in a marketer's words")
    destination: str = Field(description="a kind of destination, such as klaviyo_list")
    model: Annotated[str, AfterValidator(_a_model)] = Field(
        description="customers, segment:<name>, or nobody to take all back"
    )
    mode: Mode = Field(Mode.MIRROR, description="what becomes of a row whose customer leaves the model")
    key: Annotated[str, AfterValidator(_a_key)] = Field(
        "customer_id", description="one row per customer, or per record of a source: record:<source>:<entity>"
    )
    channel: Channel = Field(description="which permission is asked for")
    purpose: SyncPurpose = Field(description="what the tool will use it for")
    minimum_link_strength: float = Field(0.6, ge=0, le=1, description="customers less sure to be one person stay out")
    schedule: str = Field(AFTER_PUBLICATION, description="after_publication, manual, or a cron line")
    mapping: Mapping[str, str] = Field({}, description="vendor's field: path in the profile document")
    options: Mapping[str, Any] = Field({}, description="what this kind of destination needs to know")
    cap: Cap = Cap()
    verify: bool | None = Field(None, description="read back what was sent; where the vendor can be read if not said")

    @property
    def cron(self) -> str | None:
        """The cron line of its own schedule; None: it has none."""
        return None if self.schedule in (AFTER_PUBLICATION, MANUAL) else self.schedule

    @property
    def segment(self) -> str | None:
        """The segment that is sent; None: every customer, or nobody."""
        return self.model.removeprefix("segment:") if self.model.startswith("segment:") else None

    @property
    def record_kind(self) -> str | None:
        """`<source>:<entity>` of the records that are the key; None: the customer is."""
        return self.key.removeprefix("record:") if self.key.startswith("record:") else None
