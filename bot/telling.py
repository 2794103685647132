"""Notices of routing become outbox rows: which road leads to whom, and what is only shown because we rehearse or no road is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from residents.conversations import last_channel
from routing.notices import WORDS
from store import outbox
from store.keys import drop_key, new_key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from routing.terms import Notice


class Telling:
    """Writes each notice down for sending, in the transaction of its cause (routing.notices.Teller)."""

    def __init__(self, city: City, *, now: datetime) -> None:
        self._city = city
        self._now = now

    def __call__(self, session: Session, notice: Notice, /) -> None:
        """Keep a notice: residents hear on the channel they last wrote on, staff on the staff channel."""
        key = new_key(session)
        written = {name: value for name, value in notice.facts.items() if name in WORDS}
        rehearsed = self._city.settings.server.rehearsal and notice.audience not in {"resident", "roster"}
        channel = self._channel(session, notice)
        is_new = outbox.put(
            session,
            cause=notice.cause,
            audience=notice.audience,
            target=notice.target,
            channel=channel,
            notice=notice.key,
            facts={name: value for name, value in notice.facts.items() if name not in WORDS} | self._on_duty(notice),
            words=key.seal(msgspec.json.encode(written)) if written else None,
            key_id=key.id,
            urgent=notice.urgent,
            rehearsed=rehearsed,
            shown=rehearsed or not channel,
            now=self._now,
        )
        if not is_new:
            drop_key(session, key.id)

    def _channel(self, session: Session, notice: Notice) -> str:
        if notice.audience == "resident":
            return last_channel(session, int(notice.target))
        return self._city.staff_channel

    def _on_duty(self, notice: Notice) -> dict[str, str]:
        """Name who is on duty where the roster is alarmed."""
        if notice.audience != "roster":
            return {}
        desk = self._city.org.unit(notice.target)
        if desk is None:
            return {"staff": ""}
        _, staff = self._city.org.reach(desk, self._now, self._city.zone)
        return {"staff": "、".join(member.name for code in staff if (member := self._city.org.staff.get(code)))}
