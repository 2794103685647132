"""`jieying serve` as a process of its own, as configured by default, on both databases: one answer, one ticket, and an orderly end."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.channels.terminal import PATH
from bot.control import CommandRefused, call
from bot.settings import Data, Database, Settings
from bot.texts import fill
from tests.installation import make_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 60


@pytest.fixture
def environment(tmp_path: Path, demo_url: str) -> dict[str, str]:
    folder = make_folder(tmp_path)
    own = {
        "JIEYING_DATABASE_URL": demo_url,
        "JIEYING_DATA_DIR": str(folder),
        "JIEYING_SERVER_PORT": "0",
        "JIEYING_SERVER_REHEARSAL": "false",
        "PYTHONIOENCODING": "utf-8",
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("JIEYING_")} | own


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", timeout=SECONDS, check=False)


def read(environment: dict[str, str], *arguments: str) -> Any:
    done = run(environment, *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the service while inside; gives its address."""
    command = [sys.executable, "-m", "bot", "serve"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8") as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://[^（\s]+", line)
            assert found, line
            yield found[0], process
        finally:
            process.kill()


async def test_a_resident_is_answered_and_a_ticket_goes_its_way(environment: dict[str, str], tmp_path: Path) -> None:
    settings = Settings(data=Data(dir=environment["JIEYING_DATA_DIR"]), database=Database(url=environment["JIEYING_DATABASE_URL"]))
    with serving(environment) as (address, process):
        answer = await say(address, "张三", "户口本丢了怎么补？")
        report = read(environment, "say", "安泰路15号门口路灯不亮", "--as", "李四", "--url", address, "--wait", "10")
        number = report["ticket"]
        listed = read(environment, "tickets", "list")
        signed = await call(settings, "tickets.sign", {"number": number, "actor": "operator"})
        with pytest.raises(CommandRefused) as refused:
            await call(settings, "tickets.sign", {"number": number, "actor": "operator"})
        done = await call(settings, "tickets.conclude", {"number": number, "text": "灯泡已更换。", "actor": "operator"})
        rated = await say(address, "李四", "联系了，解决了，满意")
        shown = await call(settings, "tickets.show", {"number": number})
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=15)

    assert answer["outcome"] == "answered"
    assert answer["reply"].startswith("您问的是：户口本丢了怎么补？")
    assert report["outcome"] == "ticket"
    assert [number in text for text in report["later"]] == [True]
    assert [(line["number"], line["unit"], line["status"]) for line in listed["tickets"]] == [(number, "DL-LDZM", "dispatched")]
    assert (signed["status"], done["status"]) == ("signed", "concluded")
    assert str(refused.value).startswith("现在不能签收：工单已签收。")
    assert rated["outcome"] == "told"
    assert (shown["status"], shown["rating"], shown["reply"]) == ("closed", "satisfied", "灯泡已更换。")
    assert [event["act"] for event in shown["events"]][:4] == ["accept", "dispatch", "sign", "conclude"]
    assert code == 0
    assert not (tmp_path / "data" / "control.sock").exists()


async def say(address: str, sender: str, text: str) -> dict[str, Any]:
    said = {"sender": sender, "text": text}
    async with aiohttp.ClientSession() as client, client.post(f"{address}{PATH}", json=said) as response:
        answer: dict[str, Any] = await response.json()
    return answer


def test_a_database_of_another_schema_is_refused_in_words(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JIEYING_")}

    done = run(environment | {"JIEYING_DATA_DIR": str(folder), "JIEYING_SERVER_PORT": "0"}, "serve")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == fill("cli", "error_schema_empty") + "\n"


def test_serve_migrates_only_when_it_is_told_to(tmp_path: Path) -> None:
    folder = make_folder(tmp_path)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JIEYING_")}
    environment |= {"JIEYING_DATA_DIR": str(folder), "JIEYING_SERVER_PORT": "0"}
    command = [sys.executable, "-m", "bot", "serve", "--migrate"]

    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=15)

    assert line.startswith("服务已启动：http://127.0.0.1:")
    assert code == 0
