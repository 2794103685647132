"""Who may see what of a ticket: the one answer for every list, search, export, page, notice and command. Pure.

    none      for them there is no such ticket: not shown, not listed, not found, not counted
    code      its number, its desk, its due time, its status
    summary   what somebody who works on it needs; of a confidential one the approved 转办摘要 instead of the original
    full      all that stands on the ticket; the original words are in none of it (routing.secrecy opens them, for a reason)

Whoever the matter is about sees nothing, whatever their post, nor does anybody who answers to them. Visible is what stands in the lists
below: a field that is added to a ticket is hidden until somebody writes here who may see it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from routing.org import SUPERVISOR

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import tzinfo

    from routing.facts import TicketFacts
    from routing.org import OrgChart, StaffMember

ViewerKind = Literal["resident", "staff", "unit", "desk", "operator", "supervisor"]


class Sight(IntEnum):
    """How much somebody sees; each level holds the one before."""

    NONE = 0
    CODE = 1
    SUMMARY = 2
    FULL = 3


class Viewer(msgspec.Struct, frozen=True):
    """Somebody who looks: a person of the staff (a supervisor is one), a unit or desk as a whole, a resident, or the operator at the command line."""

    kind: ViewerKind
    code: str = ""
    """Staff code, unit code, or the resident's number as text."""


OPERATOR = Viewer("operator")


class Matter(Protocol):
    """What of a ticket the answer depends on: the stored row and its facts both have it."""

    @property
    def confidential(self) -> bool:
        """Whether it is a confidential matter."""

    @property
    def tier(self) -> str:
        """Red where life is in danger."""

    @property
    def unit(self) -> str:
        """Who has it."""

    @property
    def desk(self) -> str:
        """The desk it belongs to."""

    @property
    def assisting(self) -> Sequence[str]:
        """Who assists."""

    @property
    def refused(self) -> Sequence[str]:
        """The units that must never see it."""

    @property
    def refused_staff(self) -> Sequence[str] | None:
        """The persons who must never see it."""

    @property
    def resident_id(self) -> int:
        """Who opened it."""

    @property
    def handler(self) -> str:
        """Who of the unit worked on it last; "" for nobody yet."""


_CODE = frozenset({"number", "status", "desk", "desk_name", "due_at", "confidential"})
_SUMMARY = _CODE | {
    "title", "summary", "public_place", "unit", "unit_name", "item", "kind", "tier", "area", "automatic", "rehearsed", "assisting",
    "dispatched_at", "replied_at", "concluded_at", "reply", "public_reply", "rating", "redo_count", "version",
}  # fmt: skip


def with_subordinates(refused: Iterable[str], org: OrgChart) -> tuple[str, ...]:
    """Give these units and all that answer to one of them, by code; codes that no unit has stay."""
    codes = frozenset(refused)
    below = (unit.code for unit in org.units.values() if not codes.isdisjoint(org.superiors[unit.code]))
    return tuple(sorted(codes.union(below)))


def heads_of(refused: Collection[str], org: OrgChart) -> tuple[str, ...]:
    """Give those of the refused who answer to no other of them: whom the matter is about."""
    units = [unit for code in refused if (unit := org.unit(code)) is not None]
    return tuple(unit.code for unit in units if frozenset(refused).isdisjoint(org.superiors[unit.code] - {unit.code}))


def is_kept_from(code: str, refused: Collection[str], org: OrgChart) -> bool:
    """Tell whether a unit is one of the refused or answers to one; whoever followed one of them is kept from it too."""
    if not refused:
        return False
    kept = frozenset(refused).union(map(org.standing_unit, refused)) if org.former_units else frozenset(refused)
    return code in kept or not kept.isdisjoint(org.superiors.get(code, ()))


def decide(matter: Matter, viewer: Viewer, *, org: OrgChart, followers: Collection[int] = ()) -> Sight:
    """Decide how much somebody sees of a matter; `followers` are the residents who joined it."""
    match viewer.kind:
        case "operator":
            return Sight.FULL
        case "resident":
            return _decide_for_resident(matter, viewer.code, followers)
        case "unit" | "desk":
            return _decide_for_unit(matter, viewer.code, org)
    person = org.staff.get(viewer.code)
    if person is None or person.code in (matter.refused_staff or ()) or is_kept_from_person(person, matter.refused, org):
        return Sight.NONE
    seen = max(_decide_at_post(matter, person, post, org) for post in person.posts)
    return max(seen, _decide_for_supervisor(matter, person, org))


def _decide_for_resident(matter: Matter, code: str, followers: Collection[int]) -> Sight:
    if str(matter.resident_id) == code:
        return Sight.FULL
    if code in map(str, followers):
        return Sight.CODE if matter.confidential else Sight.SUMMARY
    return Sight.NONE


def _decide_for_unit(matter: Matter, code: str, org: OrgChart) -> Sight:
    """Decide for a unit as a whole: its desk and those above see all, who has it what it needs, a private one and who assists less."""
    unit = org.unit(code)
    if unit is None or is_kept_from(code, matter.refused, org):
        return Sight.NONE
    desk = org.unit(org.standing_unit(matter.desk))
    if desk is not None and code in {each.code for each in org.ways_up(desk)}:
        return Sight.FULL
    if code == org.standing_unit(matter.unit):
        return Sight.SUMMARY if matter.confidential or unit.private else Sight.FULL
    if code in map(org.standing_unit, matter.assisting):
        return Sight.CODE if matter.confidential else Sight.SUMMARY
    return Sight.NONE


def is_kept_from_person(person: StaffMember, refused: Collection[str], org: OrgChart) -> bool:
    """Tell whether one of the units that somebody works for is kept from a matter: whoever has two posts keeps no secret between them."""
    return any(is_kept_from(post, refused, org) for post in person.posts)


def _decide_at_post(matter: Matter, person: StaffMember, post: str, org: OrgChart) -> Sight:
    """Decide for one of somebody's posts. Of self-harm and violence at home only named duty staff of the desk know more than that it is there."""
    sight = _decide_for_unit(matter, post, org)
    if sight is Sight.FULL and matter.confidential and matter.tier == "red":
        named = any(person.code in shift.staff for shift in org.shifts.get(post, ()))
        return Sight.FULL if named else Sight.CODE
    return sight


def _decide_for_supervisor(matter: Matter, person: StaffMember, org: OrgChart) -> Sight:
    """Decide for who looks after a stationed person: what that person works on at one post, both supervisors see; nothing confidential."""
    handler = org.staff.get(matter.handler)
    if handler is None or not handler.stationed or person.role != SUPERVISOR or matter.confidential:
        return Sight.NONE
    return Sight.SUMMARY if org.looks_after(person.code, handler) else Sight.NONE


def see(ticket: TicketFacts, viewer: Viewer, *, org: OrgChart, zone: tzinfo = UTC) -> TicketFacts | None:
    """Give a ticket as somebody sees it, what they may not see blank; None where for them there is none. `zone` is the city's, for days."""
    sight = decide(ticket, viewer, org=org, followers=ticket.people[1:])
    if sight is Sight.NONE:
        return None
    return limit(ticket, sight, by=viewer, zone=zone)


def limit(ticket: TicketFacts, sight: Sight, *, by: Viewer, zone: tzinfo = UTC) -> TicketFacts:
    """Blank what a level of sight does not hold. When exactly a confidential matter came in, no list of the staff says."""
    if by.kind == "resident":
        ticket = msgspec.structs.replace(ticket, first_receiver="", merged_into="", returns=0, handler="")
    if sight is Sight.FULL and (by.kind == "resident" or not ticket.confidential):
        return ticket
    if sight is Sight.SUMMARY and by.kind == "resident":
        return msgspec.structs.replace(ticket, summary="", why=(), resident_id=0, reply=ticket.public_reply)
    hidden: dict[str, Any] = {"opened_at": day_of(ticket.opened_at, zone), "due_basis": ()}
    if sight is not Sight.FULL:
        visible = _CODE if sight is Sight.CODE else _SUMMARY
        hidden |= {name: _blank(getattr(ticket, name)) for name in ticket.__struct_fields__ if name not in visible | {"opened_at"}}
    if sight is Sight.SUMMARY and ticket.confidential:
        hidden["summary"] = ticket.handover if ticket.handover_state == "approved" else ""
    return msgspec.structs.replace(ticket, **hidden)


def day_of(moment: datetime, zone: tzinfo) -> datetime:
    """Give the day of a moment, by the city's clock: its midnight."""
    return moment.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def in_lists(ticket: TicketFacts, *, by: Viewer, zone: tzinfo = UTC) -> TicketFacts:
    """Give a ticket as lists, exports and search show it: of a confidential one nobody reads more there than its number."""
    return limit(ticket, Sight.CODE, by=by, zone=zone) if ticket.confidential else ticket


def _blank(value: Any) -> Any:
    return None if value is None or isinstance(value, datetime) else type(value)()
