"""Incidents as commands: looking at what several residents tell of, and merging and splitting it by hand; each limited to what its reader may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command, Json
from bot.commands.tickets import viewer_of
from bot.refusals import name_status
from residents.masking import mask
from routing import regrouping
from routing.sight import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from routing.facts import TicketFacts
    from routing.regrouping import SeenIncident


def list_incidents(session: Session, city: City, *, now: datetime, actor: str = OPERATOR.kind, limit: int = 50) -> Json:  # noqa: ARG001 - every command is told the time
    """List the incidents of several residents, as somebody may see them, the one heard of last first."""
    found = regrouping.list_incidents(session, org=city.org, viewer=viewer_of(actor), limit=limit)
    return [_describe(incident, city) for incident in found]


def show(session: Session, city: City, *, now: datetime, incident: int, actor: str = OPERATOR.kind) -> Json:  # noqa: ARG001 - every command is told the time
    """Show an incident with its tickets, as somebody may see it."""
    seen = regrouping.show(session, incident, org=city.org, viewer=viewer_of(actor))
    return _describe(seen, city) | {"tickets": [_describe_ticket(ticket, city) for ticket in seen.tickets]}


def merge(session: Session, city: City, *, now: datetime, incident: int, other: int, actor: str) -> Json:  # noqa: ARG001 - every command is told the time
    """Make one incident of two; gives the one that stays."""
    stays = regrouping.merge(session, incident, other, org=city.org, viewer=viewer_of(actor), actor=actor)
    return {"incident": stays}


def split(session: Session, city: City, *, now: datetime, incident: int, tickets: Sequence[str], actor: str) -> Json:  # noqa: ARG001 - every command is told the time
    """Make an incident of its own of some tickets of one; gives both."""
    new = regrouping.split(session, incident, tickets, org=city.org, viewer=viewer_of(actor), actor=actor)
    return {"incident": incident, "new": new}


def _describe(incident: SeenIncident, city: City) -> dict[str, Json]:
    item, area = city.duty_list.item(incident.item), city.org.areas.get(incident.area)
    return {
        "incident": incident.id,
        "item": incident.item,
        "item_name": item.name if item else "",
        "area": incident.area,
        "area_name": area.name if area else "",
        "residents": incident.residents,
        "count": len(incident.tickets),
        "opened_at": incident.opened_at.isoformat(),
        "opened": city.words.moment(incident.opened_at),
        "last_at": incident.last_at.isoformat(),
        "last": city.words.moment(incident.last_at),
        "burst": incident.raised_burst_at is not None,
        "slow_burn": incident.raised_slow_at is not None,
        "by_hand": incident.by_hand,
    }


def _describe_ticket(ticket: TicketFacts, city: City) -> dict[str, Json]:
    return {
        "number": ticket.number,
        "status": ticket.status.value,
        "status_name": name_status(ticket.status),
        "title": mask(ticket.title),
        "place": mask(ticket.public_place),
        "summary": mask(ticket.summary),
        "opened_at": ticket.opened_at.isoformat(),
        "opened": city.words.moment(ticket.opened_at),
    }


COMMANDS = (
    Command(name="incidents.list", run=list_incidents, writes=False),
    Command(name="incidents.show", run=show, writes=False),
    Command(name="incidents.merge", run=merge),
    Command(name="incidents.split", run=split),
)
