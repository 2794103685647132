"""What the monthly pack is made of beside the figures: tickets and places of a period, as somebody may see them. Read-only.

What is confidential, about somebody or nobody's business (routing.discretion) is counted in the figures and named nowhere here. Words are the
masked summaries; who wrote them is a number.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select

from residents.masking import mask
from routing import sight
from routing.discretion import may_be_named
from routing.grid_tables import SpotRecord
from routing.sight import Sight, Viewer
from routing.tables import Incident, IncidentMember, Ticket, TicketEvent, TicketFollower
from routing.terms import NOBODY, OPEN_STATUSES, Status

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from routing.org import OrgChart
    from routing.sign_rows import Period

_CLOSES = ("close", "explain")
_BAD_RATINGS = ("unsolved", "unsatisfied")
_AT_ONCE = 500


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """What one ticket tells: whose it is, what it is about and where, in words that are masked."""

    ticket: int
    number: str
    resident: int
    text: str
    item: str
    area: str
    place: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket on a list: its number, what it is about and in which area, who has it, how it stands, since when, and by when.

    One ticket is one person's: its place and its words would say whose. Who works on it finds them by the number.
    """

    number: str
    item: str
    area: str
    unit: str
    status: Status
    opened_at: datetime
    due_at: datetime | None = None
    rating: str = ""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A place that several tickets tell of: how many, by how many people, about which items."""

    place: str
    area: str
    tickets: int
    people: int
    items: tuple[str, ...]


class Swollen(msgspec.Struct, frozen=True, kw_only=True):
    """An incident of which a supervisor was told that it swells."""

    id: int
    item: str
    area: str
    tickets: int
    people: int


def list_voices(session: Session, period: Period, *, org: OrgChart, viewer: Viewer) -> list[Voice]:
    """List what was received in a period, without what may not be named or whose resident was erased."""
    statement = (
        select(Ticket)
        .where(Ticket.opened_at >= period.since, Ticket.opened_at < period.until)
        .where(Ticket.resident_id != NOBODY, Ticket.summary != "")
    )
    return [
        Voice(
            ticket=ticket.id,
            number=ticket.number,
            resident=ticket.resident_id,
            text=mask(ticket.summary),
            item=ticket.item,
            area=ticket.area,
            place=mask(ticket.public_place),
        )
        for ticket in _list_seen(session, _in_areas(statement, period), org=org, viewer=viewer)
    ]


def list_places(session: Session, voices: Iterable[Voice], *, few: int) -> list[Place]:
    """List the places that at least two tickets tell of, the most people first. Of fewer people than `few` only the area is said."""
    by_place: dict[tuple[str, str], list[Voice]] = defaultdict(list)
    for voice in voices:
        if voice.place:
            by_place[voice.place, voice.area].append(voice)
    several = {key: told for key, told in by_place.items() if len(told) > 1}
    joined = _read_followers(session, [voice.ticket for told in several.values() for voice in told])
    places = []
    for (place, area), told in several.items():
        people = {voice.resident for voice in told}.union(*(joined.get(voice.ticket, set()) for voice in told))
        named = place if len(people) >= few else ""
        items = tuple(sorted({voice.item for voice in told if voice.item}))
        places.append(Place(place=named, area=area, tickets=len(told), people=len(people), items=items))
    return sorted(places, key=lambda one: (-one.people, -one.tickets, one.area, one.place))


def list_overdue(session: Session, period: Period, *, now: datetime, org: OrgChart, viewer: Viewer) -> list[Line]:
    """List the open tickets whose resident has waited longer than was promised, the longest first."""
    is_open = Ticket.status.in_(sorted(OPEN_STATUSES))
    statement = select(Ticket).where(is_open, Ticket.resident_due_at < min(now, period.until))
    ordered = _in_areas(statement, period).order_by(Ticket.resident_due_at)
    return [_make_line(ticket, due_at=ticket.resident_due_at) for ticket in _list_seen(session, ordered, org=org, viewer=viewer)]


def list_unhappy(session: Session, period: Period, *, org: OrgChart, viewer: Viewer) -> list[Line]:
    """List the tickets closed in a period with 未解决 or 不满意, and those that wait for a supervisor or are carried."""
    closed = select(TicketEvent.ticket_id).where(
        TicketEvent.act.in_(_CLOSES), TicketEvent.at >= period.since, TicketEvent.at < period.until
    )
    bad = (Ticket.status == Status.CLOSED.value) & Ticket.rating.in_(_BAD_RATINGS) & Ticket.id.in_(closed)
    waits = Ticket.status.in_((Status.REVIEW.value, Status.CARRIED.value)) & (Ticket.opened_at < period.until)
    statement = _in_areas(select(Ticket).where(bad | waits), period).order_by(Ticket.id)
    return [_make_line(ticket, due_at=None) for ticket in _list_seen(session, statement, org=org, viewer=viewer)]


def count_closed(session: Session, period: Period) -> int:
    """Count the tickets that were closed in a period, whenever they came in."""
    statement = (
        select(func.count(func.distinct(TicketEvent.ticket_id)))
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(TicketEvent.act.in_(_CLOSES), TicketEvent.at >= period.since, TicketEvent.at < period.until)
    )
    if period.areas is not None:
        statement = statement.where(Ticket.area.in_(period.areas))
    return session.execute(statement).scalar_one()


def count_on_the_spot(session: Session, period: Period) -> int:
    """Count what grid workers solved on the spot in a period: a light record, no ticket."""
    statement = select(func.count()).where(SpotRecord.at >= period.since, SpotRecord.at < period.until)
    if period.areas is not None:
        statement = statement.where(SpotRecord.area.in_(period.areas))
    return session.execute(statement).scalar_one()


def list_swollen(session: Session, period: Period, *, incident: int | None = None) -> list[Swollen]:
    """List the incidents of which a supervisor was told in a period that they swell; with `incident` that one, if it is among them."""
    burst = (Incident.raised_burst_at >= period.since) & (Incident.raised_burst_at < period.until)
    slow = (Incident.raised_slow_at >= period.since) & (Incident.raised_slow_at < period.until)
    statement = (
        select(Incident, func.count(IncidentMember.ticket_id))
        .join(IncidentMember, IncidentMember.incident_id == Incident.id)
        .where(burst | slow, Incident.merged_into.is_(None))
        .group_by(Incident.id)
        .order_by(Incident.residents.desc(), Incident.id)
    )
    if period.areas is not None:
        statement = statement.where(Incident.area.in_(period.areas))
    if incident is not None:
        statement = statement.where(Incident.id == incident)
    return [
        Swollen(id=incident.id, item=incident.item, area=incident.area, tickets=tickets, people=incident.residents)
        for incident, tickets in session.execute(statement)
    ]


def _in_areas(statement: Select[Ticket], period: Period) -> Select[Ticket]:
    return statement if period.areas is None else statement.where(Ticket.area.in_(period.areas))


def _list_seen(session: Session, statement: Select[Ticket], *, org: OrgChart, viewer: Viewer) -> list[Ticket]:
    """Read the tickets that may be named and that somebody may see."""
    named = session.execute(statement.where(~Ticket.confidential)).scalars()
    return [ticket for ticket in named if may_be_named(ticket) and sight.decide(ticket, viewer, org=org) >= Sight.SUMMARY]


def _make_line(ticket: Ticket, *, due_at: datetime | None) -> Line:
    return Line(
        number=ticket.number,
        item=ticket.item,
        area=ticket.area,
        unit=ticket.unit,
        status=Status(ticket.status),
        opened_at=ticket.opened_at,
        due_at=due_at,
        rating=ticket.rating,
    )


def _read_followers(session: Session, tickets: list[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for start in range(0, len(tickets), _AT_ONCE):
        chunk = tickets[start : start + _AT_ONCE]
        rows = select(TicketFollower.ticket_id, TicketFollower.resident_id).where(TicketFollower.ticket_id.in_(chunk))
        for ticket, resident in session.execute(rows):
            found[ticket].add(resident)
    return found
