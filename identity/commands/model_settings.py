"""The settings of a run: those that were asked for, or those of the model that it uses."""

from __future__ import annotations

from identity.artifact import load_model
from identity.settings import IdentitySettings


def settings_of(frozen: str | None, default_region: str | None, *, one_per_source: bool) -> IdentitySettings:
    """A frozen model decides by the settings that it was learnt with; asking for others is an error, not ignored.

    Args:
        frozen: a model as JSON; null when one is to be learnt.
        default_region: two letters; null when not said.
        one_per_source: whether each source holds a person at most once.

    Raises:
        ModelMismatch: if `frozen` is no model of this version.
        ValueError: if the model was learnt with other settings.
    """
    if frozen is None:
        return IdentitySettings(default_region=(default_region or "US").upper(), one_record_per_source=one_per_source)
    settings = load_model(frozen).settings
    if default_region is not None and default_region.upper() != settings.default_region:
        raise ValueError(
            f"--default-region {default_region}: the model was learnt with {settings.default_region}; leave the option "
            "out, or learn a model anew"
        )
    if one_per_source and not settings.one_record_per_source:
        raise ValueError("--one-per-source: the model was learnt without it; leave the option out, or learn anew")
    return settings
