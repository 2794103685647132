"""A real service that dies at one failpoint in the middle of a conversation, is started again, and has to end as if nothing had happened.

The platform is the simulator with little patience (it comes again every second and a half), so that one run takes seconds.
"""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from bot.simulator.pushes import make_text
from bot.simulator.simulator import Wave
from bot.trial import find_free_port, serve_api
from store import shared_tokens
from store.clock import utcnow
from store.engine import open_store
from store.inbox import InboxMessage
from store.looking import look
from store.outbox import OutboxMessage, count_by_state
from store.shared_tokens import SharedToken
from tests.killing import APP_ID, KilledService, Report, compare, make_report, make_simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy.orm import Session

    from bot.simulator.simulator import Simulator
    from store.sealing import Vault

DIED = 137
NOT_REACHED = "the failpoint was never reached"

_WAVES = (Wave(cut_seconds=1.5),) * 30
_SETTLING = 30.0  # seconds after the last push in which all must have its end; mostly it takes two
_QUESTIONS = ("户口本丢了怎么补？", "居住证怎么办？")
_SETTINGS = {
    "JIEYING_SERVER_REPLY_BUDGET_SECONDS": "0.7",  # less than the platform's patience here, as 2 s are less than its 5
    "JIEYING_OUTBOX_POLL_SECONDS": "2",  # long enough that the second look finds something to send
    "JIEYING_WORKER_RESUME_SECONDS": "0.5",
    "JIEYING_WORKER_RESUME_AFTER_SECONDS": "1",
    "JIEYING_WORKER_UNSENT_AFTER_SECONDS": "4",
    "JIEYING_WORKER_RECONCILE_SECONDS": "1",
}
_ON_POSTGRES = {"JIEYING_OUTBOX_LEASE_SECONDS": "8"}  # there a dead process's sends end with their lease, not at the next start


async def run_to_failpoint(
    folder: Path, database_url: str, vault: Vault, *, failpoint: str, messages: int, entry: str = "bot"
) -> Report:
    """Push messages at a service that dies at `name:n`, start it again, then compare what everybody saw.

    `in_flight` holds how many sends stood as `sending` when it died: those become unknown, and no other.
    """
    api_port = find_free_port()
    settings = _SETTINGS if database_url.startswith("sqlite") else _SETTINGS | _ON_POSTGRES
    service = KilledService(folder, database_url, f"http://127.0.0.1:{api_port}", entry=entry, settings=settings)
    simulator = make_simulator(service)
    report = Report()
    await _use(database_url, vault, lambda s: _keep_token(s, simulator))
    async with serve_api(simulator, api_port):
        await service.start(failpoint=failpoint)
        try:
            pushing = asyncio.create_task(_push_all(simulator, messages))
            code = await service.wait_for_death(10.0)
            if code != DIED:
                report.problems.append(NOT_REACHED if code is None else f"the service ended with {code}")
                return report
            report.kills = 1
            report.in_flight.append((await look(database_url, count_by_state)).get("sending", 0))
            await service.start()
            await pushing
            await _wait_until_settled(database_url)
            service.kill()  # nothing is under way any more, and an orderly end would take its time
        finally:
            pushing.cancel()
            service.stop()
            await simulator.close()
    await _use(database_url, vault, lambda s: compare(s, vault, simulator, report))
    _compare_sends(simulator, report)
    return report


async def _use(database_url: str, vault: Vault, fn: Callable[[Session], None]) -> None:
    store = open_store(database_url, vault)
    try:
        await store.write(fn)
    finally:
        await store.close()


def _keep_token(session: Session, simulator: Simulator) -> None:
    """Let the service have its access token, as one that has run for a while.

    A death while the token is fetched lets the next process wait for the fetch's lease (30 s); that is test_token's matter.
    """
    now = utcnow()
    issued = simulator.api.tokens.issue(force=False, now=now)
    expires = now + timedelta(seconds=issued.seconds)
    account = {"channel": "wechat_mp", "account": APP_ID, "owner": "before"}
    shared_tokens.take_lease(session, **account, now=now, until=expires)
    shared_tokens.put(session, **account, token=SharedToken(value=issued.token, renew_at=expires, expires_at=expires))


def _compare_sends(simulator: Simulator, report: Report) -> None:
    """Whoever heard nothing must stand among the unknown sends, and only what was under way at the death is unknown."""
    unknown = report.sends.get("unknown", 0)
    unheard = [key for key, count in simulator.ledger.counts().items() if count.passive + count.active == 0]
    checks = {
        f"{unknown} sends unknown, {report.in_flight[0]} were under way": unknown != report.in_flight[0],
        f"{len(unheard)} residents heard nothing, {unknown} sends unknown": len(unheard) > unknown,
    }
    report.problems.extend(problem for problem, is_so in checks.items() if is_so)


async def _push_all(simulator: Simulator, messages: int) -> None:
    """Let residents write, some at a time: reports for the most part, and questions that are answered at once."""
    dice = random.Random(messages)
    texts = [dice.choice(_QUESTIONS) if number % 5 == 0 else make_report(dice) for number in range(messages)]
    gate = asyncio.Semaphore(8)

    async def push(number: int, text: str) -> None:
        async with gate:
            await simulator.push(f"oResident{number:06d}", make_text(text), waves=_WAVES)

    await asyncio.gather(*(push(number, text) for number, text in enumerate(texts)))


async def _wait_until_settled(database_url: str) -> None:
    """Wait until nothing is under way any more; what then still is, the comparison says."""
    for _ in range(int(_SETTLING / 0.25)):
        if not await look(database_url, _count_under_way):
            return
        await asyncio.sleep(0.25)


def _count_under_way(session: Session) -> int:
    """Count messages without an outcome or whose answer nobody has fetched, and sends that have not ended."""
    answers = select(func.count()).where(or_(InboxMessage.outcome.is_(None), InboxMessage.reply_via == "open"))
    sends = select(func.count()).where(OutboxMessage.state.in_(("pending", "sending")))
    return session.execute(answers).scalar_one() + session.execute(sends).scalar_one()
