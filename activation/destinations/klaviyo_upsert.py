"""Writing Klaviyo profiles: one per address, found before it is written, so that nothing is written twice."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from activation.destinations.klaviyo_client import KlaviyoConfig, Profile, found_profiles
from activation.destinations.klaviyo_fields import (
    IDENTIFIERS,
    attributes,
    cleared_properties,
    held_value,
    holds,
    reach,
    wanted,
)
from activation.destinations.klaviyo_import import imported
from activation.destinations.vendor_client import Refused, VendorClient
from activation.sync.destination import Change, Delivery, Fate, Outcome

_FEW: Final = 5
"""A job is not for a small number of profiles ("Bulk Import Profiles API" guide); these go one by one."""

_LOOKS: Final = 3


@dataclass(frozen=True)
class Found:
    """The profiles that a row may mean: the one with its address, and the one that it was before."""

    by_address: Profile | None
    by_id: Profile | None

    @property
    def target(self) -> Profile | None:
        """Where the row is to be: whoever has the address is the profile, for Klaviyo keeps one per address."""
        return self.by_address or self.by_id

    @property
    def left(self) -> Profile | None:
        """The profile that the row moves away from, when another one has its new address."""
        if self.by_address is None or self.by_id is None or self.by_address["id"] == self.by_id["id"]:
            return None
        return self.by_id


@dataclass
class Written:
    """What became of the rows, and the ids of the profiles that rows moved away from."""

    outcomes: list[Outcome] = field(default_factory=list)
    left: list[Profile] = field(default_factory=list)

    def acknowledge(self, key: str, profile: Profile) -> None:
        """Note that a profile holds the row."""
        self.outcomes.append(Outcome(key, Fate.ACKNOWLEDGED, None, str(profile["id"])))

    def reject(self, key: str, reason: str) -> None:
        """Note that Klaviyo refuses the row."""
        self.outcomes.append(Outcome(key, Fate.REJECTED, reason))


class ProfileWriter:
    """Finds, writes, clears and deletes the profiles of rows."""

    def __init__(self, client: VendorClient, config: KlaviyoConfig) -> None:
        """Write with that client; no request is made."""
        self._client, self._config = client, config

    def find(self, rows: Sequence[Delivery]) -> dict[str, Found]:
        """The profiles of each row, by its key: by the id that Klaviyo told, and by the addresses."""
        by_id = found_profiles(self._client, "id", [row.remote_id for row in rows if row.remote_id])
        by_address: dict[str, dict[str, Profile]] = {}
        for name in IDENTIFIERS.values():
            values = [value for row in rows for each in _addresses(row) if (value := each.get(name))]
            by_address[name] = found_profiles(self._client, name, values)
        found = {}
        for row in rows:
            hits = (
                by_address[name].get(value.lower())
                for each in _addresses(row)
                for name, value in each.items()
            )  # fmt: skip
            found[row.key] = Found(
                next((hit for hit in hits if hit is not None), None), by_id.get((row.remote_id or "").lower())
            )
        return found

    def write(self, rows: Sequence[Delivery]) -> Written:
        """Bring each row's profile to what it should hold; one that holds it already is not written."""
        written, bulk = Written(), []
        found = self.find(rows)
        for row in rows:
            known, address, values = found[row.key], reach(row.identity), wanted(row, ())
            if known.left is not None:
                written.left.append(known.left)
            target = known.target
            if target is not None and holds(target, values, address):
                written.acknowledge(row.key, target)
            elif not address:
                written.reject(row.key, "it has no e-mail address or phone that may be used")
            elif target is not None and (known.by_address is None or _clears(target, values)):
                self._write_one(row, target, written)
            else:
                bulk.append(row)
        if len(bulk) <= _FEW:
            for row in bulk:
                self._write_one(row, found[row.key].target, written)
        else:
            self._write_many(bulk, written)
        return written

    def _write_many(self, rows: Sequence[Delivery], written: Written) -> None:
        sent = [
            {name: value for name, value in attributes(_given(row), reach(row.identity)).items() if value is not None}
            for row in rows
        ]
        failures = imported(self._client, self._config, sent)
        taken = []
        for row in rows:
            reason = next((failures[v.lower()] for v in reach(row.identity).values() if v.lower() in failures), None)
            if reason is None:
                taken.append(row)
            else:
                written.reject(row.key, reason)
        for key, profile in self._shown(taken).items():
            written.outcomes.append(Outcome(key, Fate.ACKNOWLEDGED, None, None if profile is None else profile["id"]))

    def _shown(self, rows: Sequence[Delivery]) -> dict[str, Profile | None]:
        """The profile of each imported row; Klaviyo may show one only a moment after it took it."""
        shown: dict[str, Profile | None] = dict.fromkeys(row.key for row in rows)
        for attempt in range(1, _LOOKS + 1):
            missing = [row for row in rows if shown[row.key] is None]
            if not missing:
                break
            if attempt > 1:
                time.sleep(self._client.pause(attempt))
            shown |= {key: found.by_address for key, found in self.find(missing).items()}
        return shown

    def _write_one(self, row: Delivery, target: Profile | None, written: Written) -> None:
        """By "Create or Update Profile", which clears what is null."""
        try:
            profile = self._import(wanted(row, ()), reach(row.identity), target)
        except Refused as refusal:
            written.reject(row.key, str(refusal))
        else:
            written.acknowledge(row.key, profile)

    def clear(self, profile: Profile, names: Sequence[str]) -> None:
        """Empty those fields of a profile, and leave the rest of it alone."""
        held = [name for name in names if name != "email" and held_value(profile, name) not in (None, "")]
        if held:
            self._import(dict.fromkeys(held), {}, profile)

    def _import(self, values: dict[str, Any], address: dict[str, str], target: Profile | None) -> Profile:
        data: dict[str, Any] = {"type": "profile", "attributes": attributes(values, address)}
        if target is None:
            data["attributes"] = {k: v for k, v in data["attributes"].items() if v is not None}
        else:
            data["id"] = target["id"]
            if unset := cleared_properties(values):
                data["meta"] = {"patch_properties": {"unset": unset}}
        profile: Profile = self._client.request("POST", "/api/profile-import", {"data": data}, once=True)["data"]
        return profile

    def erase(self, rows: Sequence[Delivery]) -> list[Outcome]:
        """By "Request Profile Deletion", for every profile that is found; Klaviyo deletes it some time later."""
        found, outcomes = self.find(rows), []
        for row in rows:
            known = found[row.key]
            for profile in {str(p["id"]): p for p in (known.by_address, known.by_id) if p is not None}.values():
                named = {"type": "profile", "id": profile["id"]}
                body = {"data": {"type": "data-privacy-deletion-job", "attributes": {"profile": {"data": named}}}}
                self._client.exchange("POST", "/api/data-privacy-deletion-jobs", body)
            outcomes.append(Outcome(row.key, Fate.ACKNOWLEDGED))
        return outcomes


def _addresses(row: Delivery) -> list[dict[str, str]]:
    """What a row is looked for by: its address, or, when it is taken back, all that Klaviyo may know it by."""
    return [reach(one) for one in (row.held if row.change is Change.REMOVED else (row.identity,))]


def _given(row: Delivery) -> dict[str, Any]:
    return {name: value for name, value in wanted(row, ()).items() if value is not None}


def _clears(profile: Profile, values: dict[str, Any]) -> bool:
    """Whether the profile holds something that is to go, which a bulk import does not do."""
    return any(value is None and held_value(profile, name) not in (None, "") for name, value in values.items())
