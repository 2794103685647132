"""The walk through the pages shows each of its pictures, and each is light enough to be loaded on the way."""

from __future__ import annotations

import re

from tests.architecture.sources import ROOT

FOLDER = ROOT / "docs" / "tour"
HEAVIEST = 80_000
"""Bytes of one picture."""
TOLD = re.findall(r"!\[([^]]*)\]\(tour/([^)]+)\)", (ROOT / "docs" / "tour.md").read_text(encoding="utf-8"))


def test_every_picture_is_told_of_once_and_no_other_lies_there() -> None:
    assert sorted(name for _, name in TOLD) == sorted(path.name for path in FOLDER.iterdir())
    assert all(words for words, _ in TOLD)


def test_every_picture_is_light() -> None:
    assert {path.name: path.stat().st_size for path in FOLDER.iterdir() if path.stat().st_size > HEAVIEST} == {}
