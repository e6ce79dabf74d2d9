"""People who were erased from the warehouse: the key of their tombstones, and the check of what a run has loaded."""

from __future__ import annotations

from contextlib import closing

from activation.privacy.tombstones import TombstoneKey
from activation.privacy.withholding import Withheld, withhold
from orchestration.settings import Settings
from orchestration.warehouse import Warehouse


def key_of(settings: Settings) -> TombstoneKey | None:
    """The key of tombstones; None when there never was one."""
    return TombstoneKey.read(settings.home, _given(settings))


def made_key(settings: Settings) -> TombstoneKey:
    """The key of tombstones; a new one in Braid's home when there never was one."""
    return TombstoneKey.made(settings.home, _given(settings))


def withhold_erased(settings: Settings, warehouse: Warehouse) -> Withheld:
    """Take out of raw what new loads brought of erased people; nothing is read before this.

    Raises:
        ActivationError: if there are tombstones and their key is missing or another one: the run must not go on.
    """
    with closing(warehouse.connect()) as connection:
        return withhold(connection, key_of(settings), settings.default_region)


def _given(settings: Settings) -> str | None:
    return None if settings.privacy_key is None else settings.privacy_key.get_secret_value()
