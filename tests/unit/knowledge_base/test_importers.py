from __future__ import annotations

from knowledge_base.importers import discover, find_importer
from knowledge_base.importers.csv_table import IMPORTER


def test_importers_are_found_by_their_folder() -> None:
    found = discover()

    assert {name: spec.suffixes for name, spec in found.items()} == {
        "csv_table": (".csv", ".tsv", ".txt"),
        "document": (".docx", ".pdf"),
        "markdown": (".md", ".markdown"),
        "workbook": (".xlsx",),
    }
    assert found["csv_table"] == IMPORTER


def test_an_importer_is_found_by_the_ending_of_a_name() -> None:
    names = ("a.csv", "A.XLSX", "政策.v2.docx", "b.markdown", "a.xls", "csv", "", "a.")

    assert [spec.name if (spec := find_importer(name)) else "" for name in names] == [
        "csv_table",
        "workbook",
        "document",
        "markdown",
        "",
        "",
        "",
        "",
    ]
