"""Which way an answer goes: passively with the delivery that waits for it, or actively as a send of its own. Decided once per message.

T2 done, the edge waits          -> passive; parts that do not fit one message follow actively
the edge gave up waiting before  -> active, written in T2's transaction
nobody waits (taken up again)    -> open: a repeated delivery fetches it, else `send_unfetched` sends it
a group that cannot be answered  -> none; the words are a suggestion to the grid worker
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.replies import cut
from residents import conversations
from store import inbox, outbox
from store.keys import new_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.channels import Channel, Inbound
    from residents.conversations import Speaker
    from store.inbox import Answer, InboxMessage


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a message ended: its outcome, the ticket it touched, and the words."""

    outcome: str
    ticket: str
    text: str | None


class Ways:
    """Writes answers into inbox and outbox."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels

    def settle(
        self,
        session: Session,
        row: InboxMessage,
        inbound: Inbound,
        speaker: Speaker,
        ending: Ending,
        *,
        edge_waits: bool,
        now: datetime,
    ) -> None:
        """End T2: the outcome, and the words on their way."""
        in_silence = inbound.scope == "group" and not (inbound.group and inbound.group.can_reply)
        parts = cut(ending.text, self._limit(inbound.channel)) if ending.text is not None and not in_silence else []
        via = choose_way(row, edge_waits=edge_waits)
        inbox.settle(
            session,
            row,
            outcome=ending.outcome,
            ticket=ending.ticket,
            conversation_id=speaker.conversation.id,
            text=parts[0] if parts else None,
            suggested=ending.text or "" if in_silence else "",
            reply_via=via,
            now=now,
        )
        if via == "active":
            self.send(session, speaker, f"reply:{row.id}", parts, now=now)
        else:
            self.send(session, speaker, f"reply:{row.id}:rest", parts[1:], now=now)

    def decide(self, session: Session, message_id: int) -> Answer:
        """Decide for an edge that can wait no longer: what is there goes passively, what is not will go actively."""
        answer = inbox.answer_of(session, message_id)
        if answer.reply_via != "open":
            return answer
        inbox.move_reply(session, message_id, to="active" if answer.outcome is None else "passive")
        session.expire_all()
        return inbox.answer_of(session, message_id)

    def send_unfetched(self, session: Session, message_id: int, *, now: datetime) -> None:
        """Send an answer actively that no delivery came back for."""
        if not inbox.move_reply(session, message_id, to="active"):
            return
        session.expire_all()
        answer = inbox.answer_of(session, message_id)
        row = session.get_one(inbox.InboxMessage, message_id)
        if answer.text is not None and row.conversation_id is not None:
            self.say(session, conversations.reopen(session, row.conversation_id), f"reply:{message_id}", answer.text, now=now)

    def say(self, session: Session, speaker: Speaker, cause: str, text: str, *, now: datetime) -> None:
        """Write words down for sending, cut to what the channel carries."""
        self.send(session, speaker, cause, cut(text, self._limit(speaker.conversation.channel)), now=now)

    def send(self, session: Session, speaker: Speaker, cause: str, parts: Sequence[str], *, now: datetime) -> None:
        """Write parts of one answer down for sending, in their order."""
        for number, part in enumerate(parts):
            key = new_key(session)
            outbox.put(
                session,
                cause=f"{cause}:{number}",
                audience="resident",
                target=str(speaker.resident.id),
                channel=speaker.conversation.channel,
                notice="reply",
                body=key.seal(part.encode()),
                key_id=key.id,
                now=now,
            )

    def _limit(self, channel: str) -> int:
        found = self._channels.get(channel)
        return found.reply_limit if found else 0


def choose_way(row: InboxMessage, *, edge_waits: bool) -> inbox.ReplyVia:
    """Choose in T2: what the edge decided stands; else passively if it still waits, and left open if nobody does."""
    if row.reply_via == "active":
        return "active"
    return "passive" if edge_waits else "open"
