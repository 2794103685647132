"""Who a waiting ticket would go to: the units behind its proposed duty items, best first, and never one that it is about."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import TYPE_CHECKING

import msgspec
import pytest

from intents.hazards import hazards
from routing.duty_list import load_folder
from routing.likely_units import list_likely
from tests.office import LAMP_TICKET, Teller, build_context

if TYPE_CHECKING:
    from routing.facts import TicketFacts

CONTEXT = build_context(Teller())


def likely(**changed: object) -> list[tuple[str, str]]:
    ticket: TicketFacts = msgspec.structs.replace(LAMP_TICKET, unit="S1-desk", item="", **changed)
    return [(one.unit, one.item) for one in list_likely(ticket, org=CONTEXT.org, duty_list=CONTEXT.duty_list)]


def test_the_units_come_in_the_order_of_the_proposed_items() -> None:
    assert likely(candidates=("ZF-1", "SQ-1", "SZ-1")) == [("S1-law", "ZF-1"), ("C1-jwh", "SQ-1"), ("D-works", "SZ-1")]


def test_a_unit_stands_there_once_for_the_best_of_its_items() -> None:
    assert likely(candidates=("SZ-1", "SZ-1")) == [("D-works", "SZ-1")]


@pytest.mark.parametrize("refused", [("S1-law",), ("S1-law", "D-law"), ("D-law",)])
def test_a_unit_that_the_matter_is_about_or_that_answers_to_it_is_never_proposed(refused: tuple[str, ...]) -> None:
    assert likely(candidates=("ZF-1", "SZ-1"), refused=refused) == [("D-works", "SZ-1")]


def test_a_level_on_which_the_item_is_not_done_is_not_proposed() -> None:
    assert likely(candidates=("RQ-1",)) == [], "the gas company stands on no level of that item"


def test_where_nothing_is_proposed_or_known_nobody_is() -> None:
    assert likely(candidates=()) == []
    assert likely(candidates=("NO-SUCH",)) == []
    assert likely(candidates=("SZ-1",), area="") == []


def test_of_a_red_matter_who_comes_for_its_danger_stands_before_what_its_words_resemble() -> None:
    assert likely(candidates=("SZ-1",), tier="red", hazard="gas") == [("D-gas", ""), ("D-works", "SZ-1")]
    assert likely(candidates=("SZ-1",), tier="orange", hazard="gas") == [("D-works", "SZ-1")]
    assert likely(candidates=("SZ-1",), tier="red", hazard="self_harm") == [("D-works", "SZ-1")]
    assert likely(candidates=("SZ-1",), tier="red", hazard="gas", refused=("D-gas",)) == [("D-works", "SZ-1")]


def test_what_comes_for_a_danger_is_a_danger_that_is_known_and_a_function_that_somebody_has() -> None:
    lexicon = tomllib.loads(resources.files("routing").joinpath("lexicons/dangers.toml").read_text(encoding="utf-8"))
    functions = {item.lead for item in load_folder()[0].items.values()}

    assert set(lexicon["leads"]) <= {hazard.name for hazard in hazards()}
    assert set(lexicon["leads"].values()) <= functions


def test_no_more_than_can_be_pressed_are_given() -> None:
    ticket = msgspec.structs.replace(LAMP_TICKET, candidates=("ZF-1", "SQ-1", "SZ-1"))

    assert len(list_likely(ticket, org=CONTEXT.org, duty_list=CONTEXT.duty_list, most=2)) == 2
