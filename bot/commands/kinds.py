"""诉求类型 as a command: what kind of request a matter is, changed by the desk and kept in its record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands import Command, Json
from bot.commands.tickets import describe_for
from bot.telling import Telling
from routing import desk

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City


def change_kind(session: Session, city: City, *, now: datetime, number: str, kind: str, actor: str) -> Json:
    """Change what kind of request a matter is."""
    context = city.routing_context(tell=Telling(city, now=now))
    return describe_for(
        desk.change_kind(session, number, kind=kind, actor=actor, now=now, context=context).ticket, city, actor=actor
    )


COMMANDS = (Command(name="tickets.kind", run=change_kind),)
