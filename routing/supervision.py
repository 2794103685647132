"""督办: what falls due without anybody acting. `due` finds the tickets, `warn` does one thing for one of them, so no failure holds up the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from routing import after, alarms, notices, rating, review, watch
from routing.facts import Acted
from routing.history import SYSTEM, Step, begin, find, finish, read_facts, write_event
from routing.tables import Ticket
from routing.terms import Status
from store import outbox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.notices import WarningKind
    from routing.terms import Notice


def due(session: Session, *, now: datetime, limit: int = 100) -> Sequence[int]:
    """Find the tickets at which supervision has to look now, the longest waiting first; their ids."""
    statement = select(Ticket.id).where(Ticket.look_at <= now).order_by(Ticket.look_at).limit(limit)
    return session.execute(statement).scalars().all()


def warn(session: Session, ticket_id: int, *, now: datetime, context: RoutingContext) -> Acted:
    """Do for one ticket what is due: ring the alarm again, warn the unit, close what nobody rated, ask how it is now. `done` False: nothing was."""
    ticket = session.execute(select(Ticket).where(Ticket.id == ticket_id).with_for_update()).scalar_one()
    acted: Acted | None = None
    match watch.find_due(watch.clocks_of(ticket), now=now, settings=context.desk):
        case "close":
            acted = rating.close(session, ticket, by=None, now=now, context=context)
        case "settle":
            acted = rating.close(session, ticket, by=ticket.resident_id, now=now, context=context)
        case "part":
            acted = rating.send_back(session, ticket, "redo_part", by=ticket.resident_id, text="", now=now, context=context)
        case "reask":
            acted = after.ask(session, ticket, now=now, context=context)
        case "alarm":
            told = alarms.ring(session, ticket, now=now, context=context)
            acted = Acted(ticket=read_facts(session, ticket, org=context.org), notices=told)
        case "due_soon" | "overdue" | "progress_due" as what:
            acted = _remind(session, ticket, what, now=now, context=context)
        case None:
            ticket.look_at = watch.next_look(watch.clocks_of(ticket), settings=context.desk)
    return acted or Acted(ticket=read_facts(session, ticket, org=context.org), done=False)


def acknowledge(session: Session, number: str, *, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """Note that somebody has taken up a red alarm: it is not rung again, and what has not left yet is called off.

    Whoever was rung may, whatever their post.
    """
    if number in alarms.list_alarms(session, staff=actor, org=context.org):
        ticket = find(session, number, for_update=True)
        step = Step(ticket=ticket, act="acknowledge", actor=actor, after=Status(ticket.status), had=ticket.unit)
    else:
        step = begin(session, number, "acknowledge", actor=actor, context=context)
    step.ticket.acknowledged_at = now
    outbox.cancel(session, cause_prefix=notices.alarm_cause(number))
    return finish(session, step, now=now, context=context)


def _remind(session: Session, ticket: Ticket, what: WarningKind, *, now: datetime, context: RoutingContext) -> Acted:
    """Remind whoever has a ticket of its clock; of a carried one the resident hears too, and the next stretch begins."""
    if what == "progress_due":
        review.renew_progress(ticket, now=now, context=context)
    else:
        ticket.warned, ticket.warned_at = what, now
    ticket.look_at = watch.next_look(watch.clocks_of(ticket), settings=context.desk)
    step = Step(ticket=ticket, act="warn", actor=SYSTEM, after=Status(ticket.status), had=ticket.unit)
    event = write_event(session, step, before=ticket.status, now=now, facts={"warning": what})
    shown = read_facts(session, ticket, org=context.org)
    told: tuple[Notice, ...] = notices.for_event(shown, what, event=event)
    for notice in told:
        context.tell(session, notice)
    return Acted(ticket=shown, notices=told)
