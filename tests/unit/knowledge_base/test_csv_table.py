from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from knowledge_base import entries
from knowledge_base.entry import Entry
from knowledge_base.importers import ImportCounts, ImportRefused, Preview, Problem
from knowledge_base.importers.csv_table import IMPORTER

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
HEAD = "code,question,answer,source,source_date,valid_from,valid_to,kind\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def preview(folder: Path, text: str, **facts: Any) -> Preview:
    path = folder / "entries.csv"
    path.write_text(text, encoding="utf-8")
    return IMPORTER.preview(path, **facts)


def test_a_table_becomes_entries_with_what_the_command_adds(folder: Path) -> None:
    read = preview(
        folder,
        "编号,标准问,问法,答案,备注\nA1,犬证怎么办,养狗要证吗|犬证在哪办,到派出所,x\n",
        source="《养犬条例》",
        source_date=date(2025, 1, 2),
        unit="公安局",
        area="S1",
    )

    assert read == Preview(
        entries=(
            Entry(
                code="A1",
                question="犬证怎么办",
                phrasings=("养狗要证吗", "犬证在哪办"),
                answer="到派出所",
                source="《养犬条例》",
                source_date=date(2025, 1, 2),
                unit="公安局",
                area="S1",
            ),
        ),
        used={"code": ("编号",), "question": ("标准问",), "answer": ("答案",), "phrasings": ("问法",)},
        unused=("备注",),
    )


def test_a_row_says_more_than_the_command(folder: Path) -> None:
    read = preview(folder, HEAD + "A1,甲,乙,《丙》,2025年3月12日,,,政策\n", source="《丁》", source_date=date(2020, 1, 1))

    assert [(entry.source, entry.source_date, entry.kind) for entry in read.entries] == [("《丙》", date(2025, 3, 12), "policy")]


def test_a_service_item_is_composed_and_known_by_its_key(folder: Path) -> None:
    text = 'TASK_NAME,DEPT_NAME,accept_standard,material_intro,consult_phone\n犬证首办,公安局,满三月龄,"[""身份证"", ""免疫证""]",0900-1\n'
    facts: dict[str, Any] = {"kind": "service_item", "key_columns": ("TASK_NAME", "DEPT_NAME"), "source": "事项清单"}

    (entry,) = preview(folder, text, **facts).entries

    assert entry.answer == "受理条件：满三月龄\n材料：身份证；免疫证\n电话：0900-1"
    assert (entry.kind, entry.question, entry.unit, entry.code[:13]) == ("service_item", "犬证首办", "公安局", "service_item-")
    assert preview(folder, text.replace("满三月龄", "满四月龄"), **facts).entries[0].code == entry.code
    assert preview(folder, text.replace("公安局", "农业局"), **facts).entries[0].code != entry.code


@pytest.mark.parametrize(
    ("text", "facts", "problem"),
    [
        (
            "code,quetsion,answer\nA,甲,乙\n",
            {"source": "s"},
            Problem(1, "missing_column", {"field": "question", "nearest": "quetsion"}),
        ),
        (
            "code,question,anwser\nA,甲,乙\n",
            {"source": "s"},
            Problem(1, "missing_column", {"field": "answer", "nearest": "anwser"}),
        ),
        ("code,question,answer\nA,甲,乙\n", {}, Problem(1, "missing_column", {"field": "source", "nearest": "code"})),
        ("question,answer\n甲,乙\n", {"source": "s"}, Problem(1, "no_code")),
        (
            "question,answer\n甲,乙\n",
            {"source": "s", "key_columns": ("quest",)},
            Problem(1, "unknown_column", {"column": "quest", "nearest": "question"}),
        ),
        (
            "code,question,answer\nA,甲,乙\n",
            {"source": "s", "column_map": {"anser": "answer"}},  # a slip in the field's name
            Problem(1, "unknown_field", {"field": "anser", "nearest": "answer"}),
        ),
    ],
)
def test_a_header_that_cannot_work_is_refused_with_the_nearest_name(
    folder: Path, session: Session, text: str, facts: dict[str, Any], problem: Problem
) -> None:
    read = preview(folder, text, **facts)

    assert (read.entries, read.problems, read.is_blocked) == ((), (problem,), True)
    with pytest.raises(ImportRefused):
        IMPORTER.apply(session, read, now=NOW, skip_bad=True)


@pytest.mark.parametrize(
    ("columns", "cells", "kept"),
    [
        ("坐标", '"120.150, 30.2"', "120.15,30.2"),
        ("经度,纬度", "120.15,30.2", "120.15,30.2"),
        ("lng,lat", "120.15,30.2", "120.15,30.2"),
        ("坐标", "", ""),
        ("经度,纬度", ",", ""),
    ],
)
def test_where_a_place_is_comes_in_one_column_or_two(folder: Path, columns: str, cells: str, kept: str) -> None:
    (entry,) = preview(folder, f"code,question,answer,source,{columns}\nA1,甲,乙,s,{cells}\n").entries

    assert entry.coordinates == kept


@pytest.mark.parametrize(
    ("columns", "cells", "value"), [("坐标", '"30.2,120.15"', "30.2,120.15"), ("经度,纬度", "120.15,", "120.15")]
)
def test_a_place_that_cannot_be_is_a_problem_of_its_line(folder: Path, columns: str, cells: str, value: str) -> None:
    read = preview(folder, f"code,question,answer,source,{columns}\nA1,甲,乙,s,{cells}\n")

    assert read.problems == (Problem(2, "bad_coordinates", {"value": value}),)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("A2,,乙,s,,,,", Problem(3, "empty", {"field": "question"})),
        ("A2,甲,无,s,,,,", Problem(3, "empty", {"field": "answer"})),
        ("A2,甲,乙,,,,,", Problem(3, "empty", {"field": "source"})),
        ("A2,甲,乙,s,去年,,,", Problem(3, "bad_date", {"field": "source_date", "value": "去年"})),
        ("A2,甲,乙,s,,2025-02-31,,", Problem(3, "bad_date", {"field": "valid_from", "value": "2025-02-31"})),
        ("A2,甲,乙,s,,2025-02-02,2025-02-01,", Problem(3, "dates_crossed")),
        ("A2,甲,乙,s,,,,faq", Problem(3, "bad_kind", {"value": "faq"})),
        ("A1,甲,丙,s,,,,", Problem(3, "duplicate_code", {"code": "A1", "first": "2"})),
        ("A2,甲,乙,s,,,,,多", Problem(3, "too_many_cells")),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_nothing_is_half_imported(
    folder: Path, session: Session, row: str, problem: Problem
) -> None:
    read = preview(folder, f"{HEAD}A1,甲,乙,s,,,,\n{row}\n")

    assert (read.problems, [entry.code for entry in read.entries]) == ((problem,), ["A1"])
    with pytest.raises(ImportRefused):
        IMPORTER.apply(session, read, now=NOW)
    assert entries.load_all(session) == []
    assert IMPORTER.apply(session, read, now=NOW, skip_bad=True) == ImportCounts(created=1, refused=1)


def test_a_row_that_occurs_twice_counts_once(folder: Path) -> None:
    read = preview(folder, f"{HEAD}A1,甲,乙,s,,,,\nA1,甲,乙,s,,,,\n")

    assert (len(read.entries), read.problems) == (1, ())


@pytest.mark.parametrize("written", ["2025-03-12", "2025/3/12", "2025.3.12", "2025年3月12日", "20250312"])
def test_a_day_is_read_as_people_write_it(folder: Path, written: str) -> None:
    (entry,) = preview(folder, f"{HEAD}A1,甲,乙,s,{written},,,\n").entries

    assert entry.source_date == date(2025, 3, 12)


def test_importing_again_changes_only_what_differs(folder: Path, session: Session) -> None:
    text = f"{HEAD}A1,甲,乙,s,,,,\nA2,丙,丁,s,,,,\n"
    assert IMPORTER.apply(session, preview(folder, text), now=NOW) == ImportCounts(created=2)
    assert IMPORTER.apply(session, preview(folder, text), now=NOW) == ImportCounts(unchanged=2)

    again = IMPORTER.apply(session, preview(folder, text.replace("丁", "戊") + "A3,己,庚,s,,,,\n"), now=NOW)

    assert again == ImportCounts(created=1, changed=1, unchanged=1)
    assert [(entry.code, entry.answer, entry.version) for entry in entries.load_all(session)] == [
        ("A1", "乙", 1),
        ("A2", "戊", 2),
        ("A3", "庚", 1),
    ]


def test_a_file_that_is_no_table_says_so(folder: Path) -> None:
    path = folder / "book.xlsx"
    path.write_bytes(b"PK\x03\x04rest")

    for unreadable in (path, folder / "missing.csv"):
        read = IMPORTER.preview(unreadable)
        assert [(problem.line, problem.key) for problem in read.problems] == [(0, "unreadable")]
        assert read.is_blocked
