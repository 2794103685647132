"""知识库: the entries by what they say, where they hold and how they stand; those that end soon on top; saved as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from console.pages.entry_tables import write_csv, write_workbook
from console.pages.routes import File, Kept, Page, PageCall, PageRoute
from console.pages.saved_tables import XLSX, mark
from console.problems import Problem, find_field, wrong
from knowledge_base import browsing
from knowledge_base.browsing import Wanted

if TYPE_CHECKING:
    from datetime import date

    from console.pages.routes import Answer

PATH = "/staff/knowledge"
LIST_SIZE = 50
_LONGEST = 100
_WRITERS = {
    "csv": (write_csv, "text/csv"),
    "xlsx": (write_workbook, XLSX),
}


def show_list(call: PageCall) -> Page:
    """Show the entries that were asked for."""
    wanted, today = read_wanted(call), day_of(call)
    after = call.query.get("after", "")
    listed = browsing.list_entries(call.session, wanted, today=today, limit=LIST_SIZE + 1, after=after)
    shown = listed[:LIST_SIZE]
    return Page(
        template="knowledge/entries.html",
        values={
            "listed": shown,
            "wanted": wanted,
            "filter": urlencode(msgspec.structs.asdict(wanted)),
            "count": browsing.count_entries(call.session, wanted, today=today),
            "ending": browsing.count_entries(call.session, Wanted(state="ending"), today=today),
            "expired": browsing.count_entries(call.session, Wanted(state="expired"), today=today),
            "next": shown[-1].entry.code if len(listed) > LIST_SIZE else "",
            "after": after,
            "areas": name_areas(call),
            "units": browsing.list_units(call.session),
            "today": today,
        },
    )


def read_wanted(call: PageCall) -> Wanted:
    """Read which entries are wanted from the address of the list; Problem (422) for a state that there is not."""
    given = {name: call.query.get(name, "").strip()[:_LONGEST] for name in Wanted.__struct_fields__}
    try:
        return msgspec.convert(given, Wanted)
    except msgspec.ValidationError as error:
        raise wrong(find_field(error, "query").where, "Expected a state of entries") from error


def name_areas(call: PageCall) -> dict[str, str]:
    """Name every area, the wider ones first."""
    org = call.context.org
    ranked = sorted(org.areas.values(), key=lambda one: (len(org.chain(one.code)), one.code))
    return {area.code: area.name for area in ranked}


def day_of(call: PageCall) -> date:
    """Give the day it is in the city."""
    return call.now.astimezone(call.city.zone).date()


def save_list(call: PageCall) -> Answer:
    """Save the entries that were asked for as a table that can be imported again."""
    if (form := call.path["form"]) not in _WRITERS:
        raise Problem(404, "not_found")
    write, media_type = _WRITERS[form]
    now = call.now.astimezone(call.city.zone)
    listed = list(browsing.read_all(call.session, read_wanted(call), today=now.date()))
    body = write((one.entry for one in listed), mark=mark(call))
    facts = {"count": len(listed), "form": form}
    kept = Kept(actor=call.actor.code, action="table.save", subject="knowledge", facts=facts)
    return File(name=f"knowledge-{now:%Y%m%d}.{form}", media_type=media_type, body=body, kept=kept)


PAGES = (
    PageRoute(path=PATH, name="knowledge", action="knowledge.edit", run=show_list),
    PageRoute(path=f"{PATH}/save/{{form}}", name="knowledge_save", action="knowledge.edit", run=save_list),
)
