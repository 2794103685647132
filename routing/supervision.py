"""督办: what falls due without anybody acting. `due` finds the tickets, `look` does one thing for one of them, so no failure holds up the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from routing import lifecycle, notices, watch
from routing.facts import Acted
from routing.history import SYSTEM, Step, begin, finish, read_facts, write_event
from routing.tables import Ticket
from routing.terms import Status
from store import outbox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.terms import Notice


def due(session: Session, *, now: datetime, limit: int = 100) -> Sequence[int]:
    """Find the tickets at which supervision has to look now, the longest waiting first; their ids."""
    statement = select(Ticket.id).where(Ticket.look_at <= now).order_by(Ticket.look_at).limit(limit)
    return session.execute(statement).scalars().all()


def warn(session: Session, ticket_id: int, *, now: datetime, context: RoutingContext) -> Acted:
    """Do for one ticket what is due: ring the alarm again, warn the unit, report it overdue, close it unrated. `done` False: nothing was."""
    ticket = session.execute(select(Ticket).where(Ticket.id == ticket_id).with_for_update()).scalar_one()
    what = watch.find_due(watch.clocks_of(ticket), now=now, settings=context.desk)
    if what == "close":
        after = lifecycle.check("close", Status(ticket.status), "system")
        step = Step(ticket=ticket, act="close", actor=SYSTEM, after=after, had=ticket.unit)
        return finish(session, step, now=now, context=context, facts={"rating": ""})
    told: tuple[Notice, ...] = ()
    if what == "alarm":
        ticket.alarms += 1
        ticket.alarmed_at = now
    elif what is not None:
        ticket.warned, ticket.warned_at = what, now
    ticket.look_at = watch.next_look(watch.clocks_of(ticket), settings=context.desk)
    if what is not None:
        step = Step(ticket=ticket, act="warn", actor=SYSTEM, after=Status(ticket.status), had=ticket.unit)
        event = write_event(session, step, before=ticket.status, now=now, facts={"warning": what})
        told = notices.for_event(read_facts(session, ticket, org=context.org), what, event=event)
    for notice in told:
        context.tell(session, notice)
    session.flush()
    return Acted(ticket=read_facts(session, ticket, org=context.org), notices=told, done=what is not None)


def acknowledge(session: Session, number: str, *, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """Note that somebody has taken up a red alarm: it is not rung again, and what has not left yet is called off."""
    step = begin(session, number, "acknowledge", actor=actor, context=context)
    step.ticket.acknowledged_at = now
    outbox.cancel(session, cause_prefix=notices.alarm_cause(number))
    return finish(session, step, now=now, context=context)
