"""Notices of routing become outbox rows: which road leads to whom, and what is only shown.

That is what a rehearsal does not send, what no road is configured for, and what a resident who wants no notices is spared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.quiet import choose_time
from residents import bindings, consent
from residents.conversations import last_channel, last_contact
from routing.facts import NOBODY
from routing.notice_table import ALARM, STRANDED, WORDS
from store import outbox
from store.keys import drop_key, new_key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from routing.terms import Notice


SPARED = frozenset(
    {
        "dispatched", "transferred", "handed_over", "resumed", "merged", "merged_inside", "unmerged", "closed", "progressed", "still_carried", "reask",
    }
)  # fmt: skip
"""Where a matter stands, unasked: what 停止通知 stops besides broadcasts. Answers and results of own matters always come."""


class Telling:
    """Writes each notice down for sending, in the transaction of its cause (routing.notices.Teller)."""

    def __init__(self, city: City, *, now: datetime) -> None:
        self._city = city
        self._now = now

    def __call__(self, session: Session, notice: Notice, /) -> None:
        """Keep a notice: residents hear on the channel they last wrote on, one member of staff in the chat bound to them, all others on the staff channel."""
        if notice.audience == "resident" and notice.target == str(NOBODY):
            return  # they were erased, and nobody is left to be told
        key = new_key(session)
        written = {name: value for name, value in notice.facts.items() if name in WORDS}
        if tokens := written.pop("tokens", None):
            written["links"] = [(number, url) for number, token in tokens.items() if (url := self._city.name_page(token))]
        is_real = notice.audience in {"resident", "roster", "operator"} or notice.cause.startswith(ALARM)
        rehearsed = self._city.settings.server.rehearsal and not is_real
        channel = self._channel(session, notice)
        is_new = outbox.put(
            session,
            cause=notice.cause,
            audience=notice.audience,
            target=notice.target,
            channel=channel,
            notice=notice.key,
            facts={name: value for name, value in notice.facts.items() if name not in WORDS},
            words=key.seal(msgspec.json.encode(written)) if written else None,
            key_id=key.id,
            urgent=notice.urgent,
            rehearsed=rehearsed,
            shown=rehearsed or not channel or self._is_spared(session, notice),
            now=self._now,
            due_at=plan(session, self._city, notice.audience, notice.target, at_night=notice.at_night, now=self._now),
        )
        if not is_new:
            drop_key(session, key.id)

    def _is_spared(self, session: Session, notice: Notice) -> bool:
        """Tell whether a resident who wants no notices is spared this one: they can ask for it, and hear results all the same."""
        if notice.audience != "resident" or notice.key not in SPARED:
            return False
        return consent.refuses(session, resident_id=int(notice.target), kind="broadcast")

    def _channel(self, session: Session, notice: Notice) -> str:
        if notice.audience == "resident":
            return last_channel(session, int(notice.target))
        if notice.audience == "staff":
            road = bindings.road_to(session, notice.target)
            return road.channel if road is not None else ""
        if notice.key == STRANDED:
            return ""  # the staff's road is read by those it is about
        return self._city.find_channel(notice.audience, notice.target)


def plan(session: Session, city: City, audience: str, target: str, *, at_night: bool, now: datetime) -> datetime:
    """Plan when something is due for somebody: now, or when the quiet hours end. `at_night`: it cannot wait."""
    wrote_at = find_contact(session, audience=audience, target=target)
    return choose_time(now, at_night=at_night, wrote_at=wrote_at, settings=city.settings.notices, zone=city.zone)


def find_contact(session: Session, *, audience: str, target: str) -> datetime | None:
    """Give when the one person whom a send is for last wrote to us; None for a unit, a desk or a group, and who never did."""
    if audience == "resident":
        return last_contact(session, int(target))
    road = bindings.road_to(session, target) if audience == "staff" else None
    return last_contact(session, road.resident_id) if road is not None else None
