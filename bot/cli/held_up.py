"""`jieying tickets ask-more|apply|grant|refuse|resume`: what holds a ticket up, and what lets it go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import click

from bot.cli.acting import act, as_staff, number
from bot.cli.invocation import invoked
from bot.cli.wording import as_json, command, option
from routing.applying import Applied

if TYPE_CHECKING:
    from datetime import datetime

    from bot.cli.invocation import Invocation

_told = option("--text", word="told_reason", required=True)


@command("tickets ask-more")
@number
@option("--text", word="asked_text", required=True)
@as_staff
@as_json
@invoked
def ask_more(invocation: Invocation, /, **arguments: Any) -> None:
    """Ask the resident for what is missing."""
    act(invocation, "ask_more", **arguments)


@command("tickets apply")
@number
@option("--kind", word="applied", type=click.Choice(get_args(Applied)), required=True)
@option("--until", word="applied_until", type=click.DateTime(["%Y-%m-%d"]), required=True)
@_told
@as_staff
@as_json
@invoked
def apply(invocation: Invocation, /, *, kind: str, until: datetime, **arguments: Any) -> None:
    """Apply for more time, or to be held up."""
    act(invocation, "apply", said=f"ask_{kind}", kind=kind, until=until.date().isoformat(), **arguments)


@command("tickets grant")
@number
@option("--text", word="ticket_text", default="")
@as_staff
@as_json
@invoked
def grant(invocation: Invocation, /, **arguments: Any) -> None:
    """Grant what a unit applied for."""
    act(invocation, "grant", **arguments)


@command("tickets refuse")
@number
@option("--text", word="refused_reason", required=True)
@as_staff
@as_json
@invoked
def refuse(invocation: Invocation, /, **arguments: Any) -> None:
    """Refuse what a unit applied for."""
    act(invocation, "refuse", **arguments)


@command("tickets resume")
@number
@as_staff
@as_json
@invoked
def resume(invocation: Invocation, /, **arguments: Any) -> None:
    """End a pause before its day."""
    act(invocation, "resume", **arguments)


COMMANDS = (ask_more, apply, grant, refuse, resume)
