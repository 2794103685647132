"""What holds a ticket up, as commands: asking the resident for more, applying for more time or a pause, deciding on it, going on."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from bot.commands import Command, Json
from bot.commands.tickets import make_act
from routing import applying, completing
from routing.applying import Applied

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from bot.city import City

_END = time(23, 59, 59)


def read_until(city: City, day: str) -> datetime:
    """Give the end of a day of the city (YYYY-MM-DD)."""
    return datetime.combine(date.fromisoformat(day), _END, city.zone)


def apply(session: Session, city: City, *, now: datetime, number: str, kind: str, until: str, text: str, actor: str) -> Json:
    """Apply for more time or a pause until the end of a day; the ticket as it stands."""
    act = partial(applying.apply_for, kind=msgspec.convert(kind, Applied), until=read_until(city, until))
    return make_act(act)(session, city, now=now, number=number, actor=actor, text=text)


COMMANDS = (
    Command(name="tickets.ask_more", run=make_act(completing.ask_more)),
    Command(name="tickets.apply", run=apply),
    Command(name="tickets.grant", run=make_act(partial(applying.decide, granted=True))),
    Command(name="tickets.refuse", run=make_act(partial(applying.decide, granted=False))),
    Command(name="tickets.resume", run=make_act(completing.resume)),
)
