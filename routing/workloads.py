"""What each of the staff and each unit did in a month, for whoever looks after their work, and nobody else; and the word to their desk.

Matters that are confidential, or about a unit or a person, are left out: who works on them is told in no list. A supervisor reads all counts
of those they look after, and the numbers of the tickets that they may see.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select

from routing import deeds, early_warnings, notices, sight, sign_rows, trail_folds
from routing.early_warnings import Workload
from routing.sight import Sight, Viewer
from routing.sign_rows import Period, Trodden
from routing.tables import Ticket
from routing.tally_rows import midnight_after, midnight_of
from routing.trail_folds import WORKED_ON
from routing.trail_tables import TicketDeed, TrailFold, WorkMonth

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.deeds import DeedKind
    from routing.early_warnings import Warned, WarningSettings
    from routing.org import OrgChart, StaffMember
    from routing.trail_basis import Basis

Whose = tuple[bool, str]
"""Whether a unit or one of the staff, and the code."""
Done = tuple[bool, str, str]
"""Whose it is, and the kind of deed."""


class Live(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket of which something is not kept yet: what its events say of the month."""

    ticket: Trodden
    done: frozenset[Done]


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """The loads of a month; `live` are the tickets read from their events, and `behind` those of which what is kept counts nothing (None: none counts)."""

    month: date
    loads: tuple[Workload, ...]
    live: tuple[Live, ...]
    behind: frozenset[int] | None


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """A yellow card, and the numbers of its tickets that who looks may see."""

    warned: Warned
    visible: tuple[str, ...]

    @property
    def unseen(self) -> int:
        """How many more there are."""
        return self.warned.count - len(self.visible)


def find_period(day: date, zone: ZoneInfo) -> tuple[str, Period]:
    """Find the month of a day: its name (2026-10) and its moments."""
    first = day.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return f"{first:%Y-%m}", Period(since=midnight_of(first, zone), until=midnight_after(last, zone))


def read_book(session: Session, period: Period, *, basis: Basis) -> Book:
    """Read of how many tickets each kind of deed was read in a period that is a month, of whom."""
    month = period.since.astimezone(ZoneInfo(basis.zone)).date()
    behind = trail_folds.find_behind(session, basis)
    live = tuple(_read_live(session, period, month, basis, behind)) if behind is None or behind else ()
    counts = Counter(one for each in live for one in each.done)
    if behind is not None:
        counts.update(_count_kept(session, month, behind))
    return Book(month=month, loads=tuple(_sum_up(counts)), live=live, behind=behind)


def list_cards(session: Session, book: Book, warned: Iterable[Warned], *, viewer: Viewer, org: OrgChart) -> list[Card]:
    """Give each of these with the numbers of its tickets that somebody may see, the oldest ticket first."""
    cards = {(one.is_unit, one.code, one.kind): one for one in warned}
    visible: dict[Done, dict[int, str]] = {}
    for done, ticket in _walk_tickets(session, book, {code for _, code, _ in cards}):
        if done in cards and sight.decide(ticket, viewer, org=org) > Sight.NONE:
            visible.setdefault(done, {})[ticket.id] = ticket.number
    return [
        Card(warned=one, visible=tuple(number for _, number in sorted(visible.get(done, {}).items())))
        for done, one in cards.items()
    ]


def list_workers(supervisor: str, org: OrgChart) -> tuple[StaffMember, ...]:
    """List whose work a supervisor looks after, at one of their posts, by code; nobody for who is none."""
    units = frozenset(list_units(supervisor, org))
    return tuple(one for one in org.staff.values() if one.code != supervisor and not units.isdisjoint(one.posts))


def list_units(supervisor: str, org: OrgChart) -> tuple[str, ...]:
    """List the units whose work a supervisor looks after, by code."""
    return tuple(code for code in org.units if any(one.code == supervisor for one in org.supervisors_of(code)))


def count_warned(session: Session, period: Period, *, settings: WarningSettings, basis: Basis, org: OrgChart) -> dict[str, int]:
    """Count, by desk, of whose work its supervisors should look at something; empty where nothing is warned of."""
    if not settings.is_on:
        return {}
    book = read_book(session, period, basis=basis)
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


def _read_live(session: Session, period: Period, month: date, basis: Basis, among: frozenset[int] | None) -> Iterator[Live]:
    zone = ZoneInfo(basis.zone)
    for ticket, trail in sign_rows.list_trails(
        session, period, basis=basis, keep=trail_folds.is_told, acts=deeds.ACTS, among=among
    ):
        added = trail_folds.list_added(ticket, deeds.list_deeds(trail, staff=basis.staff, settings=basis.settings), zone)
        done = frozenset((is_unit, code, kind) for first, is_unit, code, kind in added if first == month)
        yield Live(ticket=ticket, done=done)


def _count_kept(session: Session, month: date, behind: frozenset[int]) -> Counter[Done]:
    """Count what is kept of a month, without the tickets that are behind."""
    columns = (WorkMonth.is_unit, WorkMonth.code, WorkMonth.kind, WorkMonth.tickets)
    rows = session.execute(select(*columns).where(WorkMonth.month == month))
    counts = Counter({(is_unit, code, kind): tickets for is_unit, code, kind, tickets in rows})
    for some in sign_rows.cut(sorted(behind)):
        for adds in session.execute(select(TrailFold.adds).where(TrailFold.ticket_id.in_(some))).scalars():
            counts.subtract((is_unit, code, kind) for first, is_unit, code, kind in trail_folds.list_kept(adds) if first == month)
    return counts


def _sum_up(counts: Mapping[Done, int]) -> Iterator[Workload]:
    """Sum up for each of the staff and each unit that did something, staff first, by code."""
    found: dict[Whose, dict[str, int]] = {}
    for (is_unit, code, kind), tickets in counts.items():
        if tickets:
            found.setdefault((is_unit, code), {})[kind] = tickets
    for (is_unit, code), kinds in sorted(found.items()):
        worked_on = kinds.pop(WORKED_ON)
        yield Workload(code=code, is_unit=is_unit, counts=cast("dict[DeedKind, int]", kinds), worked_on=worked_on)


def _walk_tickets(session: Session, book: Book, codes: set[str]) -> Iterator[tuple[Done, Trodden]]:
    """Walk through the tickets of these staff and units of which something was read that is warned of."""
    yield from ((done, one.ticket) for one in book.live for done in one.done)
    if book.behind is None:
        return
    whose = (TicketDeed.is_unit, TicketDeed.code, TicketDeed.kind)
    kept = select(*whose, *sign_rows.COLUMNS).join(Ticket, Ticket.id == TicketDeed.ticket_id)
    for some in sign_rows.cut(sorted(codes)):
        for is_unit, code, kind, *rest in session.execute(kept.where(TicketDeed.month == book.month, TicketDeed.code.in_(some))):
            if (ticket := sign_rows.make_trodden(rest)).id not in book.behind:
                yield (is_unit, code, kind), ticket
