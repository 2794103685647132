"""Sends as an operator looks after them: what waits, what nobody knows of, what failed; and what a person decides about one.

    unknown ─┬─▶ sent        it arrived (store.outbox.resolve)
             └─▶ pending     it did not: again
    failed ──┬─▶ pending     again, from its first attempt: a send that failed certainly did not arrive
             └─▶ failed      given up: nobody is asked about it any more; it can still be sent again
    pending, held ─▶ failed  given up before it left

What was recalled, overtaken, acknowledged or erased ended as it should and is in no list; its words are gone, or not true any more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal, get_args

from sqlalchemy import and_, func, or_, select

from store.outbox import OutboxMessage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

SendList = Literal["unknown", "failed", "pending", "held", "given_up"]
LISTS: tuple[SendList, ...] = get_args(SendList)
GIVEN_UP = "given up"
SETTLED = ("recalled", "overtaken", "acknowledged", "erased")
"""Why sends end as failed that nobody has to look after."""
_STATES: Mapping[SendList, tuple[str, ...]] = {
    "unknown": ("unknown",),
    "failed": ("failed",),
    "pending": ("pending", "sending"),
    "held": ("held",),
    "given_up": ("failed",),
}
Trouble = Literal[
    "interrupted", "unanswered", "refused", "busy", "window", "off", "nowhere", "unrendered", "given_up", "other"
]  # fmt: skip
_TROUBLES: Mapping[str, Trouble] = {
    "lease expired": "interrupted",
    "process ended": "interrupted",
    "SendUnknown": "unanswered",
    "SendNever": "refused",
    "SendLater": "busy",
    "WindowClosed": "window",
    "channel ": "off",
    "no address": "nowhere",
    "not rendered": "unrendered",
    GIVEN_UP: "given_up",
}
"""What an error begins with."""
_LATELY = 2000
"""Rows that are looked at for how a channel does: the newest of all, so that looking takes the same time however many there are."""


def list_sends(session: Session, which: SendList, *, channel: str = "", after: int = 0, limit: int) -> Sequence[OutboxMessage]:
    """List sends that a person looks after, those of which a decision is wanted oldest first, those given up newest first."""
    newest = which == "given_up"
    statement = select(OutboxMessage).where(_find(which))
    if channel:
        statement = statement.where(OutboxMessage.channel == channel)
    if after:
        statement = statement.where(OutboxMessage.id < after if newest else OutboxMessage.id > after)
    return session.scalars(statement.order_by(OutboxMessage.id.desc() if newest else OutboxMessage.id).limit(limit)).all()


def count(session: Session) -> dict[SendList, int]:
    """Count the sends of each list; what was sent, which is nearly all, is not looked at."""
    return {which: session.execute(select(func.count()).where(_find(which))).scalar_one() for which in LISTS}


def count_held(session: Session) -> dict[str, int]:
    """Count by channel what its platform lets nobody send until the reader writes again."""
    statement = select(OutboxMessage.channel, func.count()).where(OutboxMessage.state == "held").group_by(OutboxMessage.channel)
    return {row[0]: row[1] for row in session.execute(statement)}


def find_oldest_due(session: Session, *, now: datetime) -> datetime | None:
    """Find since when what should have left waits; None if nothing does."""
    waits = and_(OutboxMessage.state == "pending", OutboxMessage.due_at <= now)
    return session.execute(select(func.min(OutboxMessage.due_at)).where(waits)).scalar_one()


def find(session: Session, message: int) -> OutboxMessage | None:
    """Find a send, also one that was sent; None if there is none of this number."""
    return session.get(OutboxMessage, message)


def find_trouble(error: str) -> Trouble:
    """Find what kept a send from leaving or arriving, by what was written down of it."""
    return next((trouble for beginning, trouble in _TROUBLES.items() if error.startswith(beginning)), "other")


def list_of(row: OutboxMessage) -> SendList | None:
    """Say in which list a send stands; None for one that nobody has to look after."""
    if row.state == "failed":
        if (row.error or "").startswith(GIVEN_UP):
            return "given_up"
        return None if row.error in SETTLED else "failed"
    return next((which for which, states in _STATES.items() if row.state in states), None)


def send_again(session: Session, message: int, *, now: datetime) -> bool:
    """Let a send that failed, or was given up, go once more from its first attempt. False if it is none of these (any more)."""
    row = _lock(session, message)
    if row is None or list_of(row) not in {"failed", "given_up"}:
        return False
    row.state, row.due_at, row.attempt, row.error = "pending", now, 0, None
    session.flush()
    return True


def give_up(session: Session, message: int) -> bool:
    """End a send that failed, or that has not left yet, for good. False if it is none of these (any more)."""
    row = _lock(session, message)
    if row is None or row.state == "sending" or list_of(row) not in {"failed", "pending", "held"}:
        return False
    row.state, row.error = "failed", f"{GIVEN_UP}: {row.error}" if row.error else GIVEN_UP
    session.flush()
    return True


class Lately:
    """How a channel did lately: when something last left and last failed, and how many failed or are unknown within an hour."""

    def __init__(self) -> None:
        self.sent_at: datetime | None = None
        self.sent = 0
        self.trouble = 0
        self.error = ""


def read_lately(session: Session, *, now: datetime) -> dict[str, Lately]:
    """Read how each channel did in the last hour, from the newest rows."""
    statement = (
        select(OutboxMessage.channel, OutboxMessage.state, OutboxMessage.sent_at, OutboxMessage.created_at, OutboxMessage.error)
        .order_by(OutboxMessage.id.desc())
        .limit(_LATELY)
    )
    found: dict[str, Lately] = {}
    for channel, state, sent_at, created_at, error in session.execute(statement):
        lately = found.setdefault(channel, Lately())
        recent = created_at >= now - timedelta(hours=1)
        if state == "sent" and sent_at is not None:
            lately.sent_at = max(lately.sent_at or sent_at, sent_at)
            lately.sent += recent
        elif error and error not in SETTLED and not error.startswith(GIVEN_UP):
            lately.trouble += recent
            lately.error = lately.error or error
    return found


def _find(which: SendList) -> ColumnElement[bool]:
    state = OutboxMessage.state.in_(_STATES[which])
    given_up = OutboxMessage.error.startswith(GIVEN_UP)
    if which == "given_up":
        return and_(state, given_up)
    if which == "failed":
        return and_(state, or_(OutboxMessage.error.is_(None), and_(OutboxMessage.error.not_in(SETTLED), ~given_up)))
    return state


def _lock(session: Session, message: int) -> OutboxMessage | None:
    statement = select(OutboxMessage).where(OutboxMessage.id == message).with_for_update()
    return session.execute(statement, execution_options={"populate_existing": True}).scalar_one_or_none()
