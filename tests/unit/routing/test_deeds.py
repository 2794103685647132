"""What each of the staff did with a ticket, read from its events; and whose work a supervisor should look at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from routing.deeds import DeedKind, list_deeds
from routing.early_warnings import Warned, WarningSettings, Workload, find_warned
from routing.warning_signs import Moment, SignSettings, Trail

GIVEN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
STAFF = ("GIVER", "LAMP-1", "LAMP-2")
DONE = "换了三只灯泡和一段电线，晚上去看过，都亮了"


def at(hours: float, act: str, actor: str, *, unit: str = "D-works", text: str | None = None, **facts: Any) -> Moment:
    return Moment(at=GIVEN + timedelta(hours=hours), act=act, actor=actor, unit=unit, facts=facts, text=text)


def tell(*moments: Moment, number: str = "1") -> list[tuple[DeedKind, str, str]]:
    """List the deeds of a trail as (kind, who, unit)."""
    trail = Trail(number=number, moments=moments)
    return [(deed.kind, deed.actor, deed.unit) for deed in list_deeds(trail, staff=STAFF, settings=SignSettings())]


def stopped(how: str) -> list[list[Any]]:
    return [["unit", 1, f"stop:{how}", ""], ["resident", 1, "stop:late", ""]]


def test_who_signed_and_concluded_in_time() -> None:
    assert tell(
        at(0, "dispatch", "GIVER"), at(1, "sign", "LAMP-1"), at(9, "conclude", "LAMP-2", text=DONE, clocks=stopped("met"))
    ) == [
        ("dispatched", "GIVER", ""),
        ("signed", "LAMP-1", "D-works"),
        ("concluded", "LAMP-2", "D-works"),
        ("on_time", "LAMP-2", "D-works"),
    ]


def test_a_late_conclusion_is_overdue_once_though_it_was_warned_of() -> None:
    late = at(90, "conclude", "LAMP-1", text=DONE, clocks=stopped("late"))
    warned = at(80, "warn", "system", warning="overdue")

    assert [kind for kind, *_ in tell(at(0, "dispatch", "GIVER"), at(1, "sign", "LAMP-1"), warned, warned, late)] == [
        "dispatched", "signed", "overdue", "concluded",
    ]  # fmt: skip
    assert tell(at(1, "sign", "LAMP-1"), late)[1:] == [("concluded", "LAMP-1", "D-works"), ("overdue", "LAMP-1", "D-works")]


def test_what_is_overdue_before_anybody_has_it_is_the_units_alone() -> None:
    assert tell(at(0, "dispatch", "GIVER"), at(80, "warn", "system", warning="overdue"))[1:] == [("overdue", "", "D-works")]


@pytest.mark.parametrize("warning", ["halfway", "due_soon", "resident_overdue"])
def test_no_other_warning_is_a_deed(warning: str) -> None:
    assert tell(at(40, "warn", "system", warning=warning)) == []


def test_a_return_is_told_of_who_gave_it_back_and_of_who_had_sent_it() -> None:
    back = at(3, "return", "LAMP-1", unit="S1-desk", **{"from": "D-works"})

    assert tell(at(0, "dispatch", "GIVER"), back)[1:] == [("returned", "LAMP-1", "D-works"), ("came_back", "GIVER", "")]


def test_a_return_after_a_residents_correction_is_nobodys() -> None:
    back = at(3, "return", "system", unit="S1-desk", corrected=True, **{"from": "D-works"})

    assert tell(at(0, "dispatch", "GIVER"), back) == [("dispatched", "GIVER", "")]


def test_what_has_to_be_done_again_is_told_once_of_who_had_concluded_it() -> None:
    told = tell(
        at(9, "conclude", "LAMP-1", text=DONE),
        at(20, "redo", "system"),
        at(30, "sign", "LAMP-2"),
        at(40, "reassign", "GIVER", unit="S1-law"),
    )

    assert [one for one in told if one[0] == "redone"] == [("redone", "LAMP-1", "D-works")]


def test_signs_are_told_of_whose_act_they_were_read_from() -> None:
    due = (GIVEN + timedelta(hours=50)).isoformat()
    told = tell(
        at(0, "dispatch", "GIVER", clocks=[["unit", 1, "start", due]]),
        at(40, "ask_extension", "LAMP-1"),
        at(45, "conclude", "LAMP-2", text="已处理"),
    )

    assert ("late_extension", "LAMP-1", "D-works") in told
    assert ("hollow", "LAMP-2", "D-works") in told


def test_the_operator_and_the_system_are_nobody() -> None:
    assert tell(at(1, "sign", "operator"), at(9, "conclude", "system", text=DONE)) == [
        ("signed", "", "D-works"),
        ("concluded", "", "D-works"),
    ]


def did(*, worked_on: int, **counts: int) -> Workload:
    return Workload(code="LAMP-1", is_unit=False, counts=counts, worked_on=worked_on)  # type: ignore[arg-type]


def warn(load: Workload, **settings: int) -> list[tuple[str, str, int, int]]:
    return [(one.code, one.kind, one.count, one.of) for one in find_warned([load], WarningSettings(**settings))]


def test_a_threshold_is_a_threshold() -> None:
    assert warn(did(overdue=2, worked_on=2)) == []
    assert warn(did(overdue=3, worked_on=3)) == [("LAMP-1", "overdue", 3, 3)]


def test_who_does_much_may_have_some_that_went_wrong() -> None:
    much = did(signed=31, overdue=3, worked_on=31)

    assert warn(much) == []
    assert warn(much, least_percent=5) == [("LAMP-1", "overdue", 3, 31)]


def test_nought_turns_a_kind_off_and_all_noughts_everything() -> None:
    off = {"overdue": 0, "came_back": 0, "redone": 0, "late_extension": 0, "hollow": 0}

    assert warn(did(overdue=3, worked_on=3), overdue=0) == []
    assert (WarningSettings(**off).is_on, WarningSettings(**{**off, "redone": 1}).is_on) == (False, True)


def test_units_are_looked_at_like_people() -> None:
    load = Workload(code="D-works", is_unit=True, counts={"redone": 2}, worked_on=2)

    assert list(find_warned([load], WarningSettings())) == [Warned(code="D-works", is_unit=True, kind="redone", count=2, of=2)]
