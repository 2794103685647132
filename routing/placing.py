"""Who has a ticket, and by when: put it with a unit or back at its desk. The refusal of units is kept here, so that no way leads around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routing import enforcing, sight
from routing.errors import RefusedUnit, SummaryMissing, UnknownItem, UnknownUnit, WrongLevel
from routing.org import ESTATE_KINDS
from routing.terms import UnitKind
from routing.why import explain

if TYPE_CHECKING:
    from datetime import datetime

    from routing.context import RoutingContext
    from routing.tables import Ticket
    from routing.terms import DutyItem


def check_unit(ticket: Ticket, code: str, item: DutyItem | None, *, context: RoutingContext) -> None:
    """Check that a unit may be given a ticket; UnknownUnit, RefusedUnit, SummaryMissing or WrongLevel if not."""
    unit = context.org.unit(code)
    if unit is None or unit.kind is UnitKind.DESK:
        raise UnknownUnit(f"there is no handling unit {code}")
    check_may_leave(ticket, code, context=context)
    if item is None or not item.allowed_levels or unit.kind in ESTATE_KINDS:
        return
    if context.org.level(unit) not in item.allowed_levels:
        raise WrongLevel(item, context.org.level(unit))


def check_may_leave(ticket: Ticket, code: str, *, context: RoutingContext) -> None:
    """Check that a ticket may go from its desk to a unit: never to one it is about, a confidential one never without its approved summary."""
    if sight.is_kept_from(code, ticket.refused, context.org):
        raise RefusedUnit
    if ticket.confidential and ticket.handover_state != "approved":
        raise SummaryMissing


def choose_item(ticket: Ticket, item: str, unit: str, *, keep: bool = False, context: RoutingContext) -> DutyItem | None:
    """Choose the duty item by which a unit gets a ticket: the one named (UnknownItem), else the first proposed one that the unit is there for.

    `keep`: the ticket's own stays, whoever gets it.
    """
    if item:
        chosen = context.duty_list.item(item)
        if chosen is None:
            raise UnknownItem(f"there is no duty item {item}")
        return chosen
    if keep and (own := context.duty_list.item(ticket.item)) is not None:
        return own
    handling = context.org.unit(unit)
    functions = handling.functions if handling else ()
    proposed = [context.duty_list.item(code) for code in (ticket.item, *ticket.candidates)]
    return next((each for each in proposed if each is not None and each.lead in functions), None)


def put_with_unit(ticket: Ticket, unit: str, item: DutyItem | None, *, now: datetime, context: RoutingContext) -> None:
    """Put a ticket with a unit, by a duty item."""
    check_may_leave(ticket, unit, context=context)
    ticket.unit = unit
    ticket.item = item.code if item else ""
    ticket.dispatched_at = now
    ticket.signed_at = ticket.replied_at = ticket.concluded_at = None


def put_at_desk(ticket: Ticket) -> None:
    """Put a ticket at its desk."""
    ticket.unit = ticket.desk
    ticket.assisting = []
    ticket.dispatched_at = ticket.signed_at = ticket.replied_at = ticket.concluded_at = None


def list_assisting(ticket: Ticket, item: DutyItem | None, *, context: RoutingContext) -> list[str]:
    """List the units that assist with a duty item where the ticket lies, those refused and the lead left out."""
    functions = item.assisting if item else ()
    units = [context.org.unit_for(function, ticket.area, item.level) for function in functions] if item else []
    return list(dict.fromkeys(unit.code for unit in units if unit and unit.code not in {ticket.unit, *ticket.refused}))


def name_officers(ticket: Ticket, item: DutyItem | None, *, context: RoutingContext) -> dict[str, Any]:
    """Name the officers who may enforce a duty item where a ticket lies, in its reasons; gives them for the unit's notice."""
    found = enforcing.find_officers(context.org, item, ticket.area, refused=ticket.refused, refused_staff=ticket.refused_staff)
    if not found or item is None:
        return {}
    named = "、".join(person.name for person in found)
    line = explain("officer", {"item": item.name, "staff": named})
    ticket.why = [*(each for each in ticket.why if each != line), line]
    return {"officer": named}
