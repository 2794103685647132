"""Which way an answer goes: passively with the delivery that waits for it, or actively as a send of its own. Decided once per message.

T2 done, the edge waits          -> passive; parts that do not fit one message follow actively
the edge gave up waiting before  -> active, written in T2's transaction
nobody waits (taken up again)    -> open: a repeated delivery fetches it, else `send_unfetched` sends it
a group that cannot be answered  -> none; the words are a suggestion to the grid worker
a channel that keeps what it says -> active at once: it stands there for whoever comes
a channel that cannot be called  -> what was held for its reader goes along with the next answer

The row keeps the whole answer; what goes passively is cut off it each time in the same way. Each change is made under the row's lock.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from bot.replies import cut
from residents import conversations
from residents.conversations import PERSON
from store import inbox, outbox
from store.keys import open_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.channels import Channel, Inbound
    from residents.tables import Conversation
    from store.inbox import Answer, InboxMessage
    from store.sealing import DataKey

_AFTER_PASSIVE = timedelta(seconds=1)  # the first part is on its way as an HTTP answer; the next must not overtake it


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a message ended: its outcome, the ticket it touched, and the words."""

    outcome: str
    ticket: str = ""
    text: str | None = None


class Ways:
    """Writes answers into inbox and outbox."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels

    def settle(
        self,
        session: Session,
        row: InboxMessage,
        ending: Ending,
        *,
        conversation: Conversation | None,
        in_silence: bool,
        edge_waits: bool,
        now: datetime,
    ) -> None:
        """End T2: the outcome, and the words on their way. Without a conversation they can only go passively."""
        text = None if in_silence else ending.text
        keeps = conversation is not None and self._keeps(conversation.channel)
        via = choose_way(row.reply_via, edge_waits=edge_waits, keeps=keeps)
        if text is not None and conversation is not None and via != "active":
            text = "\n\n".join((text, *self._take_along(session, row, conversation, now=now)))
        inbox.settle(
            session,
            row,
            outcome=ending.outcome,
            ticket=ending.ticket,
            conversation_id=conversation.id if conversation is not None else None,
            text=text,
            suggested=ending.text or "" if in_silence else "",
            reply_via=via,
            now=now,
        )
        if text is not None and via != "open":
            self._send(session, row, text, now=now)

    def decide(self, session: Session, message_id: int, *, comes_again: bool, now: datetime) -> Answer:
        """Decide for an edge that can wait no longer: what is there goes passively, what is not will go actively.

        Whoever comes again for the answer and cannot be called (`comes_again`) decides nothing by leaving.
        """
        row = inbox.lock(session, message_id)
        if row.reply_via == "open" and not (row.outcome is None and comes_again):
            self._move(session, row, to="active" if row.outcome is None else "passive", now=now)
        return inbox.answer_of(session, message_id)

    def send_unfetched(self, session: Session, message_id: int, *, now: datetime) -> None:
        """Send an answer actively that no delivery came back for."""
        row = inbox.lock(session, message_id)
        if row.reply_via == "open":
            self._move(session, row, to="active", now=now)

    def first_part(self, channel: str, text: str) -> str:
        """Give what of an answer fits one message: the part that goes passively."""
        return self._cut(channel, text)[0]

    def say(self, session: Session, conversation: Conversation, cause: str, text: str, *, key: DataKey, now: datetime) -> None:
        """Write words down for sending, sealed under this key, cut to what the channel carries."""
        for number, part in enumerate(self._cut(conversation.channel, text)):
            self._put(session, conversation, f"{cause}:{number}", part, key=key, now=now)

    def _take_along(self, session: Session, row: InboxMessage, conversation: Conversation, *, now: datetime) -> list[str]:
        """Take what was held for somebody whose channel cannot be called into the answer to what they write: their words, in order."""
        channel = self._channels.get(conversation.channel)
        if channel is None or channel.windows or conversation.place != PERSON:
            return []
        reader = {"audience": "resident", "target": str(conversation.resident_id), "channel": conversation.channel}
        return outbox.take_held(session, **reader, reference=f"reply:{row.id}", now=now)

    def _move(self, session: Session, row: InboxMessage, *, to: inbox.ReplyVia, now: datetime) -> None:
        row.reply_via = to
        session.flush()
        text = inbox.answer_of(session, row.id).text
        if text is not None:
            self._send(session, row, text, now=now)

    def _send(self, session: Session, row: InboxMessage, text: str, *, now: datetime) -> None:
        """Write down what of an answer goes actively; under the message's key, so that recalling it takes the answer back too."""
        if row.conversation_id is None or row.key_id is None:
            return
        conversation = conversations.find(session, row.conversation_id)
        key = open_key(session, row.key_id)
        parts = list(enumerate(self._cut(row.channel, text)))
        is_passive = row.reply_via == "passive"
        for number, part in parts[1:] if is_passive else parts:
            due_at = now + _AFTER_PASSIVE if is_passive else now
            self._put(session, conversation, f"reply:{row.id}:{number}", part, key=key, now=now, due_at=due_at)

    def _put(
        self,
        session: Session,
        conversation: Conversation,
        cause: str,
        part: str,
        *,
        key: DataKey,
        now: datetime,
        due_at: datetime | None = None,
    ) -> None:
        outbox.put(
            session,
            cause=cause,
            audience="resident",
            target=str(conversation.resident_id),
            channel=conversation.channel,
            notice="reply",
            body=key.seal(part.encode()),
            key_id=key.id,
            urgent=True,  # an answer comes before the notices that its message has led to
            now=now,
            due_at=due_at,
        )

    def _keeps(self, channel: str) -> bool:
        """Tell whether a channel keeps what it sends."""
        found = self._channels.get(channel)
        return found is not None and found.keeps

    def _cut(self, channel: str, text: str) -> list[str]:
        found = self._channels.get(channel)
        return cut(text, found.reply_limit if found else 0)


def choose_way(decided: str, *, edge_waits: bool, keeps: bool) -> inbox.ReplyVia:
    """Choose in T2: what the edge decided stands; else passively if it still waits, and left open if nobody does.

    Where the channel keeps what it sends, the answer stands there for whoever comes for it.
    """
    if decided == "active" or keeps:
        return "active"
    return "passive" if edge_waits else "open"


def is_silent(inbound: Inbound) -> bool:
    """Tell whether nothing can be said where a message was written: in a group that the channel cannot answer."""
    return inbound.scope == "group" and not (inbound.group and inbound.group.can_reply)
