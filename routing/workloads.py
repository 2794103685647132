"""What each of the staff and each unit did in a month, for whoever looks after their work, and nobody else; and the word to their desk.

Matters that are confidential, or about a unit or a person, are left out: who works on them is told in no list. A supervisor reads all counts
of those they look after, and the numbers of the tickets that they may see.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from routing import deeds, early_warnings, notices, sight
from routing.early_warnings import Workload  # noqa: TC001 - msgspec reads the annotation
from routing.sight import Sight, Viewer
from routing.sign_rows import Period, Trodden, list_trails
from routing.tally_rows import midnight_after, midnight_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.duty_list import DutyList
    from routing.early_warnings import WarningSettings
    from routing.org import OrgChart, StaffMember
    from routing.warning_signs import SignSettings


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """The loads of a period, and the tickets behind them by number."""

    loads: tuple[Workload, ...]
    tickets: dict[str, Trodden]

    def list_visible(self, numbers: Iterable[str], *, viewer: Viewer, org: OrgChart) -> tuple[str, ...]:
        """List those of some numbers whose ticket somebody may see."""
        return tuple(one for one in numbers if sight.decide(self.tickets[one], viewer, org=org) > Sight.NONE)


def find_period(day: date, zone: ZoneInfo) -> tuple[str, Period]:
    """Find the month of a day: its name (2026-10) and its moments."""
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return f"{first:%Y-%m}", Period(since=midnight_of(first, zone), until=midnight_after(last, zone))


def read_book(session: Session, period: Period, *, settings: SignSettings, org: OrgChart, duty_list: DutyList) -> Book:
    """Read what was done in a period, by whom, from the events of the tickets."""
    found: list[deeds.Deed] = []
    tickets: dict[str, Trodden] = {}
    for ticket, trail in list_trails(session, period, duty_list=duty_list, keep=_is_told, acts=deeds.ACTS):
        done = deeds.list_deeds(trail, staff=org.staff.keys(), settings=settings)
        within = [deed for deed in done if period.since <= deed.at < period.until]
        found += within
        if within:
            tickets[ticket.number] = ticket
    return Book(loads=early_warnings.sum_up(found), tickets=tickets)


def list_workers(supervisor: str, org: OrgChart) -> tuple[StaffMember, ...]:
    """List whose work a supervisor looks after, at one of their posts, by code; nobody for who is none."""
    units = frozenset(list_units(supervisor, org))
    return tuple(one for one in org.staff.values() if one.code != supervisor and not units.isdisjoint(one.posts))


def list_units(supervisor: str, org: OrgChart) -> tuple[str, ...]:
    """List the units whose work a supervisor looks after, by code."""
    return tuple(code for code in org.units if any(one.code == supervisor for one in org.supervisors_of(code)))


def count_warned(
    session: Session, period: Period, *, settings: WarningSettings, signs: SignSettings, org: OrgChart, duty_list: DutyList
) -> dict[str, int]:
    """Count, by desk, of whose work its supervisors should look at something; empty where nothing is warned of."""
    if not settings.is_on:
        return {}
    book = read_book(session, period, settings=signs, org=org, duty_list=duty_list)
    warned = {(one.is_unit, one.code) for one in early_warnings.find_warned(book.loads, settings)}
    desks: dict[str, int] = {}
    for is_unit, code in warned:
        for desk in _find_desks(code, org, is_unit=is_unit):
            desks[desk] = desks.get(desk, 0) + 1
    return desks


def tell_warned(session: Session, month: str, desks: Mapping[str, int], *, context: RoutingContext) -> None:
    """Tell each desk of how many its supervisors should look at the work, each time it is another number; who they are stands in no notice."""
    for desk, count in sorted(desks.items()):
        context.tell(session, notices.for_early_warning(month, desk=desk, count=count))


def _find_desks(code: str, org: OrgChart, *, is_unit: bool) -> set[str]:
    """Find the desks of whoever looks after a worker or a unit: where their supervisors sit, or the nearest one above that is a desk."""
    posts = (code,) if is_unit else org.staff[code].posts
    found = set()
    for post in posts:
        unit = org.unit(post)
        supervisors = [one for one in org.supervisors_of(post) if one.code != code]
        if unit is not None and supervisors:
            own = supervisors[0].unit
            found.add(own if own in {desk.code for desk in org.desks.values()} else org.desk_for(unit.area).code)
    return found


def _is_told(ticket: Trodden) -> bool:
    return not (ticket.confidential or ticket.refused or ticket.refused_staff)
