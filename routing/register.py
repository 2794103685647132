"""台账: one ticket with what happened to it, for the staff, and for residents who ask how their matters stand.

It is asked for by somebody (routing.sight.Viewer) and shows what they may see; what is kept from them is not there at all.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, or_, select

from routing import beside, proxies, sight, timing
from routing.beside import Supervision, Task  # noqa: TC001 - msgspec reads the annotations
from routing.clocks import Run  # noqa: TC001 - msgspec reads the annotation
from routing.errors import NoTicket
from routing.facts import EventFacts, TicketFacts
from routing.history import RESIDENT, SYSTEM, find, read_facts
from routing.links import hash_token
from routing.sight import OPERATOR, Sight, Viewer
from routing.tables import Ticket, TicketEvent, TicketFollower, TicketProxy
from routing.terms import OPEN_STATUSES, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from routing.org import OrgChart

STAFF_ONLY = frozenset(
    {
        "note", "warn", "alarm", "evaluate", "acknowledge", "keep_from", "draft", "approve", "unseal", "verify", "separate",
        "task", "task_sign", "task_reply", "task_return", "task_cancel", "supervise", "instruct", "answer_supervision", "recount", "move",
        "ask_extension", "refuse_extension", "ask_pause", "refuse_pause", "climb",
    }
)  # fmt: skip
"""Acts that a resident is not shown."""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket and what happened to it, oldest first."""

    ticket: TicketFacts
    events: tuple[EventFacts, ...]
    clocks: tuple[Run, ...] = ()
    """Every run of its clocks, for who sees all of a matter that is not confidential: their lines say when it came in."""
    tasks: tuple[Task, ...] = ()
    """The tasks of assisting units, for the same."""
    supervisions: tuple[Supervision, ...] = ()
    """What of supervision is still to be answered, for the same."""


def show(session: Session, number: str, *, org: OrgChart, viewer: Viewer = OPERATOR, zone: tzinfo = UTC) -> Shown:
    """Show a ticket as somebody sees it; NoTicket where for them there is none. What happened to it is for who sees all."""
    ticket = find(session, number)
    facts = read_facts(session, ticket, org=org)
    seen = sight.see(facts, viewer, org=org, zone=zone)
    if seen is None:
        raise NoTicket(f"there is no ticket {number}")
    if sight.decide(facts, viewer, org=org, followers=facts.people[1:]) is not Sight.FULL:
        return Shown(ticket=seen, events=())
    shown = Shown(ticket=seen, events=tuple(_hide_times(ticket, _list_events(session, ticket, org=org), zone)))
    if ticket.confidential:
        return shown
    return msgspec.structs.replace(
        shown,
        clocks=timing.list_runs(session, ticket),
        tasks=beside.list_tasks(session, ticket.id, org=org),
        supervisions=beside.list_open_supervisions(session, ticket.id),
    )


def _hide_times(ticket: Ticket, events: tuple[EventFacts, ...], zone: tzinfo) -> Iterator[EventFacts]:
    """Leave of the moments at which the resident of a confidential matter wrote, and what followed by itself, only the day."""
    for event in events:
        is_theirs = ticket.confidential and (event.actor in {RESIDENT, SYSTEM} or event.act == "accept")
        yield msgspec.structs.replace(event, at=sight.day_of(event.at, zone)) if is_theirs else event


def show_own(session: Session, token: str, *, org: OrgChart) -> Shown:
    """Show a ticket to whoever holds the link that its resident was given; NoTicket for any other token."""
    ticket = session.scalars(select(Ticket).where(Ticket.token_hash == hash_token(token))).one_or_none()
    if ticket is None:
        raise NoTicket
    facts = read_facts(session, ticket, org=org)
    seen = sight.see(facts, Viewer("resident", str(facts.resident_id)), org=org)
    if seen is None:
        raise NoTicket
    return Shown(ticket=seen, events=_list_public(session, seen, org=org))


def facts_for_resident(
    session: Session, resident_id: int, *, org: OrgChart, now: datetime, recent_days: int = 30
) -> tuple[TicketFacts, ...]:
    """List a resident's tickets, opened or joined, newest first: the open ones, and those closed within some days."""
    statement = _select_theirs(resident_id, now=now, recent_days=recent_days)
    viewer = Viewer("resident", str(resident_id))
    read = (
        proxies.limit(session, read_facts(session, ticket, org=org), ticket_id=ticket.id, resident_id=resident_id)
        for ticket in session.execute(statement).scalars().all()
    )
    return tuple(seen for facts in read if (seen := sight.see(facts, viewer, org=org)) is not None)


def list_for_resident(
    session: Session, resident_id: int, *, org: OrgChart, now: datetime, recent_days: int = 30
) -> tuple[TicketFacts, ...]:
    """List the same tickets without replies and summaries, in as many queries however many they are."""
    tickets = session.execute(_select_theirs(resident_id, now=now, recent_days=recent_days)).scalars().all()
    joined = set(session.scalars(select(TicketFollower.ticket_id).where(TicketFollower.resident_id == resident_id)))
    viewer = Viewer("resident", str(resident_id))
    read = (_read_in_list(session, ticket, resident_id, org=org, joined=ticket.id in joined) for ticket in tickets)
    return tuple(seen for facts in read if (seen := sight.see(facts, viewer, org=org)) is not None)


def _read_in_list(session: Session, ticket: Ticket, resident_id: int, *, org: OrgChart, joined: bool) -> TicketFacts:
    """Read a ticket for its resident's list; one that they only reported for somebody is read in full, as what they may see hangs on it."""
    if not joined and ticket.resident_id != resident_id:
        return proxies.limit(session, read_facts(session, ticket, org=org), ticket_id=ticket.id, resident_id=resident_id)
    facts = read_facts(session, ticket, org=org, in_list=True)
    return msgspec.structs.replace(facts, people=tuple(dict.fromkeys((*facts.people, resident_id))))


def _select_theirs(resident_id: int, *, now: datetime, recent_days: int) -> Select[Ticket]:
    """Select the tickets that a resident opened, joined or reported for somebody: open ones, and those lately closed."""
    joined = select(TicketFollower.ticket_id).where(TicketFollower.resident_id == resident_id)
    proxied = select(TicketProxy.ticket_id).where(TicketProxy.proxy_id == resident_id, TicketProxy.allowed.in_(proxies.SEES))
    followed = select(Ticket.number).where(Ticket.id.in_(joined))
    return (
        select(Ticket)
        .where(or_(Ticket.resident_id == resident_id, Ticket.id.in_(joined), Ticket.id.in_(proxied)))
        .where(
            or_(
                Ticket.status.in_(sorted(OPEN_STATUSES)),
                Ticket.closed_at > now - timedelta(days=recent_days),
                (Ticket.status == Status.MERGED.value)
                & Ticket.merged_into.not_in(followed)
                & (Ticket.updated_at > now - timedelta(days=recent_days)),
            )
        )
        .order_by(Ticket.id.desc())
    )


def count_own_acts(session: Session, number: str, *, since: datetime) -> int:
    """Count what a ticket's residents did with it since a moment."""
    theirs = (TicketEvent.ticket_id == find(session, number).id, TicketEvent.actor == RESIDENT, TicketEvent.at >= since)
    return session.execute(select(func.count()).select_from(TicketEvent).where(*theirs)).scalar_one()


def list_refused(session: Session, resident_id: int, *, now: datetime, recent_days: int) -> tuple[frozenset[str], frozenset[str]]:
    """List whom a resident's matters are about, opened, joined or reported for somebody, open or lately closed: units, and persons."""
    joined = select(TicketFollower.ticket_id).where(TicketFollower.resident_id == resident_id)
    proxied = select(TicketProxy.ticket_id).where(TicketProxy.proxy_id == resident_id)
    rows = session.execute(
        select(Ticket.refused, Ticket.refused_staff)
        .where(or_(Ticket.resident_id == resident_id, Ticket.id.in_(joined), Ticket.id.in_(proxied)))
        .where(or_(Ticket.status.in_(sorted(OPEN_STATUSES)), Ticket.closed_at > now - timedelta(days=recent_days)))
    ).all()
    return frozenset(code for row in rows for code in row.refused), frozenset(
        code for row in rows for code in row.refused_staff or ()
    )


def progress(
    session: Session, resident_id: int, *, org: OrgChart, now: datetime, number: str = "", recent_days: int = 30
) -> tuple[Shown, ...]:
    """进度: who has it, by when, what happened. Of one ticket, or of all that are not long over; nothing for a number not theirs."""
    tickets = facts_for_resident(session, resident_id, org=org, now=now, recent_days=recent_days)
    return tuple(
        Shown(
            ticket=ticket,
            events=_list_public(session, ticket, org=org) if ticket.resident_id == resident_id or not ticket.confidential else (),
        )
        for ticket in tickets
        if number in ("", ticket.number)
    )


def _list_public(session: Session, ticket: TicketFacts, *, org: OrgChart) -> tuple[EventFacts, ...]:
    """List what a resident is shown of what happened to a ticket."""
    events = _list_events(session, find(session, ticket.number), org=org)
    return tuple(_hide_others(event) for event in events if event.act not in STAFF_ONLY)


def _hide_others(event: EventFacts) -> EventFacts:
    """Leave out of a merge which other ticket it is about."""
    is_about_another = event.act in {"merge", "unmerge"} or "merged" in event.facts
    return msgspec.structs.replace(event, facts={}) if is_about_another else event


def _list_events(session: Session, ticket: Ticket, *, org: OrgChart) -> tuple[EventFacts, ...]:
    rows = session.execute(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)).scalars()
    return tuple(
        EventFacts(
            at=row.at,
            act=row.act,
            actor=row.actor,
            unit=row.unit,
            unit_name=org.name_of(row.unit),
            facts={name: value for name, value in row.facts.items() if name != "clocks"},
            clocks=tuple(tuple(said) for said in row.facts.get("clocks", ())),
        )
        for row in rows
    )
