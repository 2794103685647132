"""月报: the pack of a month for an area, to read, to print and to take along as a workbook; what meetings decided, and what became of it."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlencode

from markupsafe import Markup

from console.api.figures import find_area
from console.asked import Asked, OptionalCode, Text
from console.pages import figures
from console.pages.figure_signs import read_month
from console.pages.routes import File, Kept, Page, PageCall, PageRoute, Redirect
from console.pages.saved_tables import XLSX
from console.pages.tickets import list_units
from console.policy import Allowed, authorize
from console.problems import wrong
from routing import coverage, month_decisions, tally_rows

if TYPE_CHECKING:
    from console.problems import Problem

PATH = f"{figures.PATH}/month"


class Decide(Asked, frozen=True):
    """What a month's meeting decided: who is to do it, and by when."""

    month: Text
    what: Text
    area: OptionalCode = ""
    unit: OptionalCode = ""
    due: date | None = None


class Settle(Asked, frozen=True):
    """What became of a decision."""

    result: Text
    state: Literal["done", "dropped"] = "done"


def show_month(call: PageCall, *, problem: Problem | None = None, tried: str = "") -> Page:
    """Show the decisions that wait, and with `show` the pack; `problem` is what was wrong with a form that was `tried`."""
    month, period = read_month(call)
    area = find_area(call, call.query.get("area", "") or call.form.get("area", ""))
    is_fresh = tally_rows.is_fresh(call.session, now=call.now)
    asked = bool(call.query.get("show")) and problem is None
    reports = call.city.reports
    pack = (
        reports.make_month(call.session, month=month, area=area, actor=call.actor.code, now=call.now)
        if asked and is_fresh
        else None
    )
    areas = coverage.list_within(call.context.org, area)
    decisions = month_decisions.list_carried(
        call.session, month=f"{period.until:%Y-%m}", since=period.since, areas=None if areas is None else ("", *areas)
    )
    return Page(
        template="figures/month.html",
        status=problem.status if problem is not None else 200,
        values={
            "month": month,
            "area": area,
            "areas": figures.list_areas(call),
            "fresh": is_fresh,
            "pack": pack,
            "plots": {one.key: Markup(one.plot) for one in pack.sections} if pack else {},  # noqa: S704 - drawn by us, words escaped there
            "decisions": decisions,
            "decides": isinstance(authorize(call.actor, "months.decide"), Allowed),
            "units": list_units(call.context.org),
            "name_of": call.context.org.name_of,
            "name_area": lambda code: figures.name_area(call, code),
            "problem": problem,
            "tried": tried,
            "typed": call.form if problem is not None else {},
        },
    )


def save_month(call: PageCall) -> File:
    """Save the pack of a month as a workbook."""
    if call.path["form"] != "xlsx":
        raise wrong("path.form", "Expected xlsx")
    month, _ = read_month(call)
    area = find_area(call, call.query.get("area", ""))
    body = call.city.reports.write_month(call.session, month=month, area=area, actor=call.actor.code, now=call.now)
    facts = {"month": month, "area": area, "form": "xlsx"}
    kept = Kept(actor=call.actor.code, action="figures.save", subject="month", facts=facts)
    return File(name=f"month-{month}.xlsx", media_type=XLSX, body=body, kept=kept)


def decide(call: PageCall) -> Redirect:
    """Write down what a month's meeting decided."""
    given = call.read_form(Decide)
    area = find_area(call, given.area)
    call.city.reports.decide(
        call.session,
        month=given.month,
        area=area,
        what=given.what,
        unit=given.unit,
        due_on=given.due,
        actor=call.actor.code,
        now=call.now,
    )
    return _go_back(call, area)


def settle(call: PageCall) -> Redirect:
    """Say what became of a decision."""
    given, number = call.read_form(Settle), call.path["decision"]
    if not number.isdecimal() or not number.isascii():
        raise wrong("path.decision", "Expected the number of a decision")
    dropped = given.state == "dropped"
    call.city.reports.settle(
        call.session, int(number[:9]), result=given.result, dropped=dropped, actor=call.actor.code, now=call.now
    )
    return _go_back(call, call.form.get("area", ""))


def _go_back(call: PageCall, area: str) -> Redirect:
    month, _ = read_month(call)
    return Redirect(to=f"{PATH}?{urlencode({'month': month, 'area': area})}#decisions", flash="saved")


def _show_again(tried: str, call: PageCall, problem: Problem) -> Page:
    return show_month(call, problem=problem, tried=tried)


PAGES = (
    PageRoute(path=PATH, name="figure_month", action="figures.read", run=show_month),
    PageRoute(path=f"{PATH}/save/{{form}}", name="figure_month_save", action="figures.read", run=save_month),
    PageRoute(
        path=f"{PATH}/decide",
        name="figure_month_decide",
        action="months.decide",
        run=decide,
        method="POST",
        again=lambda call, problem: _show_again("decide", call, problem),
    ),
    PageRoute(
        path=f"{PATH}/settle/{{decision}}",
        name="figure_month_settle",
        action="months.decide",
        run=settle,
        method="POST",
        again=lambda call, problem: _show_again(call.path["decision"], call, problem),
    ),
)
