from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.sheets import BadTable, NoColumns, NotText, Sheet, SheetRow, decode, read_sheet

if TYPE_CHECKING:
    from pathlib import Path

TABLE = "编号,问题\nA1,犬证怎么办\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_read_in_the_encodings_people_save(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(TABLE.encode(encoding))

    assert read_sheet(path) == Sheet(("编号", "问题"), (SheetRow(2, {"编号": "A1", "问题": "犬证怎么办"}),))


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\r\n1,"x\r\ny"\r\n\r\n , \r\n2, z ,\r\n3\r\n4,5,6\r\n', encoding="utf-8", newline="")

    sheet = read_sheet(path)

    assert [(row.line, row.cells) for row in sheet.rows] == [
        (2, {"a": "1", "b": "x\r\ny"}),
        (6, {"a": "2", "b": "z"}),
        (7, {"a": "3", "b": ""}),
        (8, {"a": "4", "b": "5"}),
    ]
    assert sheet.overlong == (8,)


def test_tabs_part_columns_where_the_header_has_them(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("a\tb\n1,5\t2\n", encoding="utf-8")

    assert read_sheet(path).rows == (SheetRow(2, {"a": "1,5", "b": "2"}),)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"PK\x03\x04workbook", NotText),
        ("a,b\n".encode("utf-16"), NotText),
        (b"a,b\n\xff\xff\xff", NotText),
        (b"", NoColumns),
        (b" , ,\n1,2,3\n", NoColumns),
        (b"a,a\n1,2\n", BadTable),
        (b'a,b\n1,"2\n', BadTable),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(tmp_path: Path, data: bytes, error: type[Exception]) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(data)

    with pytest.raises(error):
        read_sheet(path)


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_sheet(tmp_path / "a.csv")


CELLS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=6)


@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=5), encoding=st.sampled_from(["utf-8", "utf-8-sig"]))
def test_what_was_written_comes_back(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], encoding: str) -> None:
    written = io.StringIO(newline="")
    csv.writer(written).writerows([["a", "b"], *rows])
    path = tmp_path_factory.mktemp("sheet") / "a.csv"
    path.write_bytes(written.getvalue().encode(encoding))

    assert [list(row.cells.values()) for row in read_sheet(path).rows] == rows


def test_decoding_drops_the_mark() -> None:
    assert decode("\ufeffa".encode()) == "a"
