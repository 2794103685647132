"""The organisation, the duty list and the knowledge entries, by code; nobody's name is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console import answers
from console.asked import EntriesAsked, Paged
from console.cursors import cut_page
from console.routes import Call, Reply, Route, unseen

if TYPE_CHECKING:
    from knowledge_base.entry import Entry


def list_areas(call: Call) -> Reply:
    """List the areas."""
    made = [
        (each.code, answers.AreaOut(code=each.code, name=each.name, level=each.level.value, parent=each.parent, kind=each.kind))
        for _, each in sorted(call.context.org.areas.items())
    ]
    items, following = cut_page(made, cursor=call.query.cursor, limit=call.query.limit)
    return Reply(body=answers.AreaPage(items=items, next=following), rows=len(items))


def list_units(call: Call) -> Reply:
    """List the units and desks."""
    made = [
        (
            each.code,
            answers.UnitOut(
                code=each.code,
                name=each.name,
                kind=each.kind.value,
                area=each.area,
                parent=each.parent,
                functions=list(each.functions),
            ),
        )
        for _, each in sorted(call.context.org.units.items())
    ]
    items, following = cut_page(made, cursor=call.query.cursor, limit=call.query.limit)
    return Reply(body=answers.UnitPage(items=items, next=following), rows=len(items))


def list_posts(call: Call) -> Reply:
    """List the posts of the staff, without their names."""
    made = [
        (each.code, answers.Post(code=each.code, role=each.role, unit=each.unit, area=each.area))
        for _, each in sorted(call.context.org.staff.items())
    ]
    items, following = cut_page(made, cursor=call.query.cursor, limit=call.query.limit)
    return Reply(body=answers.PostPage(items=items, next=following), rows=len(items))


def list_duties(call: Call) -> Reply:
    """List the duty items."""
    made = [
        (
            item.code,
            answers.DutyOut(
                code=item.code,
                name=item.name,
                category=item.category,
                level=item.level.value,
                lead=item.lead,
                assisting=list(item.assisting),
                allowed_levels=[level.value for level in item.allowed_levels],
                deadline_value=item.deadline_value,
                deadline_unit=item.deadline_unit,
                deadline_calendar=item.deadline_calendar,
                tier=item.tier,
                basis=item.basis,
                std_code=item.std_code,
            ),
        )
        for _, item in sorted(call.context.duty_list.items.items())
    ]
    items, following = cut_page(made, cursor=call.query.cursor, limit=call.query.limit)
    return Reply(body=answers.DutyPage(items=items, next=following), rows=len(items))


def list_entries(call: Call) -> Reply:
    """List the knowledge entries that answer a question, best first, or all of them by code."""
    asked: EntriesAsked = call.query
    entries = call.city.entries
    if asked.q.strip():
        best = [_describe(entries[code]) for code in call.city.find_entries(asked.q) if code in entries]
        return Reply(body=answers.EntryPage(items=best[: asked.limit]), rows=len(best[: asked.limit]))
    codes = [(code, code) for code in sorted(entries)]
    page, following = cut_page(codes, cursor=asked.cursor, limit=asked.limit)
    return Reply(body=answers.EntryPage(items=[_describe(entries[code]) for code in page], next=following), rows=len(page))


def show_entry(call: Call) -> Reply:
    """Show one knowledge entry; Problem (404) if none that is published has this code."""
    entry = call.city.entries.get(call.path["code"])
    if entry is None:
        raise unseen()
    return Reply(body=_describe(entry))


def _describe(entry: Entry) -> answers.EntryOut:
    return answers.EntryOut(
        code=entry.code,
        kind=entry.kind,
        question=entry.question,
        answer=entry.answer,
        area=entry.area,
        unit=entry.unit,
        source=entry.source,
        source_date=entry.source_date,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        coordinates=entry.coordinates,
        version=entry.version,
    )


ROUTES = (
    Route(
        method="GET",
        path="/areas",
        name="areas",
        action="org.read",
        run=list_areas,
        query=Paged,
        answer=answers.AreaPage,
        tag="org",
    ),
    Route(
        method="GET",
        path="/units",
        name="units",
        action="org.read",
        run=list_units,
        query=Paged,
        answer=answers.UnitPage,
        tag="org",
    ),
    Route(
        method="GET",
        path="/posts",
        name="posts",
        action="org.read",
        run=list_posts,
        query=Paged,
        answer=answers.PostPage,
        tag="org",
    ),
    Route(
        method="GET",
        path="/duty-items",
        name="duties",
        action="duties.read",
        run=list_duties,
        query=Paged,
        answer=answers.DutyPage,
        tag="org",
    ),
    Route(
        method="GET",
        path="/entries",
        name="entries",
        action="knowledge.read",
        run=list_entries,
        query=EntriesAsked,
        answer=answers.EntryPage,
        tag="knowledge",
    ),
    Route(
        method="GET",
        path="/entries/{code}",
        name="entry",
        action="knowledge.read",
        run=show_entry,
        answer=answers.EntryOut,
        tag="knowledge",
    ),
)
