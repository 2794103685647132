"""督办: what falls due without anybody acting. `due` finds the tickets, `warn` does one thing for one of them, so no failure holds up the rest."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

import msgspec
from sqlalchemy import select, update

from routing import after, alarms, completing, notices, rating, sight, timing, watch
from routing.facts import Acted
from routing.history import SYSTEM, Step, begin, find, finish, read_facts, write_event
from routing.tables import Ticket
from routing.terms import Status
from store import outbox

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import CursorResult
    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import TicketFacts
    from routing.notice_table import WarningKind
    from routing.terms import Notice


def due(session: Session, *, now: datetime, limit: int = 100) -> Sequence[int]:
    """Find the tickets at which supervision has to look now, the longest waiting first; their ids."""
    statement = select(Ticket.id).where(Ticket.look_at <= now).order_by(Ticket.look_at).limit(limit)
    return session.execute(statement).scalars().all()


def warn(session: Session, ticket_id: int, *, now: datetime, context: RoutingContext) -> Acted:
    """Do for one ticket what is due: ring the alarm again, warn the unit, close what nobody rated, ask how it is now. `done` False: nothing was."""
    ticket = session.execute(select(Ticket).where(Ticket.id == ticket_id).with_for_update()).scalar_one()
    acted: Acted | None = None
    moved = _recount(session, ticket, now=now, context=context)
    match watch.find_due(watch.clocks_of(ticket), now=now, settings=context.desk):
        case "close":
            acted = rating.close(session, ticket, by=None, now=now, context=context)
        case "settle":
            acted = rating.close(session, ticket, by=ticket.resident_id, now=now, context=context)
        case "part":
            acted = rating.send_back(session, ticket, "redo_part", by=ticket.resident_id, text="", now=now, context=context)
        case "resume":
            acted = completing.go_on(session, ticket, now=now, context=context)
        case "reask":
            acted = after.ask(session, ticket, now=now, context=context)
        case "alarm":
            told = alarms.ring(session, ticket, now=now, context=context)
            acted = Acted(ticket=read_facts(session, ticket, org=context.org), notices=told)
        case "halfway" | "due_soon" | "overdue" | "progress_due" | "resident_due_soon" | "resident_overdue" as what:
            acted = _remind(session, ticket, what, now=now, context=context)
        case None:
            ticket.look_at = watch.next_look(watch.clocks_of(ticket), settings=context.desk)
    if acted is None:
        return Acted(ticket=read_facts(session, ticket, org=context.org), notices=moved, done=bool(moved))
    return msgspec.structs.replace(acted, notices=(*moved, *acted.notices))


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


def look_at_all(session: Session, *, now: datetime) -> int:
    """Have every open ticket looked at: the calendar has changed, and each look counts the due times anew. Gives how many."""
    result = session.execute(update(Ticket).where(Ticket.look_at.is_not(None), Ticket.look_at > now).values(look_at=now))
    return cast("CursorResult[tuple[()]]", result).rowcount


def _recount(session: Session, ticket: Ticket, *, now: datetime, context: RoutingContext) -> tuple[Notice, ...]:
    """Count the due times of a ticket on the calendar as it is now; whoever has it hears that they moved, and residents if it is later."""
    moved = timing.recount(session, ticket, calendar=context.calendar)
    if not moved:
        return ()
    facts = {"moved": moved, "clocks": [[kind, number, "recount", after] for kind, number, _, after in moved]}
    step = Step(ticket=ticket, act="recount", actor=SYSTEM, after=Status(ticket.status), had=ticket.unit)
    event = write_event(session, step, before=ticket.status, now=now, context=context, facts=facts)
    shown = read_facts(session, ticket, org=context.org)
    told = list(notices.for_event(shown, "recount", event=event))
    if any(kind == "unit" and after > before for kind, _, before, after in moved):
        told += notices.for_later(shown, event=event)
    return _tell_all(session, told, context=context)


def _remind(session: Session, ticket: Ticket, what: WarningKind, *, now: datetime, context: RoutingContext) -> Acted:
    """Remind whoever has a ticket of its clock; of a carried one the resident hears too, and the next stretch begins."""
    step = Step(ticket=ticket, act="warn", actor=SYSTEM, after=Status(ticket.status), had=ticket.unit)
    again = what == "overdue" and ticket.warned == what
    match what:
        case "progress_due":
            step.ticks = (("progress", "start"),)
        case "resident_due_soon" | "resident_overdue":
            ticket.resident_warned = what.removeprefix("resident_")
        case _:
            ticket.warned, ticket.warned_at = what, now
    event = write_event(session, step, before=ticket.status, now=now, context=context, facts={"warning": what})
    shown = read_facts(session, ticket, org=context.org)
    told = _tell_all(session, notices.for_event(shown, what, event=event), context=context)
    more: list[Notice] = []
    if what == "overdue" and ticket.status == Status.ACCEPTED:
        climbed = _climb(session, ticket, now=now, context=context)
        if climbed is not None:
            return msgspec.structs.replace(climbed, notices=(*told, *climbed.notices))
        more = [notices.for_operator(shown, "operator_overdue")]
    elif again:
        more = _escalate(ticket, shown, event=event, now=now, context=context)
    return Acted(ticket=shown, notices=(*told, *_tell_all(session, more, context=context)), event=event)


def _climb(session: Session, ticket: Ticket, *, now: datetime, context: RoutingContext) -> Acted | None:
    """Let a matter that a desk leaves lying climb to the desk above, where it waits on under the same clock; None where none is above."""
    desk = context.org.unit(ticket.desk) or context.org.top_desk()
    above = [each for each in context.org.ways_up(desk) if not sight.is_kept_from(each.code, ticket.refused, context.org)]
    way = [each.code for each in above if each.code != ticket.desk]
    if not way:
        return None
    step = Step(ticket=ticket, act="climb", actor=SYSTEM, after=Status.ACCEPTED, had=ticket.unit)
    facts = {"from": ticket.desk, "to": way[0]}
    ticket.desk = ticket.unit = way[0]
    return finish(session, step, now=now, context=context, facts=facts)


def _escalate(ticket: Ticket, shown: TicketFacts, *, event: int, now: datetime, context: RoutingContext) -> list[Notice]:
    """Tell the next desk up each time a late matter is called to mind again; the operator once, when nobody is above."""
    org = context.org
    desk = org.unit(ticket.desk) or org.top_desk()
    above = [each.code for each in org.ways_up(desk) if not sight.is_kept_from(each.code, ticket.refused, org)][1:]
    rung = int((now - ticket.due_at) / timedelta(hours=context.desk.overdue_hours))
    told = [notices.for_overdue(shown, event=event, desk=code) for code in above[rung - 1 : rung]]
    return told if rung <= len(above) else [notices.for_operator(shown, "operator_overdue")]


def _tell_all(session: Session, told: Sequence[Notice], *, context: RoutingContext) -> tuple[Notice, ...]:
    for notice in told:
        context.tell(session, notice)
    return tuple(told)
