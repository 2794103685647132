"""等人工: who waits for a person, who has them, and what the person said. Rows only; which desk it is, bot.seating decides.

    waiting ─▶ claimed ─▶ ended
       ▲          │ the seat fell silent (once)
       └──────────┘

One open talk a conversation. What the resident wanted and what the seat says are sealed under the resident's key; what the resident says in
between stays in the inbox, where recalling reaches it.

    SeatError
    ├── NoTalk          there is no such talk, or it may not be seen
    ├── TalkTaken       another seat has it
    ├── NotClaimed      it has to be claimed first
    └── TalkOver        it has ended
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from residents.seat_clock import Clock, SeatSettings, is_in_time, next_look
from residents.tables import Conversation
from store.base import Base, Sealed

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from store.sealing import DataKey

TalkEnd = Literal["handed_back", "finished", "left", "idle", "missed", "off_hours"]
"""交还 / 谈完 / 居民不等了 / 居民没再说话 / 没有人接，改为回电 / 当时无人值班，改为回电."""


class SeatError(Exception):
    """This cannot be done with a talk."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class NoTalk(SeatError):
    """There is no such talk that you may see."""


class TalkTaken(SeatError):
    """Another seat has this talk."""


class NotClaimed(SeatError):
    """Claim this talk first."""


class TalkOver(SeatError):
    """This talk has ended."""


class SeatTalk(Base):
    """One resident's wish for a person, from the asking to the end. `since` never moves, `queued_at` does when it is given back."""

    __tablename__ = "seat_talk"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(index=True)
    resident_id: Mapped[int] = mapped_column(index=True)
    inbox_id: Mapped[int | None]
    desk: Mapped[str] = mapped_column(index=True)
    state: Mapped[str]
    wanted: Mapped[bytes] = mapped_column(Sealed)
    """The draft that asked for a person, as JSON."""
    since: Mapped[datetime] = mapped_column(index=True)
    queued_at: Mapped[datetime]
    warned_at: Mapped[datetime | None]
    claimed_by: Mapped[str] = mapped_column(default="")
    claimed_at: Mapped[datetime | None]
    first_answer_at: Mapped[datetime | None]
    seat_at: Mapped[datetime | None]
    resident_at: Mapped[datetime]
    returned: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[str] = mapped_column(default="")
    ticket: Mapped[str] = mapped_column(default="")
    look_at: Mapped[datetime | None] = mapped_column(index=True)


class SeatLine(Base):
    """What a seat said to a resident."""

    __tablename__ = "seat_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    talk_id: Mapped[int] = mapped_column(index=True)
    at: Mapped[datetime]
    staff: Mapped[str]
    words: Mapped[bytes] = mapped_column(Sealed)


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """首次应答: how many first answers came in time (`in_time`) of those that count, and what was left out of the count."""

    in_time: int
    counted: int
    left_early: int
    """Left by themselves before the time was over: nobody knows whether the answer would have come in time."""
    still_open: int
    """Waiting, and the time is not over."""
    off_hours: int
    """Asked while nobody was on duty: never in the queue."""


def enqueue(
    session: Session,
    *,
    conversation_id: int,
    resident_id: int,
    inbox_id: int | None,
    key: DataKey,
    wanted: bytes,
    desk: str,
    now: datetime,
    settings: SeatSettings,
) -> SeatTalk:
    """Put a resident into the queue of a desk."""
    talk = SeatTalk(
        conversation_id=conversation_id,
        resident_id=resident_id,
        inbox_id=inbox_id,
        desk=desk,
        state="waiting",
        wanted=key.seal(wanted),
        since=now,
        queued_at=now,
        claimed_by="",
        resident_at=now,
        returned=0,
        ended_how="",
        ticket="",
    )
    _look_again(talk, settings=settings)
    session.add(talk)
    session.flush()
    return talk


def find_open(session: Session, conversation_id: int) -> SeatTalk | None:
    """Find the talk of a conversation that is not over; None if it has none."""
    statement = select(SeatTalk).where(SeatTalk.conversation_id == conversation_id, SeatTalk.state != "ended")
    return session.execute(statement.order_by(SeatTalk.id.desc()).limit(1)).scalar_one_or_none()


def conversation_of(session: Session, talk_id: int) -> int:
    """Find whose conversation a talk is, to hold its resident first; NoTalk if there is none."""
    found = session.execute(select(SeatTalk.conversation_id).where(SeatTalk.id == talk_id)).scalar_one_or_none()
    if found is None:
        raise NoTalk
    return found


def lock(session: Session, talk_id: int) -> SeatTalk:
    """Hold a talk until this transaction ends, as it stands now; NoTalk if there is none."""
    statement = select(SeatTalk).where(SeatTalk.id == talk_id).with_for_update()
    talk = session.execute(statement, execution_options={"populate_existing": True}).scalar_one_or_none()
    if talk is None:
        raise NoTalk
    return talk


def list_open(session: Session, desks: Sequence[str]) -> Sequence[SeatTalk]:
    """List the talks of some desks that are not over, those that have waited longest first."""
    statement = select(SeatTalk).where(SeatTalk.state != "ended", SeatTalk.desk.in_(desks))
    return session.execute(statement.order_by(SeatTalk.since, SeatTalk.id)).scalars().all()


def count_ahead(session: Session, talk: SeatTalk) -> int:
    """Count who waits at the same desk since before."""
    before = (SeatTalk.since < talk.since) | ((SeatTalk.since == talk.since) & (SeatTalk.id < talk.id))
    statement = select(func.count()).select_from(SeatTalk).where(SeatTalk.desk == talk.desk, SeatTalk.state == "waiting", before)
    return session.execute(statement).scalar_one()


def claim(session: Session, talk: SeatTalk, *, staff: str, now: datetime, settings: SeatSettings) -> None:
    """Take a talk out of the queue (lock() it first): of two seats one has it, the other gets TalkTaken. TalkOver if nobody waits any more."""
    if talk.state == "ended":
        raise TalkOver
    if talk.state == "claimed":
        raise TalkTaken
    talk.state, talk.claimed_by, talk.claimed_at = "claimed", staff, now
    _look_again(talk, settings=settings)
    session.flush()


def require_claim(talk: SeatTalk, staff: str) -> None:
    """Refuse whoever has not claimed this talk: TalkOver, NotClaimed, TalkTaken."""
    if talk.state == "ended":
        raise TalkOver
    if talk.state == "waiting":
        raise NotClaimed
    if talk.claimed_by != staff:
        raise TalkTaken


def keep_line(
    session: Session, talk: SeatTalk, *, staff: str, words: str, key: DataKey, now: datetime, settings: SeatSettings
) -> int:
    """Keep what a seat says; gives the line's number. The first one is the first answer."""
    line = SeatLine(talk_id=talk.id, at=now, staff=staff, words=key.seal(words.encode()))
    session.add(line)
    talk.seat_at = now
    talk.first_answer_at = talk.first_answer_at or now
    _look_again(talk, settings=settings)
    session.flush()
    return line.id


def list_lines(session: Session, talk: SeatTalk, *, key: DataKey) -> list[tuple[int, datetime, str]]:
    """List what seats said in a talk: number, moment, words."""
    rows = session.execute(select(SeatLine).where(SeatLine.talk_id == talk.id).order_by(SeatLine.id)).scalars()
    return [(row.id, row.at, key.open(row.words).decode()) for row in rows]


def hear(session: Session, talk: SeatTalk, *, now: datetime, settings: SeatSettings) -> bool:
    """Note that the resident wrote; True if it is the first time since they joined the queue and nobody has claimed them yet."""
    is_first = talk.state == "waiting" and talk.resident_at <= talk.queued_at
    talk.resident_at = now
    _look_again(talk, settings=settings)
    session.flush()
    return is_first


def warn(session: Session, talk: SeatTalk, *, now: datetime, settings: SeatSettings) -> None:
    """Note that the resident was told that it takes long."""
    talk.warned_at = now
    _look_again(talk, settings=settings)
    session.flush()


def move(session: Session, talk: SeatTalk, *, desk: str, now: datetime, settings: SeatSettings) -> None:
    """Put a talk (back) into the queue of a desk, before those who came later."""
    if talk.state == "claimed":
        talk.returned += 1
    talk.state, talk.desk, talk.queued_at = "waiting", desk, now
    talk.claimed_by, talk.claimed_at, talk.warned_at = "", None, None
    _look_again(talk, settings=settings)
    session.flush()


def end(session: Session, talk: SeatTalk, *, how: TalkEnd, now: datetime, ticket: str = "") -> None:
    """End a talk; `ticket` is the call-back, if one was opened."""
    talk.state, talk.ended_how, talk.ended_at, talk.look_at = "ended", how, now, None
    talk.ticket = ticket or talk.ticket
    session.flush()


def due(session: Session, *, now: datetime, limit: int = 200) -> Sequence[int]:
    """Find the talks in which something has fallen due."""
    return (
        session.execute(select(SeatTalk.id).where(SeatTalk.look_at <= now).order_by(SeatTalk.look_at).limit(limit)).scalars().all()
    )


def clock_of(talk: SeatTalk) -> Clock:
    """Read what of a talk tells the time."""
    return Clock(
        claimed_at=talk.claimed_at,
        queued_at=talk.queued_at,
        warned=talk.warned_at is not None,
        seat_at=talk.seat_at,
        resident_at=talk.resident_at,
    )


def count_figures(
    session: Session,
    *,
    since: datetime,
    now: datetime,
    settings: SeatSettings,
    until: datetime | None = None,
    channels: Collection[str] = (),
) -> Figures:
    """Count first answers in time among those who asked since a moment (and before `until`); the rule stands in docs/operations.md.

    `channels` limits it to who asked there; none given is all.
    """
    in_time = counted = left_early = still_open = off_hours = 0
    asked = select(SeatTalk).where(SeatTalk.since >= since, SeatTalk.since <= now)
    if until is not None:
        asked = asked.where(SeatTalk.since < until)
    if channels:
        there = select(Conversation.id).where(Conversation.channel.in_(sorted(channels)))
        asked = asked.where(SeatTalk.conversation_id.in_(there))
    for talk in session.execute(asked).scalars():
        if talk.ended_how == "off_hours":
            off_hours += 1
        elif talk.first_answer_at is not None:
            counted += 1
            in_time += is_in_time(talk.since, talk.first_answer_at, settings=settings)
        elif is_in_time(talk.since, talk.ended_at or now, settings=settings):
            left_early += talk.state == "ended"
            still_open += talk.state != "ended"
        else:
            counted += 1
    return Figures(in_time=in_time, counted=counted, left_early=left_early, still_open=still_open, off_hours=off_hours)


def _look_again(talk: SeatTalk, *, settings: SeatSettings) -> None:
    talk.look_at = next_look(clock_of(talk), settings=settings)
