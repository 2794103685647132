"""What workers did as commands: early warnings for the supervisor's eyes, and the sheet by which stationed people are judged by two.

Nobody's name stands beside a count but for who looks after their work; the operator sees the sheet alone, which holds counts without a verdict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.commands import Command, Json
from bot.refusals import refuse
from bot.reporting.asking import find_asked
from bot.reporting.pack import Pack, Section
from bot.reporting.saying import say
from bot.reporting.sections import name_value
from routing import early_warnings, workloads
from routing.org import SUPERVISOR
from routing.sight import OPERATOR, Viewer

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from routing.deeds import DeedKind
    from routing.early_warnings import Workload
    from routing.org import StaffMember
    from routing.sign_rows import Period
    from routing.workloads import Book, Card

_COUNTED: tuple[DeedKind, ...] = ("signed", "concluded", "on_time", "returned", "redone")
_COLUMNS = (
    "person",
    "sent_by",
    "stationed",
    *_COUNTED,
    "unit_supervisors",
    "street_supervisors",
    "by_unit",
    "by_street",
    "together",
)


def list_warned(session: Session, city: City, *, now: datetime, month: str, actor: str) -> Json:
    """List of whose work a supervisor should look at something, with the tickets behind it: people and units they look after themselves."""
    _check_supervisor(city, actor)
    book = _read(session, city, find_asked(city, month, now=now, viewer=OPERATOR).period)
    theirs = {(False, one.code) for one in workloads.list_workers(actor, city.org)}
    theirs |= {(True, code) for code in workloads.list_units(actor, city.org)}
    warned = early_warnings.find_warned(book.loads, city.settings.warnings)
    shown = (one for one in warned if (one.is_unit, one.code) in theirs)
    cards = workloads.list_cards(session, book, shown, viewer=Viewer("staff", actor), org=city.org)
    return [_describe(card, city) for card in cards]


def make_sheet(session: Session, city: City, *, now: datetime, month: str, actor: str = OPERATOR.kind) -> Json:
    """Make the sheet of the stationed: what each did, both supervisors, and empty cells for what these two think of it."""
    if actor != OPERATOR.kind:
        _check_supervisor(city, actor)
    org = city.org
    people = [one for one in org.staff.values() if one.stationed] if actor == OPERATOR.kind else org.stationed_under(actor)
    loads = {
        load.code: load
        for load in _read(session, city, find_asked(city, month, now=now, viewer=OPERATOR).period).loads
        if not load.is_unit
    }
    street = city.settings.report.street_percent
    section = Section(
        key="stationed",
        title=say("title_stationed"),
        note=say("note_stationed", street=street, rest=100 - street),
        columns=tuple(say(f"column_{name}", street=street, rest=100 - street) for name in _COLUMNS),
        rows=tuple(_list_cells(one, loads.get(one.code), city) for one in people),
    )
    made = say("made", at=f"{now.astimezone(city.zone):%Y-%m-%d %H:%M}")
    return msgspec.to_builtins(Pack(month=month, area="", title=say("stationed_of", month=month), made=made, sections=(section,)))


def _list_cells(person: StaffMember, load: Workload | None, city: City) -> tuple[str | int, ...]:
    counts = (load.count(kind) if load is not None else 0 for kind in _COUNTED)
    return (
        person.name,
        name_value(city, "unit", person.unit),
        name_value(city, "unit", person.stationed),
        *counts,
        _name_supervisors(person, person.unit, city),
        _name_supervisors(person, person.stationed, city),
        "",
        "",
        "",
    )


def _name_supervisors(person: StaffMember, post: str, city: City) -> str:
    return say("between").join(one.name for one in city.org.supervisors_of(post) if one.code != person.code)


def _describe(card: Card, city: City) -> dict[str, Json]:
    warned = card.warned
    posts: Iterable[str] = () if warned.is_unit else city.org.staff[warned.code].posts
    return {
        "code": warned.code,
        "name": city.org.name_of(warned.code) if warned.is_unit else city.org.staff[warned.code].name,
        "units": [city.org.name_of(post) for post in posts],
        "is_unit": warned.is_unit,
        "kind": warned.kind,
        "kind_name": say(f"warned_{warned.kind}"),
        "count": warned.count,
        "of": warned.of,
        "numbers": list(card.visible),
        "unseen": card.unseen,
    }


def _check_supervisor(city: City, actor: str) -> None:
    """Refuse whoever looks after nobody's work, the operator too."""
    person = city.org.staff.get(actor)
    if person is None or person.role != SUPERVISOR:
        raise refuse("workers_not_yours")


def _read(session: Session, city: City, period: Period) -> Book:
    return workloads.read_book(session, period, basis=city.make_basis())


COMMANDS = (
    Command(name="report.workers", run=list_warned, writes=False),
    Command(name="report.stationed", run=make_sheet, writes=False),
)
