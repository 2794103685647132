"""保密与回避 as commands: keeping a matter secret or from somebody, its 转办摘要, and the original for a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command, Json
from bot.commands.tickets import describe_for, viewer_of
from bot.telling import Telling
from residents.masking import mask
from routing import register, secrecy
from routing.errors import NotYours

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City


def keep_secret(session: Session, city: City, *, now: datetime, number: str, actor: str) -> Json:
    """Make a matter confidential."""
    context = city.routing_context(tell=Telling(city, now=now))
    return describe_for(secrecy.keep_secret(session, number, actor=actor, now=now, context=context).ticket, city, actor=actor)


def keep_from(
    session: Session,
    city: City,
    *,
    now: datetime,
    number: str,
    actor: str,
    units: Sequence[str] = (),
    staff: Sequence[str] = (),
    names: Sequence[str] = (),
) -> Json:
    """Keep a matter from whom it is about."""
    context = city.routing_context(tell=Telling(city, now=now))
    acted = secrecy.keep_from(session, number, units=units, staff=staff, names=names, actor=actor, now=now, context=context)
    return describe_for(acted.ticket, city, actor=actor)


def show_summary(session: Session, city: City, *, now: datetime, number: str, actor: str) -> Json:
    """Show the 转办摘要 to who may see the whole matter, and what is wrong with it: {"text", "state", "faults": [{"kind", "words"}]}."""
    seen = register.show(session, number, org=city.org, viewer=viewer_of(actor)).ticket
    if seen.confidential and not seen.handover_state:
        raise NotYours
    context = city.routing_context(tell=Telling(city, now=now))
    return _describe(secrecy.read_summary(session, number, context=context))


def edit_summary(session: Session, city: City, *, now: datetime, number: str, text: str, actor: str) -> Json:
    """Write the 转办摘要 anew; what is wrong with it is said at once."""
    context = city.routing_context(tell=Telling(city, now=now))
    secrecy.edit_summary(session, number, text=text, actor=actor, now=now, context=context)
    return _describe(secrecy.read_summary(session, number, context=context))


def approve_summary(session: Session, city: City, *, now: datetime, number: str, actor: str, talked: bool = False) -> Json:
    """Approve the 转办摘要, so that the matter may leave the desk."""
    context = city.routing_context(tell=Telling(city, now=now))
    secrecy.approve_summary(session, number, talked=talked, actor=actor, now=now, context=context)
    return _describe(secrecy.read_summary(session, number, context=context))


def open_original(session: Session, city: City, *, now: datetime, number: str, reason: str, actor: str) -> Json:
    """Open what the resident wrote, for a reason that is kept: the one command whose words are not masked."""
    context = city.routing_context(tell=Telling(city, now=now))
    original = secrecy.open_original(session, number, reason=reason, actor=actor, now=now, context=context)
    return {
        "number": number,
        "at": original.at.isoformat(),
        "moment": city.words.moment(original.at),
        "text": original.text,
        "place": original.place,
        "added": [{"moment": city.words.moment(at), "text": text} for at, text in original.added],
    }


def _describe(summary: secrecy.Summary) -> Json:
    return {
        "number": summary.number,
        "text": mask(summary.text),
        "state": summary.state,
        "faults": [{"kind": kind, "words": words} for kind, words in summary.faults],
    }


COMMANDS = (
    Command(name="tickets.seal", run=keep_secret),
    Command(name="tickets.about", run=keep_from),
    Command(name="tickets.summary.show", run=show_summary, writes=False),
    Command(name="tickets.summary.edit", run=edit_summary),
    Command(name="tickets.summary.approve", run=approve_summary),
    Command(name="tickets.original", run=open_original),
)
