from __future__ import annotations

from datetime import UTC, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from bot.doctor.city import CityFacts, check_city
from routing import org
from routing.calendar import Calendar, OfficeHours
from routing.grid_size import GridSettings
from routing.roster import RosterRow
from routing.terms import Area, HandlingUnit, Level, UnitKind

if TYPE_CHECKING:
    from bot.doctor.finding import Finding

NOW = datetime(2026, 6, 1, tzinfo=UTC)
AREAS = (Area(code="C", name="城", level=Level.CITY), Area(code="S", name="东街", level=Level.STREET, parent="C"))
DESK = HandlingUnit(code="D", name="总指挥室", kind=UnitKind.DESK, area="C")
UNIT = HandlingUnit(code="U", name="市政所", kind=UnitKind.DEPARTMENT, area="S")
ALWAYS = RosterRow(desk="D", starts="00:00", ends="24:00", days="1-7", staff="P1")


def calendar(*years: int) -> Calendar:
    hours = (OfficeHours(opens=time(9), closes=time(17)),)
    return Calendar(days={}, years=frozenset(years), hours=hours, zone=ZoneInfo("Asia/Shanghai"))


HEALTHY = CityFacts(
    org=org.build(AREAS, (DESK, UNIT), roster=(ALWAYS,)),
    calendar=calendar(2026),
    entries=3,
    duty_items=2,
    groups=(("一群", True),),
    unknown_sends=0,
    quarantined=0,
)


def findings(now: datetime = NOW, **changes: object) -> list[Finding]:
    found = check_city(msgspec.structs.replace(HEALTHY, **changes), now=now, grids=GridSettings())
    assert all(finding.words for finding in found)
    return found


def troubles(now: datetime = NOW, **changes: object) -> list[tuple[str, str]]:
    return [(finding.level, finding.key) for finding in findings(now, **changes) if finding.level != "ok"]


def test_a_healthy_city_has_no_trouble() -> None:
    assert troubles() == []
    assert [finding.key for finding in findings()] == [
        "org_fine",
        "roster_fine",
        "duty_list_fine",
        "knowledge_fine",
        "calendar_fine",
        "groups_fine",
        "nothing_waits",
    ]


def test_an_empty_city_is_wrong() -> None:
    assert troubles(org=org.build((), ())) == [("wrong", "org_empty")]


def test_an_organisation_without_desk_is_wrong() -> None:
    assert troubles(org=org.build(AREAS, (UNIT,))) == [("wrong", "org_no_desk")]


def test_an_area_that_no_desk_covers_goes_to_the_top_one() -> None:
    lower = HandlingUnit(code="D", name="东街指挥室", kind=UnitKind.DESK, area="S")
    other = Area(code="W", name="西街", level=Level.STREET, parent="C")
    chart = org.build((*AREAS, other), (lower,), roster=(ALWAYS,))

    hints = [finding for finding in findings(org=chart) if finding.level != "ok"]

    assert [(hint.key, hint.facts) for hint in hints] == [("org_area_without_desk", {"names": "西街", "desk": "东街指挥室"})]


def test_hours_without_anyone_are_named() -> None:
    days_only = RosterRow(desk="D", starts="08:00", ends="20:00", days="1-7", staff="P1")

    wrong = [finding for finding in findings(org=org.build(AREAS, (DESK, UNIT), roster=(days_only,))) if finding.level != "ok"]

    assert [(one.level, one.key) for one in wrong] == [("wrong", "roster_gap")]
    assert wrong[0].facts == {"names": "总指挥室", "hours": 84, "first": "一 00:00-08:00"}


def test_nothing_to_answer_from_is_wrong_and_the_shipped_duty_list_a_hint() -> None:
    assert troubles(entries=0, duty_items=0) == [("hint", "duty_list_empty"), ("wrong", "knowledge_empty")]


def test_this_year_is_needed_always_and_the_next_from_november_on() -> None:
    assert troubles(calendar=calendar(2025)) == [("wrong", "calendar_missing")]
    assert troubles(datetime(2026, 10, 31, 12, tzinfo=UTC)) == []
    assert troubles(datetime(2026, 11, 1, 12, tzinfo=UTC)) == [("wrong", "calendar_missing")]
    assert troubles(datetime(2026, 11, 1, 12, tzinfo=UTC), calendar=calendar(2026, 2027)) == []


def test_the_city_turns_the_month_by_its_own_clock() -> None:
    assert troubles(datetime(2026, 10, 31, 17, tzinfo=UTC)) == [("wrong", "calendar_missing")]


def test_groups_without_notice_are_counted_and_the_first_named() -> None:
    groups = tuple((f"{number}群", False) for number in range(1, 8))

    hints = [finding for finding in findings(groups=groups) if finding.level != "ok"]

    assert [(hint.key, hint.facts) for hint in hints] == [
        ("groups_without_notice", {"count": 7, "names": "1群、2群、3群、4群、5群…（7）"})
    ]


def test_what_waits_for_a_person_is_wrong() -> None:
    assert troubles(unknown_sends=2, quarantined=1) == [("wrong", "unknown_sends"), ("wrong", "quarantined")]


def test_grids_where_people_live_have_a_size_that_one_worker_can_know() -> None:
    kinds = (
        ("G1", "", 299),
        ("G2", "residential", 300),
        ("G3", "residential", 501),
        ("G4", "merchant", 900),
        ("G5", "dedicated", 1),
        ("G6", "", 0),
    )
    grids = tuple(
        Area(code=code, name=code, level=Level.GRID, parent="S", kind=kind, households=households)
        for code, kind, households in kinds
    )
    chart = org.build((*AREAS, *grids), (DESK, UNIT), roster=(ALWAYS,))

    assert [finding.key for finding in findings(org=chart) if finding.level != "ok"] == ["grid_size"]
    assert "G1 299、G3 501" in next(finding.words for finding in findings(org=chart) if finding.key == "grid_size")
