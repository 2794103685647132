"""`jieying evaluate …` prints figures: JSON for programs, tables for people, and a refusal where a file cannot be measured."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bot.cli.main import run

if TYPE_CHECKING:
    from pathlib import Path

TIERS = "text,tier\n着火了，楼上冒浓烟，快来人,red\n谢谢你们,none\n谢谢大家,orange\n"
TURNS = "text,intent,items,places,tier\n杏花巷路灯不亮了,report_problem,SZ-012,杏花巷,none\n谢谢你们,complaint,,,none\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in: no settings file, no data."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JIEYING_DATA_DIR", str(tmp_path / "data"))
    return tmp_path


def write(path: Path, content: str) -> str:
    path.write_text(content, encoding="utf-8")
    return str(path)


def test_tiers_are_measured_for_a_program(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "tiers", write(folder / "tiers.csv", TIERS), "--json"]) == 0

    figures = json.loads(capsys.readouterr().out)
    assert (figures["accuracy"], figures["recall"]) == (pytest.approx(2 / 3), {"red": 1.0, "orange": 0.0, "none": 1.0})
    assert figures["misses"] == [{"tier": "orange", "read": "none", "hazard": "", "text": "谢谢大家"}]


def test_tiers_are_tabled_for_people(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "tiers", write(folder / "tiers.csv", TIERS)]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[:5] == ["项目\t数值", "准确率\t0.6667", "错报的红色\t0", "错报的红色占橙色和寻常的比例\t0.0000", "行数\t3"]
    assert lines[-3:] == ["没听对的", "险情等级\t听成\t险情\t文字", "orange\tnone\t\t谢谢大家"]


def test_a_file_without_tiers_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "tiers", write(folder / "tiers.csv", "text\n着火了\n")]) == 1
    assert "tier" in capsys.readouterr().err
    assert run(["evaluate", "tiers", write(folder / "tiers.csv", "text,tier\n着火了,rot\n")]) == 1
    assert "“rot”" in capsys.readouterr().err


def test_turns_are_measured_on_a_borrowed_city_that_leaves_nothing_behind(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "turns", write(folder / "turns.csv", TURNS), "--show", "--json"]) == 0

    figures = json.loads(capsys.readouterr().out)
    assert {name: figures[name] for name in ("count", "intent", "tier", "place_found", "item_top1", "right_unit")} == {
        "count": 2,
        "intent": 0.5,
        "tier": 1.0,
        "place_found": 1.0,
        "item_top1": 1.0,
        "right_unit": 1.0,
    }
    assert figures["counts"]["intent"] == {"count": 2, "right": 1}
    assert figures["misses"] == [{"figure": "intent", "wanted": "complaint", "got": "thanks", "text": "谢谢你们"}]
    assert [path.name for path in folder.iterdir()] == ["turns.csv"]


def test_turns_are_tabled_without_a_single_message(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "turns", write(folder / "turns.csv", TURNS)]) == 0

    printed = capsys.readouterr().out
    assert printed.splitlines()[:3] == ["项目\t数值", "行数\t2", "意图（按并列规则）\t0.5000"]
    assert "谢谢" not in printed


def test_a_label_that_there_is_not_is_refused_before_the_city_is_made(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "turns", write(folder / "turns.csv", "text,intent\n你好,chat\n")]) == 1
    assert "“chat”" in capsys.readouterr().err


STREAM = "id,user,title,text,sent_at\n" + "".join(
    f"L{number},U{number},金桂苑旁边搅拌站灰尘大,金桂苑小区旁边的搅拌站日夜施工，灰尘满天,2026-03-0{number}T09:00:00\n"
    for number in (1, 2, 3)
)


def test_incidents_are_measured_for_a_program_and_for_people(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stream, known = write(folder / "stream.csv", STREAM), write(folder / "known.csv", "group,id\n搅拌站,L1\n搅拌站,L3\n")

    assert run(["evaluate", "incidents", stream, "--known", known, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["incidents"] == {"搅拌站": {"recall": 1.0, "precision": pytest.approx(2 / 3), "f": pytest.approx(0.8)}}
    assert (figures["largest_group"], figures["bursts"], figures["joined_known"]) == (3, 1, 0)

    assert run(["evaluate", "incidents", stream, "--known", known]) == 0
    assert "最大的一组有几封\t3" in capsys.readouterr().out.splitlines()


def test_an_incident_that_is_not_in_the_stream_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stream, known = write(folder / "stream.csv", STREAM), write(folder / "known.csv", "group,id\n搅拌站,L9\n")
    assert run(["evaluate", "incidents", stream, "--known", known]) == 1
    assert "L9" in capsys.readouterr().err
    assert run(["evaluate", "incidents", write(folder / "stream.csv", "id,text\n1,路灯坏了\n"), "--known", known]) == 1
    assert "sent_at" in capsys.readouterr().err
