"""Klaviyo profiles: attributes and properties of whoever may be contacted; consent in Klaviyo is left alone.

Braid neither subscribes nor unsubscribes: "Bulk Subscribe Profiles" would lift a suppression that the person asked for
in Klaviyo itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from activation.destinations.kind import Account, DestinationKind
from activation.destinations.klaviyo_client import KlaviyoConfig, klaviyo_client
from activation.destinations.klaviyo_fields import IDENTIFIERS, checked_fields, holds, reach, wanted
from activation.destinations.klaviyo_upsert import Found, ProfileWriter
from activation.destinations.lost_answers import settled
from activation.sync.block import Channel, SyncBlock
from activation.sync.destination import Change, Delivery, Fate, FieldKind, Identity, Outcome

BATCH_SIZE: Final = 1_000
MAX_BYTES: Final = 4_000_000
"""Below the 10,000 profiles and 5 MB that one import may hold."""

CHANNELS: Final = frozenset({Channel.EMAIL, Channel.SMS, Channel.WHATSAPP})
SHARED: Final = "another customer of this sync has the same address, and Klaviyo keeps one profile per address"


class KlaviyoProfiles:
    """The receiver of `klaviyo_profiles`."""

    name = "Klaviyo"
    batch_size = BATCH_SIZE
    max_bytes: int | None = MAX_BYTES
    reads_back = True

    def __init__(self, config: KlaviyoConfig) -> None:
        """Prepare a client; no request is made."""
        self._config = config
        self._client = klaviyo_client(config)
        self._writer = ProfileWriter(self._client, config)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def remembered(self, identity: Identity, fields: Mapping[str, Any]) -> Identity:  # noqa: ARG002 - of the seam
        """The permitted address."""
        return {kind: value for kind, value in identity.items() if kind in IDENTIFIERS}

    def prepare(self, fields: Mapping[str, FieldKind]) -> None:
        """Check the mapping; Klaviyo makes properties as they come.

        Raises:
            DestinationError: if an attribute of Klaviyo's own is to hold what it cannot.
        """
        checked_fields(fields)

    def deliver(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Write up to 1,000 profiles, clear our fields of who is taken back, request the deletion of who is erased.

        Raises:
            BatchRejected: if Klaviyo refuses the whole for what is in it.
            DestinationError: if nothing more can be sent now.
        """
        first, later = sole(batch)
        outcomes = [Outcome(row.key, Fate.REJECTED, SHARED) for row in later]
        for rows, send in (
            ([row for row in first if row.erased], self._writer.erase),
            ([row for row in first if row.change is Change.REMOVED and not row.erased], self._clear),
            ([row for row in first if row.change is not Change.REMOVED], self._write),
        ):
            if rows:
                outcomes += settled(self._client, rows, send, self.confirm)
        return outcomes

    def confirm(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """Read the profiles; one that is not there holds nothing of ours."""
        found = self._writer.find(batch)
        return [self._confirmed(row, found[row.key]) for row in batch]

    def _confirmed(self, row: Delivery, found: Found) -> Outcome:
        profile = found.target
        if row.change is Change.REMOVED:
            profiles = [one for one in (found.by_address, found.by_id) if one is not None]
            fits = not profiles or (
                not row.erased and all(holds(one, wanted(row, self._config.fields), {}) for one in profiles)
            )
        else:
            fits = profile is not None and holds(profile, wanted(row, ()), reach(row.identity))
            fits = fits and (found.left is None or holds(found.left, dict.fromkeys(self._config.fields), {}))
        fate = Fate.ACKNOWLEDGED if fits else Fate.UNKNOWN
        return Outcome(row.key, fate, None, None if profile is None else str(profile["id"]))

    def _write(self, rows: Sequence[Delivery]) -> list[Outcome]:
        written = self._writer.write(rows)
        for profile in written.left:
            self._writer.clear(profile, self._config.fields)
        return written.outcomes

    def _clear(self, rows: Sequence[Delivery]) -> list[Outcome]:
        found = self._writer.find(rows)
        for row in rows:
            known = found[row.key]
            for profile in {str(p["id"]): p for p in (known.by_address, known.by_id) if p is not None}.values():
                self._writer.clear(profile, self._config.fields)
        return [Outcome(row.key, Fate.ACKNOWLEDGED) for row in rows]


def sole(batch: Sequence[Delivery]) -> tuple[list[Delivery], list[Delivery]]:
    """The first row of each address, by key, and the further ones; what is taken back is never a further one."""
    seen: set[tuple[str, str]] = set()
    first: list[Delivery] = []
    later: list[Delivery] = []
    for row in sorted(batch, key=lambda one: one.key):
        address = {(name, value.lower()) for name, value in reach(row.identity).items()}
        shared = row.change is not Change.REMOVED and bool(address & seen)
        (later if shared else first).append(row)
        if row.change is not Change.REMOVED:
            seen |= address
    return first, later


def _build(block: SyncBlock, account: Account) -> KlaviyoProfiles:
    return KlaviyoProfiles(KlaviyoConfig.model_validate({**account, "fields": tuple(block.mapping)}))


KIND: Final = DestinationKind(name="klaviyo_profiles", account="klaviyo", channels=CHANNELS, build=_build)
