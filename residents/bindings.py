"""Which chat speaks for which member of staff: what reaches them in private, and by whom an answer in a chat was given.

Staff are posts of the organisation (a code); the person behind the chat is kept like everybody who writes to us, sealed. One chat speaks for
one post; a post may be reached by one chat on each channel, and the one that was bound last is the one that is told.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Mapped, mapped_column

from residents import conversations
from store.base import Base

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class StaffBinding(Base):
    """绑定: the private chat (of `resident_id`, on `channel`) that speaks for a member of staff."""

    __tablename__ = "staff_binding"

    staff: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(unique=True)
    bound_at: Mapped[datetime]


class Road(msgspec.Struct, frozen=True, kw_only=True):
    """The way to a member of staff: the channel, and the number under which the chat is kept."""

    channel: str
    resident_id: int


def bind(session: Session, *, staff: str, channel: str, sender: str, now: datetime) -> Road:
    """Let a chat speak for a member of staff; the chat and the post give up what they were bound to on this channel before."""
    speaker = conversations.open_for(session, channel=channel, sender=sender, place="person", now=now)
    resident_id = speaker.resident.id
    mine = (StaffBinding.staff == staff) & (StaffBinding.channel == channel)
    session.execute(delete(StaffBinding).where(mine | (StaffBinding.resident_id == resident_id)))
    session.add(StaffBinding(staff=staff, channel=channel, resident_id=resident_id, bound_at=now))
    session.flush()
    return Road(channel=channel, resident_id=resident_id)


def unbind(session: Session, *, staff: str, channel: str) -> bool:
    """Let the chat of a channel speak for this member of staff no longer; False if none did."""
    where = (StaffBinding.staff == staff) & (StaffBinding.channel == channel)
    gone = session.execute(delete(StaffBinding).where(where).returning(StaffBinding.staff)).first()
    return gone is not None


def staff_of(session: Session, resident_id: int) -> str:
    """Name the member of staff for whom this person's chat speaks; "" if for none."""
    statement = select(StaffBinding.staff).where(StaffBinding.resident_id == resident_id)
    return session.execute(statement).scalar_one_or_none() or ""


def road_to(session: Session, staff: str, *, channel: str = "") -> Road | None:
    """Find the chat in which a member of staff is told, the one bound last (or that of one channel); None if there is none."""
    statement = select(StaffBinding).where(StaffBinding.staff == staff)
    if channel:
        statement = statement.where(StaffBinding.channel == channel)
    found = session.execute(statement.order_by(StaffBinding.bound_at.desc(), StaffBinding.channel).limit(1)).scalar_one_or_none()
    return None if found is None else Road(channel=found.channel, resident_id=found.resident_id)
