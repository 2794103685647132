"""搁置的事: work of the service that failed so often that it is left alone; once its cause is mended, a person lets it be tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from console.pages.routes import File, Page, PageCall, PageRoute, Redirect
from console.pages.saved_tables import Table, name_columns, save, say_more, write_moment
from console.pages.system import PATH, may_write
from console.pages.system_outbox import read_number
from store import failures
from store.audit import record

if TYPE_CHECKING:
    from datetime import datetime

ASIDE = f"{PATH}/aside"
MOST = 200
"""So many are shown, those that wait longest; all are tried again by one press."""


class Aside(msgspec.Struct, frozen=True, kw_only=True):
    """Work that is put aside: its duty and the row it works on, how often it failed, the class of its last error."""

    duty: str
    name: str
    row: int
    failures: int
    reason: str
    since: datetime | None


def show_list(call: PageCall) -> Page:
    """Show what is put aside."""
    found, count = list_aside(call)
    values = {"works": found, "count": count, "most": MOST, "may_write": may_write(call)}
    return Page(template="system/aside.html", values=values)


def save_list(call: PageCall) -> File:
    """Save what is put aside."""
    found, count = list_aside(call)
    table = Table(
        title=call.city.name_code("title", "aside"),
        note=say_more(call, more=count > len(found), most=MOST),
        columns=name_columns(call, "duty", "row", "failures", "trouble", "since"),
        rows=tuple((one.name, one.row, one.failures, one.reason, write_moment(call, one.since)) for one in found),
    )
    return save(call, "aside", (table,), subject="aside")


def list_aside(call: PageCall) -> tuple[list[Aside], int]:
    """List what is put aside, at most MOST, and count all of it."""
    rows = failures.list_rows(call.session)
    found = [
        Aside(
            duty=row.duty,
            name=call.city.name_code("duty", row.duty),
            row=row.row_id,
            failures=row.failures,
            reason=row.reason,
            since=row.aside_at,
        )
        for row in rows[:MOST]
    ]
    return found, len(rows)


def try_again(call: PageCall) -> Redirect:
    """Let one work be tried again in the next round."""
    duty, row = call.path["duty"], read_number(call.path["row"], where="path.row")
    return _answer(call, done=failures.try_one(call.session, duty, row), subject=f"{duty}:{row}")


def try_all(call: PageCall) -> Redirect:
    """Let everything that is put aside be tried again in the next round."""
    count = failures.try_again(call.session)
    return _answer(call, done=count > 0, subject="duty")


def _answer(call: PageCall, *, done: bool, subject: str) -> Redirect:
    if done:
        record(call.session, actor=call.actor.code, action="duty.again", subject=subject)
    return Redirect(to=ASIDE, flash="duty_again" if done else "nothing")


PAGES = (
    PageRoute(path=ASIDE, name="system_aside", action="system.read", run=show_list),
    PageRoute(path=f"{ASIDE}/save/{{form}}", name="system_aside_save", action="system.read", run=save_list),
    PageRoute(path=f"{ASIDE}/again", name="system_aside_all", action="system.write", run=try_all, method="POST"),
    PageRoute(
        path=f"{ASIDE}/{{duty}}/{{row}}/again", name="system_aside_again", action="system.write", run=try_again, method="POST"
    ),
)
