"""The command line of incidents, on a city of its own: neighbours write, the service puts it together, a person looks, splits, merges."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.app import open_app
from bot.channels import Inbound
from bot.cli.main import run
from bot.settings import load
from bot.texts import fill
from store.clock import utcnow
from tests.installation import move_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LIFT = ("和平里小区3号楼电梯又停了，老人下不了楼", "和平里3号楼的电梯坏了两天了没人修", "和平里3号楼电梯故障停运，抱着孩子爬楼")


async def write(*texts: str) -> list[str]:
    """Let one resident after the other write, and the worker gather; gives the numbers of the tickets."""
    async with open_app(load()) as app:
        replies = [
            await app.receiver.receive(
                Inbound(channel="terminal", key=text, sender=f"邻居{number}", kind="text", sent_at=utcnow(), text=text)
            )
            for number, text in enumerate(texts)
        ]
        while await app.duties.gather_incidents():
            pass
        return sorted({reply.ticket for reply in replies})


@pytest.fixture(scope="module")
def written(seeded_city: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Make a city in which neighbours have written: a template to copy, and the numbers of the tickets."""
    folder = tmp_path_factory.mktemp("written")
    with pytest.MonkeyPatch.context() as patch:
        move_in(folder, seeded_city, patch)
        return folder, asyncio.run(write(*LIFT))


@pytest.fixture
def tickets(enter: Callable[[Path], Path], written: tuple[Path, list[str]]) -> list[str]:
    city, numbers = written
    enter(city)
    return numbers


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert run(["incidents", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_looking_splitting_and_merging(tickets: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    listed = answer(capsys, "list")
    shown = answer(capsys, "show", "1", "--as", "SV001")
    split = answer(capsys, "split", "1", tickets[-1], "--as", "SV001")
    apart = answer(capsys, "show", "2")
    merged = answer(capsys, "merge", "2", "1")

    assert [(one["incident"], one["item"], one["residents"], one["burst"]) for one in listed] == [(1, "FW-020", 3, True)]
    assert [ticket["number"] for ticket in shown["tickets"]] == tickets
    assert (split, merged) == ({"incident": 1, "new": 2}, {"incident": 1})
    assert [ticket["number"] for ticket in apart["tickets"]] == tickets[-1:]
    assert answer(capsys, "show", "2")["incident"] == 1


def test_what_is_printed_for_people(tickets: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["incidents", "list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert run(["incidents", "show", "1"]) == 0
    shown = capsys.readouterr().out
    assert run(["incidents", "split", "1", tickets[-1]]) == 0
    split = capsys.readouterr().out.strip()
    assert run(["incidents", "merge", "1", "2"]) == 0
    merged = capsys.readouterr().out.strip()

    cells = listed[1].split("\t")
    assert (len(listed), cells[:5], cells[-1]) == (2, ["1", "电梯故障停运", "和平里商户网格", "3", str(len(tickets))], "集中反映")
    assert all(number in shown for number in tickets)
    assert split == fill("cli", "incidents_split", {"incident": 1, "new": 2})
    assert merged == fill("cli", "incidents_merged", {"incident": 1})


def test_what_is_not_there_is_refused(tickets: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["incidents", "list", "--as", "SV004"]) == 0
    assert capsys.readouterr().out.strip() == fill("cli", "incidents_none")
    for arguments in (["show", "9"], ["show", "1", "--as", "SV004"], ["merge", "1", "9"]):
        assert run(["incidents", *arguments]) == 1
        assert capsys.readouterr().err.strip() == fill("cli", "error_no_incident")
    assert run(["incidents", "split", "1", *tickets]) == 1
    assert capsys.readouterr().err.strip() == fill("cli", "error_not_split")
    assert run(["incidents", "split", "1"]) == 2
