"""Acts as the command line gives them: on which ticket, given by whom, and what is printed once one is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.printing import print_json
from bot.cli.wording import option, text
from routing.history import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.cli.invocation import Invocation

number = click.argument("number")
"""The ticket's."""
as_staff = option("--as", "actor", word="actor", metavar="STAFF", default=OPERATOR)
"""The option of every command that one of the staff may be said to have given; the operator otherwise."""
as_viewer = option("--as", "actor", word="viewer", metavar="STAFF", default=OPERATOR)
"""The same of a command that only shows: what it shows is what that person may see."""


def act(invocation: Invocation, name: str, /, *, said: str = "", as_json: bool, **arguments: Any) -> None:
    """Have one act done by its name and print the ticket as it stands then; `said` is the word for the act where the name is not."""
    print_acted(invocation.call(f"tickets.{name}", **arguments), said or name, as_json=as_json)


def print_acted(ticket: Mapping[str, Any], said: str, *, as_json: bool) -> None:
    """Print the ticket that an act left, and the parts if it was split; whoever may not see it any more reads only that it is done."""
    if as_json:
        print_json(ticket)
        return
    key = "ticket_out_of_sight" if ticket.get("out_of_sight") else "ticket_acted"
    click.echo(text(key, act=text(f"act_{said}"), **ticket))
    if ticket.get("parts"):
        click.echo(text("ticket_parts", parts="、".join(ticket["parts"])))
