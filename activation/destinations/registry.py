"""Every kind of destination that a block may name, listed; each is declared in the module of its receiver."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from activation.destinations import (
    file_snapshot,
    google_customer_match,
    hubspot_contacts,
    hubspot_list,
    klaviyo_list,
    klaviyo_profiles,
    meta_audience,
    salesforce_contacts,
    webhook,
    zendesk_users,
)
from activation.destinations.kind import Account, DestinationKind
from activation.sync.block import SyncBlock
from activation.sync.destination import DestinationError, Receiver

_LISTED: Final[tuple[DestinationKind, ...]] = (
    zendesk_users.KIND,
    salesforce_contacts.KIND,
    klaviyo_profiles.KIND,
    klaviyo_list.KIND,
    hubspot_contacts.KIND,
    hubspot_list.KIND,
    meta_audience.KIND,
    google_customer_match.KIND,
    webhook.KIND,
    file_snapshot.KIND,
)

KINDS: Final[Mapping[str, DestinationKind]] = {kind.name: kind for kind in _LISTED}
"""Kind by the name that a block's `destination` says."""


def build(block: SyncBlock, accounts: Mapping[str, Account]) -> Receiver:
    """The receiver of a block; no request is made.

    Args:
        block: as read by `activation.sync.declared`, so that its options are those of its kind.
        accounts: the settings of each account that is configured, by its name.

    Raises:
        DestinationError: if the account that it needs is not configured.
    """
    kind = KINDS[block.destination]
    if kind.account is not None and kind.account not in accounts:
        raise DestinationError(
            f"the sync {block.name} needs an account of {kind.account}, and none is configured; "
            f"set BRAID_{kind.account.upper()}__…, see docs/syncs.md"
        )
    return kind.build(block, {} if kind.account is None else accounts[kind.account])
