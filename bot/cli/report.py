"""`jieying report …`: figures with what they are made of, the monthly pack, signs, and what the months' meetings decided."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.acting import as_staff
from bot.cli.invocation import invoked
from bot.cli.printing import check_folder, print_json, print_table
from bot.cli.wording import as_json, command, flag, group, option, text
from bot.cli.workers import stationed, workers
from routing.history import OPERATOR

if TYPE_CHECKING:
    from bot.cli.invocation import Invocation

_day = click.DateTime(["%Y-%m-%d"])
_area = option("--area", word="report_area", metavar="CODE", default="")
_viewer = option("--as", "actor", word="report_viewer", metavar="STAFF", default=OPERATOR)
_month = click.argument("month", metavar="MONTH")
_BY = ("area", "unit", "level", "channel", "line", "source", "item", "kind")
_SUFFIXES = {".xlsx", ".html"}


@group("report")
def report() -> None:
    """Look at figures and reports."""


@command("report figures")
@option("--from", "first", word="report_from", type=_day, required=True)
@option("--to", "last", word="report_to", type=_day, required=True)
@_area
@option("--unit", word="report_unit", metavar="CODE", default="")
@option("--channel", word="report_channel", default="")
@option("--item", word="report_item", metavar="CODE", default="")
@option("--kind", word="report_kind", default="")
@option("--line", word="report_line", default="")
@option("--source", word="report_source", default="")
@option("--level", word="report_level", default="")
@option("--by", word="report_by", type=click.Choice(_BY), default=None)
@flag("--events", "from_events", word="report_events")
@_viewer
@as_json
@invoked
def figures(invocation: Invocation, /, *, first: Any, last: Any, by: str | None, as_json: bool, **arguments: Any) -> None:
    """Show the figures of a period."""
    days = {"first": f"{first:%Y-%m-%d}", "last": f"{last:%Y-%m-%d}"}
    invocation.call("report.refresh")
    found = invocation.call("report.figures", by=by or "", **days, **arguments)
    if as_json:
        print_json(found)
        return
    click.echo(text("report_of", first=found["from"], last=found["to"], rounding=found["rounding"]))
    if not found["fresh"]:
        click.echo(text("report_behind"))
    _print_figures(found["figures"])
    for part in found.get("by", ()):
        click.echo(f"\n{part['name']}")
        _print_figures(part["figures"])


@command("report month")
@_month
@_area
@option("--out", word="report_out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), default=None)
@_viewer
@as_json
@invoked
def month(invocation: Invocation, /, *, month: str, out: Path | None, as_json: bool, **arguments: Any) -> None:
    """Make the monthly pack."""
    if out is not None and out.suffix not in _SUFFIXES:
        raise click.BadParameter(text("error_report_out", suffixes="、".join(sorted(_SUFFIXES))))
    check_folder(out)
    invocation.call("report.refresh")
    found = invocation.call("report.month", month=month, **arguments)
    if as_json:
        print_json(found)
        return
    if out is None:
        for section in found["sections"]:
            click.echo(f"\n{section['title']}")
            print_table(section["columns"], section["rows"])
        return
    for path in _write_pack(found, out):
        click.echo(text("report_written", path=path))


@command("report alarms")
@_month
@_area
@_viewer
@as_json
@invoked
def alarms(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """List the signs that figures look better than the work."""
    found = invocation.call("report.alarms", **arguments)
    if as_json:
        print_json(found)
    elif not found:
        click.echo(text("report_no_signs"))
    else:
        names = ("sign_name", "number", "unit_name", "when", "because")
        print_table([text(f"column_{name}") for name in names], ([one[name] for name in names] for one in found))


@command("report decide")
@_month
@click.argument("what")
@option("--unit", word="decision_unit", metavar="CODE", default="")
@option("--due", word="decision_due", type=_day, default=None)
@_area
@as_staff
@as_json
@invoked
def decide(invocation: Invocation, /, *, due: Any, as_json: bool, **arguments: Any) -> None:
    """Write down what a month's meeting decided."""
    made = invocation.call("report.decide", due=f"{due:%Y-%m-%d}" if due else "", **arguments)
    if as_json:
        print_json(made)
    else:
        click.echo(text("decision_made", **made))


@command("report settle")
@click.argument("decision", type=int)
@click.argument("result")
@flag("--dropped", word="decision_dropped")
@as_staff
@as_json
@invoked
def settle(invocation: Invocation, /, *, as_json: bool, **arguments: Any) -> None:
    """Say what became of a decision."""
    settled = invocation.call("report.settle", **arguments)
    if as_json:
        print_json(settled)
    else:
        click.echo(text("decision_settled", **settled))


def _print_figures(figures: list[dict[str, Any]]) -> None:
    names = ("name", "share", "left_out", "formula")
    print_table([text(f"column_figure_{name}") for name in names], ([one[name] for name in names] for one in figures))


def _write_pack(found: dict[str, Any], out: Path) -> tuple[Path, Path]:
    """Write the workbook and the page beside one another; gives their paths."""
    import msgspec  # noqa: PLC0415 - see invocation

    from bot.reporting.pack import Pack  # noqa: PLC0415 - see invocation
    from bot.reporting.page import write_page  # noqa: PLC0415 - see invocation
    from bot.reporting.workbook import write_workbook  # noqa: PLC0415 - see invocation

    pack = msgspec.convert(found, Pack)
    workbook, page = out.with_suffix(".xlsx"), out.with_suffix(".html")
    workbook.write_bytes(write_workbook(pack))
    page.write_text(write_page(pack), encoding="utf-8")
    return workbook, page


for _one in (figures, month, alarms, workers, stationed, decide, settle):
    report.add_command(_one)
