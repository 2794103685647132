"""Access tokens as stable_token hands them out: the same one until shortly before its end, or a new one by force.

Rules: protocol.md 2.11. The codes for forcing too often stand in no page we have; 45009 and 45011 are our choice.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import msgspec

_LASTS = timedelta(seconds=7200)
_EARLY = timedelta(minutes=5)
_FORCE_APART = timedelta(seconds=30)
_FORCES_A_DAY = 20

INVALID, MISSING, EXPIRED = 40001, 41001, 42001
TOO_SOON, TOO_MANY = 45011, 45009


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """What is answered: an errcode, or a token and for how many seconds it is good."""

    code: int = 0
    token: str = ""
    seconds: int = 0


class Tokens:
    """The tokens of one account."""

    def __init__(self) -> None:
        self._ends: dict[str, datetime] = {}
        self._current = ""
        self._forced: list[datetime] = []

    def issue(self, *, force: bool, now: datetime) -> Issued:
        """Hand out the current token, a fresh one in its last 5 minutes (the old stays good), or by force (the old dies)."""
        if force:
            today = [at for at in self._forced if now - at < timedelta(days=1)]
            if today and now - today[-1] < _FORCE_APART:
                return Issued(code=TOO_SOON)
            if len(today) >= _FORCES_A_DAY:
                return Issued(code=TOO_MANY)
            self._forced = [*today, now]
            self._ends = dict.fromkeys(self._ends, now)
        if force or not self._current or self._ends[self._current] - now <= _EARLY:
            self._current = secrets.token_urlsafe(96)
            self._ends[self._current] = now + _LASTS
        return Issued(token=self._current, seconds=int((self._ends[self._current] - now).total_seconds()))

    def judge(self, token: str, *, now: datetime) -> int:
        """Say whether a token is good: 0, or the errcode."""
        if not token:
            return MISSING
        end = self._ends.get(token)
        if end is None:
            return INVALID
        return 0 if now < end else EXPIRED
