"""Who may see what of a ticket: each level, each pair of eyes; what is not written down as visible is hidden."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from routing.org import StaffMember, build
from routing.roster import RosterRow
from routing.sight import OPERATOR, Sight, Viewer, decide, heads_of, in_lists, is_kept_from, limit, see, with_subordinates
from tests.office import LAMP_TICKET
from tests.town import AREAS, UNITS

STAFF = (
    StaffMember(code="W1", name="郑小满", role="grid_worker", unit="C1-jwh", area="G1"),
    StaffMember(code="L1", name="温谷雨", role="clerk", unit="D-works"),
    StaffMember(code="K1", name="何白露", role="desk", unit="S1-desk"),
    StaffMember(code="K2", name="吴冬至", role="desk", unit="S1-desk"),
    StaffMember(code="T1", name="沈大寒", role="supervisor", unit="D-desk"),
)
TOWN = build(AREAS, UNITS, STAFF, [RosterRow(desk="S1-desk", starts="00:00", ends="00:00", days="1-7", staff="K1")])
RECEIVED = datetime(2026, 3, 2, 17, 30, tzinfo=UTC)  # half past one in the night of the third, in the city
ZONE = ZoneInfo("Asia/Shanghai")
TICKET = msgspec.structs.replace(
    LAMP_TICKET,
    why=("sent_to|unit=东湖区市政中心",),
    due_at=RECEIVED,
    due_basis=("term_received|at=x",),
    opened_at=RECEIVED,
    dispatched_at=RECEIVED,
    resident_id=7,
    people=(7, 8),
)
SECRET = msgspec.structs.replace(
    TICKET, confidential=True, title="保密事项", summary="", handover="柳树街路灯不亮。希望核实处理。", handover_state="approved"
)


@pytest.mark.parametrize(
    ("viewer", "ordinary", "secret"),
    [
        (OPERATOR, Sight.FULL, Sight.FULL),
        (Viewer("resident", "7"), Sight.FULL, Sight.FULL),
        (Viewer("resident", "8"), Sight.SUMMARY, Sight.CODE),
        (Viewer("resident", "9"), Sight.NONE, Sight.NONE),
        (Viewer("unit", "D-works"), Sight.FULL, Sight.SUMMARY),
        (Viewer("staff", "L1"), Sight.FULL, Sight.SUMMARY),
        (Viewer("unit", "C1-jwh"), Sight.SUMMARY, Sight.CODE),
        (Viewer("staff", "W1"), Sight.SUMMARY, Sight.CODE),
        (Viewer("desk", "S1-desk"), Sight.FULL, Sight.FULL),
        (Viewer("staff", "K2"), Sight.FULL, Sight.FULL),
        (Viewer("supervisor", "T1"), Sight.FULL, Sight.FULL),
        (Viewer("unit", "S1-law"), Sight.NONE, Sight.NONE),
        (Viewer("unit", "nobody"), Sight.NONE, Sight.NONE),
        (Viewer("staff", "nobody"), Sight.NONE, Sight.NONE),
    ],
)
def test_who_sees_how_much(viewer: Viewer, ordinary: Sight, secret: Sight) -> None:
    found = [decide(ticket, viewer, org=TOWN, followers=(8,)) for ticket in (TICKET, SECRET)]

    assert found == [ordinary, secret]


@pytest.mark.parametrize("viewer", [Viewer("unit", "D-works"), Viewer("staff", "L1")])
def test_whoever_it_is_about_sees_nothing_even_where_they_have_it(viewer: Viewer) -> None:
    about = msgspec.structs.replace(TICKET, refused=("D-works",))

    assert decide(about, viewer, org=TOWN) is Sight.NONE
    assert see(about, viewer, org=TOWN) is None


def test_a_person_it_is_about_sees_nothing_their_colleagues_do() -> None:
    about = msgspec.structs.replace(TICKET, refused_staff=("K2",))

    assert decide(about, Viewer("staff", "K2"), org=TOWN) is Sight.NONE
    assert decide(about, Viewer("staff", "K1"), org=TOWN) is Sight.FULL


def test_of_a_life_in_danger_told_in_confidence_only_named_duty_staff_know_more() -> None:
    danger = msgspec.structs.replace(SECRET, tier="red", unit="S1-desk")

    assert [decide(danger, Viewer("staff", code), org=TOWN) for code in ("K1", "K2")] == [Sight.FULL, Sight.CODE]


def test_who_answers_to_a_refused_unit_is_refused_too() -> None:
    assert with_subordinates({"S1-office"}, TOWN) == ("C1-jwh", "C2-jwh", "S1-office")
    assert with_subordinates({"D-desk"}, TOWN) == ("D-desk", "S1-desk")
    assert with_subordinates({"?"}, TOWN) == ("?",)
    assert is_kept_from("C1-jwh", ("S1-office",), TOWN)
    assert not is_kept_from("C3-jwh", ("S1-office",), TOWN)
    assert heads_of(with_subordinates({"S1-office"}, TOWN), TOWN) == ("S1-office",)


def test_what_a_unit_sees_of_a_confidential_matter() -> None:
    seen = see(SECRET, Viewer("unit", "D-works"), org=TOWN, zone=ZONE)

    assert seen is not None
    assert (seen.summary, seen.title, seen.handover, seen.people, seen.resident_id) == (SECRET.handover, "保密事项", "", (), 0)
    assert (seen.why, seen.due_basis, seen.candidates, seen.refused) == ((), (), (), ())
    assert seen.opened_at == datetime(2026, 3, 2, 16, tzinfo=UTC)  # the day, by the city's clock
    draft = msgspec.structs.replace(SECRET, handover_state="draft")
    assert limit(draft, Sight.SUMMARY, by=Viewer("unit", "D-works")).summary == ""


def test_the_exact_time_of_a_confidential_matter_is_shown_to_nobody_of_the_staff() -> None:
    for viewer in (OPERATOR, Viewer("desk", "S1-desk")):
        seen = see(SECRET, viewer, org=TOWN, zone=ZONE)
        assert seen is not None
        assert (seen.opened_at, seen.due_basis) == (datetime(2026, 3, 2, 16, tzinfo=UTC), ())
    own = see(SECRET, Viewer("resident", "7"), org=TOWN)
    assert own == SECRET


def test_in_lists_a_confidential_matter_is_its_number_its_desk_and_its_due_time() -> None:
    listed = in_lists(SECRET, by=OPERATOR)

    shown = {name for name in listed.__struct_fields__ if getattr(listed, name) not in ("", (), None, 0, False)}
    assert shown == {"number", "status", "desk", "desk_name", "due_at", "confidential", "opened_at"}
    assert in_lists(TICKET, by=OPERATOR) is TICKET


def test_a_field_nobody_wrote_down_is_hidden() -> None:
    """A new field of a ticket is seen by the desk alone until somebody says who may see it too."""
    hidden = limit(TICKET, Sight.SUMMARY, by=Viewer("unit", "C1-jwh"))

    assert (hidden.why, hidden.refused, hidden.people, hidden.reason, hidden.hazard) == ((), (), (), "", "")
