"""Residents who are not new to us: they have seen the notice that comes with the first answer, so a test reads the answer alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from residents import consent, conversations

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.settings import Settings
    from store.engine import Store


async def introduce(store: Store, settings: Settings, *, channel: str, sender: str, now: datetime) -> None:
    """Let somebody have been told in private who handles what they write."""

    def inform(session: Session) -> None:
        resident = conversations.open_for(session, channel=channel, sender=sender, place="person", now=now).resident
        consent.give(session, resident_id=resident.id, kind="notice", version=settings.privacy.notice_version, now=now)

    await store.write(inform)
