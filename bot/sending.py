"""The way out: claimed outbox rows are put into words, checked against the platform's windows, sent, and marked.

A row is claimed as `sending` and committed before the call, so a crash can never lead to a second send. What certainly did not arrive is
tried again later; what may have arrived is `unknown`; what a closed window refuses goes as a template message or waits for the next contact.
Several notices that wait for the same destination go as one message (bot.digest), each row claimed and marked on its own; where such a
message is refused, they go one by one. In quiet hours nothing leaves that should have left before them and can wait.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec
import structlog

from bot.channels import Outbound, SendError, SendLater, SendNever, SendUnknown, WindowClosed
from bot.channels.xml import shorten_text
from bot.digest import APART, join_texts, may_join
from bot.quiet import NoticeSettings, find_night
from residents import bindings, ledger
from residents.unsealing import address_of
from store import outbox
from store.clock import utcnow
from store.failpoints import failpoint
from store.keys import new_key, open_key
from store.sealing import KeyGone, SealError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from bot.channels import Channel
    from bot.replies import Words
    from bot.settings import Outbox as OutboxSettings
    from store.engine import Store
    from store.outbox import Claim, OutboxMessage

log = structlog.get_logger(__name__)

_MOST = 50
"""So many rows at most go as one message."""
_NEITHER = NoticeSettings(quiet_from="", merge_from=_MOST + 2)


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """A send with its words and address, and the claimed rows that it says. Where the platform limits us it was `paid` for out of an open window, if one was."""

    claims: tuple[Claim, ...]
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
        notices: NoticeSettings | None = None,
        zone: ZoneInfo | None = None,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self._store = store
        self._channels = channels
        self._words = words
        self._settings = settings
        self._owner = owner
        self._notices = notices or _NEITHER
        self._zone = zone or ZoneInfo("UTC")
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
        night = find_night(now, settings=self._notices, zone=self._zone)
        since = night.began if night is not None else None
        claimed = outbox.claim(session, owner=self._owner, now=now, lease=lease, limit=limit, since=since)
        ready = [self._prepare(session, one, row, now=now, lease=lease, since=since) for one, row in claimed]
        return len(claimed), [one for one in ready if one is not None]

    def _prepare(
        self, session: Session, one: Claim, row: OutboxMessage, *, now: datetime, lease: timedelta, since: datetime | None
    ) -> Ready | None:
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
        claims: tuple[Claim, ...] = (one,)
        if may_join(row) and not channel.keeps and (paid is not None or not limited):
            behind = outbox.list_behind(session, row, now=now, since=since, limit=_MOST)
            text, joined = self._join(session, text, behind, limit=channel.reply_limit)
            claims += tuple(outbox.take(session, each, owner=self._owner, now=now, lease=lease) for each in joined)
        template = template_of(row) if len(claims) == 1 else {}
        outbound = Outbound(address=address, text=text, reference=row.cause, template=template)
        return Ready(claims=claims, channel=row.channel, outbound=outbound, limited=limited, paid=paid, resident_id=resident_id)

    def _join(
        self, session: Session, first: str, behind: Sequence[OutboxMessage], *, limit: int
    ) -> tuple[str, list[OutboxMessage]]:
        """Put what waits behind a notice into one message with it, as many as fit whole; the words, and which of those rows they say."""
        rows = list(takewhile(may_join, behind))
        if len(rows) + 1 < self._notices.merge_from:
            return first, []
        texts = [first]
        for row in rows:
            try:
                text = self._words_of(session, row, limit=limit)
            except (KeyGone, KeyError, ValueError, SealError):  # it ends when its own turn comes
                break
            if limit and len(join_texts([*texts, text]).encode()) > limit:
                break
            texts.append(text)
        return join_texts(texts) if len(texts) > 1 else first, rows[: len(texts) - 1]

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
            await (self._end(one, "failed", error, gives_back=True) if len(one.claims) == 1 else self._part(one, error))
        except SendUnknown as error:
            await self._end(one, "unknown", error)
        except Exception:
            log.exception("send broke off", action="send_broke", outbox=one.claims[0].id)
            await self._end(one, "unknown", SendUnknown())
        else:
            failpoint("outbox.sent")
            await self._mark(one, lambda s, claim: outbox.mark_sent(s, claim, reference=reference, now=self._clock()))

    async def _mark(self, one: Ready, mark: Callable[[Session, Claim], object], *, gives_back: bool = False) -> None:
        """Mark every row that a send says, in one transaction."""

        def work(session: Session) -> None:
            if gives_back:
                self._give_back(session, one)
            for claim in one.claims:
                mark(session, claim)

        await self._store.write(work)

    async def _part(self, one: Ready, error: SendError) -> None:
        """What went as one message was refused: each goes on its own, so that only what is itself the trouble stays behind."""
        why = f"{APART}{describe(error)}"
        await self._mark(one, lambda s, claim: outbox.mark_later(s, claim, due_at=self._clock(), error=why), gives_back=True)

    async def _send_outside(self, one: Ready) -> None:
        """The platform says that its window is closed: believe it and try the way outside the window, one notice at a time."""
        if one.limited:
            await self._store.write(lambda s: ledger.empty(s, resident_id=one.resident_id, channel=one.channel))
        if len(one.claims) > 1:
            await self._part(msgspec.structs.replace(one, paid=None), WindowClosed())
            return
        await self._send(msgspec.structs.replace(one, limited=True, paid=None))

    async def _later(self, one: Ready, error: SendLater) -> None:
        now, why = self._clock(), describe(error)

        def mark(session: Session, claim: Claim) -> None:
            if claim.attempt >= self._settings.attempts:
                log.warning("send ended", action="send_failed", outbox=claim.id, code=error.code)
                outbox.mark_ended(session, claim, state="failed", error=why)
            else:
                after = timedelta(seconds=min(error.after * 2 ** (claim.attempt - 1), 3600))
                outbox.mark_later(session, claim, due_at=now + after, error=why)

        await self._mark(one, mark, gives_back=True)

    async def _hold(self, one: Ready, error: WindowClosed) -> None:
        """Let it wait for the next contact, unless that was while it was under way."""
        now = self._clock()

        def work(session: Session) -> None:
            if one.limited and ledger.is_open(session, resident_id=one.resident_id, channel=one.channel, now=now):
                outbox.mark_later(session, one.claims[0], due_at=now, error=describe(error))
            else:
                outbox.mark_ended(session, one.claims[0], state="held", error=describe(error))

        await self._store.write(work)

    async def _end(self, one: Ready, state: outbox.EndState, error: SendError, *, gives_back: bool = False) -> None:
        for claim in one.claims:
            log.warning("send ended", action=f"send_{state}", outbox=claim.id, code=error.code)
        why = describe(error)
        await self._mark(one, lambda s, claim: outbox.mark_ended(s, claim, state=state, error=why), gives_back=gives_back)

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
    number = row.facts.get("number", row.facts.get("ticket", ""))
    return {"ticket": str(number), "notice": row.notice, "title": str(row.facts.get("title", ""))}
