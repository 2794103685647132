"""The way out: claimed outbox rows are put into words, checked against the platform's windows, sent, and marked.

A row is claimed as `sending` and committed before the call, so a crash can never lead to a second send. What certainly did not arrive is
tried again later; what may have arrived is `unknown`; what a closed window refuses goes as a template message or waits for the next contact.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import structlog

from bot.channels import Outbound, SendError, SendLater, SendNever, SendUnknown, WindowClosed
from bot.channels.xml import shorten_text
from residents import bindings, ledger
from residents.unsealing import address_of
from store import outbox
from store.clock import utcnow
from store.failpoints import failpoint
from store.keys import new_key, open_key
from store.sealing import KeyGone, SealError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from bot.channels import Channel
    from bot.replies import Words
    from bot.settings import Outbox as OutboxSettings
    from store.engine import Store
    from store.outbox import Claim, OutboxMessage

log = structlog.get_logger(__name__)


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """A claimed send with its words and address. Where the platform limits us it was `paid` for out of an open window, if one was."""

    claim: Claim
    channel: str
    outbound: Outbound
    limited: bool
    paid: ledger.OpenedBy | None
    resident_id: int

    @property
    def is_inside(self) -> bool:
        """Tell whether it goes as a message; outside every window it goes as a template message."""
        return self.paid is not None or not self.limited


class Sender:
    """Claims, sends and marks, up to `batch` sends in flight."""

    def __init__(
        self,
        *,
        store: Store,
        channels: Mapping[str, Channel],
        words: Callable[[], Words],
        settings: OutboxSettings,
        owner: str,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self._store = store
        self._channels = channels
        self._words = words
        self._settings = settings
        self._owner = owner
        self._clock = clock
        self._flying: set[asyncio.Task[None]] = set()

    async def run_once(self) -> int:
        """Claim what there is room for and set it flying; returns how many were claimed."""
        room = self._settings.batch - len(self._flying)
        if room <= 0:
            await asyncio.wait(self._flying, return_when=asyncio.FIRST_COMPLETED)
            return 0
        lease = timedelta(seconds=self._settings.lease_seconds)
        now = self._clock()
        count, ready = await self._store.write(lambda s: self._claim(s, now=now, lease=lease, limit=room))
        failpoint("outbox.claimed")
        for one in ready:
            task = asyncio.create_task(self._send(one))
            self._flying.add(task)
            task.add_done_callback(self._land)
        return count

    async def drain(self) -> None:
        """Wait for what is in flight."""
        if self._flying:
            await asyncio.wait(set(self._flying))

    def _land(self, task: asyncio.Task[None]) -> None:
        """A send that could not be marked stays `sending` until its lease makes it `unknown`."""
        self._flying.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("send not marked", action="send_unmarked", error=type(error).__name__)

    def _claim(self, session: Session, *, now: datetime, lease: timedelta, limit: int) -> tuple[int, list[Ready]]:
        claimed = outbox.claim(session, owner=self._owner, now=now, lease=lease, limit=limit)
        ready = [self._prepare(session, one, row, now=now) for one, row in claimed]
        return len(claimed), [one for one in ready if one is not None]

    def _prepare(self, session: Session, one: Claim, row: OutboxMessage, *, now: datetime) -> Ready | None:
        """Find words, address and a way; None if the row ended here."""
        channel = self._channels.get(row.channel)
        if channel is None:
            outbox.mark_ended(session, one, state="failed", error=f"channel {row.channel} is off")
            return None
        try:
            text = self._words_of(session, row, limit=channel.reply_limit)
        except KeyGone:
            outbox.mark_ended(session, one, state="failed", error="recalled")
            return None
        except (KeyError, ValueError, SealError) as error:  # no such text or fact, not sealed by us: this row's fault, others go on
            log.exception("send not rendered", action="send_unrendered", outbox=one.id, notice=row.notice)
            outbox.mark_ended(session, one, state="failed", error=f"not rendered: {type(error).__name__}")
            return None
        resident_id = reader_of(session, row)
        is_person = row.audience in {"resident", "staff"}
        address = address_of(session, resident_id=resident_id, channel=row.channel) if is_person else row.target
        if address is None:
            outbox.mark_ended(session, one, state="failed", error="no address")
            return None
        limited = bool(resident_id and channel.windows)
        paid = ledger.spend(session, resident_id=resident_id, channel=row.channel, now=now) if limited else None
        outbound = Outbound(address=address, text=text, reference=row.cause, template=template_of(row))
        return Ready(claim=one, channel=row.channel, outbound=outbound, limited=limited, paid=paid, resident_id=resident_id)

    def _words_of(self, session: Session, row: OutboxMessage, *, limit: int) -> str:
        """Render at the first claim, in one message of at most `limit` bytes, and keep what will be sent."""
        if row.body is not None and row.key_id is not None:
            return open_key(session, row.key_id).open(row.body).decode()
        key = new_key(session) if row.key_id is None else open_key(session, row.key_id)
        words = msgspec.json.decode(key.open(row.words)) if row.words is not None else {}
        text = shorten_text(self._words().notify(row.notice, row.facts | words), limit)
        row.key_id, row.body = key.id, key.seal(text.encode())
        session.flush()
        return text

    async def _send(self, one: Ready) -> None:
        channel = self._channels[one.channel]
        try:
            reference = await (channel.send if one.is_inside else channel.notify)(one.outbound)
        except SendLater as error:
            await self._later(one, error)
        except WindowClosed as error:
            await (self._send_outside(one) if one.is_inside else self._hold(one, error))
        except SendNever as error:
            await self._end(one, "failed", error, gives_back=True)
        except SendUnknown as error:
            await self._end(one, "unknown", error)
        except Exception:
            log.exception("send broke off", action="send_broke", outbox=one.claim.id)
            await self._end(one, "unknown", SendUnknown())
        else:
            failpoint("outbox.sent")
            await self._store.write(lambda s: outbox.mark_sent(s, one.claim, reference=reference, now=self._clock()))

    async def _send_outside(self, one: Ready) -> None:
        """The platform says that its window is closed: believe it and try the way outside the window."""
        if one.limited:
            await self._store.write(lambda s: ledger.empty(s, resident_id=one.resident_id, channel=one.channel))
        await self._send(msgspec.structs.replace(one, limited=True, paid=None))

    async def _later(self, one: Ready, error: SendLater) -> None:
        if one.claim.attempt >= self._settings.attempts:
            await self._end(one, "failed", error, gives_back=True)
            return
        due_at = self._clock() + timedelta(seconds=min(error.after * 2 ** (one.claim.attempt - 1), 3600))

        def work(session: Session) -> None:
            self._give_back(session, one)
            outbox.mark_later(session, one.claim, due_at=due_at, error=describe(error))

        await self._store.write(work)

    async def _hold(self, one: Ready, error: WindowClosed) -> None:
        """Let it wait for the next contact, unless that was while it was under way."""
        now = self._clock()

        def work(session: Session) -> None:
            if one.limited and ledger.is_open(session, resident_id=one.resident_id, channel=one.channel, now=now):
                outbox.mark_later(session, one.claim, due_at=now, error=describe(error))
            else:
                outbox.mark_ended(session, one.claim, state="held", error=describe(error))

        await self._store.write(work)

    async def _end(self, one: Ready, state: outbox.EndState, error: SendError, *, gives_back: bool = False) -> None:
        log.warning("send ended", action=f"send_{state}", outbox=one.claim.id, code=error.code)

        def work(session: Session) -> None:
            if gives_back:
                self._give_back(session, one)
            outbox.mark_ended(session, one.claim, state=state, error=describe(error))

        await self._store.write(work)

    def _give_back(self, session: Session, one: Ready) -> None:
        """What certainly did not arrive was not counted by the platform either."""
        if one.paid:
            window = self._channels[one.channel].windows[one.paid]
            ledger.give_back(session, resident_id=one.resident_id, channel=one.channel, opened_by=one.paid, window=window)


def reader_of(session: Session, row: OutboxMessage) -> int:
    """Give the number of the person who reads it: a resident, or whose chat speaks for a member of staff; 0 where it goes to a group or a desk."""
    if row.audience == "resident":
        return int(row.target)
    road = bindings.road_to(session, row.target, channel=row.channel) if row.audience == "staff" else None
    return road.resident_id if road is not None else 0


def describe(error: SendError) -> str:
    """Say what went wrong without saying to whom."""
    return f"{type(error).__name__} {error.code}: {error}"[:300]


def template_of(row: OutboxMessage) -> dict[str, str]:
    """Choose the facts that a template message may show: the number and where the matter stands."""
    return {"ticket": str(row.facts.get("ticket", "")), "notice": row.notice, "title": str(row.facts.get("title", ""))}
