"""我的工单: what a unit has to sign, to do and to answer, by the time it is due."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec

from console import answers
from console.editions import read_editions
from console.pages.changes import find_mark
from console.pages.desk import choose_queue, read_rows, save_queue
from console.pages.lists import keep_query, read_place, write_place
from console.pages.routes import File, Page, PageCall, PageRoute
from console.pages.tickets import LIST_SIZE
from routing import queues

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routing.queues import Queued

PATH = "/staff/mine"
_TABS = ("sign", "work", "held", "tasks", "asked", "answered")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One ticket as its unit sees it in its queue; `owed_at`: by when a task or supervision on it is to be answered."""

    line: answers.TicketLine
    edition: str
    redo_count: int = 0
    ours: bool = True
    applied: str = ""
    owed_at: datetime | None = None


def show_mine(call: PageCall) -> Page:
    """Show what the caller's units have to do."""
    org, posts = call.context.org, call.actor.posts or (call.actor.unit,)
    found = queues.list_unit_queues(posts, org=org)
    tab = call.query.get("tab", "")
    counts = queues.count_queues(call.session, found, org=org, viewer=call.actor.viewer, keep=call.may_see)
    if tab == "":
        tab = next((name for name in _TABS if counts[name]), _TABS[0])
    page = read_rows(call, choose_queue(found, tab, _TABS), limit=LIST_SIZE, after=read_place(call.query.get("cursor", "")))
    values = {
        "tabs_of": _TABS,
        "tab": tab,
        "counts": counts,
        "most": queues.MOST,
        "rows": make_rows(call, page.rows, posts),
        "next": write_place(page.after),
        "query": keep_query({**call.query, "tab": tab}),
        "live": find_mark(call.session, now=call.now),
        "units": [org.name_of(code) for code in posts],
    }
    return Page(template="unit/mine.html", values=values)


def save_mine(call: PageCall) -> File:
    """Save a queue of the caller's units, as it shows it."""
    found = queues.list_unit_queues(call.actor.posts or (call.actor.unit,), org=call.context.org)
    return save_queue(call, choose_queue(found, call.query.get("tab", "") or _TABS[0], _TABS), subject="mine")


def make_rows(call: PageCall, queued: Sequence[Queued], posts: Sequence[str]) -> list[Row]:
    """Gather what stands beside tickets of a queue: a few queries, however many they are."""
    ids = [one.line.id for one in queued]
    editions = read_editions(call.session, [one.line.number for one in queued])
    applied = queues.list_requests(call.session, ids)
    owed = queues.list_owed(call.session, ids, posts=posts, org=call.context.org)
    return [
        Row(
            line=answers.describe_line(one.line),
            edition=editions[one.line.number],
            redo_count=one.facts.redo_count,
            ours=call.context.org.standing_unit(one.line.unit) in posts or one.line.confidential,
            applied=applied[one.line.id].kind if one.line.id in applied else "",
            owed_at=owed.get(one.line.id),
        )
        for one in queued
    ]


PAGES = (
    PageRoute(path=PATH, name="mine", action="mine.work", run=show_mine),
    PageRoute(path=f"{PATH}/save/{{form}}", name="mine_save", action="mine.work", run=save_mine),
)
