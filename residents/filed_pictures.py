"""Pictures that one of the staff sends with what they file for a resident: kept like those of a message, and made safe in the same way.

Behind them stands an empty message that was never said: it has its own key, which goes with the ticket or with its resident.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import select

from residents import attachments
from residents.attachments import Attachment
from store import inbox
from store.inbox import InboxMessage

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

CHANNEL = "proxy"
"""The channel of such messages, as it is the one of the tickets that are filed."""


def keep(session: Session, pictures: Sequence[tuple[str, bytes]], *, ticket: str, now: datetime) -> None:
    """Keep pictures (format, bytes) for a ticket; no camera's marks are kept with them."""
    if not pictures:
        return
    kept = inbox.remember(session, channel=CHANNEL, key=secrets.token_hex(16), body=b"{}", now=now)
    row = session.get_one(InboxMessage, kept.id)
    assert row.key_id is not None  # noqa: S101 - it was made just now
    inbox.settle(session, row, outcome="ticket", ticket=ticket, text=None, reply_via="none", now=now)
    media = [("image", "", form) for form, _ in pictures]
    attachments.expect(session, inbox_id=row.id, key_id=row.key_id, channel=CHANNEL, media=media, now=now)
    attachments.attach(session, inbox_id=row.id, ticket=ticket)
    ids = session.scalars(select(Attachment.id).where(Attachment.inbox_id == row.id).order_by(Attachment.id)).all()
    for attachment_id, (_, body) in zip(ids, pictures, strict=True):
        attachments.keep(session, attachment_id, body, now=now)


def find_messages(numbers: Collection[str]) -> Select[InboxMessage]:
    """Select the messages behind the pictures that were filed with tickets."""
    return select(InboxMessage).where(
        InboxMessage.channel == CHANNEL, InboxMessage.ticket.in_(numbers), InboxMessage.key_id.is_not(None)
    )
