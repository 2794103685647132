"""What a bench runs against: a data folder with the demo city and many made-up entries, and the processes that serve it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
from measure import environment

from bot.control import carry_out, open_city
from bot.service import migrate_database
from bot.settings import load
from bot.trial import LOOPBACK, find_free_port, turn_to_simulator
from knowledge_base import entries
from rig.made_up import make_entries
from store.clock import utcnow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

    from bot.settings import Settings

RIG = Path(__file__).parent
_TICK = os.sysconf("SC_CLK_TCK")
_START_SECONDS = 120


def prepare_city(folder: Path, count: int) -> Settings:
    """Make a database with the demo city and so many further entries; gives the settings of an account on the simulated platform."""
    settings = turn_to_simulator(
        load(environ={}), folder=folder, port=find_free_port(), api_port=find_free_port(), tell_staff=False
    )
    migrate_database(settings)

    def publish(session: Session) -> None:
        for entry in make_entries(count):
            entries.publish(session, entry, now=utcnow())

    async def fill() -> None:
        async with open_city(settings) as (store, city):
            await carry_out(store, city, "seed", {})
            await store.write(publish)

    asyncio.run(fill())
    return settings


def name_account(settings: Settings) -> dict[str, str]:
    """Give the environment that turns `jieying serve`, else as configured by default, to the simulated account."""
    account = settings.channels["wechat_mp"]
    named = ("app_id", "token", "encoding_aes_key", "app_secret", "original_id", "api_base")
    return {f"JIEYING_WECHAT_MP_{name.upper()}": getattr(account, name) for name in named}


class Process:
    """A server in a process of its own, at `port` of this machine."""

    def __init__(self, arguments: list[str], *, folder: Path, port: int, more: Mapping[str, str]) -> None:
        self.port = port
        self._log = (folder / f"server-{port}.log").open("ab")
        given = {"JIEYING_DATA_DIR": str(folder), "JIEYING_SERVER_PORT": str(port), **more}
        self._process = subprocess.Popen(  # noqa: S603 - our own script, with the interpreter that runs this one
            [sys.executable, *arguments], cwd=folder, env=environment(**given), stdout=self._log, stderr=self._log
        )

    async def wait(self) -> None:
        """Wait until it answers at /healthz; RuntimeError with its last words if it ends before."""
        until = time.monotonic() + _START_SECONDS
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < until:
                if self._process.poll() is not None:
                    raise RuntimeError(self.last_words())
                try:
                    async with session.get(f"http://{LOOPBACK}:{self.port}/healthz") as response:
                        if response.status == 200:
                            return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.02)
        raise RuntimeError(f"no answer within {_START_SECONDS} s")

    def last_words(self) -> str:
        """Give the end of what it wrote."""
        return Path(self._log.name).read_text(encoding="utf-8")[-2000:]

    def cpu_seconds(self) -> float:
        """Give the CPU time (user and system) it has used so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def resident_megabytes(self) -> float:
        """Give the memory it holds now."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def stop(self) -> None:
        """Ask it to end and wait for it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(timeout=60)
        self._log.close()
