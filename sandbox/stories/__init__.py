"""People written by hand, for the promises that are told as stories: one module for each, (a) to (g).

`STORIES["a"]()` tells one; `retailer([story, ...], day=1)` is the world to serve, with some generated people beside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sandbox.stories import (
    a_shoes_on_instagram,
    b_a_game_bought,
    c_late_leggings,
    d_ten_years,
    e_cart_then_store,
    f_a_couple,
    g_opted_out_once,
)
from sandbox.stories.story import DAY_ONE, DAY_TWO, Story, retailer, together

STORIES: Final[dict[str, Callable[[], Story]]] = {
    "a": a_shoes_on_instagram.tell,
    "b": b_a_game_bought.tell,
    "c": c_late_leggings.tell,
    "d": d_ten_years.tell,
    "e": e_cart_then_store.tell,
    "f": f_a_couple.tell,
    "g": g_opted_out_once.tell,
}

__all__ = ["DAY_ONE", "DAY_TWO", "STORIES", "Story", "retailer", "together"]
