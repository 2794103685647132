"""裁定: what waits for a supervisor's decision, with the forms to decide: whose it is, or what becomes of what was twice not done well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from console import answers
from console.editions import read_editions
from console.pages import figures
from console.pages.lists import keep_query, read_place, write_place
from console.pages.routes import Page, PageCall, PageRoute
from console.pages.tickets import LIST_SIZE, list_units
from routing import causes, deciding, queues

if TYPE_CHECKING:
    from routing.queues import Queued

PATH = f"{figures.PATH}/reviews"
ACTS = {"dispute": ("arbitrate",), "escalate": ("reassign", "carry", "explain")}
"""Why it waits -> the ways to decide; the acts of the ticket's own page."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that waits for a decision; `acts` is empty where somebody else decides."""

    line: answers.TicketLine
    edition: str
    cause: str
    disputed_name: str = ""
    returns: int = 0
    redo_count: int = 0
    rating: str = ""
    acts: tuple[str, ...] = ()
    candidates: tuple[tuple[str, str], ...] = ()


def show_reviews(call: PageCall) -> Page:
    """Show what waits for a decision, what is due first on top."""
    org = call.context.org
    page = queues.read_queue(
        call.session,
        causes.find_queue(call.actor.posts or (call.actor.unit,), org=org),
        org=org,
        now=call.now,
        viewer=call.actor.viewer,
        keep=call.may_see,
        limit=LIST_SIZE,
        after=read_place(call.query.get("cursor", "")),
    )
    why = causes.read_causes(call.session, [one.line.id for one in page.rows])
    editions = read_editions(call.session, [one.line.number for one in page.rows])
    rows = [_make_row(call, one, why.get(one.line.id, "escalate"), editions[one.line.number]) for one in page.rows]
    return Page(
        template="figures/reviews.html",
        values={
            "rows": rows,
            "next": write_place(page.after),
            "query": keep_query(call.query),
            "units": list_units(org),
        },
    )


def _make_row(call: PageCall, one: Queued, cause: str, edition: str) -> Row:
    """Gather what a decision is made on. Of a confidential matter a list tells none of it: it is decided on its own page."""
    org, facts = call.context.org, one.facts
    line = answers.describe_line(one.line)
    if facts.confidential:
        return Row(line=line, edition=edition, cause="")
    person = org.staff.get(call.actor.code)
    decides = person is not None and deciding.may_decide(person, desk=facts.unit, org=org, disputed=facts.disputed)
    return Row(
        line=line,
        edition=edition,
        cause=cause,
        disputed_name=org.name_of(facts.disputed) if facts.disputed else "",
        returns=facts.returns,
        redo_count=facts.redo_count,
        rating=facts.rating,
        acts=ACTS[cause] if decides else (),
        candidates=tuple((code, figures.name_duty(call, code)) for code in facts.candidates),
    )


PAGES = (PageRoute(path=PATH, name="figure_reviews", action="act.reassign", run=show_reviews),)
