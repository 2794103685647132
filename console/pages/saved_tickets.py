"""Tickets as a table to save: what their list shows of each, in words, numbers of people masked once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.pages.saved_tables import Table, name_columns, write_moment
from residents.masking import mask

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.answers import TicketLine
    from console.pages.routes import PageCall
    from console.pages.saved_tables import Cell

_COLUMNS = ("number", "title", "kind", "tier", "area", "place", "unit", "status", "opened", "due", "followers", "secret")


def tabulate(call: PageCall, lines: Iterable[TicketLine], *, title: str, note: str = "") -> Table:
    """Make the table of some tickets, as they stand in a list."""
    return Table(
        title=title, note=note, columns=name_columns(call, *_COLUMNS), rows=tuple(_list_cells(call, line) for line in lines)
    )


def _list_cells(call: PageCall, line: TicketLine) -> tuple[Cell, ...]:
    name, area = call.city.name_code, call.context.org.areas.get(line.area)
    return (
        line.number,
        mask(line.title),
        call.city.say_figure(f"kind_{line.kind}") if line.kind else "",
        name("tier", line.tier) if line.tier else "",
        area.name if area is not None else "",
        mask(line.place),
        line.unit_name,
        call.city.say_word(f"status_{line.status}") if line.status else "",
        write_moment(call, line.opened_at),
        write_moment(call, line.due_at),
        line.followers,
        name("yes", "yes" if line.confidential else "no"),
    )
