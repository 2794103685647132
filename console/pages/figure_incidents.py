"""The tickets of an incident that swells, as the caller may see them: what stands behind its two numbers on 数据 and in the monthly pack."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from console import answers
from console.cursors import read_number, write_cursor
from console.editions import read_editions
from console.pages import figures
from console.pages.figure_span import read_looked
from console.pages.figure_tickets import LIST_SIZE, may_oversee
from console.pages.routes import File, Page, PageCall, PageRoute
from console.pages.saved_tables import read_all, save, say_more
from console.pages.saved_tickets import tabulate
from console.problems import Problem, wrong
from routing import figure_lists, month_rows

if TYPE_CHECKING:
    from console.pages.figure_span import Looked
    from routing.listing import Page as Listed
    from routing.month_rows import Swollen

PATH = f"{figures.PATH}/incident"
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """An incident that swells, where it was looked for, and the address that asks for the same."""

    looked: Looked
    incident: Swollen
    kept: dict[str, str]


def show_incident(call: PageCall) -> Page:
    """Show the tickets of an incident."""
    behind = _read_behind(call)
    after = read_number(call.query.get("cursor", ""))
    page = _list(call, behind, limit=LIST_SIZE, after=after)
    return Page(
        template="figures/incident.html",
        values={
            "looked": behind.looked,
            "kept": behind.kept,
            "incident": behind.incident,
            "whole": after is None and page.after is None,
            "lines": [answers.describe_line(line) for line in page.lines],
            "editions": read_editions(call.session, [line.number for line in page.lines]),
            "next": write_cursor(str(page.after)) if page.after is not None else "",
            "query": urlencode({**behind.kept, "cursor": call.query.get("cursor", "")}),
            "oversees": may_oversee(call),
            "name_duty": lambda code: figures.name_duty(call, code),
            "name_area": lambda code: figures.name_area(call, code),
        },
    )


def save_incident(call: PageCall) -> File:
    """Save the tickets of an incident; that they were saved is kept."""
    behind = _read_behind(call)

    def read(after: int | None, limit: int) -> tuple[list[answers.TicketLine], int | None]:
        page = _list(call, behind, limit=limit, after=after)
        return [answers.describe_line(line) for line in page.lines], page.after

    lines, more = read_all(read)
    number = behind.incident.id
    title = call.city.say_page("incident_title", number=number)
    table = tabulate(call, lines, title=title, note=say_more(call, more=more))
    return save(call, f"incident-{number}", (table,), subject="figures", action="figures.save", facts={"incident": number})


def _list(call: PageCall, behind: Behind, *, limit: int, after: int | None) -> Listed:
    return figure_lists.list_incident(
        call.session,
        behind.incident.id,
        org=call.context.org,
        now=call.now,
        viewer=call.actor.viewer,
        keep=call.may_see,
        limit=limit,
        after=after,
    )


def _read_behind(call: PageCall) -> Behind:
    """Read which incident is asked for. Problem: 422 for what is no number, 404 where 数据 of the same days and area has no such, or of few people."""
    looked, given = read_looked(call), call.query.get("incident", "")
    if _NUMBER.fullmatch(given) is None:
        raise wrong("query.incident", "Expected the number of an incident")
    found = month_rows.list_swollen(call.session, figures.find_moments(call, looked), incident=int(given))
    if not found or found[0].people < call.city.reports.few:
        raise Problem(404, "not_found")
    return Behind(looked=looked, incident=found[0], kept={**looked.kept, "incident": given})


PAGES = (
    PageRoute(path=PATH, name="figure_incident", action="figures.list", run=show_incident),
    PageRoute(path=f"{PATH}/save/{{form}}", name="figure_incident_save", action="figures.list", run=save_incident),
)
