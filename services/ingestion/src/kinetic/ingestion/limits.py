"""How often one sender may come: a token bucket for each, in every replica for itself."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

_MOST_KEPT = 10_000


class RateLimit:
    """`per_second` in the long run and `burst` at once, for each key."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def seconds_to_wait(self, key: str) -> float:
        """0.0 when `key` may come now, which then counts; else when it may come again."""
        now = self._clock()
        tokens, since = self._left.pop(key, (float(self._burst), now))
        tokens = min(float(self._burst), tokens + (now - since) * self._per_second)
        may_come = tokens >= 1.0
        self._left[key] = (tokens - 1.0 if may_come else tokens, now)
        if len(self._left) > _MOST_KEPT:
            self._left.popitem(last=False)
        return 0.0 if may_come else (1.0 - tokens) / self._per_second
