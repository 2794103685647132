"""The command line of reports, on a city of its own: figures with what they are made of, the pack in two files, decisions."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

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

LAMPS = ("安泰路12号路灯不亮好几天了", "和平里小区3号楼电梯停了，老人下不了楼")


async def write() -> None:
    """Let two residents write, and the worker sum up."""
    async with open_app(load()) as app:
        for number, text in enumerate(LAMPS):
            inbound = Inbound(channel="terminal", key=text, sender=f"邻居{number}", kind="text", sent_at=utcnow(), text=text)
            await app.receiver.receive(inbound)
        while await app.duties.sum_up_figures():
            pass


@pytest.fixture(scope="module")
def told(seeded_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a city in which two residents have written: a template to copy."""
    folder = tmp_path_factory.mktemp("told")
    with pytest.MonkeyPatch.context() as patch:
        move_in(folder, seeded_city, patch)
        asyncio.run(write())
    return folder


@pytest.fixture
def city(enter: Callable[[Path], Path], told: Path) -> Path:
    return enter(told)


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert run(["report", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_figures_come_with_what_they_are_made_of(city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    period = ["--from", "2026-01-01", "--to", "2099-12-31"]
    found = answer(capsys, "figures", *period, "--by", "item")
    counted = answer(capsys, "figures", *period, "--by", "item", "--events")
    assert run(["report", "figures", *period]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert city.is_dir()
    assert found == counted
    assert {figure["code"]: figure["share"] for figure in found["figures"]}["closed_rate"] == "0/2 = 0.00 %"
    assert sum(part["figures"][0]["count"] for part in found["by"]) == 2
    assert fill("report", "rounding") in lines[0]
    assert [line for line in lines if line.startswith("办结率\t0/2 = 0.00 %\t")] != []


@pytest.mark.usefixtures("city")
def test_the_pack_is_a_workbook_and_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    month = f"{utcnow():%Y-%m}"
    out = tmp_path / "月报.xlsx"
    assert run(["report", "month", month, "--out", str(out)]) == 0
    said = capsys.readouterr().out.splitlines()
    with ZipFile(out) as book:
        names = book.namelist()

    assert said == [fill("cli", "report_written", {"path": path}) for path in (out, out.with_suffix(".html"))]
    assert "xl/workbook.xml" in names
    assert f"{month} 社情民意月报" in out.with_suffix(".html").read_text(encoding="utf-8")
    assert run(["report", "month", month, "--out", str(tmp_path / "月报.doc")]) == 2


@pytest.mark.usefixtures("city")
def test_a_decision_is_written_down_and_settled(capsys: pytest.CaptureFixture[str]) -> None:
    made = answer(capsys, "decide", "2026-10", "换灯", "--unit", "DL-LDZM", "--due", "2026-11-20")
    settled = answer(capsys, "settle", str(made["id"]), "换了", "--dropped")

    assert (made["state"], made["due_on"], settled["state"], settled["result"]) == ("pending", "2026-11-20", "dropped", "换了")
    assert run(["report", "decide", "2026-10", " "]) == 1
    assert fill("cli", "error_decision_empty") in capsys.readouterr().err


@pytest.mark.usefixtures("city")
def test_no_sign_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert answer(capsys, "alarms", "2020-01") == []
    assert run(["report", "alarms", "2020-01"]) == 0
    assert capsys.readouterr().out.strip() == fill("cli", "report_no_signs")
    assert run(["report", "alarms", "soon"]) == 1
    assert fill("cli", "error_no_month", {"month": "soon"}) in capsys.readouterr().err
