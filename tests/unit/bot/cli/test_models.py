"""The city's own models at the command line: learned from what its desks decided, put into service only if better, and back in one step."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.cli.main import run
from bot.texts import fill
from routing.duty_list import load_folder
from routing.learned import name_class
from routing.lessons import Lesson

if TYPE_CHECKING:
    from pathlib import Path

_LINES = {"SZ-001": "路面{}坑洼，骑车颠得厉害，第{}天了", "SZ-007": "{}的井盖没了，敞着口，第{}天了"}
_WHERE = ("门口", "桥头", "校门外", "菜场边", "公园旁", "河边", "厂门前", "巷子口", "车站边", "路口")


@pytest.fixture
def folder(seeded: Path) -> Path:
    return seeded


def call(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert run([*arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def teach(monkeypatch: pytest.MonkeyPatch, decided: dict[str, str]) -> None:
    """Let the desks have decided so: the item that a text speaks of -> the item that clerks chose."""
    lessons = [
        Lesson(ticket=100 * at + day, text=line.format(where, day), item=decided[item])
        for at, where in enumerate(_WHERE)
        for day in range(1, 41)
        for item, line in _LINES.items()
    ]
    monkeypatch.setattr("bot.commands.models.collect", lambda _session: lessons)


def test_a_model_that_knows_better_takes_over_and_the_way_back_is_one_step(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    teach(monkeypatch, {"SZ-001": "SZ-010", "SZ-007": "SZ-011"})  # this city decides otherwise than the list's words say
    learned = call(capsys, "learn", "routing", "--from-tickets")

    assert learned == {"lessons": 800, "new": 1.0, "running": 0.0, "held_out": 160, "version": 1, "serving": True}
    assert [(one["version"], one["serving"]) for one in call(capsys, "models", "list")] == [(1, True)]

    again = call(capsys, "learn", "routing", "--from-tickets")
    assert (again["new"], again["running"], again["serving"]) == (1.0, 1.0, False)

    assert call(capsys, "models", "use", "2") == {"version": 2}
    assert call(capsys, "models", "back") == {"version": 1}
    assert call(capsys, "models", "back") == {"version": None}
    assert run(["models", "back"]) == 1
    assert capsys.readouterr().err.strip() == fill("cli", "error_no_version", {"error": "routing"})
    assert not any(one["serving"] for one in call(capsys, "models", "list"))
    assert folder.joinpath("data").is_dir()


@pytest.mark.usefixtures("folder")
def test_a_model_that_is_no_better_is_kept_and_does_not_serve(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    teach(monkeypatch, {"SZ-001": "SZ-001", "SZ-007": "SZ-007"})
    learned = call(capsys, "learn", "routing", "--from-tickets")

    assert learned["running"] == 1.0
    assert learned["serving"] is False
    assert [one["serving"] for one in call(capsys, "models", "list")] == [False]


@pytest.mark.usefixtures("folder")
def test_nothing_decided_yet_teaches_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["learn", "routing", "--from-tickets"]) == 1
    assert capsys.readouterr().err.strip() == fill("cli", "error_too_few_lessons", {"count": 0})
    assert call(capsys, "models", "list") == []


def learn_from_file(folder: Path, names: tuple[str, str]) -> None:
    lines = [
        f"{matter}{ask},请看看,{name}"
        for name, matters in zip(names, ("招生 收费 补课", "欠薪 社保 加班"), strict=True)
        for matter in matters.split()
        for ask in ("咨询", "反映", "求助")
    ]
    (folder / "letters.csv").write_text("title,text,department\n" + "\n".join(lines) + "\n", encoding="utf-8")
    assert run(["learn", "routing", "letters.csv", "--out", "own.npz"]) == 0


def test_a_file_is_kept_without_serving_and_what_is_no_model_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    items = load_folder()[0].items
    learn_from_file(folder, (name_class(items["SZ-001"]), name_class(items["SZ-007"])))

    assert call(capsys, "models", "keep", "own.npz") == {"version": 1, "serving": False}
    assert run(["models", "keep", "letters.csv"]) == 1
    assert len(call(capsys, "models", "list")) == 1


def test_a_model_that_knows_no_item_of_the_list_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    learn_from_file(folder, ("教育", "人社"))

    assert run(["models", "keep", "own.npz"]) == 1
    assert capsys.readouterr().err.strip() == fill("cli", "error_model_of_another_kind", {"classes": "人社、教育"})
    assert call(capsys, "models", "list") == []


@pytest.mark.parametrize("arguments", [["letters.csv"], ["letters.csv", "--from-tickets"], []])
def test_a_file_or_the_tickets_not_both_and_not_neither(
    folder: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "letters.csv").write_text("title,text,department\n", encoding="utf-8")

    assert run(["learn", "routing", *arguments]) == 1
    assert capsys.readouterr().err.strip() == fill("cli", "error_tickets_or_file")
