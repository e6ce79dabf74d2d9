"""A token bucket per vendor: generous until a test tightens it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class Bucket:
    """Tokens that refill steadily. The vendors answer in their own words when it is empty."""

    def __init__(self, capacity: float, per_second: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Start full with `capacity` tokens, refilled at `per_second`."""
        self._clock = clock
        self.configure(capacity, per_second)

    def configure(self, capacity: float, per_second: float) -> None:
        """Set a new size and pace, and fill the bucket."""
        self.capacity, self.per_second = capacity, per_second
        self._tokens, self._filled_at = capacity, self._clock()

    @property
    def available(self) -> float:
        """The tokens in the bucket now."""
        moment = self._clock()
        self._tokens = min(self.capacity, self._tokens + (moment - self._filled_at) * self.per_second)
        self._filled_at = moment
        return self._tokens

    def take(self, tokens: float = 1.0) -> bool:
        """Take the tokens if they are there."""
        if self.available < tokens:
            return False
        self._tokens -= tokens
        return True

    def give_back(self, tokens: float) -> None:
        """Refund tokens that were not needed."""
        self._tokens = min(self.capacity, self._tokens + tokens)

    def wait(self, tokens: float = 1.0) -> int:
        """Whole seconds until that many tokens are there, at least 1."""
        missing = max(0.0, tokens - self.available)
        return max(1, math.ceil(missing / self.per_second)) if self.per_second else 60
