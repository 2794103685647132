"""导入: a table is pasted or comes as a file, is shown with what it would do and every problem with its line, and taken only then."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from console.pages.routes import Page, PageCall, PageRoute, Redirect
from console.pages.system import PATH, may_write
from console.pages.system_tables import TABLES
from console.problems import Problem, wrong
from store.sheets import SheetError, decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from console.pages.routes import Upload

IMPORT = f"{PATH}/import"
KINDS = (
    "areas", "units", "staff", "roster", "groups", "duty-list", "places", "calendar", "emergency", "building-content", "patrol-sheets",
    "season-plans", "area-shapes",
)  # fmt: skip
MOST_BYTES = 4 * 1024 * 1024
"""Of a table with its form: ten times the duty list of a large city."""
_PROBLEMS = 100


def show_form(call: PageCall, *, result: Any = None, problem: Problem | None = None) -> Page:
    """Show where a table is given; `result` is what an import of it would do."""
    given = call.form.get("table", "") or call.query.get("table", "")
    return Page(
        template="system/import.html",
        status=problem.status if problem is not None else 200,
        values={
            "kinds": KINDS,
            "table": given if given in KINDS else KINDS[0],
            "saved": frozenset(TABLES),
            "content": call.prepared if result is not None else call.form.get("content", ""),
            "result": result,
            "problems": result["problems"][:_PROBLEMS] if result is not None else [],
            "problem": problem,
            "may_write": may_write(call),
        },
    )


def read_table(form: Mapping[str, str], files: Mapping[str, Upload]) -> str:
    """Read the table that was given, as a file or as text; Problem (422) for a file that is no text, or where nothing was given."""
    upload = files.get("file")
    if upload is None or not upload.body:
        if not form.get("content", ""):
            raise wrong("form.content", "missing")
        return form["content"]
    try:
        return decode(upload.body)
    except SheetError as error:
        raise wrong("form.file", "unreadable") from error


def show_preview(call: PageCall) -> Page:
    """Show what an import would do; nothing is changed."""
    return show_form(call, result=_import(call, only_preview=True))


def take(call: PageCall) -> Page | Redirect:
    """Import a table in one piece, or show what is wrong with it."""
    result = _import(call, only_preview=False)
    if not result["applied"]:
        return show_form(call, result=result, problem=Problem(422, "has_problems"))
    return Redirect(to=f"{IMPORT}?table={call.form['table']}", flash="table_imported")


def _import(call: PageCall, *, only_preview: bool) -> Any:
    table = call.form.get("table", "")
    if table not in KINDS:
        raise wrong("form.table", "Expected one of " + ", ".join(KINDS))
    packed = base64.b64encode(call.prepared.encode()).decode()
    given = {"table": table, "name": f"{table}.csv", "content": packed, "actor": call.actor.code}
    return call.city.system.run(call.session, "import.table", now=call.now, only_preview=only_preview, **given)


def _again(call: PageCall, problem: Problem) -> Page:
    return show_form(call, problem=problem)


PAGES = (
    PageRoute(path=IMPORT, name="system_import", action="system.write", run=show_form),
    PageRoute(
        path=f"{IMPORT}/preview",
        name="system_import_preview",
        action="system.write",
        run=show_preview,
        method="POST",
        reads=True,
        again=_again,
        prepare=read_table,
        most_bytes=MOST_BYTES,
    ),
    PageRoute(
        path=f"{IMPORT}/take",
        name="system_import_take",
        action="system.write",
        run=take,
        method="POST",
        again=_again,
        prepare=read_table,
        most_bytes=MOST_BYTES,
    ),
)
