"""Pictures that are safe to look at: which are still to be made, what was made of them, and opening them for whoever may.

    fetched ─▶ made      drawn anew, in two sizes (console.media); what was received is gone
       └─────▶ unmade    nothing could be drawn; what was received stays sealed, and nobody is shown it

A picture lies under its message's key, so recalling or erasing the message takes it away too.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import select

from residents.attachments import Attachment
from residents.tables import Conversation
from store.inbox import InboxMessage
from store.keys import open_key
from store.sealing import KeyGone

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session

Size = Literal["view", "thumbnail"]

_PAUSE = timedelta(minutes=2)
"""After which a picture is taken up again that nobody finished: longer than making one takes."""
_ONCE_MORE = "again:"
"""Stands before the reason for which a picture gets its second and last try."""


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture as a page shows it: by which token it is asked for, and the size of its view; no token where there is nothing to see.

    `state`: made; fetched while it is being made; expected while it is fetched; unmade or lost where it will not come.
    """

    state: str
    token: str = ""
    width: int = 0
    height: int = 0


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Whose picture a token names: its number, its message, the ticket it came for ("" for none), who sent it (0 for nobody known)."""

    id: int
    inbox_id: int
    ticket: str
    resident_id: int


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """With which message a picture came that could not be made: its id, its key, its conversation (None: nobody's any more), and when."""

    inbox_id: int
    key_id: int
    conversation_id: int | None
    received_at: datetime


def claim(session: Session, *, now: datetime, limit: int) -> list[int]:
    """Take pictures that are still to be made, by number, the oldest first; each is due again later until it is finished."""
    rows = session.execute(
        select(Attachment)
        .where(Attachment.state == "fetched", Attachment.kind == "image", Attachment.due_at <= now)
        .order_by(Attachment.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).scalars()
    taken = []
    for row in rows:
        row.due_at = now + _PAUSE
        taken.append(row.id)
    session.flush()
    return taken


def read_received(session: Session, attachment_id: int) -> bytes | None:
    """Open a picture as it was received; None if it is gone (recalled, erased) or already finished."""
    row = session.get(Attachment, attachment_id)
    if row is None or row.body is None or row.state != "fetched":
        return None
    try:
        return open_key(session, row.key_id).open(row.body)
    except KeyGone:
        return None


def keep_made(session: Session, attachment_id: int, *, view: bytes, thumbnail: bytes, size: tuple[int, int]) -> None:
    """Seal what was made of a picture in place of what was received; one that is gone meanwhile stays gone."""
    row = _take(session, attachment_id)
    if row is None:
        return
    key = open_key(session, row.key_id)
    row.view, row.thumbnail, row.body = key.seal(view), key.seal(thumbnail), None
    row.width, row.height = size
    row.state, row.size, row.error, row.token = "made", len(view), None, secrets.token_urlsafe(16)
    session.flush()


def forget(session: Session, attachment_id: int) -> None:
    """Note of a picture that could not be read that its message was recalled, if it was."""
    _take(session, attachment_id)


def refuse(session: Session, attachment_id: int, *, reason: str, passing: bool, now: datetime) -> Refused | None:
    """Note that nothing could be made of a picture, and why; gives who is to be told.

    None where nobody is: it is gone meanwhile, or (`passing`) the machine may have been the reason and it gets one more try.
    """
    row = _take(session, attachment_id)
    if row is None:
        return None
    if passing and not (row.error or "").startswith(_ONCE_MORE):
        row.error, row.due_at = _ONCE_MORE + reason, now + _PAUSE
        session.flush()
        return None
    row.state, row.error = "unmade", reason
    session.flush()
    message = session.get_one(InboxMessage, row.inbox_id)
    return Refused(inbox_id=message.id, key_id=row.key_id, conversation_id=message.conversation_id, received_at=message.received_at)


def _take(session: Session, attachment_id: int) -> Attachment | None:
    """Take a picture that is still to be finished; None for one that is finished or gone, and for one whose message was recalled (now lost)."""
    row = session.get(Attachment, attachment_id, with_for_update=True)
    if row is None or row.state != "fetched":
        return None
    try:
        open_key(session, row.key_id)
    except KeyGone:
        row.state, row.error, row.body = "lost", "recalled", None
        session.flush()
        return None
    return row


def list_of_ticket(session: Session, number: str) -> tuple[Picture, ...]:
    """List the pictures that came for a ticket, in their order."""
    statement = _SHOWN.where(Attachment.ticket == number, Attachment.kind == "image").order_by(Attachment.id)
    return tuple(_show(row) for row in session.execute(statement))


def list_of_sender(session: Session, number: str, *, resident_id: int) -> tuple[Picture, ...]:
    """List the pictures that one resident sent for a ticket, in their order."""
    theirs = (
        select(InboxMessage.id)
        .join(Conversation, Conversation.id == InboxMessage.conversation_id)
        .where(Conversation.resident_id == resident_id)
    )
    statement = _SHOWN.where(Attachment.ticket == number, Attachment.kind == "image", Attachment.inbox_id.in_(theirs))
    return tuple(_show(row) for row in session.execute(statement.order_by(Attachment.id)))


def list_of_messages(session: Session, messages: Collection[int]) -> dict[int, list[Picture]]:
    """List the pictures that came with messages, by the messages' ids, each in their order."""
    found: dict[int, list[Picture]] = defaultdict(list)
    statement = _SHOWN.where(Attachment.inbox_id.in_(messages), Attachment.kind == "image").order_by(Attachment.id)
    for row in session.execute(statement):
        found[row.inbox_id].append(_show(row))
    return dict(found)


def find(session: Session, token: str) -> Found | None:
    """Find whose picture a token names; None for any other."""
    row = session.execute(
        select(Attachment.id, Attachment.inbox_id, Attachment.ticket, Conversation.resident_id)
        .join(InboxMessage, InboxMessage.id == Attachment.inbox_id)
        .outerjoin(Conversation, Conversation.id == InboxMessage.conversation_id)
        .where(Attachment.token == token, Attachment.state == "made")
    ).first()
    if row is None:
        return None
    return Found(id=row.id, inbox_id=row.inbox_id, ticket=row.ticket or "", resident_id=row.resident_id or 0)


def open_made(session: Session, attachment_id: int, size: Size) -> bytes | None:
    """Open what was made of a picture, as JPEG; None if its message was recalled."""
    row = session.get_one(Attachment, attachment_id)
    sealed = row.view if size == "view" else row.thumbnail
    try:
        return open_key(session, row.key_id).open(sealed) if sealed is not None else None
    except KeyGone:
        return None


_SHOWN = select(Attachment.inbox_id, Attachment.state, Attachment.token, Attachment.width, Attachment.height)


def _show(row: Sequence[object]) -> Picture:
    _, state, token, width, height = row
    return msgspec.convert({"state": state, "token": token or "", "width": width or 0, "height": height or 0}, Picture)
