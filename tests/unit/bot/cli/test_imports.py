from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.cli.main import run
from bot.texts import fill

if TYPE_CHECKING:
    from pathlib import Path

AREAS = "code,name,level,parent\nC,城,city,\nG1,一网格,grid,C\n"
ENTRIES = "code,question,answer\nK1,门禁卡怎么补？,带身份证到物业。\nK2,车位怎么租？,到物业登记。\n"


@pytest.fixture
def folder(migrated: Path) -> Path:
    return migrated


def import_file(path: Path, text: str, *arguments: str) -> int:
    path.write_text(text, encoding="utf-8")
    table, *options = arguments
    return run(["import", table, str(path), *options])


def counts(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    result: dict[str, object] = json.loads(capsys.readouterr().out)
    return {name: result[name] for name in ("applied", "rows", "problems")} | {"counts": result["counts"]}


def test_importing_twice_changes_nothing_the_second_time(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert import_file(folder / "areas.csv", AREAS, "areas", "--json") == 0
    first = counts(capsys)
    assert import_file(folder / "areas.csv", AREAS, "areas", "--json") == 0
    second = counts(capsys)

    assert first == {
        "applied": True,
        "rows": 2,
        "problems": [],
        "counts": {"created": 2, "changed": 0, "unchanged": 0, "removed": 0},
    }
    assert second["counts"] == {"created": 0, "changed": 0, "unchanged": 2, "removed": 0}


def test_one_bad_row_keeps_the_whole_file_out_and_is_named_by_its_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = AREAS + "G2,二网格,gird,C\n"

    assert import_file(folder / "areas.csv", bad, "areas", "--json") == 1

    result = counts(capsys)
    assert (result["applied"], result["counts"]) == (False, {})
    assert [problem.split("：")[0] for problem in result["problems"]] == ["第 4 行"]  # type: ignore[attr-defined]  # a list of strings
    assert import_file(folder / "areas.csv", AREAS, "areas", "--json") == 0
    assert counts(capsys)["counts"] == {"created": 2, "changed": 0, "unchanged": 0, "removed": 0}


def test_a_preview_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert import_file(folder / "areas.csv", AREAS, "areas", "--preview") == 0
    assert capsys.readouterr().out == fill("cli", "import_previewed", {"rows": 2}) + "\n"

    assert import_file(folder / "areas.csv", AREAS, "areas", "--json") == 0
    assert counts(capsys)["counts"] == {"created": 2, "changed": 0, "unchanged": 0, "removed": 0}


def test_entries_need_a_source(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert import_file(folder / "k.csv", ENTRIES, "knowledge", "--json") == 1
    assert counts(capsys)["applied"] is False

    assert import_file(folder / "k.csv", ENTRIES, "knowledge", "--source", "物业手册", "--source-date", "2026-01-05", "--json") == 0
    assert counts(capsys)["counts"] == {"created": 2, "changed": 0, "unchanged": 0, "refused": 0}


def test_bad_entries_are_left_out_on_purpose_only(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = ENTRIES + "K3,,没有问题\n"

    assert import_file(folder / "k.csv", bad, "knowledge", "--source", "物业手册", "--json") == 1
    assert counts(capsys)["counts"] == {}
    assert import_file(folder / "k.csv", bad, "knowledge", "--source", "物业手册", "--skip-bad", "--json") == 0
    assert counts(capsys)["counts"] == {"created": 2, "changed": 0, "unchanged": 0, "refused": 1}


def test_a_file_without_codes_is_known_by_its_key_columns(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = "TASK,DEPT,WHERE\n门禁卡补办,物业,一楼\n"
    arguments = ("knowledge", "--kind", "service_item", "--map", "question=TASK", "--map", "place=WHERE", "--key", "TASK,DEPT")

    assert import_file(folder / "s.csv", table, *arguments, "--source", "服务目录", "--json") == 0
    assert counts(capsys)["counts"] == {"created": 1, "changed": 0, "unchanged": 0, "refused": 0}
    assert import_file(folder / "s.csv", table, *arguments, "--source", "服务目录", "--json") == 0
    assert counts(capsys)["counts"] == {"created": 0, "changed": 0, "unchanged": 1, "refused": 0}


def test_a_map_that_is_none_is_refused_in_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert import_file(folder / "k.csv", ENTRIES, "knowledge", "--map", "question") == 1
    assert capsys.readouterr().err == fill("cli", "error_bad_map", {"given": "question"}) + "\n"
