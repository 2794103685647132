"""Letters measured: the figures are those of the guesses, folds judge what they have not learned, a map makes departments of the list."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.cli.main import run
from bot.evaluation.routing import Ranked, choose_measured, describe
from bot.texts import fill
from knowledge_base.letters import Letter

if TYPE_CHECKING:
    from pathlib import Path

_LINES = ("路面坑洼多日,道路", "井盖松动响,道路", "路灯不亮了,道路", "人行道砖破损,道路", "桥面开裂,道路")
_OTHERS = ("小学招生片区,教育", "中学乱收费,教育", "幼儿园报名,教育", "学校补课,教育", "学生转学,教育")


@pytest.fixture
def letters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JIEYING_DATA_DIR", str(tmp_path / "data"))
    file = tmp_path / "letters.csv"
    rows = [line.split(",") for line in (*_LINES, *_OTHERS)]
    lines = [f"{title}{ending},反映{title}的情况{ending},{name}" for title, name in rows for ending in ("", "求办", "何时解决")]
    file.write_text("title,text,department\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return file


def evaluate(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, float]:
    capsys.readouterr()
    assert run(["evaluate", "routing", *map(str, arguments), "--json"]) == 0
    figures: dict[str, float] = json.loads(capsys.readouterr().out)
    return figures


def test_figures_are_those_of_the_guesses() -> None:
    cases = [Letter("", "", name) for name in ("a", "a", "b", "b")]
    guesses = [{"a": 0.9, "b": 0.1}, {"b": 0.6, "a": 0.4}, {"b": 0.8, "a": 0.2}, {}]
    figures = describe([Ranked(cases[:2], guesses[:2], 0.002), Ranked(cases[2:], guesses[2:], 0.002)])

    assert figures == {
        "count": 4,
        "accuracy": 0.5,
        "macro_f1": pytest.approx((0.5 + 0.5) / 2),
        "top2": 0.75,
        "top3": 0.75,
        "ece": pytest.approx((0.1 + 0.6 + 0.2 + 0.0) / 4),
        "accuracy_at_80": pytest.approx(2 / 3),
        "accuracy_at_90": 0.5,
        "ms_per_message": pytest.approx(1.0),
        "per_class": {
            "a": {"precision": 1.0, "recall": 0.5, "f1": pytest.approx(2 / 3), "count": 2},
            "b": {"precision": 0.5, "recall": 0.5, "f1": 0.5, "count": 2},
        },
    } | {"macro_f1": pytest.approx((2 / 3 + 0.5) / 2)}


def test_letters_with_title_and_text_are_measured_or_titles_if_there_are_no_others() -> None:
    whole, title, text = Letter("t", "x", "a"), Letter("t", "", "a"), Letter("", "x", "a")

    assert choose_measured([whole, title, text]) == [whole]
    assert choose_measured([title, text]) == [title]


def test_folds_and_a_model_of_a_file_are_measured(letters: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folds = evaluate(capsys, letters, "--folds", 3)
    titles = evaluate(capsys, letters, "--folds", 3, "--titles-only")
    assert run(["learn", "routing", str(letters), "--out", str(tmp_path / "model.npz")]) == 0
    model = evaluate(capsys, letters, "--model", tmp_path / "model.npz")

    assert folds["count"] == titles["count"] == model["count"] == 30
    assert min(folds["accuracy"], titles["accuracy"]) > 0.9
    assert model["accuracy"] == 1.0
    assert folds["train_seconds"] > 0
    assert "train_seconds" not in model


def test_the_list_is_judged_by_the_departments_of_its_leads(
    letters: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    units = tmp_path / "units.csv"
    units.write_text("lead,department\n市政养护,道路\n路灯照明,道路\n教育,教育\n", encoding="utf-8")
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("lead,department\n市政养护,教育\n路灯照明,教育\n教育,道路\n", encoding="utf-8")

    assert evaluate(capsys, letters, "--map", units)["accuracy"] > 0.9
    assert evaluate(capsys, letters, "--map", wrong)["accuracy"] < 0.1


@pytest.mark.parametrize("options", [[], ["--folds", "3", "--map", "letters.csv"]])
def test_one_way_to_judge_has_to_be_chosen(
    letters: Path, options: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(letters.parent)

    assert run(["evaluate", "routing", str(letters), *options]) == 1
    assert capsys.readouterr().err.strip() == fill("cli", "error_one_way_to_evaluate")


def test_a_file_without_the_columns_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bad.csv"
    file.write_text("title,unit\n路灯,道路\n", encoding="utf-8")

    assert run(["evaluate", "routing", str(file), "--folds", "3"]) == 1
    assert capsys.readouterr().err.strip() == fill(
        "cli", "error_samples_lack", {"file": "bad.csv", "missing": "text、department", "needed": "title,text,department"}
    )


def test_too_few_letters_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "few.csv"
    file.write_text("title,text,department\n路灯,不亮,道路\n小学,招生,教育\n", encoding="utf-8")

    assert run(["learn", "routing", str(file), "--out", str(tmp_path / "model.npz")]) == 1
    assert capsys.readouterr().err.strip() == fill(
        "cli", "error_too_few_letters", {"file": "few.csv", "counts": "教育: 1, 道路: 1"}
    )
    assert not (tmp_path / "model.npz").exists()
