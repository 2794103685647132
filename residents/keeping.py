"""我的信息: what is kept of a resident in this room, in a form that may be shown to them: no raw id of a platform, their own number only in part."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select

from residents import consent
from residents.attachments import Attachment
from residents.masking import show_partly
from residents.tables import Conversation, Identity
from residents.unsealing import read_own
from store.inbox import InboxMessage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from residents.tables import Resident


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept: since when, on which channels, phones in part, whether a name or a home is there, how many pictures and recordings."""

    since: datetime
    channels: tuple[str, ...]
    phones: tuple[str, ...]
    has_name: bool
    has_home: bool
    attachments: int
    told_version: str
    told_at: datetime | None
    refuses_notices: bool


def read_kept(session: Session, resident: Resident) -> Kept:
    """Read what is kept of a resident."""
    talks = select(Conversation.id).where(Conversation.resident_id == resident.id)
    channels = select(Conversation.channel).where(Conversation.resident_id == resident.id).order_by(Conversation.id)
    kinds = set(session.execute(select(Identity.kind).where(Identity.resident_id == resident.id)).scalars())
    messages = select(InboxMessage.id).where(InboxMessage.conversation_id.in_(talks))
    pictures = select(func.count()).select_from(Attachment).where(Attachment.inbox_id.in_(messages))
    standing = {row.kind: row for row in consent.list_latest(session, resident_id=resident.id)}
    told = standing.get("notice")
    return Kept(
        since=resident.created_at,
        channels=tuple(dict.fromkeys(session.execute(channels).scalars())),
        phones=tuple(show_partly(phone) for phone in read_own(session, resident, kinds=("phone",))),
        has_name="name" in kinds,
        has_home="home" in kinds,
        attachments=session.execute(pictures).scalar_one(),
        told_version=told.version if told is not None else "",
        told_at=told.at if told is not None else None,
        refuses_notices=consent.refuses(session, resident_id=resident.id, kind="broadcast"),
    )
