"""`jieying tickets task …|supervise|instruct|answer`: what assisting units do, and a supervisor's word on a ticket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from bot.cli.invocation import invoked
from bot.cli.printing import print_json
from bot.cli.wording import as_json, command, group, option, text
from routing.history import OPERATOR
from routing.terms import ReturnReason

if TYPE_CHECKING:
    from datetime import datetime

    from bot.cli.invocation import Invocation

_number = click.argument("number")
_actor = option("--as", "actor", word="actor", metavar="STAFF", default=OPERATOR)
_words = option("--text", word="ticket_text", required=True)
_days = option("--days", word="answer_days", type=click.IntRange(0, 60), default=0)


@group("tickets task")
def task() -> None:
    """Work with the tasks of assisting units."""


@command("tickets task give")
@_number
@option("--unit", word="task_unit", metavar="CODE", required=True)
@option("--text", word="task_text", required=True)
@option("--until", word="task_until", type=click.DateTime(["%Y-%m-%d"]), default=None)
@_actor
@as_json
@invoked
def give(invocation: Invocation, /, *, until: datetime | None, **arguments: Any) -> None:
    """Give a unit a part of the matter."""
    _act(invocation, "task.give", "task", until=until.date().isoformat() if until else "", **arguments)


@command("tickets task sign")
@_number
@_actor
@as_json
@invoked
def sign(invocation: Invocation, /, **arguments: Any) -> None:
    """Note that the assisting unit has seen it."""
    _act(invocation, "task.sign", "task_sign", **arguments)


@command("tickets task reply")
@_number
@_words
@_actor
@as_json
@invoked
def reply(invocation: Invocation, /, **arguments: Any) -> None:
    """Say what was done."""
    _act(invocation, "task.reply", "task_reply", **arguments)


@command("tickets task return")
@_number
@option("--reason", word="return_reason", type=click.Choice(get_args(ReturnReason)), required=True)
@_words
@_actor
@as_json
@invoked
def return_task(invocation: Invocation, /, **arguments: Any) -> None:
    """Give a task back."""
    _act(invocation, "task.return", "task_return", **arguments)


@command("tickets task cancel")
@_number
@option("--unit", word="task_unit", metavar="CODE", required=True)
@_actor
@as_json
@invoked
def cancel(invocation: Invocation, /, **arguments: Any) -> None:
    """Take a task back from a unit."""
    _act(invocation, "task.cancel", "task_cancel", **arguments)


@command("tickets supervise")
@_number
@_words
@_days
@_actor
@as_json
@invoked
def supervise(invocation: Invocation, /, **arguments: Any) -> None:
    """Have a matter answered for."""
    _act(invocation, "supervise", "supervise", **arguments)


@command("tickets instruct")
@_number
@_words
@_days
@_actor
@as_json
@invoked
def instruct(invocation: Invocation, /, **arguments: Any) -> None:
    """Give an instruction."""
    _act(invocation, "instruct", "instruct", **arguments)


@command("tickets answer")
@_number
@_words
@_actor
@as_json
@invoked
def answer(invocation: Invocation, /, **arguments: Any) -> None:
    """Answer the oldest supervision or instruction that is open."""
    _act(invocation, "answer", "answer_supervision", **arguments)


def _act(invocation: Invocation, name: str, act: str, /, *, as_json: bool, **arguments: Any) -> None:
    """Have one act done and print the ticket as it stands then."""
    ticket = invocation.call(f"tickets.{name}", **arguments)
    if as_json:
        print_json(ticket)
        return
    acted = "ticket_out_of_sight" if ticket.get("out_of_sight") else "ticket_acted"
    click.echo(text(acted, act=text(f"act_{act}"), **ticket))


for _one in (give, sign, reply, return_task, cancel):
    task.add_command(_one)

COMMANDS = (task, supervise, instruct, answer)
