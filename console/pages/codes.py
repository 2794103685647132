"""Codes on doors, buildings and contact cards: what a resident sees who scans one, and the operator's list, making, revoking and printing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import msgspec

from console.codes import sheet
from console.pages.routes import File, Page, PageCall, PageRoute, Redirect
from console.pages.saved_tables import Table, name_columns, read_all, save, say_more, write_moment
from console.policy import Allowed, authorize
from console.problems import Problem, wrong
from routing import codes
from routing.codes import CodeError, Target, Wanted
from routing.grid_rounds import list_grids

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routing.code_tables import PlaceCode
    from routing.org import OrgChart

LIST_SIZE = 50
_KINDS = ("door", "building", "worker")
_MOST_DOORS = 500
"""Doors of one form: a building's."""
_LONGEST = 60
LIST = "/staff/system/codes"


def show_place(call: PageCall) -> Page:
    """Show whoever scanned a code where they are, who looks after it and what they can do; one that is revoked or forged leads to the front door."""
    code = call.path["code"]
    row = codes.find(call.session, code)
    if row is None or row.revoked_at is not None:
        why = {"state": "unknown" if row is None else "revoked", "place": ""}
        return Page(template="resident/place.html", status=404 if row is None else 410, values=why)
    org = call.context.org
    codes.count_scan(call.session, row, today=call.now.astimezone(call.city.zone).date())
    area = name_area(row, org)
    content = [
        {"kind": one.kind, "title": one.title, "text": one.text, "phone": one.phone}
        for one in codes.list_content(call.session, row)
    ]
    values: dict[str, Any] = {
        "state": "valid",
        "code": code,
        "kind": row.kind,
        "place": row.label or area,
        "area": area,
        "contact": codes.find_contact(row, org),
        "content": content,
    }
    return Page(template="resident/place.html", values=values)


def name_area(row: PlaceCode, org: OrgChart) -> str:
    """Name the grid that a code stands in today; "" if it is in none."""
    area = org.areas.get(org.standing_area(row.area))
    return area.name if area is not None else ""


def show_list(call: PageCall, *, problem: str = "") -> Page:
    """Show the codes that were asked for, with how often they were scanned; `problem` is what was wrong with a form."""
    wanted, after = read_wanted(call), read_number(call.query.get("after", ""))
    org = call.context.org
    rows = codes.list_codes(call.session, wanted, org=org, limit=LIST_SIZE + 1, after=after)
    shown = rows[:LIST_SIZE]
    return Page(
        template="system/codes.html",
        status=422 if problem else 200,
        values={
            "codes": describe(call, shown),
            "wanted": wanted,
            "filter": urlencode(_filter(wanted)),
            "kept": _filter(wanted),
            "after": after,
            "next": shown[-1].id if len(rows) > LIST_SIZE else 0,
            "areas": [(area.code, area.name) for area in sorted(org.areas.values(), key=lambda one: org.chain(one.code)[::-1])],
            "grids": [
                (code, org.areas[code].name)
                for root in org.areas.values()
                if not root.parent
                for code in list_grids(org, root.code)
            ],
            "can_print": bool(call.city.public_url),
            "may_write": isinstance(authorize(call.actor, "system.write"), Allowed),
            "problem": problem,
            "typed": call.form if problem else {},
        },
    )


def save_list(call: PageCall) -> File:
    """Save the codes that were asked for; not what stands on them, which opens their page."""
    wanted, org, name = read_wanted(call), call.context.org, call.city.name_code

    def read(after: int | None, limit: int) -> tuple[Sequence[dict[str, Any]], int | None]:
        rows = codes.list_codes(call.session, wanted, org=org, limit=limit, after=after or 0)
        return describe(call, rows), rows[-1].id if len(rows) == limit else None

    found, more = read_all(read)
    columns = ("id", "code_kind", "spot", "grid", "lately", "scans", "made", "printed", "revoked", "note")
    moments = ("made_at", "printed_at", "revoked_at")
    table = Table(
        title=name("title", "codes"),
        note=say_more(call, more=more),
        columns=name_columns(call, *columns),
        rows=tuple(
            (
                one["id"],
                name("code", one["kind"]),
                one["place"],
                one["area"],
                one["lately"],
                one["scans"],
                *(write_moment(call, one[moment]) for moment in moments),
                one["note"],
            )
            for one in found
        ),
    )
    return save(call, "codes", (table,), subject="codes", facts=_filter(wanted))


def read_wanted(call: PageCall) -> Wanted:
    """Read which codes are wanted from the address of the list; Problem (422) for an unknown kind."""
    kind, state = call.query.get("kind", ""), call.query.get("state", "")
    if kind and kind not in _KINDS:
        raise wrong("query.kind", "Expected " + ", ".join(_KINDS))
    words = call.query.get("words", "").strip()[:_LONGEST]
    area = call.query.get("area", "")
    return Wanted(area=area, kind=kind, words=words, revoked=state == "revoked", unprinted=state == "unprinted")


def _filter(wanted: Wanted) -> dict[str, str]:
    state = "revoked" if wanted.revoked else "unprinted" if wanted.unprinted else ""
    given = {"area": wanted.area, "kind": wanted.kind, "words": wanted.words, "state": state}
    return {name: value for name, value in given.items() if value}


def read_number(value: str) -> int:
    """Read a number of a code; 0 for none, Problem (422) for what is none."""
    if not value:
        return 0
    if not (value.isascii() and value.isdecimal() and len(value) < 10):  # noqa: PLR2004 - what fits into a row's number
        raise wrong("code", "Expected a number")
    return int(value)


def describe(call: PageCall, rows: Sequence[PlaceCode]) -> list[dict[str, Any]]:
    """Describe codes for the list. One query for the scans of all."""
    org = call.context.org
    today = call.now.astimezone(call.city.zone).date()
    scans = codes.read_scans(call.session, [row.id for row in rows], today=today)
    found = []
    for row in rows:
        total, lately = scans.get(row.id, (0, 0))
        person = org.staff.get(row.worker)
        found.append(
            {
                "id": row.id,
                "kind": row.kind,
                "code": codes.sign_code(call.session, row),
                "place": (person.name if person else row.worker) or row.label,
                "area": name_area(row, org),
                "note": row.note,
                "made_at": row.made_at.astimezone(call.city.zone),
                "printed_at": row.printed_at.astimezone(call.city.zone) if row.printed_at else None,
                "revoked_at": row.revoked_at.astimezone(call.city.zone) if row.revoked_at else None,
                "scans": total,
                "lately": lately,
            }
        )
    return found


class MakeForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form that makes codes: of all in an area, or of the place that is named."""

    area: str
    kind: codes.CodeKind = "building"
    name: str = ""
    building: str = ""
    doors: list[str] = []
    note: str = ""


def make_codes(call: PageCall) -> Page | Redirect:
    """Make codes of an area, of a place or of its doors."""
    form = call.read_form(MakeForm)
    if max(map(len, (form.name, form.building, form.note, *form.doors))) > _LONGEST or len(form.doors) > _MOST_DOORS:
        raise wrong("form", f"Expected at most {_LONGEST} characters a line and {_MOST_DOORS} lines")
    org = call.context.org
    try:
        targets = list_targets(call, form)
        made = codes.make(call.session, targets, note=form.note, by=call.actor.code, now=call.now, org=org)
    except CodeError as error:
        return show_list(call, problem=call.city.refusal(error) or "")
    return Redirect(to=f"{LIST}?{urlencode({'area': form.area})}", flash="codes_made" if made.codes else "nothing")


def list_targets(call: PageCall, form: MakeForm) -> list[Target]:
    """List what codes a form asks for."""
    if not form.name:
        return codes.list_targets(call.session, form.area, kind=form.kind, org=call.context.org)
    return codes.name_targets(form.area, name=form.name, building=form.building, doors=form.doors)


def revoke_code(call: PageCall) -> Redirect:
    """Revoke a code."""
    try:
        codes.revoke(call.session, read_number(call.form.get("code", "")), by=call.actor.code, now=call.now)
    except CodeError as error:
        raise Problem(404, "not_found") from error
    return Redirect(to=LIST, flash="code_revoked")


def show_sheet(call: PageCall) -> Page:
    """Show the codes that were asked for as a sheet to print; those that are revoked never."""
    wanted = msgspec.structs.replace(read_wanted(call), revoked=False)
    org = call.context.org
    rows = codes.list_codes(call.session, wanted, org=org, limit=sheet.MOST, by_place=True)
    try:
        cards = sheet.read_cards(call.session, rows, org=org, public_url=call.city.public_url)
    except sheet.NoPublicUrl as error:
        return show_list(call, problem=call.city.refusal(error) or "")
    return Page(template="system/codes_sheet.html", values={"pages": sheet.split_pages(cards), "style": ""})


def note_printed(call: PageCall) -> Redirect:
    """Write down that the codes of a sheet were printed."""
    numbers = [read_number(line) for line in call.form.get("code", "").splitlines()[: sheet.MOST]]
    codes.note_printed(call.session, codes.list_numbered(call.session, numbers), by=call.actor.code, now=call.now)
    return Redirect(to=LIST, flash="codes_printed")


PAGES = (
    PageRoute(path="/c/{code}", name="place", action="pages.read", run=show_place, writes=True),
    PageRoute(path=LIST, name="codes", action="system.read", run=show_list),
    PageRoute(path=f"{LIST}/save/{{form}}", name="codes_save", action="system.read", run=save_list),
    PageRoute(path=f"{LIST}/print", name="codes_sheet", action="system.write", run=show_sheet),
    PageRoute(path=f"{LIST}/make", name="codes_make", action="system.write", run=make_codes, method="POST"),
    PageRoute(path=f"{LIST}/revoke", name="codes_revoke", action="system.write", run=revoke_code, method="POST"),
    PageRoute(path=f"{LIST}/printed", name="codes_printed", action="system.write", run=note_printed, method="POST"),
)
