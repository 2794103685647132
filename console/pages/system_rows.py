"""组织, 职责清单, 居民群: lists of what a city is made of, one row to edit, each list as a file; an edit is an import of that one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from console.pages.routes import File, Page, PageCall, PageRoute, Redirect
from console.pages.system import PATH, may_write
from console.pages.system_tables import TABLES, find_row, list_rows, name_edition, read_cells, write_file
from console.policy import Role
from console.problems import FieldProblem, Problem
from routing.terms import Level, UnitKind
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from console.pages.system_tables import Table

ORG = f"{PATH}/org"
ROWS = f"{PATH}/rows"
LIST_SIZE = 50
_LONGEST = 60
_ROOMS = {"areas": ORG, "units": ORG, "staff": ORG, "groups": f"{PATH}/groups", "duty-list": f"{PATH}/duties"}
_TABS = ("areas", "units", "staff")
_POSTS = tuple(role.value for role in Role if role not in {Role.RESIDENT, Role.PARTNER, Role.NOBODY})
_CHOICES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "areas": {"level": tuple(Level)},
    "units": {"kind": tuple(UnitKind), "private": ("no", "yes")},
    "staff": {"role": _POSTS, "active": ("yes", "no")},
    "groups": {"notice_posted": ("no", "yes")},
    "duty-list": {
        "level": tuple(Level),
        "deadline_unit": ("hours", "days"),
        "deadline_calendar": ("working", "calendar"),
        "tier": ("normal", "orange"),
        "enforceable": ("no", "yes"),
        "public_space": ("yes", "no"),
    },
}
_LONG = frozenset({"words", "phrasings", "functions", "aliases", "basis"})


def _make_list(*names: str) -> Callable[[PageCall], Page]:
    """Make what shows one of these tables, the first where none is chosen."""

    def run(call: PageCall) -> Page:
        asked = call.query.get("table", "")
        return show_list(call, TABLES[asked if asked in names else names[0]], tabs=names if len(names) > 1 else ())

    return run


def show_list(call: PageCall, table: Table, *, tabs: tuple[str, ...]) -> Page:
    """Show a page of a table."""
    words, after = call.query.get("words", "").strip()[:_LONGEST], call.query.get("after", "")
    rows = list_rows(call.session, table, words=words, after=after, limit=LIST_SIZE + 1)
    shown = rows[:LIST_SIZE]
    return Page(
        template="system/rows.html",
        values={
            "table": table,
            "tabs": tabs,
            "room": _ROOMS[table.name],
            "rows": [(row.code, read_cells(table, row)) for row in shown],
            "names": name_codes(call),
            "words": words,
            "after": after,
            "next": shown[-1].code if len(rows) > LIST_SIZE else "",
            "filter": urlencode({name: value for name, value in (("table", table.name), ("words", words)) if value}),
            "may_write": may_write(call),
        },
    )


def name_codes(call: PageCall) -> dict[str, str]:
    """Name the areas, units and people that rows speak of by their codes."""
    org = call.context.org
    people = {code: one.name for code, one in org.staff.items()}
    return people | {code: one.name for code, one in org.areas.items()} | {code: one.name for code, one in org.units.items()}


def show_row(call: PageCall, *, problem: Problem | None = None) -> Page:
    """Show one row with all its columns, to be edited by who may; `problem` is what was wrong with what was typed."""
    table, cells = _find(call)
    typed = {column: call.form.get(column, value) for column, value in cells.items()} if problem is not None else cells
    return Page(
        template="system/row.html",
        status=problem.status if problem is not None else 200,
        values={
            "table": table,
            "room": _ROOMS[table.name],
            "code": call.path["code"],
            "cells": typed,
            "edition": name_edition(cells),
            "choices": _CHOICES[table.name],
            "long": _LONG,
            "names": name_codes(call),
            "problem": problem,
            "may_write": may_write(call),
        },
    )


def save_row(call: PageCall) -> Redirect:
    """Put a row in place as it was typed; Problem (409) if somebody changed it meanwhile, (422) with what is wrong with it."""
    table, cells = _find(call)
    if call.form.get("edition", "") != name_edition(cells):
        raise Problem(409, "row_changed")
    typed = {column: call.form.get(column, value).replace("\n", "|") for column, value in cells.items()} | {
        table.key: call.path["code"]
    }
    wrong = call.city.system.edit_row(call.session, table.name, typed, actor=call.actor.code, now=call.now)
    if wrong:
        raise Problem(422, "row_wrong", fields=tuple(FieldProblem(where="form", expected=one) for one in wrong))
    return Redirect(to=f"{_ROOMS[table.name]}?{urlencode({'table': table.name, 'words': call.path['code']})}", flash="row_saved")


def save_table(call: PageCall) -> File:
    """Save a whole table as a file that can be imported again."""
    table = TABLES.get(call.path["table"])
    if table is None:
        raise Problem(404, "not_found")
    now = call.now.astimezone(call.city.zone)
    mark = call.city.say_page("saved_by", code=call.actor.code, at=now.strftime("%Y-%m-%d %H:%M"))
    rows = list_rows(call.session, table, limit=1_000_000)
    record(call.session, actor=call.actor.code, action="table.save", subject=table.name, facts={"count": len(rows)})
    return File(name=f"{table.name}-{now:%Y%m%d}.csv", media_type="text/csv", body=write_file(table, rows, mark=mark))


def _find(call: PageCall) -> tuple[Table, dict[str, Any]]:
    table = TABLES.get(call.path["table"])
    row = find_row(call.session, table, call.path["code"]) if table is not None and table.edited else None
    if table is None or row is None:
        raise Problem(404, "not_found")
    return table, read_cells(table, row)


def _again(call: PageCall, problem: Problem) -> Page:
    return show_row(call, problem=problem)


PAGES = (
    PageRoute(path=ORG, name="system_org", action="system.read", run=_make_list(*_TABS)),
    PageRoute(path=f"{PATH}/duties", name="system_duties", action="system.read", run=_make_list("duty-list")),
    PageRoute(path=f"{PATH}/groups", name="system_groups", action="system.read", run=_make_list("groups")),
    PageRoute(path=f"{ROWS}/{{table}}/{{code}}", name="system_row", action="system.read", run=show_row),
    PageRoute(
        path=f"{ROWS}/{{table}}/{{code}}", name="system_row_save", action="system.write", run=save_row, method="POST", again=_again
    ),
    PageRoute(path=f"{PATH}/save/{{table}}", name="system_table_save", action="system.read", run=save_table, writes=True),
)
