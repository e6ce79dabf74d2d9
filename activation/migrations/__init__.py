"""One script per version of schema `activation`, in order; one that was ever released is never edited."""

from __future__ import annotations

from typing import Final

from activation.migrations import (
    m0001_published,
    m0002_conversations,
    m0003_access,
    m0004_syncs,
    m0005_permissions,
    m0006_served,
    m0007_events,
    m0008_erasure,
    m0009_sync_targets,
)

MIGRATIONS: Final = tuple(
    migration.SCRIPT
    for migration in (
        m0001_published,
        m0002_conversations,
        m0003_access,
        m0004_syncs,
        m0005_permissions,
        m0006_served,
        m0007_events,
        m0008_erasure,
        m0009_sync_targets,
    )
)
