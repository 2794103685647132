"""`jieying tickets task …|supervise|instruct|answer`: what assisting units do, and a supervisor's word on a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from bot.cli.acting import act, as_staff, number
from bot.cli.invocation import invoked
from bot.cli.wording import as_json, command, group, option
from routing.terms import ReturnReason

if TYPE_CHECKING:
    from datetime import datetime

    from bot.cli.invocation import Invocation

_words = option("--text", word="ticket_text", required=True)
_days = option("--days", word="answer_days", type=click.IntRange(0, 60), default=0)


@group("tickets task")
def task() -> None:
    """Work with the tasks of assisting units."""


@command("tickets task give")
@number
@option("--unit", word="task_unit", metavar="CODE", required=True)
@option("--text", word="task_text", required=True)
@option("--until", word="task_until", type=click.DateTime(["%Y-%m-%d"]), default=None)
@as_staff
@as_json
@invoked
def give(invocation: Invocation, /, *, until: datetime | None, **arguments: Any) -> None:
    """Give a unit a part of the matter."""
    act(invocation, "task.give", said="task", until=until.date().isoformat() if until else "", **arguments)


@command("tickets task sign")
@number
@as_staff
@as_json
@invoked
def sign(invocation: Invocation, /, **arguments: Any) -> None:
    """Note that the assisting unit has seen it."""
    act(invocation, "task.sign", said="task_sign", **arguments)


@command("tickets task reply")
@number
@_words
@as_staff
@as_json
@invoked
def reply(invocation: Invocation, /, **arguments: Any) -> None:
    """Say what was done."""
    act(invocation, "task.reply", said="task_reply", **arguments)


@command("tickets task return")
@number
@option("--reason", word="return_reason", type=click.Choice(get_args(ReturnReason)), required=True)
@_words
@as_staff
@as_json
@invoked
def return_task(invocation: Invocation, /, **arguments: Any) -> None:
    """Give a task back."""
    act(invocation, "task.return", said="task_return", **arguments)


@command("tickets task cancel")
@number
@option("--unit", word="task_unit", metavar="CODE", required=True)
@as_staff
@as_json
@invoked
def cancel(invocation: Invocation, /, **arguments: Any) -> None:
    """Take a task back from a unit."""
    act(invocation, "task.cancel", said="task_cancel", **arguments)


@command("tickets supervise")
@number
@_words
@_days
@as_staff
@as_json
@invoked
def supervise(invocation: Invocation, /, **arguments: Any) -> None:
    """Have a matter answered for."""
    act(invocation, "supervise", **arguments)


@command("tickets instruct")
@number
@_words
@_days
@as_staff
@as_json
@invoked
def instruct(invocation: Invocation, /, **arguments: Any) -> None:
    """Give an instruction."""
    act(invocation, "instruct", **arguments)


@command("tickets answer")
@number
@_words
@as_staff
@as_json
@invoked
def answer(invocation: Invocation, /, **arguments: Any) -> None:
    """Answer the oldest supervision or instruction that is open."""
    act(invocation, "answer", said="answer_supervision", **arguments)


for _one in (give, sign, reply, return_task, cancel):
    task.add_command(_one)

COMMANDS = (task, supervise, instruct, answer)
