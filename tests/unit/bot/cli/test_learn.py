"""`jieying learn gate` and `jieying evaluate gate`: what was learned from a file is measured on another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.cli.main import run
from bot.texts import fill

if TYPE_CHECKING:
    from pathlib import Path

REQUESTS = ["路灯坏了没人修", "水管坏了谁来修", "灯不亮了请修一下", "门坏了请修", "路面坏了请修", "电梯坏了快修"]
TALK = ["哈哈哈哈", "晚上吃饭吗", "吃饭了哈哈", "早上好哈", "晚上好", "好吃哈哈"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JIEYING_DATA_DIR", str(tmp_path / "data"))
    rows = [f"{text},{label}" for texts, label in ((REQUESTS, 1), (TALK, 0)) for text in texts]
    (tmp_path / "lines.csv").write_text("\n".join(["text,is_request", *rows, ""]), encoding="utf-8")
    (tmp_path / "others.csv").write_text("text,is_request\n灯坏了来修,是\n哈哈好吃,否\n", encoding="utf-8")
    return tmp_path


def test_what_is_learned_tells_like_lines_apart(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["learn", "gate", "lines.csv", "--out", "gate.npz", "--json"]) == 0
    learned = json.loads(capsys.readouterr().out)
    assert run(["evaluate", "gate", "others.csv", "--model", "gate.npz", "--json"]) == 0
    measured = json.loads(capsys.readouterr().out)

    assert (learned["samples"], learned["bytes"]) == (12, (folder / "gate.npz").stat().st_size)
    assert (measured["auroc"], measured["recall_at_1pct_false_alarms"]) == (1.0, 1.0)
    assert (measured["count"], measured["positives"]) == (2, 1)
    assert not (folder / "data").exists()


def test_people_get_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "gate", "others.csv"]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert fill("cli", "figure_auroc") + "\t1.00" in lines
    assert fill("cli", "figure_count") + "\t2" in lines
    assert fill("cli", "figure_precision_at_base_rate") in lines
    assert not (folder / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "key", "facts"),
    [
        (["learn", "gate", "others.csv", "--out", "gate.npz"], "too_few_to_learn", {"file": "others.csv"}),
        (["evaluate", "gate", "others.csv", "--model", "lines.csv"], "model_wrong", {"error": None}),
    ],
)
def test_what_is_refused_leaves_nothing(
    folder: Path, arguments: list[str], key: str, facts: dict[str, str | None], capsys: pytest.CaptureFixture[str]
) -> None:
    code = run(arguments)
    said = capsys.readouterr()

    begins = fill("cli", f"error_{key}", {"error": ""} | {name: value or "" for name, value in facts.items()}).strip()
    assert (code, said.out, said.err.startswith(begins)) == (1, "", True)
    assert not (folder / "gate.npz").exists()


def test_a_folder_that_is_not_there_is_named_before_anything_is_learned(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["learn", "gate", "lines.csv", "--out", "nowhere/gate.npz"]) == 1
    assert capsys.readouterr().err == fill("cli", "error_no_folder_for_model", {"folder": folder / "nowhere"}) + "\n"
