"""`jieying report workers|stationed`: what a supervisor should look at, and the sheet of people who work at two places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.invocation import invoked
from bot.cli.printing import check_folder, print_json, print_table
from bot.cli.wording import as_json, command, option, text
from routing.history import OPERATOR

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_SUFFIX = ".xlsx"


@command("report workers")
@click.argument("month", metavar="MONTH")
@option("--as", "actor", word="report_supervisor", metavar="STAFF", required=True)
@as_json
@invoked
def workers(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Show a supervisor whose work to look at."""
    found = invocation.call("report.workers", **arguments)
    if as_json:
        print_json(found)
    elif not found:
        click.echo(text("report_nobody_warned"))
    else:
        names = ("warned", "warned_units", "warned_kind", "warned_count", "warned_numbers")
        print_table([text(f"column_{name}") for name in names], (_list_cells(one) for one in found))


@command("report stationed")
@option("--month", word="report_month_of", metavar="MONTH", required=True)
@option("--out", word="report_sheet_out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), default=None)
@option("--as", "actor", word="report_supervisor_or_operator", metavar="STAFF", default=OPERATOR)
@as_json
@invoked
def stationed(invocation: Invocation, /, *, out: Path | None, as_json: bool, **arguments: Any) -> None:
    """Make the sheet of the stationed."""
    if out is not None and out.suffix != _SUFFIX:
        raise click.BadParameter(text("error_report_out", suffixes=_SUFFIX))
    check_folder(out)
    found = invocation.call("report.stationed", **arguments)
    (section,) = found["sections"]
    if as_json:
        print_json(found)
    elif out is None:
        click.echo(section["note"])
        print_table(section["columns"], section["rows"])
    else:
        _write(found, out)
        click.echo(text("report_written", path=out))


def _list_cells(warned: dict[str, Any]) -> tuple[str, ...]:
    numbers = "、".join(warned["numbers"])
    if warned["unseen"]:
        numbers = text("warned_unseen", numbers=numbers, count=warned["unseen"])
    counted = text("warned_of", count=warned["count"], of=warned["of"])
    return (warned["name"], "、".join(warned["units"]), warned["kind_name"], counted, numbers)


def _write(found: dict[str, Any], out: Path) -> None:
    import msgspec  # noqa: PLC0415 - see invocation

    from bot.reporting.pack import Pack  # noqa: PLC0415 - see invocation
    from bot.reporting.workbook import write_workbook  # noqa: PLC0415 - see invocation

    out.write_bytes(write_workbook(msgspec.convert(found, Pack)))
