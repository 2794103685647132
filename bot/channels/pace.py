"""How often something may happen: at most so many times in any span of so many seconds.

A span that slides refuses what a bucket with a burst lets through: 20 at the end of one minute and 20 at the start of the next are
40 in a minute, and the platforms count like that. It holds one number per event in the span, so it suits limits up to some thousand.
"""

from __future__ import annotations

from collections import deque


class Pace:
    """Counts what was let through; `limit` times in any `seconds`. ValueError for a limit or span of nothing."""

    def __init__(self, *, limit: int, seconds: float) -> None:
        if limit < 1 or seconds <= 0:
            raise ValueError("a pace lets at least one through in some time")
        self._limit = limit
        self._seconds = seconds
        self._times: deque[float] = deque()

    def take(self, now: float) -> float:
        """Let one through at `now` (seconds of a clock that never goes back): 0.0, or the seconds until there is room again."""
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        if len(self._times) >= self._limit:
            return self._times[0] + self._seconds - now
        self._times.append(now)
        return 0.0

    def give_back(self) -> None:
        """Take back the last one that was let through: it went no further."""
        self._times.pop()
