"""A command line that is written wrong is explained in Chinese, with how to write it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.cli.main import run
from bot.texts import fill

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["report", "figures", "--from", "2026-11-31", "--to", "2026-11-30"], "--from 写得不对。请写 2026-10-31 这样真有的日子。"),
        (["report", "figures", "--from", "2026-11-01"], "少写了 --to。请写 2026-10-31 这样真有的日子。"),
        (["org", "retire-unit", "U1"], "少写了 SUCCESSOR。"),
        (["org", "split-grid", "G1", "没有.csv"], "FILE 写得不对。没有这个文件或文件夹，或者打不开：请核对路径。"),
        (["patrol", "record", "一"], "ROUND 写得不对。请写整数。"),
        (["patrol", "deu"], "没有 deu 这个命令。您是不是要写：due？"),
        (["patrol", "due", "--jso"], "没有 --jso 这个选项。您是不是要写：--json、--as？"),
        (["report", "month", "2026-10", "--out", "月报.pdf"], "只会写 .html、.xlsx。"),
    ],
)
def test_what_is_wrong_and_how_it_is_written_is_said_in_chinese(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    command = f"jieying {' '.join(arguments[: 1 if 'deu' in arguments else 2])}"

    assert run(arguments) == 2
    assert capsys.readouterr().err == fill("cli", "error_usage", {"error": words, "command": command}) + "\n"


@pytest.mark.parametrize("by", ["district", ""])
def test_a_choice_names_all_that_may_be_chosen(capsys: pytest.CaptureFixture[str], by: str) -> None:
    assert run(["report", "figures", "--from", "2026-11-01", "--to", "2026-11-30", "--by", by]) == 2

    said = capsys.readouterr().err
    assert said.startswith("命令写得不对：--by 写得不对。只能写其中一个：area、unit、level、channel、line、source、item、kind。")
    assert re.findall(r"\b(?:Invalid|value|is not)\b", said) == []
