from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.deciding import find_decider, may_decide
from routing.ladder import Rung, build_ladder, count_reached, is_exhausted
from routing.org import StaffMember, build
from routing.terms import HandlingUnit, UnitKind
from tests.town import AREAS, ROSTER, STAFF, UNITS

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
CLIMB = timedelta(minutes=5)
BOSS = StaffMember(code="SV", name="方大雪", role="supervisor", unit="D-desk")
ORG = build(AREAS, UNITS, (*STAFF, BOSS), ROSTER)
DESK = ORG.units["S1-desk"]


def test_the_ladder_goes_from_duty_to_backup_to_the_desks_above() -> None:
    assert build_ladder(ORG, DESK, now=NOON, tz=ZONE) == (
        Rung("S1-desk", ("K1",)),
        Rung("S1-desk", ("K2",)),
        Rung("D-desk", ("K8",)),
        Rung("D-desk", ("K9",)),
    )


def test_rungs_without_anybody_are_left_out() -> None:
    night = NOON + timedelta(hours=12)
    assert build_ladder(ORG, DESK, now=night, tz=ZONE) == (Rung("D-desk", ("K8",)), Rung("D-desk", ("K9",)))
    assert build_ladder(build(AREAS, UNITS, STAFF, ()), DESK, now=NOON, tz=ZONE) == ()


def test_whom_it_is_about_stands_on_no_rung() -> None:
    found = build_ladder(ORG, DESK, refused=("S1-desk",), refused_staff=("K8",), now=NOON, tz=ZONE)
    assert found == (Rung("D-desk", ("K9",)),)


@given(st.integers(0, 10_000), st.integers(0, 9))
def test_an_alarm_reaches_at_least_one_rung_and_never_climbs_back(minutes: int, rungs: int) -> None:
    elapsed = timedelta(minutes=minutes)
    now, later = (count_reached(each, rungs=rungs, climb=CLIMB) for each in (elapsed, elapsed + CLIMB))

    assert min(1, rungs) <= now <= later <= rungs
    assert is_exhausted(elapsed, rungs=rungs, climb=CLIMB) <= (now == rungs)


@pytest.mark.parametrize(
    ("unit", "desk", "refused", "decider"),
    [
        ("D-works", "S1-desk", (), "D-desk"),
        ("S1-law", "S1-desk", (), "D-desk"),
        ("C1-jwh", "S1-desk", (), "D-desk"),
        ("S1-desk", "S1-desk", (), "D-desk"),
        ("D-works", "S1-desk", ("D-desk",), ""),
        ("D-desk", "D-desk", (), ""),
    ],
)
def test_who_decides_stands_above_the_unit_and_is_not_it(unit: str, desk: str, refused: tuple[str, ...], decider: str) -> None:
    """The street's desk has no supervisor, so what its community did is decided at the district's."""
    assert find_decider(ORG, unit=unit, desk=desk, refused=refused) == decider


def test_without_any_supervisor_the_top_desk_decides() -> None:
    bare = build(AREAS, UNITS, STAFF, ROSTER)
    assert find_decider(bare, unit="C1-jwh", desk="S1-desk", refused=()) == "D-desk"


def test_only_supervisors_decide_where_there_are_any() -> None:
    clerk = StaffMember(code="CL", name="池立秋", role="desk", unit="D-desk")

    assert may_decide(BOSS, desk="D-desk", org=ORG)
    assert not may_decide(clerk, desk="D-desk", org=ORG)
    assert not may_decide(BOSS, desk="S1-desk", org=ORG)
    assert may_decide(clerk, desk="D-desk", org=build(AREAS, UNITS, (clerk,), ROSTER))


def test_who_is_stationed_at_a_desk_decides_on_no_work_of_their_own_unit() -> None:
    lent = StaffMember(code="LENT", name="池立冬", role="unit_clerk", unit="D-works", stationed="D-desk")
    boss = StaffMember(code="LB", name="池大寒", role="supervisor", unit="D-works", stationed="D-desk")
    org = build(AREAS, UNITS, (lent, boss), ROSTER)

    assert may_decide(lent, desk="D-desk", org=org, disputed="D-law")
    assert not may_decide(lent, desk="D-desk", org=org, disputed="D-works")
    assert not may_decide(lent, desk="D-desk", org=ORG, disputed="D-law")
    assert not may_decide(boss, desk="S1-desk", org=org)


@given(
    st.lists(st.booleans(), min_size=1, max_size=5),
    st.integers(0, 4),
    st.sets(st.integers(0, 4)),
)
def test_nobody_ever_decides_on_their_own_work_or_on_a_matter_about_them(staffed: list[bool], unit: int, refused: set[int]) -> None:
    """Desks in a chain of any length: the one whose work it is, and those it is about, never decide."""
    desks = [
        HandlingUnit(code=f"K{at}", name=f"K{at}", kind=UnitKind.DESK, area="D", parent=f"K{at + 1}") for at in range(len(staffed))
    ]
    people = [
        StaffMember(code=f"S{at}", name="", role="supervisor", unit=f"K{at}") for at, is_staffed in enumerate(staffed) if is_staffed
    ]
    org = build(AREAS, desks, people)
    handled = f"K{min(unit, len(desks) - 1)}"
    kept = tuple(f"K{at}" for at in refused)

    assert find_decider(org, unit=handled, desk="K0", refused=kept) not in {handled, *kept}
