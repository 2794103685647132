"""Workbooks, Markdown and documents as entries, and what no file may do to the service."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from pypdf import PdfWriter

from knowledge_base import file_reader, reading_apart
from knowledge_base.importers import Preview, find_importer
from knowledge_base.reading_apart import FileRefused, read_apart, read_workbook
from store.sheets import BadTable, NoColumns


def preview(path: Path, **options: Any) -> Preview:
    spec = find_importer(path.name)
    assert spec is not None
    return spec.preview(path, **options)


def save_workbook(path: Path, *sheets: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_workbook_is_read_like_a_table_from_the_first_sheet_that_has_anything(tmp_path: Path) -> None:
    rows = [
        ["编号", "标准问", "答案", "来源", "失效日期"],
        [7, "问", "答", "文件", date(2027, 1, 2)],
        [],
        ["X", "问二", 12.0, "文件", None],
    ]
    found = preview(save_workbook(tmp_path / "a.xlsx", [], [[], *rows]))

    assert found.problems == ()
    assert [(one.code, one.question, one.answer, one.valid_to) for one in found.entries] == [
        ("7", "问", "答", date(2027, 1, 2)),
        ("X", "问二", "12", None),
    ]


def test_problems_of_a_workbook_name_the_row_that_a_spreadsheet_program_shows(tmp_path: Path) -> None:
    rows = [["编号", "标准问", "答案", "来源"], ["A", "问", "答", "文件"], ["B", "问", "", "文件"], ["C", "问", "答", "文件", "多"]]
    found = preview(save_workbook(tmp_path / "a.xlsx", [[], *rows]))

    assert [(one.line, one.key) for one in found.problems] == [(4, "empty"), (5, "too_many_cells")]


def test_a_workbook_without_columns_or_with_a_column_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoColumns):
        read_workbook(save_workbook(tmp_path / "a.xlsx", [[]]))
    with pytest.raises(BadTable, match="line 1"):
        read_workbook(save_workbook(tmp_path / "b.xlsx", [["问题", "问题"], ["x", "y"]]))


def test_headings_of_a_markdown_file_are_questions(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "# 养犬\n\n## 养狗要登记吗\n来源：公安局\n**问法**：狗证|养狗\n\n要登记。\n\n```\n# 不是标题\n```\n"
        "## 遛狗\n- 来源: 公安局\n失效日期：2027年1月2日\n牵绳。\n## 空的\n",
        encoding="utf-8",
    )
    found = preview(path)

    assert found.problems == ()
    assert [(one.question, one.phrasings, one.answer, one.source, one.valid_to) for one in found.entries] == [
        ("养狗要登记吗", ("狗证", "养狗"), "要登记。\n\n```\n# 不是标题\n```", "公安局", None),
        ("遛狗", (), "牵绳。", "公安局", date(2027, 1, 2)),
    ]
    assert [one.code for one in preview(path).entries] == [one.code for one in found.entries]


def test_a_markdown_file_names_the_line_of_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("## 一\n来源：甲\n\n答\n\n## 二\n来源：甲\n失效日期：不知道\n\n答\n", encoding="utf-8")

    assert [(one.line, one.key) for one in preview(path).problems] == [(6, "bad_date")]
    path.write_text("没有标题\n", encoding="utf-8")
    assert [(one.line, one.key) for one in preview(path).problems] == [(0, "unreadable")]
    path.write_text("## 一\n\n答\n", encoding="utf-8")
    assert [(one.line, one.key) for one in preview(path).problems] == [(1, "missing_column")]
    assert [one.source for one in preview(path, source="甲").entries] == ["甲"]


def test_a_document_is_cut_at_its_headings_and_articles(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("犬只管理办法", 0)
    for text in ("为了规范养犬，制定本办法。", "第一条 养犬要登记。", "带免疫证明。", "第二条 不许放养。"):
        document.add_paragraph(text)
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "费用", "10元"
    document.save(str(tmp_path / "a.docx"))
    found = preview(tmp_path / "a.docx", unit="公安局")

    assert found.problems == ()
    assert [(one.kind, one.question, one.answer, one.source, one.unit) for one in found.entries] == [
        ("policy", "犬只管理办法", "为了规范养犬，制定本办法。", "《犬只管理办法》", "公安局"),
        ("policy", "犬只管理办法 第一条 养犬要登记。", "第一条 养犬要登记。\n带免疫证明。", "《犬只管理办法》", "公安局"),
        ("policy", "犬只管理办法 第二条 不许放养。", "第二条 不许放养。\n费用 | 10元", "《犬只管理办法》", "公安局"),
    ]


def test_a_long_text_without_articles_is_cut_into_parts_of_their_own_names(tmp_path: Path) -> None:
    document = docx.Document()
    for number in range(40):
        document.add_paragraph(f"{number}" + "长" * 99)
    document.save(str(tmp_path / "a.docx"))
    found = preview(tmp_path / "a.docx", source="甲").entries

    assert [len(one.answer) <= 1600 for one in found] == [True, True, True]
    assert len({one.question for one in found}) == 3


def write_bomb(path: Path, name: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(11):
            packed.writestr(f"{name}{number}.xml", b" " * 10_000_000)
    return path


def write_many_rows(path: Path) -> Path:
    """Write a small workbook of more rows than any that is read."""
    save_workbook(path, [["问题", "答案"], ["x", "y"]])
    kept = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            body = old.read(member)
            if member.filename.startswith("xl/worksheets/"):
                body = body.replace(b"<sheetData>", b"<sheetData>" + b"<row><c t='inlineStr'><is><t>z</t></is></c></row>" * 60_000)
            new.writestr(member.filename, body)
    path.write_bytes(kept.getvalue())
    return path


def write_entities(path: Path) -> Path:
    """Write a document whose XML multiplies itself (the billion laughs)."""
    docx.Document().save(str(path))
    entities = "".join(f'<!ENTITY a{number} "{f"&a{number - 1};" * 10 if number else "ha" * 50}">' for number in range(12))
    kept = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(kept, "w") as new:
        for member in old.infolist():
            body = old.read(member)
            if member.filename == "word/document.xml":
                body = f'<?xml version="1.0"?><!DOCTYPE x [{entities}]><x>&a11;</x>'.encode()
            new.writestr(member.filename, body)
    path.write_bytes(kept.getvalue())
    return path


def write_locked(path: Path) -> Path:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret")
    writer.write(str(path))
    return path


def write_pages(path: Path, count: int) -> Path:
    writer = PdfWriter()
    for _ in range(count):
        writer.add_blank_page(100, 100)
    writer.write(str(path))
    return path


def test_bombs_locked_empty_and_broken_files_are_refused_for_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7\nno more")
    (tmp_path / "page.docx").write_bytes(b"<html><script>alert(1)</script></html>")
    files = {
        "too_large": [
            write_bomb(tmp_path / "a.xlsx", "xl/worksheets/sheet"),
            write_bomb(tmp_path / "a.docx", "word/"),
            write_many_rows(tmp_path / "b.xlsx"),
            write_pages(tmp_path / "many.pdf", 301),
        ],
        "locked": [write_locked(tmp_path / "locked.pdf")],
        "no_text": [write_pages(tmp_path / "scan.pdf", 2)],
        "broken": [tmp_path / "broken.pdf", tmp_path / "page.docx", write_entities(tmp_path / "laughs.docx")],
    }
    found = {}
    for why, paths in files.items():
        for path in paths:
            with pytest.raises(FileRefused) as refused:
                read_apart(path, path.suffix[1:])
            found[path.name] = (why, refused.value.why)

    assert {name: why for name, (why, _) in found.items()} == {name: said for name, (_, said) in found.items()}


@pytest.mark.parametrize(
    "work", ["bytearray(2 * 1024 ** 3)", "exec('while True: pass')", "__import__('pathlib').Path('written').write_text('x')"]
)
def test_the_process_that_reads_takes_no_more_than_it_may(tmp_path: Path, work: str) -> None:
    program = f"import runpy; m = runpy.run_path({str(Path(file_reader.__file__))!r}); m['limit'].__globals__['CPU_SECONDS'] = 1; m['limit'](); {work}"
    done = subprocess.run([sys.executable, "-IB", "-c", program], cwd=tmp_path, capture_output=True, timeout=30, check=False)

    assert done.returncode != 0
    assert [path.read_bytes() for path in tmp_path.iterdir()] in ([], [b""])


def test_a_file_that_takes_too_long_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_apart, "_SECONDS", 0.01)
    with pytest.raises(FileRefused) as refused:
        read_apart(write_pages(tmp_path / "a.pdf", 2), "pdf")

    assert refused.value.why == "too_long"
