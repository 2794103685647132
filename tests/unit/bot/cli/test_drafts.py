"""The command line of drafts, on a city of its own: an excerpt is pasted, looked at, confirmed, dropped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

EXCERPT = (
    "3-502王姐 2026/11/21 19:03\n安泰花园北门路灯全灭了，有三四天了，天天摸黑\n\n"
    "小马 2026/11/21 19:40\n安泰路12号门口那个井盖裂了一大块，一踩就翘\n"
)


@pytest.fixture
def folder(seeded: Path) -> Path:
    seeded.joinpath("群.txt").write_text(EXCERPT, encoding="utf-8")
    return seeded


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_from_an_excerpt_to_a_ticket(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pasted = answer(capsys, "paste", str(folder / "群.txt"), "--as", "GW001", "--group", "wrLT01G1")
    listed = answer(capsys, "drafts", "list", "--as", "GW001")
    shown = answer(capsys, "drafts", "show", "1", "--as", "GW001")
    confirmed = answer(capsys, "drafts", "confirm", "1", "--as", "GW001")
    dropped = answer(capsys, "drafts", "drop", "2", "--as", "GW001")

    assert (pasted["messages"], [one["draft"] for one in pasted["drafts"]]) == (2, [1, 2])
    assert [one["draft"] for one in listed] == [1, 2]
    assert ("北门路灯全灭了" in shown["lines"], "王姐" in shown["lines"]) == (True, False)
    assert (confirmed["joined"], bool(confirmed["ticket"]), dropped) == (False, True, {"draft": 2})
    assert answer(capsys, "drafts", "list", "--as", "GW001") == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["drafts", "list", "--as", "nobody"], "nobody"),
        (["drafts", "show", "1", "--as", "GW001"], "1 号草稿"),
        (["drafts", "bind", "GW001", "pigeon", "o-1"], "pigeon"),
        (["drafts", "unbind", "GW001", "terminal"], "GW001"),
        (["paste", "群.txt", "--as", "GW002", "--group", "wrLT01G1"], "wrLT01G1"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert folder.is_dir()
    assert run(arguments) == 1
    assert words in capsys.readouterr().err


def test_what_is_no_excerpt_is_said_to_be_none_and_stays_where_it_is(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "不是.txt"
    file.write_text("今天天气不错", encoding="utf-8")

    assert run(["paste", str(file), "--as", "GW001", "--group", "wrLT01G1"]) == 1
    assert "不像微信的聊天记录" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "今天天气不错"


def test_a_worker_is_bound_and_read_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["drafts", "bind", "GW001", "terminal", "小郑"]) == 0
    assert run(["drafts", "unbind", "GW001", "terminal"]) == 0
    assert run(["drafts", "list", "--as", "GW001"]) == 0
    assert run(["paste", str(folder / "群.txt"), "--as", "GW001", "--group", "wrLT01G1"]) == 0
    assert run(["drafts", "list", "--as", "GW001"]) == 0
    assert run(["drafts", "show", "1", "--as", "GW001"]) == 0
    assert run(["drafts", "confirm", "1", "--as", "GW001"]) == 0
    assert run(["drafts", "drop", "2", "--as", "GW001"]) == 0

    said = capsys.readouterr().out
    assert [words in said for words in ("已绑定", "不再绑定", "没有等着看的草稿", "看了 2 条", "路灯全灭", "已建单", "不当事")] == [
        True
    ] * 7
