from __future__ import annotations

import msgspec
import pytest

from routing.enforcing import find_officers
from routing.org import StaffMember, build
from tests.town import AREAS, LAMP, UNITS

FINED = msgspec.structs.replace(LAMP, enforceable=True)
STAFF = (
    StaffMember(code="E-G1", name="孟秋分", role="officer", unit="S1-law", area="G1"),
    StaffMember(code="E-G1b", name="邹寒露", role="officer", unit="S1-law", area="G1"),
    StaffMember(code="E-S1", name="薛霜降", role="officer", unit="S1-law", area="S1"),
    StaffMember(code="W1", name="郑小满", role="grid_worker", unit="C1-jwh", area="G1"),
)
TOWN = build(AREAS, UNITS, STAFF)


@pytest.mark.parametrize(
    ("area", "codes"), [("G1", ["E-G1", "E-G1b"]), ("G2", ["E-S1"]), ("S1", ["E-S1"]), ("G4", []), ("", []), ("nowhere", [])]
)
def test_the_officers_of_the_narrowest_area_are_named(area: str, codes: list[str]) -> None:
    assert [person.code for person in find_officers(TOWN, FINED, area)] == codes


def test_nobody_is_named_for_what_is_not_enforced() -> None:
    assert find_officers(TOWN, LAMP, "G1") == ()
    assert find_officers(TOWN, None, "G1") == ()


def test_no_officer_is_named_whom_the_matter_is_about() -> None:
    assert [person.code for person in find_officers(TOWN, FINED, "G1", refused_staff=("E-G1",))] == ["E-G1b"]
    assert find_officers(TOWN, FINED, "G1", refused=("S1-law",)) == ()
