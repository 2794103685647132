"""The very first start as a process of its own: a one-time link on the terminal that opens once, no default password, nothing of it in the log."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, CookieJar

from tests.installation import make_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SECONDS = 60


@pytest.fixture
def database(copy_demo: Callable[[str], str]) -> str:
    return copy_demo("sqlite")


async def serve(folder: Path, database: str, log: Path) -> tuple[asyncio.subprocess.Process, str]:
    """Start the service; gives it, and what it said until it waits."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("JIEYING_") and name != "JOURNAL_STREAM"
    }
    environment |= {"JIEYING_DATA_DIR": str(folder), "JIEYING_DATABASE_URL": database, "JIEYING_SERVER_PORT": "0"}
    environment |= {"PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", env=environment, stdout=asyncio.subprocess.PIPE, stderr=errors
        )
    assert process.stdout is not None
    said = ""
    while "/staff/link/" not in said and not said.endswith("false。\n"):
        line = (await asyncio.wait_for(process.stdout.readline(), SECONDS)).decode()
        assert line, said
        said += line
    return process, said


async def stop(process: asyncio.subprocess.Process) -> str:
    """Stop the service; gives what it still said."""
    process.send_signal(signal.SIGTERM)
    said, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    return said.decode()


async def test_the_first_operator_comes_in_by_the_link_on_the_terminal_and_it_opens_once(tmp_path: Path, database: str) -> None:
    folder, log = make_folder(tmp_path), tmp_path / "log"
    process, said = await serve(folder, database, log)
    try:
        while "/staff/link/" not in said:
            assert process.stdout is not None
            said += (await asyncio.wait_for(process.stdout.readline(), SECONDS)).decode()
        [link] = re.findall(r"http://\S+/staff/link/\S+", said)
        async with ClientSession(cookie_jar=CookieJar(unsafe=True)) as client:
            answers = [await client.get(link), await client.post(link), await client.post(link)]
    finally:
        await stop(process)

    assert [answer.status for answer in answers] == [200, 200, 410]
    assert str(answers[1].url).endswith("/staff/account/password")
    assert "OP001" in said
    assert link.rpartition("/")[2] not in log.read_text(encoding="utf-8")
    again, _ = await serve(folder, database, log)
    assert "/staff/link/" not in await stop(again)
