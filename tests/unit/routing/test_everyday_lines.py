"""What residents type in a chat finds its duty item: made-up lines of every day, judged by us, none of them copied from real letters.

Columns of everyday_lines.csv: the line, the item it means (empty: nothing can be told), and `dispatch`: yes, sure enough to be sent to a
unit at once; no, it must stay at the desk; empty, either is fine.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from routing.duty_list import load_folder
from routing.rules import RoutingSettings
from routing.triage import Triage
from tests.town import utter

LINES = list(csv.DictReader(Path(__file__).with_name("everyday_lines.csv").read_text(encoding="utf-8").splitlines()))
DUTIES = load_folder()[0]
TRIAGE = Triage(DUTIES, today=date(2026, 3, 2))
SURE = RoutingSettings().confident
FOUND = {line["text"]: TRIAGE.rank(utter(line["text"]), limit=1) for line in LINES}


def _name(text: str) -> str:
    return next((candidate.item.name for candidate in FOUND[text]), "")


def _is_sure(text: str) -> bool:
    return any(candidate.confidence >= SURE for candidate in FOUND[text])


def test_the_lines_name_items_that_exist() -> None:
    names = {item.name for item in DUTIES.items.values()}

    assert [line for line in LINES if line["item"] and line["item"] not in names] == []
    assert [line for line in LINES if line["dispatch"] not in {"yes", "no", ""}] == []
    assert len({line["text"] for line in LINES}) == len(LINES)


def test_nineteen_of_twenty_find_their_item() -> None:
    meant = [line for line in LINES if line["item"]]
    missed = {line["text"]: (line["item"], _name(line["text"])) for line in meant if _name(line["text"]) != line["item"]}

    assert len(missed) <= 0.05 * len(meant), missed


def test_what_is_clear_is_sure_enough_to_be_sent_at_once() -> None:
    clear = [line["text"] for line in LINES if line["dispatch"] == "yes"]
    unsure = [text for text in clear if not _is_sure(text)]

    assert len(unsure) <= 0.05 * len(clear), unsure


def test_what_is_vague_is_never_sent_by_machine() -> None:
    assert [text for text in (line["text"] for line in LINES if line["dispatch"] == "no") if _is_sure(text)] == []


def test_no_line_is_copied_from_the_list() -> None:
    phrasings = {phrasing for item in DUTIES.items.values() for phrasing in item.phrasings}

    assert [line["text"] for line in LINES if line["text"] in phrasings] == []
