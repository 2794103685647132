"""The command line of what workers did: shown to supervisors, and the sheet of the stationed as a table or a file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from bot.cli.main import run
from bot.texts import fill

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MONTH = "2026-10"


@pytest.fixture
def city(enter: Callable[[Path], Path], seeded_city: Path) -> Path:
    return enter(seeded_city)


@pytest.mark.usefixtures("city")
def test_a_supervisor_is_told_that_nobody_is_to_be_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "workers", MONTH, "--as", "SV003"]) == 0
    assert capsys.readouterr().out.strip() == fill("cli", "report_nobody_warned")


@pytest.mark.usefixtures("city")
def test_who_is_no_supervisor_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "workers", MONTH, "--as", "DK007"]) == 1
    assert fill("cli", "error_workers_not_yours") in capsys.readouterr().err
    assert run(["report", "workers", MONTH]) == 2


@pytest.mark.usefixtures("city")
def test_the_sheet_is_a_table_or_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "派驻.xlsx"
    assert run(["report", "stationed", "--month", MONTH, "--out", str(out)]) == 0
    assert capsys.readouterr().out.strip() == fill("cli", "report_written", {"path": out})
    with ZipFile(out) as book:
        assert "xl/workbook.xml" in book.namelist()
    assert run(["report", "stationed", "--month", MONTH]) == 0
    assert "徐少芬\t东篱区市场监督管理局\t柳塘市场监督管理所\t0\t0\t0\t0\t0\t钟福生、孙晓宇\t张玉梅" in capsys.readouterr().out
    assert run(["report", "stationed", "--month", MONTH, "--out", str(tmp_path / "派驻.doc")]) == 2


@pytest.mark.usefixtures("city")
def test_a_supervisor_has_the_sheet_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {}
    for actor in ("SV001", "SV003", "SV004"):
        assert run(["report", "stationed", "--month", MONTH, "--as", actor, "--json"]) == 0
        (section,) = json.loads(capsys.readouterr().out)["sections"]
        rows[actor] = [row[0] for row in section["rows"]]

    assert rows == {"SV001": ["江家乐", "徐少芬"], "SV003": ["江家乐", "徐少芬"], "SV004": []}
