"""组织, 职责清单, 居民群: lists of what a city is made of, one row to edit, each list as a file; an edit is an import of that one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from console.pages.routes import File, Kept, Page, PageCall, PageRoute, Redirect
from console.pages.saved_tables import Table as SavedTable
from console.pages.saved_tables import mark, save
from console.pages.sorting import read_place, read_sorting, write_place
from console.pages.system import PATH, may_write
from console.pages.system_tables import TABLES, find_row, list_rows, name_edition, read_cells, write_file, write_sorted
from console.policy import Role
from console.problems import FieldProblem, Problem
from routing.terms import Level, UnitKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
_NAMED = frozenset({"parent", "area", "unit", "stationed", "grid", "worker", "desk", "staff", "backup"})
"""Columns that hold the code of an area, a unit or a person."""
_WORDED = frozenset(
    {"level", "kind", "private", "role", "active", "notice_posted", "deadline_unit", "deadline_calendar", "tier", "enforceable", "public_space"}
)  # fmt: skip
"""Columns that hold one of a few words of ours."""
_NUMBERS = frozenset({"households", "deadline_value", "notice_posted", "active"})
"""Columns that are no text in the database."""
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
    sorting = read_sorting(call.query, list_sorted(table), first=table.key)
    place = read_place(after)
    rows = list_rows(call.session, table, words=words, by=sorting.column, down=sorting.down, after=place, limit=LIST_SIZE + 1)
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
            "next": write_place(write_sorted(table, shown[-1], sorting.column), shown[-1].code) if len(rows) > LIST_SIZE else "",
            "kept": {name: value for name, value in (("table", table.name), ("words", words)) if value},
            "sorting": sorting,
            "sorted_by": {column: call.city.name_code("cell_column", column) for column in list_sorted(table)},
            "may_write": may_write(call),
        },
    )


def list_sorted(table: Table) -> tuple[str, ...]:
    """List the columns that a table can be sorted by: those whose values stand in words that mean an order."""
    return (table.key, *(column for column in table.shown if column not in _NUMBERS))


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
    table, rows = _read_all(call)
    kept = Kept(actor=call.actor.code, action="table.save", subject=table.name, facts={"count": len(rows)})
    name = f"{table.name}-{call.now.astimezone(call.city.zone):%Y%m%d}.csv"
    return File(name=name, media_type="text/csv", body=write_file(table, rows, mark=mark(call)), kept=kept)


def save_readable(call: PageCall) -> File:
    """Save a whole table as a workbook for reading: columns and codes in words, as its list shows them."""
    table, rows = _read_all(call)
    names, say = name_codes(call), call.city.name_code

    def write(column: str, value: str) -> str:
        if column in _WORDED:
            return say("cell", value)
        return f"{names[value]} {value}" if column in _NAMED and value in names else value

    saved = SavedTable(
        title=say("table", table.name),
        columns=tuple(say("cell_column", column) for column in table.columns),
        rows=tuple(tuple(write(column, value) for column, value in read_cells(table, row).items()) for row in rows),
    )
    return save(call, table.name, (saved,), subject=table.name)


def _read_all(call: PageCall) -> tuple[Table, Sequence[Any]]:
    table = TABLES.get(call.path["table"])
    if table is None:
        raise Problem(404, "not_found")
    return table, list_rows(call.session, table, limit=1_000_000)


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
    PageRoute(path=f"{PATH}/save/{{table}}", name="system_table_save", action="system.read", run=save_table),
    PageRoute(path=f"{PATH}/save/{{table}}/{{form}}", name="system_table_read", action="system.read", run=save_readable),
)
