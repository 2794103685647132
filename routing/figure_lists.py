"""The tickets behind a figure: which rows of the sums are in its numerator, its denominator, or were left out of it; and those of an incident.

The sets are the figures' own definition (routing.figures.list_figures) read over the columns of the rows instead of over counts: a list can
hold no other tickets than the number was made of. What somebody may not see is left out of their list, though it is in the number.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

from sqlalchemy import ColumnElement, and_, select

from routing import sight
from routing.figures import Excluded, Figure, FigureCode, Tally, list_figures
from routing.history import read_facts
from routing.listing import Page, make_line
from routing.sight import Sight
from routing.tables import IncidentMember, Ticket
from routing.tally_rows import within_tickets
from routing.tally_tables import FigureTicket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from routing.facts import TicketFacts
    from routing.listing import Line
    from routing.org import OrgChart
    from routing.sight import Viewer
    from routing.tally_rows import Span

Side = Literal["count", "of", "rest"] | Excluded
"""Which tickets of a figure: its numerator, its denominator, the denominator without the numerator, or what was left out for a reason."""

_AT_ONCE = 100
_READS = 5


def list_sides(code: FigureCode) -> tuple[Side, ...]:
    """List the parts that a figure has: a count alone has no denominator, each leaves out its own; none for what is not made of tickets."""
    return tuple(side for figure, side in _list_sets() if figure == code)


def list_behind(
    session: Session,
    span: Span,
    code: FigureCode,
    side: Side,
    *,
    org: OrgChart,
    now: datetime,
    viewer: Viewer,
    keep: Callable[[TicketFacts], bool],
    limit: int = 30,
    after: int | None = None,
) -> Page:
    """List the tickets of a part of a figure that somebody may see, newest first; KeyError for a part that the figure does not have.

    Being in the list says how a ticket went, where it is and who has it: a confidential one is in it for who may read all of it, and for nobody else.
    """
    behind = select(FigureTicket.ticket_id).where(_select(span, code, side)).distinct()
    return _list(session, behind, org=org, now=now, viewer=viewer, keep=keep, least=Sight.CODE, limit=limit, after=after)


def list_incident(
    session: Session,
    incident: int,
    *,
    org: OrgChart,
    now: datetime,
    viewer: Viewer,
    keep: Callable[[TicketFacts], bool],
    limit: int = 30,
    after: int | None = None,
) -> Page:
    """List the tickets that tell of an incident, newest first: those whose summary somebody may read, for being in the list says what they tell."""
    members = select(IncidentMember.ticket_id).where(IncidentMember.incident_id == incident)
    return _list(session, members, org=org, now=now, viewer=viewer, keep=keep, least=Sight.SUMMARY, limit=limit, after=after)


def _list(
    session: Session,
    behind: Select[int],
    *,
    org: OrgChart,
    now: datetime,
    viewer: Viewer,
    keep: Callable[[TicketFacts], bool],
    least: Sight,
    limit: int,
    after: int | None,
) -> Page:
    """List tickets by their ids that somebody sees at `least` so far, a confidential one in full."""
    lines: list[Line] = []
    last = after
    for looked, ticket in enumerate(_walk(session, behind, after=after, first=limit + 1)):
        if looked == limit + _AT_ONCE * (_READS - 1):
            return Page(lines=tuple(lines), after=last)
        facts = read_facts(session, ticket, org=org, in_list=True)
        shown = sight.see(facts, viewer, org=org)
        needed = Sight.FULL if ticket.confidential else least
        if shown is not None and sight.decide(facts, viewer, org=org) >= needed and keep(facts):
            if len(lines) == limit:
                return Page(lines=tuple(lines), after=last)
            lines.append(make_line(ticket, sight.in_lists(shown, by=viewer), now=now))
        last = ticket.id
    return Page(lines=tuple(lines), after=None)


def _walk(session: Session, behind: Select[int], *, after: int | None, first: int) -> Iterator[Ticket]:
    number, at_once = behind.selected_columns[0], first
    while True:
        ids = behind if after is None else behind.where(number < after)
        newest = ids.order_by(number.desc()).limit(at_once).subquery()
        rows = session.scalars(select(Ticket).where(Ticket.id.in_(select(newest))).order_by(Ticket.id.desc())).all()
        yield from rows
        if len(rows) < at_once:
            return
        after, at_once = rows[-1].id, _AT_ONCE


def _select(span: Span, code: FigureCode, side: Side) -> ColumnElement[bool]:
    return and_(_list_sets()[code, side], *within_tickets(span))


@cache
def _list_sets() -> dict[tuple[FigureCode, Side], ColumnElement[bool]]:
    """Give the set of every part of every figure, by reading the figures' definition over columns."""
    columns = Tally(**{name: getattr(FigureTicket, name) for name in Tally.__struct_fields__})
    found: dict[tuple[FigureCode, Side], ColumnElement[bool]] = {}
    for figure in list_figures(columns):
        found |= {(figure.code, side): members for side, members in _list_parts(figure)}
    return found


def _list_parts(figure: Figure) -> Iterator[tuple[Side, ColumnElement[bool]]]:
    """List the parts of a figure whose numbers are columns."""
    count: ColumnElement[int] = figure.count  # type: ignore[assignment]  # a figure over columns, made just above
    yield "count", count > 0
    if figure.of is not None:
        of: ColumnElement[int] = figure.of  # type: ignore[assignment]  # as above
        yield "of", of > 0
        yield "rest", of > count
    for why, left_out in figure.excluded:
        members: ColumnElement[int] = left_out  # type: ignore[assignment]  # as above
        yield why, members > 0
