"""docs/figures.md explains every figure and every sign, each of them and no other, and texts.toml has the words for all that is printed."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from bot.reporting.pack import SectionKey
from bot.texts import has_text, load_texts
from routing.figures import Excluded, FigureCode, Tally, list_figures
from routing.month_decisions import DecisionState
from routing.terms import Level, UnitKind
from routing.warning_signs import SignKind
from tests.architecture.sources import text_of


def test_every_figure_and_sign_is_explained_and_none_that_is_gone() -> None:
    explained = re.findall(r"^\| `([a-z_]+)` \|", text_of("docs/figures.md"), re.MULTILINE)

    assert sorted(explained) == sorted([*get_args(FigureCode), *get_args(SignKind)])


def test_every_figure_has_its_name_and_formula_and_the_document_the_same_name() -> None:
    names = dict(re.findall(r"^\| `([a-z_]+)` \| ([^|]+?) \|", text_of("docs/figures.md"), re.MULTILINE))
    texts = load_texts()["report"]

    assert {code: texts[f"name_{code}"] for code in get_args(FigureCode)} == {code: names[code] for code in get_args(FigureCode)}
    assert {code: texts[f"sign_{code}"] for code in get_args(SignKind)} == {code: names[code] for code in get_args(SignKind)}
    assert [code for code in get_args(FigureCode) if not texts[f"formula_{code}"]] == []


@pytest.mark.parametrize(
    ("prefix", "keys"),
    [
        ("excluded", get_args(Excluded)),
        ("title", get_args(SectionKey)),
        ("decision", get_args(DecisionState)),
        ("level", [level.value for level in Level]),
        ("unit", [kind.value for kind in UnitKind]),
    ],
)
def test_whatever_is_printed_has_a_text(prefix: str, keys: list[str]) -> None:
    assert [key for key in keys if not has_text("report", f"{prefix}_{key}")] == []


def test_every_figure_of_tickets_is_made_and_no_other() -> None:
    of_conversation = {"first_response_rate", "seat_answer_rate", "self_service_rate", "kb_hit_rate"}

    assert {figure.code for figure in list_figures(Tally())} | of_conversation == set(get_args(FigureCode))
