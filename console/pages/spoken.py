"""What templates say of moments: how long ago in words, and the exact time. The words stand in templates/parts/moment.html. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_JUST_NOW = timedelta(minutes=1)
_MINUTES = timedelta(hours=1)
_WEEK = 7
_LATIN = re.compile(r"((?=[!-~ ]*[a-z]{2})[!-~](?:[ -~]*[!-~])?)")
"""Latin letters and what stands among them: in a Chinese sentence a command, a setting or a code."""


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """A moment as it is said: `kind` chooses the words (now, minutes_ago, in_minutes, today, yesterday, tomorrow, weekday, year, older), with `count`."""

    kind: str
    at: datetime
    count: int = 0


def speak(moment: datetime, now: datetime) -> Spoken:
    """Say a moment as seen from `now`, in the zone of `now`."""
    at = moment.astimezone(now.tzinfo)
    apart = abs(at - now)
    if apart < _JUST_NOW:
        return Spoken(kind="now", at=at)
    if apart < _MINUTES:
        return Spoken(kind="in_minutes" if at > now else "minutes_ago", at=at, count=int(apart.total_seconds() // 60))
    days = (at.date() - now.date()).days
    near = {0: "today", -1: "yesterday", 1: "tomorrow"}.get(days)
    if near is not None:
        return Spoken(kind=near, at=at)
    if abs(days) < _WEEK:
        return Spoken(kind="weekday", at=at, count=at.weekday())
    return Spoken(kind="year" if at.year == now.year else "older", at=at)


def last_for(span: timedelta) -> tuple[int, int, int]:
    """Give a span as days, hours and minutes, for `3天4小时`; a negative one as its length."""
    minutes = int(abs(span).total_seconds() // 60)
    return minutes // 1440, minutes % 1440 // 60, minutes % 60


def split_codes(text: str) -> list[tuple[bool, str]]:
    """Split a sentence at what only a program says in it (commands, settings, codes): whether each piece is such a word, and the piece."""
    pieces = [piece for piece in _LATIN.split(text) if piece]
    return [(_LATIN.fullmatch(piece) is not None, piece) for piece in pieces]


FILTERS: Mapping[str, Callable[..., object]] = {"spoken": speak, "lasting": last_for, "pieces": split_codes}
