"""Which features travel to which task: any two chunks of records meet in one, with the pairs between them.

A record is compared a dozen times and more. Joined to each of its pairs its features would be shuffled and translated
as often; this way they travel once per chunk. (Fragment-and-replicate: Epstein, Stonebraker and Wong 1978.)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

# A task holds the features of two chunks, about a kilobyte each.
_LARGEST: Final = 100_000
# Meetings per core: their sizes differ, and a core that is done takes the next.
_TASKS_PER_CORE: Final = 3


@dataclass(frozen=True)
class Chunks:
    """`count` chunks of `width` consecutive rids."""

    count: int
    width: int

    @classmethod
    def of(cls, rids: int, cores: int) -> Chunks:
        """Chunks for rids below `rids` that give that many cores enough to do, and none too much to hold."""
        # c chunks meet c (c + 1) / 2 times.
        enough = math.ceil((math.sqrt(1 + 8 * _TASKS_PER_CORE * cores) - 1) / 2)
        count = max(enough, math.ceil(rids / _LARGEST))
        return cls(count, max(math.ceil(rids / count), 1))

    def meeting(self) -> str:
        """Spark SQL: the meeting at which a pair (`rid_l`, `rid_r`) is compared, as `meeting`."""
        return f"{self._number(self._chunk('rid_l'), self._chunk('rid_r'))} as meeting"

    def every_meeting(self) -> str:
        """Spark SQL: the meetings that a record (`rid`) has to be at, a row each, as `meeting`."""
        met = self._number(self._chunk("rid"), "other")
        return f"explode(transform(sequence(0, {self.count - 1}), other -> {met})) as meeting"

    def _chunk(self, rid: str) -> str:
        return f"int({rid} div {self.width})"

    def _number(self, one: str, other: str) -> str:
        return f"least({one}, {other}) * {self.count} + greatest({one}, {other})"
