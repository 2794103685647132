"""What runs beside a ticket's status, as commands: the tasks of assisting units, supervision and instructions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bot.commands import Command, Json
from bot.commands.held_up import read_until
from bot.commands.tickets import make_act
from routing import cooperating, overseeing

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City


def give_task(
    session: Session, city: City, *, now: datetime, number: str, unit: str, text: str, actor: str, until: str = ""
) -> Json:
    """Give a unit a part of a matter, due by the end of a day if one is given; the ticket as it stands."""
    act = partial(cooperating.give_task, unit=unit, due_at=read_until(city, until) if until else None)
    return make_act(act)(session, city, now=now, number=number, actor=actor, text=text)


COMMANDS = (
    Command(name="tickets.task.give", run=give_task),
    Command(name="tickets.task.sign", run=make_act(cooperating.sign_task)),
    Command(name="tickets.task.reply", run=make_act(cooperating.answer_task)),
    Command(name="tickets.task.return", run=make_act(cooperating.return_task)),
    Command(name="tickets.task.cancel", run=make_act(cooperating.cancel_task)),
    Command(name="tickets.supervise", run=make_act(partial(overseeing.oversee, kind="supervise"))),
    Command(name="tickets.instruct", run=make_act(partial(overseeing.oversee, kind="instruct"))),
    Command(name="tickets.answer", run=make_act(overseeing.answer)),
)
