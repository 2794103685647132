"""The tickets behind a number: its numerator, its denominator or what was left out, as the caller may see them; supervised where they stand, saved."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from console import answers
from console.cursors import read_number, write_cursor
from console.editions import read_editions
from console.figures_shown import describe_figure
from console.pages import figures
from console.pages.figure_span import read_looked
from console.pages.routes import File, Page, PageCall, PageRoute
from console.pages.saved_tables import read_all, save, say_more
from console.pages.saved_tickets import tabulate
from console.policy import Allowed, authorize
from console.problems import find_field, wrong
from routing import figure_lists, tally_rows
from routing.figure_lists import Side  # noqa: TC001 - msgspec reads the annotation
from routing.figures import FigureCode, list_figures

if TYPE_CHECKING:
    from console.pages.figure_span import Looked
    from routing.listing import Page as Listed

PATH = f"{figures.PATH}/tickets"
LIST_SIZE = 30


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a figure."""

    code: FigureCode
    side: Side


def show_tickets(call: PageCall) -> Page:
    """Show the tickets of a part of a figure."""
    looked, part = read_looked(call), _read_part(call)
    sums = {one.code: one for one in list_figures(tally_rows.read_sum(call.session, looked.span))}
    page = _list(call, looked, part, limit=LIST_SIZE, after=read_number(call.query.get("cursor", "")))
    kept = {**looked.kept, "figure": part.code, "side": part.side}
    return Page(
        template="figures/tickets.html",
        values={
            "looked": looked,
            "kept": kept,
            "figure": describe_figure(sums[part.code], city=call.city),
            "side": part.side,
            "sides": [(side, name_side(call, side)) for side in figure_lists.list_sides(part.code)],
            "lines": [answers.describe_line(line) for line in page.lines],
            "editions": read_editions(call.session, [line.number for line in page.lines]),
            "next": write_cursor(str(page.after)) if page.after is not None else "",
            "query": urlencode({**kept, "cursor": call.query.get("cursor", "")}),
            "oversees": may_oversee(call),
            "place": figures.name_area(call, looked.area),
            "name_of": call.context.org.name_of,
            "name_duty": lambda code: figures.name_duty(call, code),
            "name_area": lambda code: figures.name_area(call, code),
            "say": call.city.say_figure,
        },
    )


def save_tickets(call: PageCall) -> File:
    """Save the tickets of a part of a figure; that they were saved is kept."""
    looked, part = read_looked(call), _read_part(call)

    def read(after: int | None, limit: int) -> tuple[list[answers.TicketLine], int | None]:
        page = _list(call, looked, part, limit=limit, after=after)
        return [answers.describe_line(line) for line in page.lines], page.after

    lines, more = read_all(read)
    say, span = call.city.say_figure, looked.span
    note = f"{span.first.isoformat()} – {span.last.isoformat()} {say('formula_' + part.code)} {say_more(call, more=more)}"
    title = f"{say('name_' + part.code)} {name_side(call, part.side)}"
    table = tabulate(call, lines, title=title, note=note.strip())
    facts = {"figure": part.code, "side": part.side}
    return save(call, f"{part.code}-{part.side}", (table,), subject="figures", action="figures.save", facts=facts)


def name_side(call: PageCall, side: str) -> str:
    """Name a part of a figure."""
    return call.city.say_page(f"side_{side}") if side in {"count", "of", "rest"} else call.city.say_figure(f"excluded_{side}")


def may_oversee(call: PageCall) -> bool:
    """Tell whether the caller's post supervises at all; of which ticket, its act asks."""
    return isinstance(authorize(call.actor, "act.supervise"), Allowed)


def _list(call: PageCall, looked: Looked, part: Part, *, limit: int, after: int | None) -> Listed:
    return figure_lists.list_behind(
        call.session,
        looked.span,
        part.code,
        part.side,
        org=call.context.org,
        now=call.now,
        viewer=call.actor.viewer,
        keep=call.may_see,
        limit=limit,
        after=after,
    )


def _read_part(call: PageCall) -> Part:
    """Read which part of which figure is asked for: what was received, without one. Problem (422) for one that there is not."""
    given = {"code": call.query.get("figure", "received"), "side": call.query.get("side", "count")}
    try:
        part = msgspec.convert(given, Part)
    except msgspec.ValidationError as error:
        raise wrong(find_field(error, "query").where, "Expected a figure and a part of it") from error
    if part.side not in figure_lists.list_sides(part.code):
        raise wrong("query.side", "Expected a part of a figure that is made of tickets")
    return part


PAGES = (
    PageRoute(path=PATH, name="figure_tickets", action="figures.list", run=show_tickets),
    PageRoute(path=f"{PATH}/save/{{form}}", name="figure_tickets_save", action="figures.list", run=save_tickets),
)
