"""工作量: what each of those a supervisor looks after did in a month, and of whose work they should look at something. Nobody else reads it.

A count is a reason to ask, not a judgement; the tickets are those that the supervisor may see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from console.pages.figure_signs import read_month
from console.pages.routes import File, Page, PageCall, PageRoute
from console.pages.saved_tables import Cell, Table, save
from routing import early_warnings, workloads
from routing.deeds import DeedKind  # noqa: TC001 - msgspec reads the annotation
from routing.early_warnings import Workload

if TYPE_CHECKING:
    from routing.workloads import Card

PATH = "/staff/workloads"
KINDS: tuple[DeedKind, ...] = (
    "dispatched", "signed", "concluded", "on_time", "overdue", "returned", "came_back", "redone", "late_extension", "hollow",
)  # fmt: skip


class WarnedOut(msgspec.Struct, frozen=True, kw_only=True):
    """A yellow card: of how many, and the tickets that the supervisor may see; `unseen` are the others."""

    kind: str
    count: int
    of: int
    numbers: tuple[str, ...]
    unseen: int


class WorkerOut(msgspec.Struct, frozen=True, kw_only=True):
    """One of the staff or a unit, with what they did by kind of deed."""

    code: str
    name: str
    is_unit: bool
    units: tuple[str, ...]
    worked_on: int
    counts: dict[DeedKind, int]
    warned: tuple[WarnedOut, ...] = ()


def show_workloads(call: PageCall) -> Page:
    """Show the work of a month: whom to ask first, then all by name."""
    month, workers = _read(call)
    return Page(
        template="figures/workloads.html",
        values={"month": month, "workers": workers, "kinds": KINDS, "say": call.city.say_figure},
    )


def save_workloads(call: PageCall) -> File:
    """Save the counts of a month."""
    month, workers = _read(call)
    say = call.city.say_figure
    columns = (*(say(f"column_{name}") for name in ("person", "unit", "worked_on")), *(say(f"deed_{kind}") for kind in KINDS))
    rows = tuple(_list_cells(one, say("between").join(one.units)) for one in workers)
    table = Table(title=say("title_workloads"), note=month, columns=columns, rows=rows)
    return save(call, f"workloads-{month}", (table,), subject="workloads", action="figures.save", facts={"month": month})


def _list_cells(one: WorkerOut, units: str) -> tuple[Cell, ...]:
    return (one.name, units, one.worked_on, *(one.counts[kind] for kind in KINDS))


def _read(call: PageCall) -> tuple[str, list[WorkerOut]]:
    """Read the work of those whom the caller looks after; who did nothing counts nothing."""
    month, period = read_month(call)
    org = call.context.org
    reports = call.city.reports
    book = workloads.read_book(call.session, period, basis=reports.basis)
    loads = {(load.is_unit, load.code): load for load in book.loads}
    people = [
        (False, one.code, one.name, tuple(org.name_of(post) for post in one.posts))
        for one in workloads.list_workers(call.actor.code, org)
    ]
    units = [(True, code, org.name_of(code), ()) for code in workloads.list_units(call.actor.code, org)]
    theirs = {(is_unit, code) for is_unit, code, _, _ in (*people, *units)}
    warned = (one for one in early_warnings.find_warned(book.loads, reports.warnings) if (one.is_unit, one.code) in theirs)
    cards: dict[tuple[bool, str], list[Card]] = {}
    for card in workloads.list_cards(call.session, book, warned, viewer=call.actor.viewer, org=org):
        cards.setdefault((card.warned.is_unit, card.warned.code), []).append(card)
    found = []
    for is_unit, code, name, posts in (*people, *units):
        load = loads.get((is_unit, code)) or Workload(code=code, is_unit=is_unit)
        found.append(
            WorkerOut(
                code=code,
                name=name,
                is_unit=is_unit,
                units=posts,
                worked_on=load.worked_on,
                counts={kind: load.count(kind) for kind in KINDS},
                warned=tuple(_describe(card) for card in cards.get((is_unit, code), ())),
            )
        )
    return month, sorted(found, key=lambda one: (one.is_unit, not one.warned, one.code))


def _describe(card: Card) -> WarnedOut:
    one = card.warned
    return WarnedOut(kind=one.kind, count=one.count, of=one.of, numbers=card.visible, unseen=card.unseen)


PAGES = (
    PageRoute(path=PATH, name="workloads", action="workloads.read", run=show_workloads),
    PageRoute(path=f"{PATH}/save/{{form}}", name="workloads_save", action="workloads.read", run=save_workloads),
)
