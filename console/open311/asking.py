"""What a reader of published matters may ask: codes, numbers, days, open or closed. Pure.

WrongQuestion    what is asked cannot be read; the message says which part
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

SPAN = timedelta(days=90)
"""The standard's own limit: as many days are given where none are named, and none more at once."""
_MANY = 200
"""Numbers or codes in one question."""
_STATUSES = frozenset({"open", "closed"})


class WrongQuestion(Exception):
    """This question cannot be read."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Which published matters: by number, or those of a span of days."""

    numbers: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    closed: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


def read_question(given: Mapping[str, str], *, now: datetime, zone: tzinfo) -> Asked:
    """Read a query string; numbers override all else, as the standard says. WrongQuestion names the part that cannot be read."""
    numbers = _split(given, "service_request_id")
    if numbers:
        return Asked(numbers=numbers)
    statuses = frozenset(_split(given, "status"))
    if statuses - _STATUSES:
        raise WrongQuestion("status")
    since, until = (_read_moment(given, name, zone) for name in ("start_date", "end_date"))
    if until is None:
        until = now if since is None else min(now, since + SPAN)
    since = max(since, until - SPAN) if since is not None else until - SPAN
    return Asked(
        items=_split(given, "service_code"),
        closed=("closed" in statuses) if len(statuses) == 1 else None,
        since=since,
        until=until,
    )


def _split(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    parts = tuple(dict.fromkeys(part.strip() for part in given.get(name, "").split(",") if part.strip()))
    if len(parts) > _MANY or any("\0" in part for part in parts):
        raise WrongQuestion(name)
    return parts


def _read_moment(given: Mapping[str, str], name: str, zone: tzinfo) -> datetime | None:
    text = given.get(name, "").strip().replace(" ", "+")  # a + of a zone that was not escaped comes as a space
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
        if not 2000 <= moment.year <= 2200:  # noqa: PLR2004 - years that a calendar has, with room for SPAN
            raise WrongQuestion(name)
    except ValueError as error:
        raise WrongQuestion(name) from error
    return moment
