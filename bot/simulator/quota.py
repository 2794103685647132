"""How often an account may write to a resident, by the platform's own count: the other side of residents.ledger.

Numbers: protocol.md 2.5. A message opens 48 hours for 5 sends; a menu tap, a follow and a scanned code open a minute for 3 each.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from bot.channels.xml import Fields

Trigger = Literal["message", "menu", "subscribe", "scan"]

_MINUTE = timedelta(minutes=1)
_LASTS: dict[Trigger, timedelta] = {"message": timedelta(hours=48), "menu": _MINUTE, "subscribe": _MINUTE, "scan": _MINUTE}
_SENDS: dict[Trigger, int] = {"message": 5, "menu": 3, "subscribe": 3, "scan": 3}
_EVENTS: dict[str, Trigger] = {
    "click": "menu",
    "scancode_push": "menu",
    "scancode_waitmsg": "menu",
    "subscribe": "subscribe",
    "scan": "scan",
}

OUTSIDE = 45015
USED_UP = 45047


class Allowance(msgspec.Struct):
    """What one trigger has opened: until when, and how many sends are left."""

    until: datetime
    left: int


class Quota:
    """What one resident lets the account send."""

    def __init__(self) -> None:
        self.is_following = False
        self._open: dict[Trigger, Allowance] = {}

    def open(self, trigger: Trigger, *, now: datetime) -> None:
        """The resident did something: the allowance of its kind starts anew, and they follow the account."""
        self.is_following = True
        self._open[trigger] = Allowance(until=now + _LASTS[trigger], left=_SENDS[trigger])

    def close(self) -> None:
        """The resident has unsubscribed."""
        self.is_following = False
        self._open.clear()

    def spend(self, *, now: datetime) -> int:
        """Take one send, from what closes first; 0, or the errcode of a closed window or a used-up count."""
        running = sorted((one for one in self._open.values() if now < one.until), key=lambda one: one.until)
        if not running:
            return OUTSIDE
        usable = [one for one in running if one.left]
        if not usable:
            return USED_UP
        usable[0].left -= 1
        return 0


def find_trigger(fields: Fields) -> Trigger | None:
    """Say what a push opens, from its MsgType and Event; None for an event that opens nothing."""
    if fields.get("MsgType") != "event":
        return "message"
    return _EVENTS.get(str(fields.get("Event", "")).lower())
