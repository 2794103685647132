"""The send ledger: how many messages a platform still lets us send to a resident, and until when.

WeChat official account: a resident's message opens 48 hours for 5 messages, a menu tap, a follow or a scan opens 1 minute for 3 (protocol.md 2.5).
The ledger is asked before each active send; when it is empty the notice goes another way or waits for the next contact.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import select, update

from residents.tables import SendLedger
from store.base import insert_into

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

OpenedBy = Literal["message", "tap"]


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """How long a contact lets us send, and how often."""

    lasts: timedelta
    sends: int


_TAPS = frozenset({"click", "scancode_push", "scancode_waitmsg", "subscribe", "subscribe_scan", "scan"})

WECHAT_WINDOWS: dict[OpenedBy, Window] = {
    "message": Window(lasts=timedelta(hours=48), sends=5),
    "tap": Window(lasts=timedelta(minutes=1), sends=3),
}


def open_window(session: Session, *, resident_id: int, channel: str, opened_by: OpenedBy, window: Window, now: datetime) -> None:
    """A contact was made: the window of its kind starts anew."""
    fresh = {"until": now + window.lasts, "left": window.sends}
    session.execute(
        insert_into(session, SendLedger)
        .values(resident_id=resident_id, channel=channel, opened_by=opened_by, **fresh)
        .on_conflict_do_update(index_elements=["resident_id", "channel", "opened_by"], set_=fresh)
    )


def spend(session: Session, *, resident_id: int, channel: str, now: datetime) -> OpenedBy | None:
    """Take one send out of an open window, the shorter one first, and say which; None if none is open."""
    orders: tuple[OpenedBy, ...] = ("tap", "message")
    for opened_by in orders:
        spent = session.execute(
            update(SendLedger)
            .where(SendLedger.resident_id == resident_id, SendLedger.channel == channel, SendLedger.opened_by == opened_by)
            .where(SendLedger.until > now, SendLedger.left > 0)
            .values(left=SendLedger.left - 1)
            .returning(SendLedger.id)
        ).first()
        if spent is not None:
            return opened_by
    return None


def give_back(session: Session, *, resident_id: int, channel: str, opened_by: OpenedBy, window: Window) -> None:
    """Put back a send that certainly did not arrive: the platform did not count it. Never more than a window holds."""
    session.execute(
        update(SendLedger)
        .where(SendLedger.resident_id == resident_id, SendLedger.channel == channel, SendLedger.opened_by == opened_by)
        .where(SendLedger.left < window.sends)
        .values(left=SendLedger.left + 1)
    )


def is_open(session: Session, *, resident_id: int, channel: str, now: datetime) -> bool:
    """Tell whether a window is open and has sends left."""
    statement = select(SendLedger.id).where(
        SendLedger.resident_id == resident_id, SendLedger.channel == channel, SendLedger.until > now, SendLedger.left > 0
    )
    return session.execute(statement.limit(1)).first() is not None


def empty(session: Session, *, resident_id: int, channel: str) -> None:
    """The platform says its count is used up (45047, 45015): believe the platform."""
    session.execute(update(SendLedger).where(SendLedger.resident_id == resident_id, SendLedger.channel == channel).values(left=0))


def contact_kind(kind: str, event: str, event_key: str = "") -> OpenedBy | None:
    """Tell which window a contact opens: a message, a tap (menu, menu message, follow, scan), or none."""
    if kind != "event":
        return "tap" if kind == "text" and event_key else "message"
    return "tap" if event.lower() in _TAPS else None
