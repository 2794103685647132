"""苗头: where figures may look better than the work was, each with its ticket; somebody has to look, nothing is decided by it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, get_args
from urllib.parse import urlencode

import msgspec

from console.api.figures import find_area
from console.cursors import read_cursor, write_cursor
from console.editions import read_editions
from console.pages import figures
from console.pages.figure_tickets import may_oversee
from console.pages.routes import File, Page, PageCall, PageRoute
from console.pages.saved_tables import Table, save
from console.problems import wrong
from routing import coverage, kept_signs, workloads
from routing.warning_signs import SignKind

if TYPE_CHECKING:
    from routing.sign_rows import Period
    from routing.warning_signs import Sign

PATH = f"{figures.PATH}/signs"
LIST_SIZE = 50
_FIRST, _LAST = 2000, 2998
Place = tuple[datetime, str, str]
"""Where a page ends: the moment, the ticket and the kind of its last sign."""


class SignOut(msgspec.Struct, frozen=True, kw_only=True):
    """A sign in words: `unit_name` "" where no list says whose work it is."""

    kind: str
    name: str
    number: str
    at: datetime
    unit_name: str
    because: str


def show_signs(call: PageCall) -> Page:
    """Show the signs of a month, all or of one kind."""
    month, area, signs = _read(call)
    kind = call.query.get("tab", "")
    if kind and kind not in get_args(SignKind):
        raise wrong("query.tab", "Expected a kind of sign")
    found = [sign for sign in signs if kind in {"", sign.kind}]
    after = _read_place(call.query.get("cursor", ""))
    rest = [sign for sign in found if after is None or _place_of(sign) < after]
    shown = [describe(call, sign) for sign in rest[:LIST_SIZE]]
    following = _write_place(rest[LIST_SIZE - 1]) if len(rest) > LIST_SIZE else ""
    kept = {"month": month, "area": area, "tab": kind}
    return Page(
        template="figures/signs.html",
        values={
            "month": month,
            "area": area,
            "kind": kind,
            "kinds": get_args(SignKind),
            "counts": Counter(sign.kind for sign in signs),
            "total": len(signs),
            "signs": shown,
            "editions": read_editions(call.session, {one.number for one in shown}),
            "next": following,
            "kept": kept,
            "query": urlencode({**kept, "cursor": call.query.get("cursor", "")}),
            "areas": figures.list_areas(call),
            "oversees": may_oversee(call),
            "say": call.city.say_figure,
        },
    )


def save_signs(call: PageCall) -> File:
    """Save the signs of a month."""
    month, _, signs = _read(call)
    say, zone = call.city.say_figure, call.city.zone
    rows = tuple(
        (one.name, one.number, one.unit_name, f"{one.at.astimezone(zone):%Y-%m-%d %H:%M}", one.because)
        for one in (describe(call, sign) for sign in signs)
    )
    columns = tuple(say(f"column_{name}") for name in ("sign", "number", "unit", "when", "because"))
    table = Table(title=say("title_signs"), note=say("note_signs"), columns=columns, rows=rows)
    return save(call, f"signs-{month}", (table,), subject="signs", action="figures.save", facts={"month": month})


def describe(call: PageCall, sign: Sign) -> SignOut:
    """Put a sign into words."""
    return SignOut(
        kind=sign.kind,
        name=call.city.say_figure(f"sign_{sign.kind}"),
        number=sign.number,
        at=sign.at,
        unit_name=call.context.org.name_of(sign.unit) if sign.unit else "",
        because=call.city.reports.say_sign(sign),
    )


def read_month(call: PageCall) -> tuple[str, Period]:
    """Read the month asked for (2026-10), this month without one: its name and its moments. Problem (422) for what is none."""
    asked = call.query.get("month", "") or call.form.get("month", "")
    try:
        day = date.fromisoformat(f"{asked}-01") if asked else call.now.astimezone(call.city.zone).date()
    except ValueError as error:
        raise wrong("query.month", "Expected a month as 2026-10") from error
    if not _FIRST <= day.year <= _LAST:
        raise wrong("query.month", f"Expected a month from {_FIRST} to {_LAST}")
    return workloads.find_period(day, call.city.zone)


def _read(call: PageCall) -> tuple[str, str, list[Sign]]:
    """Read the signs of the month and area asked for, the newest first."""
    month, period = read_month(call)
    area = find_area(call, call.query.get("area", ""))
    within = msgspec.structs.replace(period, areas=coverage.list_within(call.context.org, area))
    basis, org = call.city.reports.basis, call.context.org
    signs = kept_signs.list_signs(call.session, within, basis=basis, org=org, viewer=call.actor.viewer)
    return month, area, sorted(signs, key=_place_of, reverse=True)


def _place_of(sign: Sign) -> Place:
    return sign.at, sign.number, sign.kind


def _write_place(sign: Sign) -> str:
    return write_cursor(f"{sign.at.isoformat()}|{sign.number}|{sign.kind}")


def _read_place(cursor: str) -> Place | None:
    """Read behind which sign a page begins; Problem (422) for a cursor that is none of ours."""
    if not cursor:
        return None
    moment, _, rest = read_cursor(cursor).partition("|")
    number, _, kind = rest.partition("|")
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), number, kind
    except ValueError as error:
        raise wrong("query.cursor", "Expected a cursor that a page gave as `next`") from error


PAGES = (
    PageRoute(path=PATH, name="figure_signs", action="figures.list", run=show_signs),
    PageRoute(path=f"{PATH}/save/{{form}}", name="figure_signs_save", action="figures.list", run=save_signs),
)
