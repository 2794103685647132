"""What the API says of tickets, acts and the organisation: masked, and only what routing.sight shows. Every name is part of the contract."""

from __future__ import annotations

from datetime import date, datetime  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Any

import msgspec

from console.beside_shown import ClockOut, SupervisionOut, TaskOut, describe_clocks, describe_supervisions, describe_tasks
from residents.masking import mask
from routing.terms import Status  # noqa: TC001 - msgspec reads the annotation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.surroundings import CityView
    from routing.facts import EventFacts
    from routing.listing import Line
    from routing.register import Shown


class TicketLine(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket in a list. Of a confidential one only its number, its desk, its status and when it is due."""

    number: str
    status: Status | None = None
    title: str = ""
    summary: str = ""
    place: str = ""
    kind: str = ""
    tier: str = ""
    area: str = ""
    item: str = ""
    unit: str = ""
    unit_name: str = ""
    desk: str = ""
    desk_name: str = ""
    confidential: bool = False
    followers: int = 0
    opened_at: datetime | None = None
    due_at: datetime | None = None
    overdue: bool = False
    updated_at: datetime | None = None


class TicketPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some tickets, newest first. `next` is the cursor of the rest, null at the end; a page may be short and yet have a next one."""

    items: list[TicketLine]
    next: str | None = None


class TicketDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as the caller may see it; what they may not see is empty."""

    number: str
    etag: str = ""
    """The edition to send as If-Match with an act."""
    status: Status | None = None
    title: str = ""
    summary: str = ""
    handover: str = ""
    handover_state: str = ""
    place: str = ""
    kind: str = ""
    tier: str = ""
    hazard: str = ""
    area: str = ""
    item: str = ""
    candidates: list[str] = []
    unit: str = ""
    unit_name: str = ""
    desk: str = ""
    desk_name: str = ""
    assisting: list[str] = []
    confidential: bool = False
    automatic: bool = False
    rehearsed: bool = False
    why: list[str] = []
    due_at: datetime | None = None
    due_basis: list[str] = []
    opened_at: datetime | None = None
    dispatched_at: datetime | None = None
    replied_at: datetime | None = None
    concluded_at: datetime | None = None
    closed_at: datetime | None = None
    reply: str = ""
    rating: str = ""
    redo_count: int = 0
    followers: int = 0
    follows: str = ""
    first_receiver: str = ""
    """The unit that received it first."""
    merged_into: str = ""
    split_from: str = ""
    clocks: list[ClockOut] = []
    tasks: list[TaskOut] = []
    supervisions: list[SupervisionOut] = []


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One act that happened to a ticket, without anybody's words."""

    act: str
    at: datetime
    actor: str
    unit: str
    unit_name: str


class Events(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a ticket, oldest first; empty for whoever may not see all of it."""

    items: list[Event]


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """An act that was done: codes only. `done` false: there was nothing left to do. `seen` false: from now on it is out of the caller's sight."""

    number: str
    act: str
    status: str = ""
    unit: str = ""
    etag: str = ""
    done: bool = True
    seen: bool = True
    opened: list[str] = []
    """The numbers of tickets that the act opened."""


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a report: a ticket of its own, or the one it joined."""

    number: str
    status: str
    unit: str
    joined: bool
    etag: str


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """Words that were added later, and when."""

    at: datetime
    text: str


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """What the resident wrote; opening it is kept with its reason."""

    number: str
    at: datetime
    text: str
    place: str
    added: list[Words]


class OwnEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a matter, as its resident is shown it."""

    act: str
    at: datetime
    unit_name: str


class OwnTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A matter as its resident sees it through its link."""

    number: str
    status: Status
    title: str
    place: str
    unit_name: str
    opened_at: datetime
    due_at: datetime
    reply: str
    events: list[OwnEvent]


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who the token belongs to and what it may do: action -> the rows it reaches."""

    kind: str
    code: str
    role: str
    unit: str
    area: str
    actions: dict[str, str]
    fields: list[str]


class AreaOut(msgspec.Struct, frozen=True, kw_only=True):
    """区域."""

    code: str
    name: str
    level: str
    parent: str
    kind: str


class UnitOut(msgspec.Struct, frozen=True, kw_only=True):
    """承办单位 (a desk is one too)."""

    code: str
    name: str
    kind: str
    area: str
    parent: str
    functions: list[str]


class Post(msgspec.Struct, frozen=True, kw_only=True):
    """A post of the staff: no name, no phone."""

    code: str
    role: str
    unit: str
    area: str


class DutyOut(msgspec.Struct, frozen=True, kw_only=True):
    """职责事项."""

    code: str
    name: str
    category: str
    level: str
    lead: str
    assisting: list[str]
    allowed_levels: list[str]
    deadline_value: int
    deadline_unit: str
    deadline_calendar: str
    tier: str
    basis: str
    std_code: str


class EntryOut(msgspec.Struct, frozen=True, kw_only=True):
    """知识条目 that is published."""

    code: str
    kind: str
    question: str
    answer: str
    area: str
    unit: str
    source: str
    source_date: date | None
    valid_from: date | None
    valid_to: date | None
    coordinates: str
    version: int


class AreaPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some areas by code."""

    items: list[AreaOut]
    next: str | None = None


class UnitPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some units by code."""

    items: list[UnitOut]
    next: str | None = None


class PostPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some posts by code."""

    items: list[Post]
    next: str | None = None


class DutyPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some duty items by code."""

    items: list[DutyOut]
    next: str | None = None


class EntryPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some knowledge entries, by code or, where a question was asked, best first."""

    items: list[EntryOut]
    next: str | None = None


TICKET_FIELDS = tuple(dict.fromkeys((*TicketDetail.__struct_fields__, *TicketLine.__struct_fields__)))
"""The fields of a ticket that a partner can be given."""


def describe_ticket(shown: Shown, *, etag: str, city: CityView) -> TicketDetail:
    """Describe a ticket that was limited to what its reader may see. Of a confidential one nothing that leads to another, or to who received it."""
    ticket = shown.ticket
    told = not ticket.confidential
    return TicketDetail(
        number=ticket.number,
        etag=etag,
        status=ticket.status,
        title=mask(ticket.title),
        summary=mask(ticket.summary),
        handover=mask(ticket.handover),
        handover_state=ticket.handover_state,
        place=mask(ticket.public_place),
        kind=ticket.kind,
        tier=ticket.tier,
        hazard=ticket.hazard,
        area=ticket.area,
        item=ticket.item,
        candidates=list(ticket.candidates),
        unit=ticket.unit,
        unit_name=ticket.unit_name,
        desk=ticket.desk,
        desk_name=ticket.desk_name,
        assisting=list(ticket.assisting),
        confidential=ticket.confidential,
        automatic=ticket.automatic,
        rehearsed=ticket.rehearsed,
        why=[mask(city.explain(line)) for line in ticket.why],
        due_at=ticket.due_at,
        due_basis=[city.explain(line) for line in ticket.due_basis],
        opened_at=ticket.opened_at,
        dispatched_at=ticket.dispatched_at,
        replied_at=ticket.replied_at,
        concluded_at=ticket.concluded_at,
        closed_at=ticket.closed_at,
        reply=mask(ticket.public_reply),
        rating=ticket.rating,
        redo_count=ticket.redo_count,
        followers=max(0, len(ticket.people) - 1),
        follows=ticket.follows,
        first_receiver=ticket.first_receiver if told else "",
        merged_into=ticket.merged_into if told else "",
        split_from=ticket.split_from if told else "",
        clocks=describe_clocks(shown, city=city),
        tasks=describe_tasks(shown),
        supervisions=describe_supervisions(shown),
    )


def describe_line(line: Line) -> TicketLine:
    """Describe a line of a list."""
    return TicketLine(
        number=line.number,
        status=line.status,
        title=mask(line.title),
        summary=mask(line.summary),
        place=mask(line.public_place),
        kind=line.kind,
        tier=line.tier,
        area=line.area,
        item=line.item,
        unit=line.unit,
        unit_name=line.unit_name,
        desk=line.desk,
        desk_name=line.desk_name,
        confidential=line.confidential,
        followers=line.followers,
        opened_at=None if line.confidential else line.opened_at,
        due_at=line.due_at,
        overdue=line.overdue,
        updated_at=line.updated_at,
    )


def describe_event(event: EventFacts) -> Event:
    """Describe what happened."""
    return Event(act=event.act, at=event.at, actor=event.actor, unit=event.unit, unit_name=event.unit_name)


def keep_fields(body: msgspec.Struct, fields: Sequence[str]) -> dict[str, Any]:
    """Leave of a ticket what a partner was given: its number always, the rest as listed."""
    wanted = {"number", *fields}
    return {name: value for name, value in msgspec.to_builtins(body).items() if name in wanted}
