"""Letters of the past through the whole path: what would have become of each, counted once.

Every letter goes through the receiver as if a resident had written it; a question that is still open when the resident's next letter comes
long after, or at the end, is settled as if its time had passed. Nothing is sent: no worker runs.

    ReplayError
    ├── BadLetters     the file has not the columns a replay needs
    └── CountsDiffer   the outcomes do not add up to the messages received: a fault of the program
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict, deque
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select

from bot import seat_watch
from bot.channels import BodyDiffers, Inbound
from bot.channels.xml import clean_text
from residents import conversations, seats
from residents.masking import mask
from residents.seats import SeatTalk
from residents.tables import Conversation
from residents.unsealing import open_raw
from routing import register
from routing.tables import Ticket
from store import inbox
from store.clock import utcnow
from store.inbox import InboxMessage
from store.sheets import read_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from bot.app import App
    from bot.city import City
    from bot.handling import Handler

CHANNEL = "terminal"
COLUMNS = ("id", "user", "title", "text", "sent_at")
CONCURRENCY = 16
"""Letters under way at once: enough to fill SQLite's group commits, few enough that none waits past the reply budget."""

_TEXT_LENGTH = 60
_FORMS = tuple(f"%Y{mark}%m{mark}%d{clock}" for mark in "-/" for clock in (" %H:%M:%S", " %H:%M", "T%H:%M:%S", ""))
_OUTCOMES = ("answered", "choice", "ticket", "joined", "to_desk", "emergency", "told", "ignored")


class ReplayError(Exception):
    """The letters could not be replayed."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class BadLetters(ReplayError):
    """The file needs the columns id, user, title, text and sent_at."""


class CountsDiffer(ReplayError):
    """The outcomes do not add up to the messages received."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """One letter of the file."""

    key: str
    sender: str
    text: str
    sent_at: datetime


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the letters. The outcomes add up to `received`; `repeated` had an id that came before; `failed` were quarantined.

    `opened` tickets were opened for them, `at_once` of these dispatched without a person; `incomplete` lack unit, clock or explanation.
    """

    received: int
    repeated: int
    answered: int
    choices: int
    tickets: int
    joined: int
    to_desk: int
    emergencies: int
    told: int
    ignored: int
    failed: int
    opened: int
    at_once: int
    incomplete: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Messages a second."""
        return self.received / self.seconds if self.seconds else 0.0

    @property
    def share_at_once(self) -> float:
        """The share of the opened tickets that were dispatched at once."""
        return self.at_once / self.opened if self.opened else 0.0


class Sampled(msgspec.Struct, frozen=True, kw_only=True):
    """One letter and what became of it, masked, for a person to judge."""

    text: str
    outcome: str
    reply: str
    number: str = ""
    item: str = ""
    unit: str = ""
    place: str = ""
    due: str = ""
    why: tuple[str, ...] = ()


def read_letters(path: Path, *, zone: ZoneInfo, limit: int | None = None) -> list[Letter]:
    """Read a file of letters; times without a zone are the city's. BadLetters names the columns that are missing."""
    sheet = read_sheet(path)
    missing = [column for column in COLUMNS if column not in sheet.columns]
    if missing:
        raise BadLetters(", ".join(missing))
    rows = [row.cells for row in sheet.rows[:limit]]
    return [
        Letter(
            key=row["id"],
            sender=row["user"],
            text=clean_text("\n".join(part for part in (row["title"], row["text"]) if part)),
            sent_at=_read_moment(row["sent_at"], zone),
        )
        for row in rows
    ]


async def replay(
    app: App, letters: Iterable[Letter], *, concurrency: int = CONCURRENCY, progress: Callable[[int], None] = lambda _more: None
) -> tuple[int, Tally]:
    """Take the letters through; gives the row before the first one, and the count."""
    before = await app.store.read(last_message)
    waiting = deque(letters)
    total = len(waiting)
    started = time.monotonic()
    patience = timedelta(minutes=app.settings.conversation.question_minutes)
    turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
    written: dict[str, datetime] = {}

    async def take() -> None:
        while waiting:
            letter = waiting.popleft()
            async with turns[letter.sender]:
                if letter.sent_at - written.get(letter.sender, letter.sent_at) >= patience:
                    await app.store.write(partial(_let_time_pass, handler=app.handler, sender=letter.sender))
                written[letter.sender] = letter.sent_at
                await _receive(app, letter)
            progress(1)

    await asyncio.gather(*(take() for _ in range(concurrency)))
    await app.receiver.drain()
    await _finish(app, before)
    seconds = time.monotonic() - started
    return before, await app.store.read(lambda session: count(session, before, total=total, seconds=seconds))


def last_message(session: Session) -> int:
    """Give the number of the newest message there is."""
    return session.execute(select(func.max(InboxMessage.id))).scalar_one() or 0


def count(session: Session, before: int, *, total: int, seconds: float) -> Tally:
    """Count what became of the messages after `before`; CountsDiffer if one has no outcome or one that is none."""
    rows = session.execute(
        select(InboxMessage.outcome, func.count()).where(InboxMessage.id > before).group_by(InboxMessage.outcome)
    ).all()
    outcomes = {outcome or "": number for outcome, number in rows}
    received = sum(outcomes.values())
    strange = set(outcomes) - {*_OUTCOMES, "quarantined"}
    if strange:
        raise CountsDiffer(", ".join(f"{outcome or '-'}: {outcomes[outcome]}" for outcome in sorted(strange)))
    tickets = session.execute(
        select(Ticket.automatic, Ticket.unit, Ticket.desk, Ticket.due_at, Ticket.why).where(Ticket.inbox_id > before)
    ).all()
    return Tally(
        received=received,
        repeated=total - received,
        answered=outcomes.get("answered", 0),
        choices=outcomes.get("choice", 0),
        tickets=outcomes.get("ticket", 0),
        joined=outcomes.get("joined", 0),
        to_desk=outcomes.get("to_desk", 0),
        emergencies=outcomes.get("emergency", 0),
        told=outcomes.get("told", 0),
        ignored=outcomes.get("ignored", 0),
        failed=outcomes.get("quarantined", 0),
        opened=len(tickets),
        at_once=sum(row.automatic for row in tickets),
        incomplete=sum(not (row.unit and row.desk and row.due_at and row.why) for row in tickets),
        seconds=seconds,
    )


def sample(session: Session, city: City, before: int, *, size: int, seed: int = 0) -> list[Sampled]:
    """Draw some of the messages after `before` and say what became of each; nothing in it leads to a person."""
    ids = session.execute(select(InboxMessage.id).where(InboxMessage.id > before).order_by(InboxMessage.id)).scalars().all()
    drawn = sorted(random.Random(seed).sample(ids, min(size, len(ids))))  # noqa: S311 - a sample to read, no secret
    return [_describe(session, city, message_id) for message_id in drawn]


async def _receive(app: App, letter: Letter) -> None:
    inbound = Inbound(channel=CHANNEL, key=letter.key, sender=letter.sender, kind="text", sent_at=letter.sent_at, text=letter.text)
    try:
        await app.receiver.receive(inbound)
    except BodyDiffers:
        return  # an id that came before with other words: counted as repeated


def _let_time_pass(session: Session, *, handler: Handler, sender: str) -> None:
    """Settle what a resident was asked and has not answered for so long."""
    now = utcnow()
    speaker = conversations.open_for(session, channel=CHANNEL, sender=sender, place="person", now=now)
    handler.time_out(session, speaker.conversation.id, now=speaker.conversation.due_at or now)
    talk = seats.find_open(session, speaker.conversation.id)
    if talk is not None:
        _let_nobody_come(session, talk.id, handler=handler)


def _let_nobody_come(session: Session, talk_id: int, *, handler: Handler) -> None:
    """Settle a wish for a person as if none had come in time: it becomes a call-back."""
    waited = timedelta(minutes=handler.city.settings.seat.wait_minutes)
    seat_watch.look_after(session, talk_id, city=handler.city, now=seats.lock(session, talk_id).queued_at + waited)


async def _finish(app: App, before: int) -> None:
    """Handle what the store's trouble left over, then let the time of every open question pass."""
    now = utcnow()
    left = await app.store.read(lambda session: inbox.unfinished(session, before=now))
    await app.receiver.resume(message_id for message_id in left if message_id > before)
    open_now = select(Conversation.id, Conversation.due_at).where(Conversation.due_at.is_not(None), Conversation.asked_by > before)
    waiting = await app.store.read(lambda session: {row.id: row.due_at for row in session.execute(open_now)})
    for conversation_id, due_at in waiting.items():
        await app.store.write(partial(app.handler.time_out, conversation_id=conversation_id, now=due_at or now))
    waits = select(SeatTalk.id).where(SeatTalk.state != "ended", SeatTalk.inbox_id > before)
    for talk_id in await app.store.read(lambda session: session.execute(waits).scalars().all()):
        await app.store.write(partial(_let_nobody_come, talk_id=talk_id, handler=app.handler))


def _describe(session: Session, city: City, message_id: int) -> Sampled:
    message = session.get_one(InboxMessage, message_id)
    answer = inbox.answer_of(session, message_id)
    inbound = msgspec.json.decode(open_raw(session, message), type=Inbound)
    text, reply = _cut(inbound.text), _cut(answer.text or "")
    if not answer.ticket:
        return Sampled(text=text, outcome=answer.outcome or "", reply=reply)
    ticket = register.show(session, answer.ticket, org=city.org).ticket
    item = city.duty_list.item(ticket.item) or city.duty_list.item(next(iter(ticket.candidates), ""))
    return Sampled(
        text=text,
        outcome=answer.outcome or "",
        reply=reply,
        number=ticket.number,
        item=item.name if item else "",
        unit=ticket.unit_name,
        place=mask(ticket.public_place),
        due=city.words.moment(ticket.due_at),
        why=tuple(mask(city.words.explain(line)) for line in ticket.why),
    )


def _cut(text: str) -> str:
    """Mask a text first, then cut it: what is cut off cannot hide half a number from the mask."""
    return mask(text).replace("\n", " ")[:_TEXT_LENGTH]


def _read_moment(cell: str, zone: ZoneInfo) -> datetime:
    """Read a time as exports write it; one that cannot be read is now: nothing is decided by it."""
    for form in _FORMS:
        with suppress(ValueError):
            return datetime.strptime(cell, form).replace(tzinfo=zone).astimezone(UTC)
    return utcnow()
