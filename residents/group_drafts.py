"""Drafts from groups: what neighbours said that may be a matter, kept sealed until the one grid worker has looked, a day at most.

    collecting ─▶ waiting ─▶ confirmed | dropped      by the group's grid worker
        │            └─────▶ expired                  after a day; a danger spoken of in it is a ticket by then
        ├────────────────────▶ settled                neighbours put it right before anybody was shown it
        └────────────────────▶ withdrawn              whoever wrote it took it back

The words, who spoke and what they are about lie under a key of the draft's own. However a draft ends, the key goes, and with it every word
of it, here, in what was written down for sending and in the logs. In the inbox these messages stay what all chatter is: marks, and `ignored`.
A row names the group and its worker; nobody else's list has it.
"""

from __future__ import annotations

from datetime import datetime, timedelta  # noqa: TC003 - SQLAlchemy and msgspec read the annotation
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import Index, func, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from residents import conversations
from residents.tables import Identity, Resident
from store import inbox
from store.base import Base, Sealed
from store.keys import drop_key, new_key, open_key, open_keys
from store.sealing import KeyGone

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from residents.conversations import Speaker
    from store.sealing import DataKey

DraftState = Literal["collecting", "waiting", "confirmed", "dropped", "expired", "settled", "withdrawn"]
DraftEnd = Literal["confirmed", "dropped", "expired", "settled", "withdrawn"]
OPEN: tuple[DraftState, ...] = ("collecting", "waiting")
MOST_PIECES = 12
"""Lines kept of one matter: what comes after them only counts."""
_MOST_DUE = 200
_AFRESH = {"populate_existing": True}
"""A row that is held is read as it stands now, whatever this session has read before."""


class GroupDraft(Base):
    """草稿: one matter of a group's talk. `due_at`: while collecting, when its worker is shown it; while waiting, when it is gone."""

    __tablename__ = "group_draft"
    __table_args__ = (
        Index("ix_group_draft_state_due_at", "state", "due_at"),
        Index("ix_group_draft_group_code_state", "group_code", "state"),
        Index("ix_group_draft_worker_state", "worker", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    group_code: Mapped[str]
    worker: Mapped[str]
    origin: Mapped[str]
    """group: heard in it; paste: an excerpt the worker gave us."""
    channel: Mapped[str]
    state: Mapped[str]
    key_id: Mapped[int | None]
    content: Mapped[bytes | None] = mapped_column(Sealed)
    people: Mapped[int] = mapped_column(default=1)
    begun_at: Mapped[datetime]
    last_at: Mapped[datetime]
    due_at: Mapped[datetime]
    shown_at: Mapped[datetime | None]
    remind_at: Mapped[datetime | None]
    """When its worker is told again; None once they were, or where there is no time for it."""
    ended_at: Mapped[datetime | None]
    ticket: Mapped[str | None]
    log_emptied: Mapped[bool] = mapped_column(default=False)
    """Whether the database's log, in which older pages lie, was emptied since the draft ended."""


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a draft: `who` numbers the speakers from 0, `key` is the mark of the message it came in, "" if it was pasted."""

    at: datetime
    who: int
    text: str
    key: str = ""


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """How many drafts of a group wait for its worker, since when the first does, and when the first is gone. Not a word of any."""

    group: str
    worker: str
    count: int
    since: datetime
    due_at: datetime


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed of a draft. `speakers` are marks, in the order in which they spoke; the last one to speak is `last`."""

    pieces: tuple[Piece, ...] = ()
    speakers: tuple[str, ...] = ()
    last: str = ""
    things: tuple[str, ...] = ()
    item: str = ""
    place: str = ""
    between: bool = False
    media: int = 0
    can_reply: bool = False
    shown_in: tuple[int, ...] = ()
    """The inbox rows in whose answers its worker was shown the words; they go with the draft."""


def begin(
    session: Session,
    content: Content,
    *,
    group: str,
    worker: str,
    channel: str,
    now: datetime,
    due_at: datetime,
    people: int = 1,
    state: DraftState = "collecting",
    origin: Literal["group", "paste"] = "group",
) -> GroupDraft:
    """Begin a draft under a key of its own."""
    key = new_key(session)
    draft = GroupDraft(
        group_code=group,
        worker=worker,
        origin=origin,
        channel=channel,
        state=state,
        key_id=key.id,
        content=key.seal(msgspec.json.encode(content)),
        people=people,
        begun_at=now,
        last_at=now,
        due_at=due_at,
    )
    session.add(draft)
    session.flush()
    return draft


def keep(session: Session, draft: GroupDraft, content: Content, *, now: datetime, due_at: datetime | None = None) -> None:
    """Seal what a draft says by now; `due_at` moves with it while it is collected."""
    assert draft.key_id is not None  # noqa: S101 - an open draft has its key
    draft.content = open_key(session, draft.key_id).seal(msgspec.json.encode(trim(content)))
    draft.people = max(1, len(content.speakers))
    draft.last_at = now
    if due_at is not None:
        draft.due_at = due_at
    session.flush()


def trim(content: Content) -> Content:
    """Keep the first lines of a matter: they say what it is."""
    return msgspec.structs.replace(content, pieces=content.pieces[:MOST_PIECES])


def read(session: Session, draft: GroupDraft) -> Content:
    """Open what a draft says; empty once it has ended, be it between two statements."""
    if draft.key_id is None or draft.content is None:
        return Content()
    try:
        key = open_key(session, draft.key_id)
    except KeyGone:
        return Content()
    return msgspec.json.decode(key.open(draft.content), type=Content)


def read_all(session: Session, drafts: Collection[GroupDraft]) -> dict[int, Content]:
    """Open what several drafts say at once, by their numbers; those that have ended are left out."""
    keys = open_keys(session, [draft.key_id for draft in drafts if draft.key_id is not None])
    return {
        draft.id: msgspec.json.decode(keys[draft.key_id].open(draft.content), type=Content)
        for draft in drafts
        if draft.key_id in keys and draft.content is not None
    }


def key_of(session: Session, draft: GroupDraft) -> DataKey:
    """Open the key of an open draft: what is written down for sending about it is sealed under it too. KeyGone once it has ended."""
    return open_key(session, draft.key_id or 0)


def show(draft: GroupDraft, *, now: datetime, until: datetime, remind: timedelta) -> None:
    """Let a draft wait for its worker until this moment; so long before it, they are told again."""
    draft.state, draft.shown_at, draft.due_at = "waiting", now, until
    draft.remind_at = until - remind if now < until - remind else None


def note_shown(session: Session, draft: GroupDraft, *, inbox_id: int) -> None:
    """Note that the answer to a message shows the words of a draft."""
    assert draft.key_id is not None  # noqa: S101 - an open draft has its key
    content = read(session, draft)
    content = msgspec.structs.replace(content, shown_in=(*content.shown_in, inbox_id))
    draft.content = open_key(session, draft.key_id).seal(msgspec.json.encode(content))
    session.flush()


def end(session: Session, draft: GroupDraft, how: DraftEnd, *, now: datetime, ticket: str = "") -> None:
    """End a draft: its key is deleted and its words with it, also those of answers that showed them."""
    for inbox_id in read(session, draft).shown_in:
        inbox.shed(session, inbox_id)
    if draft.key_id is not None:
        drop_key(session, draft.key_id)
    draft.state, draft.ended_at, draft.ticket = how, now, ticket or None
    draft.key_id = draft.content = draft.remind_at = None
    session.flush()


def open_in(session: Session, group: str, *, since: datetime) -> Sequence[GroupDraft]:
    """Hold a group's open drafts that were spoken of since a moment, the oldest first: none of them ends while a line is compared."""
    statement = select(GroupDraft).where(GroupDraft.group_code == group, GroupDraft.state.in_(OPEN), GroupDraft.last_at >= since)
    return session.execute(statement.order_by(GroupDraft.id).with_for_update(), execution_options=_AFRESH).scalars().all()


def due(session: Session, *, now: datetime) -> Sequence[int]:
    """Find the drafts that are to be shown (again), and those whose time is over."""
    is_due = or_(GroupDraft.due_at <= now, GroupDraft.remind_at <= now)
    statement = select(GroupDraft.id).where(GroupDraft.state.in_(OPEN), is_due)
    return session.execute(statement.order_by(GroupDraft.due_at).limit(_MOST_DUE)).scalars().all()


def is_log_full(session: Session) -> bool:
    """Tell whether a draft ended whose key may still lie in an older page of the database's log."""
    full = select(GroupDraft.id).where(GroupDraft.ended_at.is_not(None), GroupDraft.log_emptied.is_(False)).limit(1)
    return session.execute(full).first() is not None


def note_log_emptied(session: Session) -> None:
    """The log was emptied after all drafts that have ended so far."""
    session.execute(update(GroupDraft).where(GroupDraft.ended_at.is_not(None)).values(log_emptied=True))


def lock(session: Session, draft_id: int) -> GroupDraft | None:
    """Hold a draft until this transaction ends, as it stands now; None if there is none."""
    statement = select(GroupDraft).where(GroupDraft.id == draft_id).with_for_update()
    return session.execute(statement, execution_options=_AFRESH).scalar_one_or_none()


def waiting_for(session: Session, worker: str) -> Sequence[GroupDraft]:
    """List what waits for a worker, the oldest first. Another one's list never has it."""
    statement = select(GroupDraft).where(GroupDraft.worker == worker, GroupDraft.state == "waiting")
    return session.execute(statement.order_by(GroupDraft.id)).scalars().all()


def count_waiting(session: Session) -> list[Waiting]:
    """Count what waits in each group for its worker, what is gone first on top: for who looks after the workers. One query."""
    columns = (GroupDraft.group_code, GroupDraft.worker, func.count(), func.min(GroupDraft.begun_at), func.min(GroupDraft.due_at))
    statement = select(*columns).where(GroupDraft.state == "waiting").group_by(GroupDraft.group_code, GroupDraft.worker)
    rows = session.execute(statement.order_by(func.min(GroupDraft.due_at), GroupDraft.group_code)).all()
    return [Waiting(group=row[0], worker=row[1], count=row[2], since=row[3], due_at=row[4]) for row in rows]


def hold_waiting(session: Session, worker: str) -> list[GroupDraft]:
    """Hold what waits for a worker, the oldest first: whoever shows it notes that they did, and it must not end in between."""
    held = (find_for(session, one.id, worker=worker) for one in waiting_for(session, worker))
    return [draft for draft in held if draft is not None]


def find_for(session: Session, draft_id: int, *, worker: str) -> GroupDraft | None:
    """Hold a draft that waits for this worker; None for every other one, as if there were none."""
    draft = lock(session, draft_id)
    return draft if draft is not None and draft.worker == worker and draft.state == "waiting" else None


def recall(session: Session, *, key: str, now: datetime) -> bool:
    """Take the words of one message (by its mark) out of the drafts; one of which nothing is left is withdrawn. False if none had it."""

    def forget(content: Content) -> Content:
        return msgspec.structs.replace(content, pieces=tuple(piece for piece in content.pieces if piece.key != key))

    return _change(session, forget, now=now) > 0


def forget_speakers(session: Session, *, marks: Collection[str], now: datetime) -> int:
    """Take out of the drafts what somebody has said, by the marks of the ids channels know them by; gives how many had something of theirs."""

    def forget(content: Content) -> Content:
        theirs = {number for number, mark in enumerate(content.speakers) if mark in marks}
        return msgspec.structs.replace(
            content,
            pieces=tuple(piece for piece in content.pieces if piece.who not in theirs),
            speakers=tuple("" if mark in marks else mark for mark in content.speakers),
            last="" if content.last in marks else content.last,
        )

    return _change(session, forget, now=now)


def _change(session: Session, change: Callable[[Content], Content], *, now: datetime) -> int:
    """Change what open drafts hold; gives how many changed. What was written down for sending with the old words goes with the old key."""
    changed = 0
    statement = select(GroupDraft).where(GroupDraft.state.in_(OPEN)).order_by(GroupDraft.id).with_for_update()
    for draft in session.execute(statement, execution_options=_AFRESH).scalars().all():
        content = read(session, draft)
        after = change(content)
        if after == content:
            continue
        changed += 1
        if after.pieces:
            _seal_anew(session, draft, after)
        else:
            end(session, draft, "withdrawn", now=now)
    return changed


def _seal_anew(session: Session, draft: GroupDraft, content: Content) -> None:
    """Seal what is left under a new key: what was written down for sending with the words taken out goes with the old one."""
    assert draft.key_id is not None  # noqa: S101 - an open draft has its key
    drop_key(session, draft.key_id)
    key = new_key(session)
    draft.key_id, draft.content = key.id, key.seal(msgspec.json.encode(content))
    session.flush()


def requester_of(session: Session, draft: GroupDraft, content: Content) -> Speaker | None:
    """Find who spoke first, if they have written to us before; None for a stranger: nobody is made known by having spoken in a group."""
    if not content.speakers or draft.origin != "group":
        return None
    statement = select(Identity.resident_id).where(
        Identity.kind == draft.channel, Identity.blind == bytes.fromhex(content.speakers[0])
    )
    resident_id = session.execute(statement).scalar_one_or_none()
    resident = session.get(Resident, resident_id) if resident_id is not None else None
    if resident is None:
        return None
    return conversations.enter(session, resident, channel=draft.channel, place=draft.group_code, now=draft.last_at)
