"""删除: a resident's traces are taken out of every table of this room and of the store, their keys are dropped, and a signed line says so.

    asked for (request) ─▶ due a moment later, when the answer has left ─▶ carried out in one transaction ─▶ the database's log emptied

What a message said lies under a key of its own, who somebody is under the resident's: with the keys gone no copy of these files can be read.
What is left of a message is that it came, when, and what became of it. bot.erasing puts this and routing.forgetting together.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Mapped, mapped_column

from residents import group_drafts
from residents.attachments import Attachment
from residents.bindings import StaffBinding
from residents.bursts import Burst, BurstPart
from residents.consent import Consent
from residents.entering import put_out
from residents.seats import SeatLine, SeatTalk
from residents.tables import Conversation, Identity, Resident, SendLedger
from residents.web_lines import forget_lines
from residents.web_uploads import forget_uploads
from store.base import Base, Json
from store.counters import next_number
from store.inbox import InboxMessage
from store.keys import drop_key, new_key
from store.locks import hold
from store.outbox import OutboxMessage
from store.sealing import vault_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

    from store.sealing import Vault
    from store.shredding import Shredder

_UNDER_WAY = ("pending", "sending")


class Erasure(Base):
    """删除凭证: what was erased when, in numbers, signed. `mark` is a blind mark of the resident's code; `resident_id` is gone when it is done."""

    __tablename__ = "erasure"

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    resident_id: Mapped[int | None] = mapped_column(index=True)
    mark: Mapped[str] = mapped_column(default="")
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    done_at: Mapped[datetime | None]
    log_emptied: Mapped[bool] = mapped_column(default=False)
    """Whether the database's write-ahead log was emptied afterwards: until then older pages may lie there."""
    counts: Mapped[Json] = mapped_column(default=dict)
    signature: Mapped[str] = mapped_column(default="")


class Counts(msgspec.Struct, kw_only=True):
    """How much was erased, by kind."""

    tickets: int = 0
    messages: int = 0
    attachments: int = 0
    sends: int = 0
    identities: int = 0
    conversations: int = 0
    talks: int = 0
    drafts: int = 0
    misses: int = 0
    residents: int = 0
    spots: int = 0
    calls: int = 0
    chats: int = 0

    def add(self, more: Counts) -> None:
        """Add another count to this one."""
        for name in self.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(more, name))


def request(session: Session, *, resident: Resident, day: str, due_at: datetime, now: datetime) -> str:
    """Write down that a resident wants to be erased, from `due_at` on; gives the receipt's number. Asking twice is one request."""
    waiting = select(Erasure.receipt).where(Erasure.resident_id == resident.id, Erasure.done_at.is_(None))
    known = session.execute(waiting).scalar_one_or_none()
    if known is not None:
        return known
    row = Erasure(receipt=number_receipt(session, day=day), kind="asked", resident_id=resident.id, asked_at=now, due_at=due_at)
    row.mark = mark_of(vault_of(session), resident.code)
    session.add(row)
    session.flush()
    return row.receipt


def number_receipt(session: Session, *, day: str) -> str:
    """Give the next receipt's number of a day (YYYYMMDD)."""
    return f"E-{day}-{next_number(session, f'erasure:{day}'):03d}"


def mark_of(vault: Vault, code: str) -> str:
    """Give the blind mark of a resident's code: says whether it is the same one, and nothing about them."""
    return vault.blind("erased resident", code).hex()


def find_due(session: Session, *, now: datetime, limit: int = 20) -> Sequence[int]:
    """Find erasures to be carried out now."""
    statement = select(Erasure.id).where(Erasure.done_at.is_(None), Erasure.due_at <= now).order_by(Erasure.id).limit(limit)
    return session.execute(statement).scalars().all()


def is_log_full(session: Session) -> bool:
    """Tell whether something was erased whose older pages may still lie in the database's write-ahead log."""
    full = select(Erasure.id).where(Erasure.done_at.is_not(None), Erasure.log_emptied.is_(False)).limit(1)
    return session.execute(full).first() is not None


def note_log_emptied(session: Session) -> None:
    """The log was emptied after all that has been erased so far."""
    session.execute(update(Erasure).where(Erasure.done_at.is_not(None)).values(log_emptied=True))


def has_words_under_way(session: Session, *, resident_id: int) -> bool:
    """Tell whether an answer to them has not left yet: it needs the address that is about to go."""
    held = select(OutboxMessage.id).where(OutboxMessage.audience == "resident", OutboxMessage.target == str(resident_id))
    return (
        session.execute(held.where(OutboxMessage.state.in_(_UNDER_WAY), OutboxMessage.notice == "reply").limit(1)).first()
        is not None
    )


def hold_resident(session: Session, resident_id: int) -> Resident | None:
    """Hold a resident until this transaction ends, so that none of their messages is being handled; None if they are gone."""
    marks = session.execute(select(Identity.blind).where(Identity.resident_id == resident_id).order_by(Identity.blind)).scalars()
    for blind in marks.all():
        hold(session, f"resident:{blind.hex()}")
    return session.get(Resident, resident_id)


def list_messages(session: Session, *, resident_id: int) -> Sequence[InboxMessage]:
    """List the messages of a resident that still have words."""
    talks = select(Conversation.id).where(Conversation.resident_id == resident_id)
    statement = select(InboxMessage).where(InboxMessage.conversation_id.in_(talks), InboxMessage.key_id.is_not(None))
    return session.execute(statement.order_by(InboxMessage.id).with_for_update()).scalars().all()


def erase_resident(session: Session, *, resident: Resident, shredder: Shredder, now: datetime) -> Counts:
    """Take a resident out of this room and of the store. Their tickets are routing's."""
    counts = empty_messages(session, list_messages(session, resident_id=resident.id), shredder=shredder, now=now)
    sends = select(OutboxMessage).where(OutboxMessage.audience == "resident", OutboxMessage.target == str(resident.id))
    counts.sends += empty_sends(session, session.execute(sends).scalars().all(), shredder=shredder)
    held = session.execute(select(SeatTalk).where(SeatTalk.resident_id == resident.id)).scalars().all()
    counts.talks += empty_talks(session, held, now=now)
    talks = select(Conversation.id).where(Conversation.resident_id == resident.id)
    for burst in (Burst, BurstPart):
        session.execute(delete(burst).where(burst.conversation_id.in_(talks)))
    session.execute(update(InboxMessage).where(InboxMessage.conversation_id.in_(talks)).values(conversation_id=None))
    counts.drafts += _leave_drafts(session, resident.id, now=now)
    counts.chats += forget_lines(session, resident_id=resident.id) + forget_uploads(session, resident_id=resident.id)
    put_out(session, resident.id)
    counts.identities += _delete(session, Identity, resident.id)
    counts.conversations += _delete(session, Conversation, resident.id)
    _delete(session, SendLedger, resident.id)
    _delete(session, Consent, resident.id)
    session.execute(delete(StaffBinding).where(StaffBinding.resident_id == resident.id))
    shredder.drop(resident.key_id)
    session.delete(resident)
    session.flush()
    counts.residents += 1
    return counts


def empty_messages(session: Session, rows: Collection[InboxMessage], *, shredder: Shredder, now: datetime) -> Counts:
    """Leave of messages that they came and what became of them; their pictures and the answers to them go too."""
    if not rows:
        return Counts()
    gone = session.execute(
        delete(Attachment).where(Attachment.inbox_id.in_([row.id for row in rows])).returning(Attachment.id)
    ).all()
    answers = select(OutboxMessage).where(OutboxMessage.key_id.in_([row.key_id for row in rows]))
    sends = empty_sends(session, session.execute(answers).scalars().all(), shredder=shredder)
    for row in rows:
        shredder.drop(row.key_id)
        row.key_id = row.payload = row.reply = row.suggested = row.source = None
        row.reply_via = "none"
        if row.outcome is None:
            row.outcome, row.outcome_at = "ignored", now
    session.flush()
    return Counts(messages=len(rows), attachments=len(gone), sends=sends)


def empty_sends(session: Session, rows: Collection[OutboxMessage], *, shredder: Shredder) -> int:
    """Leave of sends that there was one, and how it ended; what has not left never does. To whom is no longer known."""
    for row in rows:
        shredder.drop(row.key_id)
        row.key_id = row.words = row.body = None
        row.facts = {}
        row.target = "0"
        if row.state in ("pending", "held", "unknown"):
            row.state, row.error = "failed", "erased"
    session.flush()
    return len(rows)


def empty_talks(session: Session, talks: Collection[SeatTalk], *, now: datetime) -> int:
    """Take the words out of talks with a seat; that there was one, and how fast it was answered, stays for the figures."""
    blank = new_key(session)
    drop_key(session, blank.id)
    for talk in talks:
        talk.wanted = blank.seal(b"")
        session.execute(delete(SeatLine).where(SeatLine.talk_id == talk.id))
        talk.resident_id = talk.conversation_id = 0
        talk.inbox_id = talk.look_at = None
        if talk.state != "ended":
            talk.state, talk.ended_how, talk.ended_at = "ended", "left", now
    session.flush()
    return len(talks)


def finish(session: Session, erasure: Erasure, *, counts: Counts, now: datetime) -> None:
    """Sign what was done."""
    erasure.counts = msgspec.to_builtins(counts)
    erasure.done_at, erasure.resident_id, erasure.due_at = now, None, None
    erasure.signature = sign(vault_of(session), erasure)
    session.flush()


def sign(vault: Vault, erasure: Erasure) -> str:
    """Sign the number, the mark, the time and the counts of an erasure."""
    moment = erasure.done_at.isoformat() if erasure.done_at else ""
    line = [erasure.receipt, erasure.kind, erasure.mark, moment, sorted(erasure.counts.items())]
    return vault.blind("erasure", msgspec.json.encode(line)).hex()


def _leave_drafts(session: Session, resident_id: int, *, now: datetime) -> int:
    """Take what they said out of the drafts that wait for a grid worker; one of which nothing is left is withdrawn."""
    known = session.execute(select(Identity.blind).where(Identity.resident_id == resident_id)).scalars()
    marks = {blind.hex() for blind in known}
    return group_drafts.forget_speakers(session, marks=marks, now=now)


def _delete(session: Session, table: type[Identity | Conversation | SendLedger | Consent], resident_id: int) -> int:
    return len(session.execute(delete(table).where(table.resident_id == resident_id).returning(table.id)).all())
