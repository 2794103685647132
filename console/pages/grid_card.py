"""What a grid worker shows to their neighbours: what to say in the group, ready to copy, and the contact card with the code to scan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.codes import sheet
from console.pages.grid import PATH, list_grids
from console.pages.routes import Page, PageCall, PageRoute, Redirect
from console.problems import Problem
from residents.masking import mask
from routing import codes
from routing.codes import CodeError, Target, Wanted

if TYPE_CHECKING:
    from routing.code_tables import PlaceCode

CARD, REPLIES = f"{PATH}/card", f"{PATH}/replies"
ENTRIES = 5
_LONGEST = 200


def show_replies(call: PageCall) -> Page:
    """Show what can be said in the group, and what the knowledge base says to a question that was asked there."""
    question = call.query.get("q", "").strip()[:_LONGEST]
    entries = call.city.entries
    found = [entries[code] for code in call.city.find_entries(question) if code in entries][:ENTRIES] if question else []
    values = {"replies": [mask(one) for one in call.city.grid.replies], "question": question, "entries": found}
    return Page(template="grid/replies.html", values=values)


def show_card(call: PageCall) -> Page:
    """Show the caller's contact card, with the code that leads to them; without one, how to get it."""
    person = call.context.org.staff[call.actor.code]
    row = find_code(call)
    address = call.city.public_url
    url = sheet.address_of(codes.sign_code(call.session, row), public_url=address) if row is not None and address else ""
    values = {
        "person": {"name": person.name, "phone": person.work_phone},
        "unit": call.context.org.name_of(person.unit),
        "grids": list_grids(call),
        "code": row.id if row is not None else 0,
        "url": url,
        "drawing": sheet.draw(url) if url else "",
        "reachable": bool(address),
    }
    return Page(template="grid/card.html", values=values)


def make_code(call: PageCall) -> Redirect:
    """Make the caller's own code, if there is none."""
    target = Target(kind="worker", area="", worker=call.actor.code)
    try:
        made = codes.make(call.session, [target], by=call.actor.code, now=call.now, org=call.context.org)
    except CodeError as error:
        raise Problem(422, "no_code", detail=call.city.refusal(error) or "") from error
    return Redirect(to=CARD, flash="codes_made" if made.codes else "nothing")


def find_code(call: PageCall) -> PlaceCode | None:
    """Find the caller's own code that may still be used."""
    actor = call.actor
    found = codes.list_codes(call.session, Wanted(kind="worker", words=actor.code), org=call.context.org, limit=_LONGEST)
    return next((row for row in found if row.worker == actor.code), None)


PAGES = (
    PageRoute(path=REPLIES, name="grid_replies", action="grid.work", run=show_replies),
    PageRoute(path=CARD, name="grid_card", action="grid.work", run=show_card),
    PageRoute(path=f"{CARD}/code", name="grid_card_code", action="grid.work", run=make_code, method="POST"),
)
