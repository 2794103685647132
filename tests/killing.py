"""kill -9 of a real service under load, and what must hold afterwards by the simulator's ledger and by the database.

The service is a process of its own; the simulator pushes encrypted messages of made-up residents and answers the service's sends slowly, so that
many are in flight when the process dies. A build that is broken on purpose (`entry`) must fail the same checks.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from sqlalchemy import func, select

from bot.simulator.api import CUSTOM
from bot.simulator.faults import Fault
from bot.simulator.pushes import make_text
from bot.simulator.simulator import WAVES, Simulator
from bot.trial import find_free_port
from routing.tables import Ticket
from store.engine import open_store
from store.inbox import InboxMessage
from store.outbox import count_by_state

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from sqlalchemy.orm import Session

    from bot.simulator.simulator import Told
    from store.sealing import Vault

ROOT = Path(__file__).resolve().parent.parent
APP_ID = "wx0000000000000001"
TOKEN = "jieyingtoken0123456789"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SECRET = "simulated-secret-of-the-account"
ORIGINAL = "gh_jieying"
SLOW = 6.0  # seconds the platform takes for a send until the last kill: enough for all that may be in flight to be
PACE = 14.0  # messages a second, if the service keeps up: more than the slow platform lets out, so that sends pile up
WAITING = (
    40  # pushes that nobody has answered yet, beyond which no more are made: a starved machine is asked for less instead of drowned
)
UP = 6.0  # seconds a started process may live: a message that was cut is sent again within five
MOST = 5  # times the messages asked for, after which a kill that has not come will not come
FLYING = 24  # sends that may be in flight at once; the process is killed when all of them are, so none can be unknown without having been seen

_ROADS = ("安泰路", "和平路", "文昌路", "柳塘路", "望湖路")
_MATTERS = (
    "路灯不亮三天了，晚上黑漆漆的",
    "井盖不见了一个",
    "垃圾桶满了好几天没人清",
    "下水道堵了往外冒脏水",
    "烧烤摊占道，人都走不过去",
)


@dataclass
class Report:
    """What a run showed; `problems` is empty if every promise held."""

    pushed: int = 0
    unreached: int = 0
    """Pushes that met no running service at any attempt: a slow machine takes longer to start it than the platform tries."""
    acknowledged: int = 0
    kills: int = 0
    in_flight: list[int] = field(default_factory=list)
    stored: int = 0
    tickets: int = 0
    sends: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def show(self) -> str:
        """Put the figures into one line."""
        return (
            f"pushed {self.pushed}, unreached {self.unreached}, acknowledged {self.acknowledged}, stored {self.stored}, tickets {self.tickets}, kills {self.kills}, "
            f"sends in flight at each kill {self.in_flight}, outbox {self.sends}"
        )


class KilledService:
    """A service process that can be killed and started again on the same port and database."""

    def __init__(self, folder: Path, database_url: str, api: str, *, entry: str, settings: Mapping[str, str] | None = None) -> None:
        self.port = find_free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._entry = entry
        self._log = (folder / "service.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("JIEYING_") and name != "PYTHONDONTWRITEBYTECODE"
        }
        self._environment = kept | {
            "JIEYING_DATA_DIR": str(folder),
            "JIEYING_DATABASE_URL": database_url,
            "JIEYING_SERVER_PORT": str(self.port),
            "JIEYING_SERVER_REHEARSAL": "false",
            "JIEYING_OUTBOX_BATCH": str(FLYING),
            "JIEYING_OUTBOX_LEASE_SECONDS": "15",
            "JIEYING_WORKER_RECONCILE_SECONDS": "2",
            "JIEYING_WECHAT_MP_REQUEST_SECONDS": "12",
            "JIEYING_WORKER_UNSENT_AFTER_SECONDS": "20",
            "JIEYING_WECHAT_MP_APP_ID": APP_ID,
            "JIEYING_WECHAT_MP_TOKEN": TOKEN,
            "JIEYING_WECHAT_MP_ENCODING_AES_KEY": AES_KEY,
            "JIEYING_WECHAT_MP_APP_SECRET": SECRET,
            "JIEYING_WECHAT_MP_ORIGINAL_ID": ORIGINAL,
            "JIEYING_WECHAT_MP_API_BASE": api,
            **(settings or {}),
        }

    async def start(self, *, failpoint: str = "") -> None:
        """Start the process, perhaps one that dies at a failpoint (`name:n`), and wait until it answers."""
        command = [sys.executable, "-m", self._entry, "serve"]
        environment = self._environment | ({"JIEYING_FAILPOINT": failpoint} if failpoint else {})
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=self._log, stderr=self._log)
        async with aiohttp.ClientSession() as session:
            for _ in range(300):
                if self._process.poll() is not None:
                    raise RuntimeError(
                        f"the service ended with {self._process.returncode}: {Path(self._log.name).read_text()[-2000:]}"
                    )
                with suppress(aiohttp.ClientError):
                    async with session.get(f"{self.url}/healthz") as response:
                        if response.status == 200:
                            return
                await asyncio.sleep(0.1)
        raise RuntimeError("the service does not answer")

    async def wait_for_death(self, seconds: float) -> int | None:
        """Wait until the process ends by itself; its exit code, or None if it lives on."""
        assert self._process is not None
        for _ in range(int(seconds / 0.02)):
            if self._process.poll() is not None:
                break
            await asyncio.sleep(0.02)
        return self._process.returncode

    def kill(self) -> None:
        """kill -9."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=60)
        self._log.close()


@asynccontextmanager
async def serve_api(simulator: Simulator, port: int) -> AsyncIterator[None]:
    """Serve the simulated platform's API."""
    runner = web.AppRunner(simulator.api_app(), access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield
    finally:
        await runner.cleanup()


def make_simulator(service: KilledService) -> Simulator:
    """Make the platform that pushes to this service."""
    return Simulator(f"{service.url}/wechat", APP_ID, TOKEN, AES_KEY, ORIGINAL, app_secret=SECRET)


def make_report(dice: random.Random) -> str:
    """Make a resident's report up."""
    return f"{dice.choice(_ROADS)}{dice.randrange(1, 90)}号门口{dice.choice(_MATTERS)}"


async def run_kills(
    folder: Path, database_url: str, vault: Vault, *, messages: int, kills: int, seed: int = 1, entry: str = "bot"
) -> Report:
    """Push messages while the service is killed and started again, then compare what everybody saw."""
    api_port = find_free_port()
    service = KilledService(folder, database_url, f"http://127.0.0.1:{api_port}", entry=entry)
    simulator = make_simulator(service)
    simulator.faults.inject(CUSTOM, Fault(slow_seconds=SLOW), times=None)
    report = Report()
    async with serve_api(simulator, api_port):
        await service.start()
        try:
            killed = asyncio.Event()
            pushing = asyncio.create_task(_push_all(simulator, messages, killed, random.Random(seed)))
            await _kill_often(service, simulator, pushing, kills, report)
            killed.set()
            simulator.faults.clear()
            await pushing
            await _wait_for_quiet(simulator)
        finally:
            service.stop()
            await simulator.close()
    store = open_store(database_url, vault)
    try:
        await store.read(lambda s: compare(s, vault, simulator, report))
    finally:
        await store.close()
    unknown = report.sends.get("unknown", 0)
    checks = {
        f"{unknown} sends unknown": unknown > sum(report.in_flight),
        f"only {report.acknowledged} acknowledged": report.acknowledged < messages / 2,
        f"fewer than 20 sends in flight at a kill: {report.in_flight}": any(count < 20 for count in report.in_flight),
    }
    report.problems.extend(problem for problem, is_so in checks.items() if is_so)
    return report


async def _push_all(simulator: Simulator, messages: int, killed: asyncio.Event, dice: random.Random) -> None:
    """Push so many messages, and on until the last kill: a busy machine starts the service slowly."""
    pushes: list[asyncio.Task[Told]] = []
    while len(pushes) < messages or (not killed.is_set() and len(pushes) < MOST * messages):
        number = len(pushes)
        pushes.append(asyncio.create_task(simulator.push(f"oResident{number:06d}", make_text(make_report(dice)), waves=WAVES)))
        await asyncio.sleep(1 / PACE)
        while sum(not push.done() for push in pushes) >= WAITING:
            await asyncio.sleep(1 / PACE)
    await asyncio.gather(*pushes)


async def _kill_often(
    service: KilledService, simulator: Simulator, pushing: asyncio.Task[None], kills: int, report: Report
) -> None:
    for _ in range(kills):
        await asyncio.sleep(UP)
        for _ in range(3000):
            if simulator.ledger.in_flight[CUSTOM] >= FLYING:
                break
            if pushing.done() and not simulator.ledger.in_flight[CUSTOM]:
                report.problems.append("the messages were over before the last kill")
                return
            await asyncio.sleep(0.01)
        report.in_flight.append(simulator.ledger.in_flight[CUSTOM])
        service.kill()
        report.kills += 1
        await asyncio.sleep(0.2)
        await service.start()


async def _wait_for_quiet(simulator: Simulator) -> None:
    """Wait until nobody has read anything for a while: the 10 seconds in which every message must have its outcome."""
    for _ in range(60):
        before = len(simulator.ledger.calls)
        await asyncio.sleep(2)
        if len(simulator.ledger.calls) == before and not simulator.ledger.in_flight[CUSTOM]:
            break
    await asyncio.sleep(8)


def compare(session: Session, vault: Vault, simulator: Simulator, report: Report) -> None:
    """Compare the platform's ledger with the tables."""
    ledger = simulator.ledger
    acknowledged = ledger.acknowledged()
    reached = {delivery.message_id for delivery in ledger.deliveries if delivery.result != "broken"}
    report.pushed, report.unreached, report.acknowledged = len(ledger.pushes), len(ledger.pushes) - len(reached), len(acknowledged)
    keys = {row.key: row for row in session.execute(select(InboxMessage)).scalars()}
    report.stored = len(keys)
    report.tickets = session.execute(select(func.count()).select_from(Ticket)).scalar_one()
    report.sends = count_by_state(session)
    lost = [one for one in acknowledged if vault.blind("inbox", f"wechat_mp\0m:{one}") not in keys]
    doubled = session.execute(select(Ticket.inbox_id).group_by(Ticket.inbox_id).having(func.count() > 1)).all()
    open_rows = [row.id for row in keys.values() if row.outcome is None]
    quarantined = [row.error for row in keys.values() if row.outcome == "quarantined"]
    checks = {
        f"{len(lost)} acknowledged messages are not stored": bool(lost),
        f"{len(doubled)} messages have two tickets": bool(doubled),
        f"{len(open_rows)} messages have no outcome": bool(open_rows),
        f"{len(quarantined)} messages were quarantined: {sorted(set(map(str, quarantined)))}": bool(quarantined),
        f"{len(ledger.doubled())} sends arrived twice: {ledger.doubled()[:3]}": bool(ledger.doubled()),
        f"{len(ledger.contradicted())} retries got other words": bool(ledger.contradicted()),
        f"{report.acknowledged} of {len(reached)} that met a service acknowledged": report.acknowledged
        < 0.99 * max(1, len(reached)),
        f"sends still under way: {report.sends}": bool(report.sends.get("sending") or report.sends.get("pending")),
    }
    report.problems.extend(problem for problem, is_so in checks.items() if is_so)
