"""来电来访登记: the desk files what somebody told on the telephone or at the counter; it is routed like any message, and its number is read out to them."""

from __future__ import annotations

from typing import Literal

import msgspec

from console import asked
from console.api import filing
from console.asked import Text  # noqa: TC001 - msgspec reads the annotation
from console.pages.desk import PATH
from console.pages.grid import find_done
from console.pages.grid_intake import PICTURES_BYTES, check_phone, check_pictures, read_pictures, refuse
from console.pages.routes import FORM_BYTES, Page, PageCall, PageRoute, Redirect
from console.problems import Problem, wrong
from residents import filed_pictures
from routing import desk, representing
from routing.facts import Origin

FILE = f"{PATH}/file"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody told. `by` is how they came, `secret` that they want nobody to know; the rest is as in the API (asked.File)."""

    text: Text
    by: Literal["phone", "visit"]
    place: str = ""
    area: str = ""
    phone: str = ""
    kind: Literal["consult", "help", "complaint", "report", "suggestion", "praise"] = "help"
    secret: bool = False
    told: bool = False


def show_file(call: PageCall, *, problem: Problem | None = None) -> Page:
    """Show the form; above it what the last one came to."""
    values = {
        "areas": [(one.code, one.name) for one in call.context.org.list_homes()],
        "done": find_done(call),
        "problem": problem,
        "typed": call.form if problem is not None else {},
    }
    return Page(template="desk/file.html", values=values, status=problem.status if problem is not None else 200)


def file_told(call: PageCall) -> Redirect:
    """File what was told. Whoever gave a number that we know hears of it like a resident who wrote."""
    told = call.read_form(Told)
    if not told.told:
        raise refuse(call, "desk_not_told")
    if told.area and told.area not in call.context.org.areas:
        raise wrong("form.area", "Expected the code of an area")
    check_phone(call, told.phone)
    pictures = check_pictures(call)
    filed = asked.File(text=told.text, place=told.place[:200], area=told.area, kind=told.kind, confidential=told.secret)
    report, utterance = filing.read_filed(call, filed)
    resident = representing.find_known(call.session, told.phone)
    opened = desk.open_ticket(
        call.session,
        report=report,
        resident_id=resident,
        origin=Origin(inbox_id=None, channel=told.by),
        context=call.context,
        now=call.now,
        utterance=utterance,
    )
    heard = representing.tell_filed(call.session, opened, resident=resident, context=call.context)
    number = opened.joined_to or opened.ticket.number
    filed_pictures.keep(call.session, pictures, ticket=number, now=call.now)
    return Redirect(to=f"{FILE}?opened={number}", flash="desk_filed_told" if heard else "desk_filed")


PAGES = (
    PageRoute(path=FILE, name="desk_file", action="desk.file", run=show_file),
    PageRoute(
        path=FILE,
        name="desk_file",
        action="desk.file",
        run=file_told,
        method="POST",
        prepare=read_pictures,
        most_bytes=PICTURES_BYTES + FORM_BYTES,
        again=lambda call, problem: show_file(call, problem=problem),
    ),
)
