"""How long what people wrote is kept, per kind, and what is over its time now. The nightly run takes it away (bot.erasing).

    messages     led to no ticket: questions, thanks, answers to the bot
    tickets      the words of a matter that is closed or withdrawn, counted from that day
    sends        what was sent, without the messages and tickets above
    talks        what a seat and a resident said to each other
    misses       questions nobody could answer (masked), once the editors have had time to
    residents    who has not written for so long and has no ticket with words left
    spots        what grid workers wrote of what they put right at once, as long as the words of a ticket; that they did stays
    calls        what partners asked for through the API, and which tickets were sent to other systems
    chats        what was said on the chat page, as long as the messages there; pictures sent from it only until they are with their message

Drafts from groups have a clock of their own, in hours (residents.group_drafts).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import msgspec
from sqlalchemy import func, or_, select

from residents.bindings import StaffBinding
from residents.erasing import Erasure
from residents.seats import SeatTalk
from residents.tables import Conversation, Resident
from store.inbox import InboxMessage
from store.outbox import OutboxMessage

if TYPE_CHECKING:
    from sqlalchemy import CompoundSelect, Select
    from sqlalchemy.orm import Session

Days = Annotated[int, msgspec.Meta(ge=1)]
Hour = Annotated[int, msgspec.Meta(ge=0, le=23)]

_LEAVING = ("pending", "sending")


class PrivacySettings(msgspec.Struct, frozen=True, kw_only=True):
    """What residents are told about what is kept of them, and for how long that is."""

    notice_version: str = "1"
    """The version of the notice; a new one is shown to everybody once. Empty: the notice is given elsewhere."""
    handler: str = ""
    """Who handles what residents write, by its full name; empty: the service's name."""
    contact: str = ""
    """The telephone of who handles it; empty: the hotline's."""
    message_days: Days = 180
    """Half a year: who asks again about something refers to the last months, not to last year."""
    ticket_days: Days = 730
    """Two years after the end: as long as a handled matter may be taken up again or disputed."""
    call_days: Days = 1096
    """Three years, a leap day in them: whoever gives personal information to others has to be able to show for so long what was given (PIPL, article 56)."""
    night_hour: Hour = 3
    """When nobody waits for an answer and backups are usually done."""
    grace_seconds: Annotated[int, msgspec.Meta(ge=1)] = 30
    """An erasure waits until the answer that confirms it has left: WeChat asks for it again for 15 seconds."""
    erasure_list: str = ""
    """The file of the erasure list; empty: in the data folder."""


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """The moments before which something is over its time."""

    messages: datetime
    tickets: datetime
    calls: datetime

    @classmethod
    def of(cls, settings: PrivacySettings, *, now: datetime) -> Due:
        """Count back from now."""
        days = {"messages": settings.message_days, "tickets": settings.ticket_days, "calls": settings.call_days}
        return cls(**{name: now - timedelta(days=count) for name, count in days.items()})


def find_messages(due: Due) -> Select[InboxMessage]:
    """Select messages that led to no ticket and whose time is over."""
    return (
        select(InboxMessage)
        .where(InboxMessage.key_id.is_not(None), InboxMessage.ticket.is_(None), InboxMessage.outcome.is_not(None))
        .where(InboxMessage.outcome_at < due.messages)
        .order_by(InboxMessage.id)
    )


def find_sends(due: Due) -> Select[OutboxMessage]:
    """Select sends that are over, with words left in them."""
    return (
        select(OutboxMessage)
        .where(OutboxMessage.key_id.is_not(None), OutboxMessage.state.not_in(_LEAVING), OutboxMessage.created_at < due.messages)
        .order_by(OutboxMessage.id)
    )


def find_talks(due: Due) -> Select[SeatTalk]:
    """Select talks that ended long ago and still name their resident."""
    return select(SeatTalk).where(SeatTalk.resident_id != 0, SeatTalk.ended_at < due.messages).order_by(SeatTalk.id)


def find_residents(due: Due, *, busy: CompoundSelect[int]) -> Select[Resident]:
    """Select residents who have been silent for so long; `busy` selects those a ticket still stands for. A member of staff's chat stays."""
    last = select(func.max(Conversation.last_at)).where(Conversation.resident_id == Resident.id).scalar_subquery()
    return (
        select(Resident)
        .where(Resident.id.not_in(select(StaffBinding.resident_id)))
        .where(or_(last < due.messages, last.is_(None) & (Resident.created_at < due.messages)), Resident.id.not_in(busy))
        .order_by(Resident.id)
    )


def has_run(session: Session, *, since: datetime) -> bool:
    """Tell whether a nightly run was signed since then."""
    return session.execute(select(Erasure.id).where(Erasure.kind == "due", Erasure.done_at >= since).limit(1)).first() is not None
