"""How well whole messages are understood: the figures of a few messages to the demo city, worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.evaluation.labels import Label
from bot.evaluation.territory import find_unit, list_right_units
from bot.evaluation.turns import NOW, is_right_intent, make_turn, measure_turns
from intents.actions import PlaceRef

if TYPE_CHECKING:
    from pathlib import Path

    from bot.city import City

LAMP = Label(
    text="杏花巷路灯不亮了",
    intent="report_problem",
    kinds=("help",),
    tier="none",
    requester="resident",
    places=("杏花巷",),
    matters=(("SZ-012",),),
    number=1,
)
FIRE = Label(text="着火了，杏花巷3号冒烟", intent="report_problem", tier="red")
LAMPS = "DL-LDZM"
"""The district's street lamp office."""
ROADS = "DL-SZYH"


@pytest.fixture
def city(demo_city: tuple[Path, City]) -> City:
    return demo_city[1]


def change(label: Label, **changes: object) -> Label:
    return Label(**{name: getattr(label, name) for name in label.__struct_fields__} | changes)


def test_a_message_that_is_understood_is_right_in_all_that_was_labelled(city: City) -> None:
    figures = measure_turns([LAMP], city)

    right = ("intent", "exact_intent", "kind", "requester", "tier", "one_left_whole", "place_found", "item_top1", "item_top3")
    sent = ("right_unit", "sent_at_once", "right_when_sent")
    assert figures == {
        "count": 1,
        **dict.fromkeys((*right, *sent), 1.0),
        "counts": {figure: {"count": 1, "right": 1} for figure in (*right, *sent)},
        "read_as": {
            "red": {"red": 0, "orange": 0, "none": 0},
            "orange": {"red": 0, "orange": 0, "none": 0},
            "none": {"red": 0, "orange": 0, "none": 1},
        },
    }


def test_of_what_was_not_labelled_nothing_is_said(city: City) -> None:
    assert measure_turns([Label(text=LAMP.text)], city) == {"count": 1, "counts": {}}


def test_what_is_misunderstood_is_counted_and_shown_only_if_asked(city: City) -> None:
    wrong = change(LAMP, intent="thanks", kinds=("praise",), tier="red", requester="merchant", matters=(("SZ-001",),))
    figures = measure_turns([LAMP, wrong], city, shows=True)

    assert {figure: figures[figure] for figure in ("intent", "kind", "tier", "requester", "item_top1", "right_unit")} == {
        "intent": 0.5,
        "kind": 0.5,
        "tier": 0.5,
        "requester": 0.5,
        "item_top1": 0.5,
        "right_unit": 0.5,
    }
    assert (figures["red_recall"], figures["requester_not_resident"]) == (0.0, 0.0)
    assert figures["counts"]["red_recall"] == {"count": 1, "right": 0}
    shown = {miss["figure"]: (miss["wanted"], miss["got"]) for miss in figures["misses"]}
    assert shown["intent"] == ("thanks", "report_problem")
    assert shown["tier"] == ("red", "none")
    assert shown["right_unit"] == (ROADS, LAMPS)
    assert {miss["text"] for miss in figures["misses"]} == {LAMP.text}
    assert "misses" not in measure_turns([wrong], city)


def test_what_is_shown_is_masked_and_short(city: City) -> None:
    told = change(LAMP, text=f"打13912345678找我，{LAMP.text}，{LAMP.text * 5}", requester="unit")
    misses = measure_turns([told], city, shows=True)["misses"]

    assert {miss["text"] for miss in misses} == {f"打〔电话〕找我，{LAMP.text}，{LAMP.text * 5}"[:40]}


def test_a_place_that_was_not_heard_leads_to_nobody(city: City) -> None:
    figures = measure_turns([change(LAMP, text="路灯不亮了")], city)

    assert (figures["place_found"], figures["item_top1"], figures["right_unit"]) == (0.0, 1.0, 0.0)
    assert (figures["sent_at_once"], "right_when_sent" in figures) == (0.0, False)


def test_what_a_person_has_to_look_at_is_not_sent_though_its_unit_is_known(city: City) -> None:
    """阳光花园 stands in two streets, which share one street lamp office."""
    figures = measure_turns([change(LAMP, text="阳光花园路灯不亮了", places=("阳光花园",))], city)

    assert (figures["right_unit"], figures["sent_at_once"], "right_when_sent" in figures) == (1.0, 0.0, False)


def test_several_matters_are_right_only_if_told_apart(city: City) -> None:
    both = Label(text="杏花巷路灯不亮，另外和平路61号下水道堵了", matters=(("SZ-012",), ("SZ-020",)), number=2)
    counts = measure_turns([both, change(both, number=3), change(LAMP, intent="", number=2)], city)["counts"]

    assert counts["several_split"] == {"count": 3, "right": 1}
    assert not {"one_left_whole", "item_top1", "right_unit"} & set(counts)


def test_ties_are_right_and_nothing_else() -> None:
    asked = Label(text="", intent="ask_policy")
    either = Label(text="", intent="report_problem", kinds=("help", "complaint"))

    assert [is_right_intent(FIRE, code) for code in ("emergency", "report_problem", "complaint")] == [True, True, False]
    assert [is_right_intent(asked, code) for code in ("ask_policy", "service_lookup", "report_problem")] == [True, True, False]
    assert [is_right_intent(either, code) for code in ("complaint", "report_problem", "suggestion")] == [True, True, False]
    assert is_right_intent(change(FIRE, tier="orange"), "emergency") is False


def test_an_alarm_counts_as_the_tie_but_not_as_the_exact_intent(city: City) -> None:
    figures = measure_turns([FIRE], city)

    assert (figures["intent"], figures["exact_intent"], figures["red_recall"]) == (1.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("intent", "tickets", "rates", "answered"),
    [("progress", 1, 0, ""), ("withdraw", 1, 0, ""), ("rate", 1, 1, ""), ("feedback", 0, 0, "K1"), ("report_problem", 0, 0, "")],
)
def test_what_an_intent_presupposes_is_given(city: City, intent: str, tickets: int, rates: int, answered: str) -> None:
    turn = make_turn(city, "怎么样了", intent=intent)

    assert (len(turn.open_tickets), len(turn.facts.awaiting_rating), turn.last_answer) == (tickets, rates, answered)


def test_the_right_unit_follows_from_the_labelled_item_and_place(city: City) -> None:
    assert list_right_units(city, LAMP, now=NOW) == {LAMPS}
    assert list_right_units(city, change(LAMP, matters=(("SZ-012", "SZ-001"),)), now=NOW) == {LAMPS, ROADS}


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 2},
        {"matters": ()},
        {"places": ()},
        {"places": ("月亮上",)},
        {"matters": (("XX-999",),)},
    ],
)
def test_where_the_labels_leave_the_unit_open_none_is_right(city: City, changes: dict[str, object]) -> None:
    assert list_right_units(city, change(LAMP, **changes), now=NOW) == set()


def test_a_place_whose_grids_belong_to_different_units_leaves_it_open(city: City) -> None:
    """阳光花园 stands in two streets: each has its own sanitation, both have the district's lamps."""
    garden = change(LAMP, places=("阳光花园",))

    assert list_right_units(city, change(garden, matters=(("HJ-001",),)), now=NOW) == set()
    assert list_right_units(city, garden, now=NOW) == {LAMPS}


def test_without_a_place_nobody_has_it(city: City) -> None:
    item = city.duty_list.item("SZ-012")

    assert item is not None
    assert find_unit(city, item, None, now=NOW) == ""
    assert find_unit(city, item, PlaceRef(text="杏花巷", areas=("LA-DL-LT-01-G2",)), now=NOW) == LAMPS
