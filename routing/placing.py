"""Who has a ticket, and by when: put it with a unit or back at its desk. The refusal of units is kept here, so that no way leads around it."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from routing import sight, watch
from routing.errors import RefusedUnit, SummaryMissing, UnknownUnit, WrongLevel
from routing.org import ESTATE_KINDS
from routing.terms import UnitKind

if TYPE_CHECKING:
    from datetime import datetime

    from routing.context import RoutingContext
    from routing.tables import Ticket
    from routing.terms import Deadline, DutyItem


def check_unit(ticket: Ticket, code: str, item: DutyItem | None, *, context: RoutingContext) -> None:
    """Check that a unit may be given a ticket; UnknownUnit, RefusedUnit, SummaryMissing or WrongLevel if not."""
    unit = context.org.unit(code)
    if unit is None or unit.kind is UnitKind.DESK:
        raise UnknownUnit(f"there is no handling unit {code}")
    check_may_leave(ticket, code, context=context)
    allowed = item.allowed_levels if item else ()
    if allowed and unit.kind not in ESTATE_KINDS and context.org.level(unit) not in allowed:
        raise WrongLevel


def check_may_leave(ticket: Ticket, code: str, *, context: RoutingContext) -> None:
    """Check that a ticket may go from its desk to a unit: never to one it is about, a confidential one never without its approved summary."""
    if sight.is_kept_from(code, ticket.refused, context.org):
        raise RefusedUnit
    if ticket.confidential and ticket.handover_state != "approved":
        raise SummaryMissing


def put_with_unit(ticket: Ticket, unit: str, item: DutyItem | None, *, now: datetime, context: RoutingContext) -> None:
    """Put a ticket with a unit; its time, by the duty item, runs from now. The first due time is kept beside every later one."""
    check_may_leave(ticket, unit, context=context)
    ticket.unit = unit
    ticket.item = item.code if item else ""
    ticket.dispatched_at = now
    ticket.signed_at = ticket.replied_at = ticket.concluded_at = None
    next_day = context.routing.next_day
    due = watch.due_at_unit(item, now=now, calendar=context.calendar, settings=context.desk, next_day=next_day)
    set_due(ticket, due)
    ticket.first_due_at = ticket.first_due_at or ticket.due_at


def put_at_desk(ticket: Ticket, *, now: datetime, context: RoutingContext) -> None:
    """Put a ticket at its desk; the desk's time runs from now."""
    ticket.unit = ticket.desk
    ticket.assisting = []
    ticket.dispatched_at = ticket.signed_at = ticket.replied_at = ticket.concluded_at = None
    set_due(ticket, watch.due_at_desk(ticket.tier, now=now, calendar=context.calendar, settings=context.desk))


def list_assisting(ticket: Ticket, item: DutyItem | None, *, context: RoutingContext) -> list[str]:
    """List the units that assist with a duty item where the ticket lies, those refused and the lead left out."""
    functions = item.assisting if item else ()
    units = [context.org.unit_for(function, ticket.area, item.level) for function in functions] if item else []
    return list(dict.fromkeys(unit.code for unit in units if unit and unit.code not in {ticket.unit, *ticket.refused}))


def set_due(ticket: Ticket, deadline: Deadline) -> None:
    """Give a ticket a new clock; nobody has been warned of it yet."""
    ticket.due_at = deadline.due_at.astimezone(UTC)
    ticket.due_basis = list(deadline.basis)
    ticket.warned = ""
    ticket.warned_at = None
