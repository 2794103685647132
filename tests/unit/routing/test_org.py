"""The organisation tree: who is near a place."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.org import NoDesk, build
from routing.roster import Gap
from routing.terms import Area, HandlingUnit, Level, UnitKind
from tests.town import AREAS, ROSTER, STAFF, UNITS, build_town

TOWN = build_town()
SHANGHAI = ZoneInfo("Asia/Shanghai")


def _code(unit: HandlingUnit | None) -> str | None:
    return unit.code if unit else None


def test_the_chain_leads_to_the_root() -> None:
    assert TOWN.chain("G1") == ("G1", "C1", "S1", "D")
    assert TOWN.chain("nowhere") == ()


def test_a_circle_in_the_data_ends() -> None:
    chart = build(
        [Area(code="a", name="a", level=Level.GRID, parent="b"), Area(code="b", name="b", level=Level.COMMUNITY, parent="a")], []
    )

    assert chart.chain("a") == ("a", "b")


def test_within_is_the_area_itself_or_below() -> None:
    assert TOWN.within("G1", "S1")
    assert TOWN.within("G1", "G1")
    assert not TOWN.within("S1", "G1")
    assert not TOWN.within("G4", "S1")


@pytest.mark.parametrize(
    ("area", "below"), [("", ["S1", "S2"]), ("D", ["S1", "S2"]), ("S1", ["C1", "C2"]), ("G1", []), ("nowhere", [])]
)
def test_below_an_area_are_those_directly_below_it(area: str, below: list[str]) -> None:
    assert [one.code for one in TOWN.below(area)] == below


def test_a_city_that_is_one_area_at_every_level_ends_at_the_last() -> None:
    chart = build([Area(code="a", name="a", level=Level.CITY), Area(code="b", name="b", level=Level.DISTRICT, parent="a")], [])

    assert [one.code for one in chart.below("")] == ["b"]
    assert build([], []).below("") == ()


@pytest.mark.parametrize(
    ("areas", "common"),
    [(["G1"], "G1"), (["G1", "G2"], "C1"), (["G1", "G3"], "S1"), (["G1", "G4"], "D"), (["G1", "nowhere"], ""), ([], "")],
)
def test_the_lowest_common_area_holds_them_all(areas: list[str], common: str) -> None:
    assert TOWN.common_area(areas) == common


@pytest.mark.parametrize(
    ("function", "area", "level", "unit"),
    [
        ("社区居委会", "G1", Level.COMMUNITY, "C1-jwh"),
        ("社区居委会", "G3", Level.COMMUNITY, "C2-jwh"),
        ("综合执法", "G1", Level.STREET, "S1-law"),
        ("综合执法", "G1", Level.DISTRICT, "D-law"),
        ("综合执法", "G1", Level.COMMUNITY, "S1-law"),  # nearest level
        ("综合执法", "G4", Level.STREET, "D-law"),  # this street has no team of its own
        ("燃气", "G4", Level.STREET, "D-gas"),
        ("物业服务", "G1", Level.COMMUNITY, None),  # an estate's company is never found by territory
        ("社区居委会", "S1", Level.COMMUNITY, None),  # a place wider than any community
        ("没有这项", "G1", Level.STREET, None),
        ("综合执法", "nowhere", Level.STREET, None),
    ],
)
def test_function_and_place_give_the_unit(function: str, area: str, level: Level, unit: str | None) -> None:
    assert _code(TOWN.unit_for(function, area, level)) == unit


def test_between_two_equally_near_levels_the_narrower_territory_comes_first() -> None:
    narrow = HandlingUnit(code="n", name="n", kind=UnitKind.DEPARTMENT, area="C1", functions=("f",))
    wide = HandlingUnit(code="a", name="a", kind=UnitKind.DEPARTMENT, area="D", functions=("f",))

    assert _code(build(AREAS, [narrow, wide]).unit_for("f", "G1", Level.STREET)) == "n"


def test_two_units_of_one_area_are_nobody() -> None:
    twins = [HandlingUnit(code=code, name=code, kind=UnitKind.DEPARTMENT, area="S1", functions=("f",)) for code in ("x", "y")]

    assert build(AREAS, twins).unit_for("f", "G1", Level.STREET) is None


def test_desks_cover_what_lies_below_them() -> None:
    assert TOWN.desk_for("G1").code == "S1-desk"
    assert TOWN.desk_for("S1").code == "S1-desk"
    assert TOWN.desk_for("G4").code == "D-desk"
    assert TOWN.desk_for("").code == "D-desk"
    assert _code(TOWN.above(TOWN.units["S1-desk"])) == "D-desk"
    assert TOWN.above(TOWN.units["D-desk"]) is None


def test_the_desk_above_a_unit_is_not_of_its_own_level() -> None:
    assert TOWN.desk_above(TOWN.units["C1-jwh"]).code == "S1-desk"
    assert TOWN.desk_above(TOWN.units["S1-law"]).code == "D-desk"
    assert TOWN.desk_above(TOWN.units["S1-desk"]).code == "D-desk"
    assert TOWN.desk_above(TOWN.units["D-law"]).code == "D-desk"


def test_the_area_decides_above_where_no_parent_is_named() -> None:
    orphan = HandlingUnit(code="S2-desk", name="河西指挥室", kind=UnitKind.DESK, area="S2")
    chart = build(AREAS, [*UNITS, orphan])

    assert _code(chart.above(orphan)) == "D-desk"


def test_without_any_desk_it_says_what_to_do() -> None:
    with pytest.raises(NoDesk, match="import at least one unit of the kind `desk`"):
        build(AREAS, []).desk_for("G1")


def test_staff_are_found_by_unit_area_and_role() -> None:
    assert [person.code for person in TOWN.staff_of(unit="C1-jwh")] == ["W1", "W2"]
    assert [person.code for person in TOWN.staff_of(unit="C1-jwh", area="G2")] == ["W2"]
    assert [person.code for person in TOWN.staff_of(role="seat")] == ["K1"]
    worker = TOWN.grid_worker_of("G1")
    assert worker is not None
    assert worker.code == "W1"
    assert TOWN.grid_worker_of("G4") is None


def test_at_night_the_desk_above_is_reached() -> None:
    monday_noon = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
    monday_night = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
    desk = TOWN.units["S1-desk"]

    assert TOWN.on_duty("S1-desk", monday_noon, SHANGHAI) == ("K1", "K2")
    assert TOWN.on_duty("S1-desk", monday_night, SHANGHAI) == ()
    assert TOWN.reach(desk, monday_noon, SHANGHAI) == (desk, ("K1", "K2"))
    assert TOWN.reach(desk, monday_night, SHANGHAI) == (TOWN.units["D-desk"], ("K8", "K9"))
    assert TOWN.on_duty("nowhere", monday_noon, SHANGHAI) == ()


def test_gaps_count_the_desks_above_too() -> None:
    alone = build(AREAS, UNITS, STAFF, [row for row in ROSTER if row.desk == "S1-desk"])

    assert TOWN.gaps(TOWN.units["S1-desk"]) == ()
    assert alone.gaps(alone.units["S1-desk"])[:2] == (Gap(day=1, starts=0, ends=510), Gap(day=1, starts=1050, ends=1440))
    assert alone.gaps(alone.units["D-desk"]) == tuple(Gap(day=day, starts=0, ends=1440) for day in range(1, 8))


@given(st.permutations(UNITS), st.permutations(AREAS))
def test_the_order_of_the_rows_does_not_matter(units: list[HandlingUnit], areas: list[Area]) -> None:
    chart = build(areas, units)

    assert chart.units == TOWN.units
    assert chart.desks == TOWN.desks
    assert chart.carriers == TOWN.carriers


@given(
    st.sampled_from(["综合执法", "社区居委会", "燃气", "街道办"]),
    st.sampled_from([area.code for area in AREAS]),
    st.sampled_from(list(Level)),
)
def test_whoever_is_found_carries_the_function_and_covers_the_place(function: str, area: str, level: Level) -> None:
    unit = TOWN.unit_for(function, area, level)

    assert unit is None or (function in unit.functions and TOWN.within(area, unit.area))
