"""`jieying staff link …`: how the staff sign in to the pages. `bot.cli.tokens` puts these beside the tokens of the staff."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table
from bot.cli.wording import as_json, command, flag, option, text
from routing.history import OPERATOR

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation
    from bot.settings import Settings

_LONGEST = 7 * 24 * 60
"""Minutes that a link may open for at most: a week."""

_code = click.argument("code")
_actor = option("--as", "actor", word="actor", metavar="STAFF", default=OPERATOR)


@command("staff link")
@_code
@option("--minutes", word="link_minutes", type=click.IntRange(1, _LONGEST), default=None)
@_actor
@as_json
@invoked
def make_link(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Make a one-time sign-in link for a post."""
    made = invocation.call("accounts.link", **arguments)
    address = _find_address(invocation.settings)
    shown = {**made, "url": f"{address}{made['path']}"}
    if as_json:
        print_json(shown)
    else:
        click.echo(text("link_made", **shown))


@command("staff unlock")
@_code
@_actor
@as_json
@invoked
def unlock(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Let a post sign in again."""
    _say(invocation.call("accounts.unlock", **arguments), "login_unlocked", "login_was_open", as_json=as_json)


@command("staff sessions")
@_code
@option("--end", "number", word="session_end", type=int, metavar="ID", default=None)
@flag("--end-all", word="session_end_all")
@_actor
@as_json
@invoked
def list_sessions(invocation: Invocation, /, *, code: str, number: int | None, end_all: bool, actor: str, as_json: bool) -> None:
    """List the sign-ins of a post, or end them."""
    if number is not None or end_all:
        ended = invocation.call("accounts.end", code=code, number=None if end_all else number, actor=actor)
        if as_json:
            print_json(ended)
        else:
            click.echo(text("sessions_ended", **ended))
        return
    rows = invocation.call("accounts.sessions", code=code)
    if as_json:
        print_json(rows)
        return
    columns = [text(f"column_{name}") for name in ("session", "begun", "used", "session_until", "agent")]
    print_table(columns, ([row[key] for key in ("id", "begun", "used", "until", "agent")] for row in rows))


@command("staff totp-reset")
@_code
@_actor
@as_json
@invoked
def reset_code(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Take a post's second factor away."""
    _say(invocation.call("accounts.totp_reset", **arguments), "code_reset", "code_was_none", as_json=as_json)


def say_first_link(found: dict[str, str], *, address: str) -> None:
    """Say on the terminal how the first operator signs in. Into a journal goes no link, only the command that makes one."""
    if not found["code"]:
        click.echo(text("first_no_operator"))
    elif "JOURNAL_STREAM" in os.environ:
        click.echo(text("first_link_hint", code=found["code"]))
    else:
        click.echo(text("first_link", **found, url=f"{address}{found['path']}"))


def _find_address(settings: Settings) -> str:
    from bot.service import local_address  # noqa: PLC0415 - takes the whole house, and `--help` needs none of it

    return settings.server.public_url.rstrip("/") or local_address(settings)


def _say(done: dict[str, Any], key: str, otherwise: str, *, as_json: bool) -> None:
    if as_json:
        print_json(done)
    else:
        click.echo(text(key if done["was"] else otherwise, code=done["code"]))


STAFF_COMMANDS = (make_link, unlock, list_sessions, reset_code)
