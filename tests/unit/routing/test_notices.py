from __future__ import annotations

import tomllib
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.lifecycle import TRANSITIONS
from routing.notice_table import KEYS, PRIVATE_HAZARDS, TOLD, WarningKind
from routing.notices import alarm_cause, for_alarm, for_event
from routing.terms import Status
from tests.office import LAMP_TICKET

if TYPE_CHECKING:
    from routing.facts import TicketFacts

TEXTS = tomllib.loads((Path(__file__).parents[3] / "bot/texts.toml").read_text(encoding="utf-8"))["notice"]
TICKET = LAMP_TICKET
WAITING = msgspec.structs.replace(TICKET, status=Status.ACCEPTED, unit="S1-desk", unit_name="河东街道指挥室", assisting=())


def told(ticket: TicketFacts, act: str, **facts: object) -> list[tuple[str, str, str]]:
    notices = for_event(ticket, act, event=7, **facts)  # type: ignore[arg-type]
    return [(notice.key, notice.audience, notice.target) for notice in notices]


@pytest.mark.parametrize(
    ("ticket", "act", "facts", "expected"),
    [
        (TICKET, "accept", {}, []),
        (WAITING, "accept", {}, [("desk_waiting", "desk", "S1-desk")]),
        (TICKET, "sign", {}, []),
        (TICKET, "note", {}, []),
        (TICKET, "reply", {}, [("replied", "resident", "1"), ("replied", "resident", "2")]),
        (TICKET, "redo", {"by": 1}, [("redo", "resident", "2"), ("unit_redo", "unit", "D-works")]),
        (TICKET, "urge", {"by": 1}, [("unit_urged", "unit", "D-works")]),
        (WAITING, "urge", {"by": 1}, [("desk_urged", "desk", "S1-desk")]),
        (WAITING, "return", {"before": "D-works"}, [("desk_returned", "desk", "S1-desk"), ("unit_recalled", "unit", "D-works")]),
        (WAITING, "withdraw", {"by": 1}, []),
        (TICKET, "due_soon", {}, [("unit_due_soon", "unit", "D-works")]),
        (WAITING, "due_soon", {}, [("desk_due_soon", "desk", "S1-desk")]),
        (WAITING, "overdue", {}, [("desk_overdue", "desk", "S1-desk")]),
    ],
)
def test_who_is_told_of_what(ticket: TicketFacts, act: str, facts: dict[str, object], expected: list[tuple[str, str, str]]) -> None:
    assert told(ticket, act, **facts) == expected


@pytest.mark.parametrize(
    ("reason", "key"), [("asked_person", "desk_call_back"), ("voice_only", "desk_voice"), ("no_place", "desk_waiting")]
)
def test_the_desk_hears_what_is_asked_of_it(reason: str, key: str) -> None:
    assert told(msgspec.structs.replace(WAITING, reason=reason), "accept") == [(key, "desk", "S1-desk")]


def test_a_red_matter_alarms_the_roster_under_a_cause_that_can_be_called_off() -> None:
    red = msgspec.structs.replace(WAITING, tier="red")
    (desk,) = for_event(red, "accept", event=7)
    road, chat = for_alarm(red, event=8, desk="S1-desk", staff={"K1": "何白露"})

    assert (desk.key, desk.urgent, desk.cause) == ("desk_waiting", True, "event:7:desk_waiting:S1-desk")
    assert (road.audience, road.target, road.urgent, road.facts["staff"]) == ("roster", "S1-desk", True, "何白露")
    assert (chat.audience, chat.target, chat.urgent) == ("staff", "K1", True)
    assert [road.cause, chat.cause] == [
        f"{alarm_cause('20260302-0001')}8:red_alarm:S1-desk",
        f"{alarm_cause('20260302-0001')}8:staff_alarm:K1",
    ]


@pytest.mark.parametrize("sealed", [{"confidential": True}, {"refused": ("P1",)}])
def test_an_alarm_about_a_sealed_matter_says_only_where_it_is(sealed: dict[str, object]) -> None:
    red = msgspec.structs.replace(WAITING, tier="red", title="金丝雀", summary="金丝雀", public_place="金丝雀", **sealed)  # type: ignore[arg-type]
    rung = for_alarm(red, event=8, desk="S1-desk", staff={"K1": "何白露"})

    assert [(notice.key, set(notice.facts)) for notice in rung] == [
        ("roster_sealed", {"number", "desk", "staff"}),
        ("staff_alarm_sealed", {"number", "desk", "staff"}),
    ]


FIRE = msgspec.structs.replace(WAITING, tier="red", hazard="fire", public_place="柳树街12号")


def test_only_who_is_rung_in_private_reads_the_exact_place() -> None:
    road, chat = for_alarm(FIRE, event=8, desk="S1-desk", staff={"K1": "何白露"}, exact="柳树街12号3单元501")

    assert (chat.facts["exact"], chat.facts["place"]) == ("柳树街12号3单元501", "柳树街12号")
    assert "501" not in str(road.facts)


@pytest.mark.parametrize("hazard", sorted(PRIVATE_HAZARDS))
def test_of_a_private_danger_no_alarm_has_the_exact_place(hazard: str) -> None:
    private = msgspec.structs.replace(FIRE, hazard=hazard)
    rung = for_alarm(private, event=8, desk="S1-desk", staff={"K1": "何白露"}, exact="柳树街12号3单元501")

    assert [notice.facts["exact"] for notice in rung if notice.key == "staff_alarm"] == ["柳树街12号"]
    assert "501" not in str(rung)


def test_where_no_exact_place_can_be_opened_the_alarm_has_the_public_one() -> None:
    _, chat = for_alarm(FIRE, event=8, desk="S1-desk", staff={"K1": "何白露"})

    assert chat.facts["exact"] == "柳树街12号"


def test_the_private_dangers_are_those_of_the_words_of_hazards() -> None:
    rows = tomllib.loads((Path(__file__).parents[3] / "intents/lexicons/hazards.toml").read_text(encoding="utf-8"))["hazard"]

    assert {row["name"] for row in rows if row.get("private")} == PRIVATE_HAZARDS


def test_a_reporting_worker_hears_of_the_result() -> None:
    reported = msgspec.structs.replace(TICKET, reporter_staff="W1")

    assert told(reported, "conclude") == [
        ("concluded", "resident", "1"),
        ("concluded", "resident", "2"),
        ("worker_concluded", "staff", "W1"),
    ]


def test_who_decides_hears_it_and_the_unit_before_that_it_does() -> None:
    waiting = msgspec.structs.replace(TICKET, status=Status.REVIEW, unit="D-desk", disputed="D-works")

    assert told(waiting, "escalate", by=1, before="D-works") == [
        ("reviewed", "resident", "2"),
        ("desk_review", "desk", "D-desk"),
        ("unit_reviewed", "unit", "D-works"),
    ]


@given(st.sampled_from(sorted(TOLD)), st.booleans(), st.sampled_from(["none", "red"]))
def test_a_refused_unit_is_told_nothing(act: str, waits: bool, tier: str) -> None:
    ticket = msgspec.structs.replace(WAITING if waits else TICKET, refused=("D-works", "C1-jwh"), tier=tier)

    assert {"D-works", "C1-jwh"} & {notice.target for notice in for_event(ticket, act, event=7, before="D-works")} == set()  # type: ignore[arg-type]


def test_only_what_has_a_unit_names_a_time_to_residents() -> None:
    assert {key for key, facts in KEYS.items() if "due_at" in facts and not key.startswith(("unit_", "desk_"))} == {
        "dispatched",
        "replied",
        "concluded",
        "redo",
        "redo_part",
        "reviewed",
        "reassigned",
        "transferred",
        "carried",
        "still_carried",
        "more_asked",
        "extended",
        "resumed",
        "recounted",
    }


def test_every_notice_has_a_text_that_uses_only_its_facts() -> None:
    assert set(TEXTS) == set(KEYS)
    for key, text in TEXTS.items():
        assert {name for _, name, _, _ in Formatter().parse(text) if name} <= set(KEYS[key]), key


def test_every_act_told_of_exists_and_every_key_is_used() -> None:
    assert set(TOLD) <= {row.act for row in TRANSITIONS} | {
        "accept",
        *get_args(WarningKind),
        "merge_inside",
        "parted",
        "handed_back",
        "not_reached",
    }
    chosen = {
        "desk_call_back",
        "desk_voice",
        "unit_sealed",
        "desk_sealed",
        "roster_sealed",
        "unit_sealed_over",
        "operator_stranded",
    }
    chosen |= {"red_alarm", "staff_alarm", "staff_alarm_sealed", "worker_sealed", "operator_unheard", "operator_undecided"}
    chosen |= {"desk_burst", "desk_slow_burn", "desk_burst_unnamed", "desk_slow_burn_unnamed"}
    chosen |= {"unit_dispatched_officer", "desk_returned_article", "unit_merged_in", "merged_over"}
    chosen |= {"proxy_asked", "proxy_all", "proxy_status", "proxy_none", "proxy_filed", "desk_plan_undone", "desk_early_warning"}
    chosen |= {"unit_task", "unit_task_replied", "unit_task_returned", "unit_task_over", "unit_task_overdue"}
    chosen |= {"unit_supervised", "unit_instructed", "unit_supervision_overdue"}
    chosen |= {"desk_supervision_answered", "desk_supervision_overdue", "desk_overdue_above", "operator_overdue", "recounted"}
    assert {key for rows in TOLD.values() for _, key in rows} | chosen == set(KEYS)


@pytest.mark.parametrize("sealed", [{"confidential": True}, {"refused": ("P1",)}])
@pytest.mark.parametrize("act", sorted(TOLD))
@pytest.mark.parametrize("base", [TICKET, WAITING])
def test_staff_hear_of_a_sealed_matter_only_that_there_is_one(act: str, base: TicketFacts, sealed: dict[str, object]) -> None:
    ticket = msgspec.structs.replace(
        base, tier="red", title="金丝雀", summary="金丝雀", public_place="金丝雀", reply="金丝雀", **sealed
    )
    notices = for_event(ticket, act, event=7, text="金丝雀", before="D-works")  # type: ignore[arg-type]
    told = [notice for notice in notices if notice.audience != "resident"]
    assert [notice for notice in told if "金丝雀" in str(notice.facts)] == []
    assert len({notice.cause for notice in notices}) == len(notices)
