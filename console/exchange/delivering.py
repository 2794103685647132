"""The way to other systems: claimed outbox rows become signed calls. At least once: a message goes until it is taken, under one id.

A receiver drops what it has by that id. So what may have arrived goes again, and what nobody answers is tried with doubling pauses; what is
refused, or was tried too often, has failed and waits for a person (`jieying outbox list --state failed`). 410 ends the calls to an address.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from console.exchange import hooks, transfers
from console.exchange.announcing import announce, is_idle
from console.exchange.calling import Caller, Forbidden, Gone, Refused, Unreachable
from console.exchange.messages import make_message
from console.exchange.signing import NoSecret, read_secret, sign
from store import outbox
from store.clock import utcnow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from console.exchange.messages import Message
    from console.peers import ExchangeSettings
    from console.surroundings import CityView
    from store.engine import Store
    from store.outbox import Claim, OutboxMessage

log = structlog.get_logger(__name__)

_LONGEST_PAUSE = 6 * 3600.0
_DOUBLINGS = 64
_SYSTEM = "system"


class Deliverer:
    """Announces what happened and delivers it, a round at a time."""

    def __init__(
        self,
        store: Store,
        city: CityView,
        settings: ExchangeSettings,
        *,
        owner: str,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self._store = store
        self._city = city
        self._settings = settings
        self._owner = owner
        self._clock = clock
        self._caller = Caller(request_seconds=settings.request_seconds, private_hosts=settings.private_hosts)

    async def run_once(self) -> int:
        """Look through what happened, then call whoever is to hear of it and wait for the answers; returns how much was done."""
        now = self._clock()
        if await self._store.read(lambda session: is_idle(session, now=now)):
            return 0
        looked = await self._store.write(lambda session: announce(session, city=self._city, settings=self._settings, now=now))
        count, ready = await self._store.write(lambda session: self._claim(session, now=now))
        sends = await asyncio.gather(*(self._send(*one) for one in ready), return_exceptions=True)
        for error in sends:
            if error is not None:
                raise error
        return looked + count

    async def close(self) -> None:
        """Close the connections."""
        await self._caller.close()

    def _claim(self, session: Session, *, now: datetime) -> tuple[int, list[tuple[Claim, tuple[str, dict[str, object]], Message]]]:
        outbox.send_again(session, now=now)
        lease = timedelta(seconds=2 * self._settings.request_seconds)
        claimed = outbox.claim(session, owner=self._owner, now=now, lease=lease, limit=self._settings.batch, partners=True)
        ready = []
        for claim, row in claimed:
            message = make_message(session, row, city=self._city, settings=self._settings, now=now)
            if message is None:
                self._fail(session, claim, _keep(row), "not to be sent any more")
            elif claim.attempt > self._settings.attempts:  # each time the process died, or failed after the call
                self._fail(session, claim, _keep(row), "tried too often")
            else:
                ready.append((claim, _keep(row), message))
        return len(claimed), ready

    async def _send(self, claim: Claim, row: tuple[str, dict[str, object]], message: Message) -> None:
        now = self._clock()
        try:
            secret = read_secret(message.secret_file)
            headers = sign(message.body, secret=secret, message_id=message.id, now=now)
            answer = await self._caller.post(message.url, message.body, headers)
        except Unreachable as error:
            await self._later(claim, row, str(error))
        except Gone as error:
            await self._end(claim, row, str(error), reason="gone")
        except (Refused, Forbidden, NoSecret) as error:
            await self._end(claim, row, f"{type(error).__name__}: {error}", reason="")
        else:
            await self._store.write(lambda session: self._take(session, claim, row, answer))

    def _take(self, session: Session, claim: Claim, row: tuple[str, dict[str, object]], answer: bytes) -> None:
        """Mark a message as taken, and read what the other side says of a matter that was handed over."""
        now = self._clock()
        outbox.mark_sent(session, claim, reference="", now=now)
        notice, facts = row
        if notice == "transfer":
            transfers.take_answer(session, facts, answer, city=self._city, settings=self._settings, now=now)

    async def _later(self, claim: Claim, row: tuple[str, dict[str, object]], error: str) -> None:
        """Try again after a pause; after the last attempt an address is called no more."""
        if claim.attempt >= self._settings.attempts:
            await self._end(claim, row, error, reason="unreachable")
            return
        pause = pause_after(claim.attempt, first=self._settings.first_pause_seconds)
        due_at = self._clock() + timedelta(seconds=pause)
        await self._store.write(lambda session: outbox.mark_later(session, claim, due_at=due_at, error=error))

    async def _end(self, claim: Claim, row: tuple[str, dict[str, object]], error: str, *, reason: str) -> None:
        """Let a message be: a person sees it among what failed. `reason`: why its address is called no more, "" to go on calling it."""
        log.error("a message to another system was not taken", action="exchange_failed", outbox=claim.id, error=error)
        notice, facts = row

        def end(session: Session) -> None:
            self._fail(session, claim, row, error)
            if notice == "webhook" and reason:
                hooks.turn_off(session, int(str(facts["hook"])), reason=reason, by=_SYSTEM)

        await self._store.write(end)

    def _fail(self, session: Session, claim: Claim, row: tuple[str, dict[str, object]], error: str) -> None:
        """Mark a message as failed; of a matter that was handed over its desk is told."""
        if not outbox.mark_ended(session, claim, state="failed", error=error):
            return
        notice, facts = row
        if notice == "transfer":
            transfers.note_failure(session, facts, city=self._city, settings=self._settings, now=self._clock())


def pause_after(attempt: int, *, first: float) -> float:
    """Give the seconds until a message that was not taken is tried again: doubling from the first pause, up to six hours."""
    return min(first * 2.0 ** (min(attempt, _DOUBLINGS) - 1), _LONGEST_PAUSE)


def _keep(row: OutboxMessage) -> tuple[str, dict[str, object]]:
    """Keep of a row what is needed once its transaction is over."""
    return row.notice, dict(row.facts)
