"""Lines that were read together (我们小区 … 电梯坏了): which messages' words went into a matter besides the one that it came of.

They share its ticket and moment, so that taking one of them back takes its words out of the ticket too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.understanding import read_text
from store import inbox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from bot.understanding import Understanding
    from intents.state import ConversationState


def read_joined(city: City, joined: str, *, last: Understanding) -> Understanding:
    """Read two messages together. The first said nothing by itself, so it is no matter of its own: it stands before the second's first clause."""
    read = read_text(city, joined)
    if not last.clauses:
        return read
    lead = joined.removesuffix(last.utterance.raw.strip())
    first = msgspec.structs.replace(last.clauses[0], text=f"{lead}{last.clauses[0].text}")
    return msgspec.structs.replace(read, clauses=(first, *last.clauses[1:]))


def find_lines(state: ConversationState, *, joined: bool) -> tuple[int, ...]:
    """Find the messages that a message was read together with."""
    return state.last.messages if joined and state.last is not None else ()


def note_lines(
    before: ConversationState, after: ConversationState, *, lines: Sequence[int], message_id: int, is_new: bool, now: datetime
) -> ConversationState:
    """Note in the state after a message which messages' words it holds: those of its last turn, and those of a question that it opened or kept open."""
    if after.last is not None and after.last.at == now:
        after = msgspec.structs.replace(after, last=msgspec.structs.replace(after.last, messages=(*lines, message_id)))
    if after.draft is None:
        return after
    kept = before.lines if before.draft is not None else ()
    return msgspec.structs.replace(after, lines=tuple(dict.fromkeys((*kept, *(lines if is_new else ())))))


def share_fate(session: Session, lines: Sequence[int], *, ticket: str, now: datetime) -> None:
    """Put the messages whose words went into a ticket to it."""
    if lines and ticket:
        inbox.link(session, lines, ticket=ticket, now=now)
