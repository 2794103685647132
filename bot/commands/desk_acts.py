"""What desks and supervisors do beside dispatching, as commands: transfer, arbitrate, decline, split, merge, raise, verify, follow up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.commands import Command, Json
from bot.commands.tickets import describe_for, make_act
from bot.telling import Telling
from routing import arbitrating, checking, declining, merging, publishing, raising, splitting, transferring
from routing.rating import Verdict

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City


def split(session: Session, city: City, *, now: datetime, number: str, parts: list[str], text: str, actor: str) -> Json:
    """Split a message; the original as it stands, with the numbers of its parts."""
    context = city.routing_context(tell=Telling(city, now=now))
    parted = splitting.split(session, number, parts=parts, text=text, actor=actor, now=now, context=context)
    return describe_for(parted.ticket, city, actor=actor) | {"parts": [each.ticket.number for each in parted.opened]}


def separate(session: Session, city: City, *, now: datetime, number: str, follower: int, text: str, actor: str) -> Json:
    """Give a neighbour a ticket of their own: that ticket."""
    context = city.routing_context(tell=Telling(city, now=now))
    opened = splitting.separate(session, number, follower=follower, text=text, actor=actor, now=now, context=context)
    return describe_for(opened.ticket, city, actor=actor)


def follow_up(
    session: Session,
    city: City,
    *,
    now: datetime,
    number: str,
    actor: str,
    solved: str,
    satisfied: str = "",
    contacted: str = "",
    text: str = "",
) -> Json:
    """Take what the resident says on the telephone; `became` is what it led to."""
    verdict = msgspec.convert({"solved": solved, "satisfied": satisfied, "contacted": contacted}, Verdict)
    context = city.routing_context(tell=Telling(city, now=now))
    rated = checking.follow_up(session, number, verdict=verdict, text=text, actor=actor, now=now, context=context)
    return describe_for(rated.ticket, city, actor=actor) | {"became": rated.became}


def publish(session: Session, city: City, *, now: datetime, number: str, text: str, actor: str) -> Json:
    """Publish a summary; the ticket as it stands."""
    context = city.routing_context(tell=Telling(city, now=now))
    least = city.settings.open311.min_requesters
    acted = publishing.publish(session, number, text=text, least=least, actor=actor, now=now, context=context)
    return describe_for(acted.ticket, city, actor=actor)


COMMANDS = (
    Command(name="tickets.publish", run=publish),
    Command(name="tickets.unpublish", run=make_act(publishing.unpublish)),
    Command(name="tickets.transfer", run=make_act(transferring.transfer)),
    Command(name="tickets.arbitrate", run=make_act(arbitrating.arbitrate)),
    Command(name="tickets.decline", run=make_act(declining.decline)),
    Command(name="tickets.raise", run=make_act(raising.raise_ticket)),
    Command(name="tickets.merge", run=make_act(merging.merge)),
    Command(name="tickets.unmerge", run=make_act(merging.unmerge)),
    Command(name="tickets.verify", run=make_act(checking.verify)),
    Command(name="tickets.split", run=split),
    Command(name="tickets.separate", run=separate),
    Command(name="tickets.follow_up", run=follow_up),
)
