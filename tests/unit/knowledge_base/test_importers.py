from __future__ import annotations

from knowledge_base.importers import discover
from knowledge_base.importers.csv_table import IMPORTER


def test_importers_are_found_by_their_folder() -> None:
    assert discover() == {"csv_table": IMPORTER}
