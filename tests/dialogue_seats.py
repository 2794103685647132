"""What a golden dialogue may have a seat do, and how the roster may be: beside the player, which reads the lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from bot.commands import seat
from routing.roster import RosterRow, read_shift

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City

SEAT_ACTS: dict[str, Callable[..., Any]] = {
    "接": seat.claim,
    "说": seat.say,
    "答": seat.answer,
    "登记": seat.open_ticket,
    "交还": seat.hand_back,
    "结束": seat.close,
}


def sit(session: Session, city: City, *, staff: str, act: str, target: str, words: str, now: datetime) -> Any:
    """Let a seat do something in the conversation it has; to claim, in the one that waits longest."""
    had_by = "" if act == "接" else staff
    listed = seat.list_talks(session, city, now=now, actor=staff)
    talk = next((one["talk"] for one in listed if one["claimed_by"] == had_by), None)
    assert talk is not None, f"nobody is there for {staff}"
    more = {"说": {"text": words}, "答": {"entry": target}, "登记": {"text": words}}.get(act, {})
    return SEAT_ACTS[act](session, city, talk=talk, now=now, actor=staff, **more)


def open_by_day(city: City) -> None:
    """Leave the desks without anybody from 18:00 to 8:30."""
    day = read_shift(RosterRow(desk="", starts="08:30", ends="18:00", days="1-7", staff="DK003"))
    shifts = {desk: (msgspec.structs.replace(day, staff=rows[0].staff),) for desk, rows in city.org.shifts.items()}
    city.org = msgspec.structs.replace(city.org, shifts=shifts)


def count_times(where: str) -> tuple[str, int]:
    """Take 连发N条 out of where something is written: the rest, and how many times it is written."""
    rest, _, times = where.partition("，连发")
    return rest, int(times.removesuffix("条")) if times else 1
