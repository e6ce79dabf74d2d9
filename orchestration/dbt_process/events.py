"""dbt's events that nobody writes down are not made into messages: there are thousands, several for each statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager


def pass_over_unheard() -> None:
    """Let dbt, in this process, pass over debugging events while no log of it is at that level."""
    fire_event: Callable[..., None] = EventManager.fire_event

    def fire_heard(
        manager: EventManager,
        e: BaseEvent,
        level: EventLevel | None = None,
        node: Any = None,
        force_warn_or_error_handling: bool = False,
    ) -> None:
        if (level or e.level_tag()) == EventLevel.DEBUG and all(
            log.level != EventLevel.DEBUG for log in manager.loggers
        ):
            return  # dbt's only callback is for warnings
        fire_event(manager, e, level, node, force_warn_or_error_handling)

    EventManager.fire_event = fire_heard  # type: ignore[method-assign, assignment]
