"""A kind of destination: what the registry must know to read a block that names it, and to make its receiver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict

from activation.sync.block import Channel, SyncBlock
from activation.sync.destination import Receiver

Account: TypeAlias = Mapping[str, Any]
"""The settings of one account, by field: what `BRAID_KLAVIYO__URL`, `BRAID_KLAVIYO__API_KEY` … say. Secrets are
`SecretStr`."""


class NoOptions(BaseModel):
    """Options of a kind that has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def nothing_more(block: SyncBlock) -> Mapping[str, str]:  # noqa: ARG001 - of the seam
    """Where the rows of a block go, of a kind whose account has one place only."""
    return {}


@dataclass(frozen=True)
class DestinationKind:
    """One line of the registry.

    Attributes:
        name: what a block's `destination` says.
        account: the part of the settings that holds its credentials, such as `klaviyo`; None: it needs none.
        channels: the channels that a block of this kind may name.
        options: the frozen model, extra forbidden, that validates a block's `options`.
        build: makes the receiver of a block; makes no request. The block's options passed `options`.
        keys: prefixes that a block's key must begin with one of.
        where: what of a block's options says where in the account its rows go, such as `{"list": "Newsletter"}`, with
            defaults filled in and without secrets. What only says how they go is not in it. Rows that were sent are
            looked for there, so a block that names another place has another target (`activation.sync.target`).
    """

    name: str
    account: str | None
    channels: frozenset[Channel]
    build: Callable[[SyncBlock, Account], Receiver]
    options: type[BaseModel] = NoOptions
    keys: tuple[str, ...] = ("customer_id",)
    where: Callable[[SyncBlock], Mapping[str, str]] = nothing_more
