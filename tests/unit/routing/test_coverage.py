"""Which areas a desk covers: its own and all below, the top one the whole city; whoever works at no desk covers none."""

from __future__ import annotations

import msgspec
import pytest

from routing import coverage
from routing.org import Former, StaffMember, build
from tests.town import AREAS, ROSTER, STAFF, UNITS

PEOPLE = (
    StaffMember(code="street", name="某", role="desk", unit="S1-desk", area=""),
    StaffMember(code="top", name="某", role="auditor", unit="D-desk", area=""),
    StaffMember(code="clerk", name="某", role="unit_clerk", unit="C1-jwh", area="C1"),
)
ORG = build(AREAS, UNITS, STAFF + PEOPLE, ROSTER, former_areas=(Former(code="OLD", name="旧网格", successor="G1"),))


@pytest.mark.parametrize(
    ("staff", "area", "covered"),
    [
        ("street", "S1", True),
        ("street", "G1", True),
        ("street", "OLD", True),
        ("street", "", False),
        ("street", "D", False),
        ("street", "S2", False),
        ("top", "", True),
        ("top", "S1", True),
        ("clerk", "C1", False),
        ("clerk", "", False),
        ("nobody", "G1", False),
    ],
)
def test_a_desk_covers_its_area_and_all_below(staff: str, area: str, covered: bool) -> None:
    assert coverage.covers(ORG, staff, area) is covered


@pytest.mark.parametrize(("staff", "area"), [("street", "S1"), ("top", ""), ("clerk", None), ("nobody", None)])
def test_what_a_desk_covers_in_all(staff: str, area: str | None) -> None:
    assert coverage.find_covered(ORG, staff) == area


def test_a_stationed_person_covers_what_either_desk_does() -> None:
    both = msgspec.structs.replace(PEOPLE[2], stationed="S1-desk")
    org = msgspec.structs.replace(ORG, staff={**ORG.staff, "clerk": both})

    assert coverage.covers(org, "clerk", "G1") is True
    assert coverage.find_covered(org, "clerk") == "S1"


def test_an_area_is_all_below_it_and_what_became_part_of_it() -> None:
    assert coverage.list_within(ORG, "G1") == ("G1", "OLD")
    assert coverage.list_within(ORG, "") is None
    assert "S1" not in (coverage.list_within(ORG, "C1") or ())
