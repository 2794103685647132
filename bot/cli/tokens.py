"""`jieying staff …` and `jieying partner …`: tokens of the API for people and for partners' programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from bot.cli.accounts import STAFF_COMMANDS
from bot.cli.acting import as_staff
from bot.cli.exchange import PARTNER_COMMANDS as HOOKS
from bot.cli.invocation import invoked
from bot.cli.printing import print_json, print_table
from bot.cli.wording import as_json, command, group, option, text

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_YEAR = 365
_STATES = {"valid": "token_valid", "expired": "token_expired", "revoked": "token_revoked_state"}
_DAYS = click.IntRange(1, 5 * _YEAR)

_days = option("--days", word="token_days", type=_DAYS, default=90)
_token = click.argument("token", type=int, metavar="ID")


@group("staff")
def staff() -> None:
    """Look after how the staff sign in, and their tokens."""


@group("partner")
def partner() -> None:
    """Look after the tokens of partners."""


@command("staff token")
@click.argument("code")
@_days
@as_staff
@as_json
@invoked
def issue_for_staff(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Make a token for a post of the staff."""
    _say_issued(invocation.call("tokens.staff", **arguments), as_json=as_json)


@command("staff tokens")
@as_json
@invoked
def list_staff(invocation: Invocation, *, as_json: bool) -> None:
    """List the tokens of the staff."""
    _say_list(invocation.call("tokens.list", kind="staff"), as_json=as_json)


@command("staff revoke")
@_token
@as_staff
@as_json
@invoked
def revoke_of_staff(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Revoke a token of the staff."""
    _say_revoked(invocation.call("tokens.revoke", kind="staff", **arguments), as_json=as_json)


@command("partner token")
@click.argument("name")
@option("--unit", word="partner_unit", metavar="CODE", default="")
@option("--scope", "scopes", word="scope", multiple=True)
@option("--fields", word="partner_fields", default="")
@_days
@as_staff
@as_json
@invoked
def issue_for_partner(invocation: Invocation, /, *, scopes: tuple[str, ...], fields: str, as_json: bool, **arguments: Any) -> None:
    """Make a token for a partner."""
    listed = [field.strip() for field in fields.split(",") if field.strip()]
    _say_issued(invocation.call("tokens.partner", scopes=list(scopes), fields=listed, **arguments), as_json=as_json)


@command("partner tokens")
@as_json
@invoked
def list_partners(invocation: Invocation, *, as_json: bool) -> None:
    """List the tokens of partners."""
    _say_list(invocation.call("tokens.list", kind="partner"), as_json=as_json)


@command("partner revoke")
@_token
@as_staff
@as_json
@invoked
def revoke_of_partner(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Revoke a token of a partner."""
    _say_revoked(invocation.call("tokens.revoke", kind="partner", **arguments), as_json=as_json)


@command("partner log")
@click.argument("name")
@option("--limit", type=click.IntRange(1, 10_000), default=50)
@as_json
@invoked
def show_log(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """List what a partner did."""
    calls = invocation.call("tokens.calls", **arguments)
    if as_json:
        print_json(calls)
        return
    columns = [text(f"column_{name}") for name in ("moment", "token", "action", "subject", "answered", "rows")]
    print_table(columns, ([one[key] for key in ("moment", "token", "action", "subject", "status", "rows")] for one in calls))


def _say_issued(issued: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print_json(issued)
    else:
        click.echo(text("token_issued", **issued))


def _say_revoked(row: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        print_json(row)
    else:
        click.echo(text("token_revoked", **row))


def _say_list(rows: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    columns = [
        text(f"column_{name}") for name in ("token", "owner", "state", "unit", "scopes", "fields", "until", "used", "made_by")
    ]
    print_table(columns, (_cells(row) for row in rows))


def _cells(row: dict[str, Any]) -> list[object]:
    state = text(_STATES[row["state"]])
    lists = ("、".join(row["scopes"]), "、".join(row["fields"]))
    return [row["id"], row["owner"], state, row["unit"], *lists, row["until"], row["used"], row["made_by"]]


for _one in (*STAFF_COMMANDS, issue_for_staff, list_staff, revoke_of_staff):
    staff.add_command(_one)
for _one in (issue_for_partner, list_partners, revoke_of_partner, show_log, *HOOKS):
    partner.add_command(_one)
