"""Where people work, who looks after whom, and what the four platforms of a street's desk are kept from."""

from __future__ import annotations

import msgspec
import pytest

from routing.org import StaffMember, build
from routing.sight import is_kept_from, is_kept_from_person, with_subordinates
from routing.terms import HandlingUnit, UnitKind
from tests.town import AREAS, ROSTER, STAFF, UNITS

LENT = StaffMember(code="LENT", name="安立夏", role="unit_clerk", unit="D-law", stationed="S1-law")
BOSSES = (
    StaffMember(code="B-LAW", name="范立秋", role="supervisor", unit="D-law"),
    StaffMember(code="B-S1", name="于小寒", role="supervisor", unit="S1-desk"),
    StaffMember(code="B-TOP", name="方大雪", role="supervisor", unit="D-desk"),
)
TOWN = build(AREAS, UNITS, (*STAFF, LENT, *BOSSES), ROSTER)


def test_somebody_stationed_has_two_posts_and_everybody_else_one() -> None:
    assert (LENT.posts, BOSSES[0].posts) == (("D-law", "S1-law"), ("D-law",))
    assert "LENT" not in {one.code for one in TOWN.staff_of(unit="S1-law")}


@pytest.mark.parametrize(
    ("unit", "supervisors"),
    [
        ("D-law", ["B-LAW"]),
        ("S1-law", ["B-S1"]),
        ("C1-jwh", ["B-S1"]),
        ("C3-jwh", ["B-TOP"]),
        ("S1-desk", ["B-S1"]),
        ("nobody", []),
    ],
)
def test_a_unit_is_looked_after_by_its_own_supervisors_or_those_of_the_desk_above(unit: str, supervisors: list[str]) -> None:
    assert [one.code for one in TOWN.supervisors_of(unit)] == supervisors


def test_both_supervisors_and_no_third_look_after_the_stationed() -> None:
    found = {boss.code: [one.code for one in TOWN.stationed_under(boss.code)] for boss in BOSSES}

    assert found == {"B-LAW": ["LENT"], "B-S1": ["LENT"], "B-TOP": []}


@pytest.mark.parametrize(("refused", "kept"), [("D-law", True), ("S1-law", True), ("S1-office", False), ("D-works", False)])
def test_what_is_about_one_post_is_kept_from_the_person(refused: str, kept: bool) -> None:
    assert is_kept_from_person(LENT, {refused}, TOWN) is kept


def test_the_platforms_of_a_street_answer_to_its_desk() -> None:
    """综治、执法、市场监管、便民服务: units whose parent is the desk; what is about the desk is kept from them, what is about one is not kept from the desk."""
    platforms = tuple(
        HandlingUnit(code=f"S1-{name}", name=name, kind=UnitKind.DEPARTMENT, area="S1", functions=(name,), parent="S1-desk")
        for name in ("peace", "market", "service")
    )
    moved = tuple(msgspec.structs.replace(unit, parent="S1-desk") if unit.code == "S1-law" else unit for unit in UNITS)
    town = build(AREAS, (*moved, *platforms), STAFF, ROSTER)

    assert with_subordinates({"S1-desk"}, town) == ("S1-desk", "S1-law", "S1-market", "S1-peace", "S1-service")
    assert is_kept_from("S1-market", {"D-desk"}, town)
    assert not is_kept_from("S1-desk", {"S1-market"}, town)
    assert town.unit_for("market", "G1", AREAS[1].level) == town.unit("S1-market")
