"""Patrols as commands: sheets, rounds that are due, what was found and put right, who missed what; and filing for a resident."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from bot.commands import Command, Json
from bot.commands.tickets import describe_for
from bot.patrolling import file_for, read_found
from bot.reporting.asking import check_days
from bot.telling import Telling
from routing import patrols
from routing.history import OPERATOR
from routing.patrols import Fixed

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from routing.facts import Opened
    from routing.patrols import RoundFacts


def sheets(session: Session, city: City, *, now: datetime) -> Json:  # noqa: ARG001 - every command is told the time
    """List the sheets."""
    found = patrols.list_sheets(session)
    return [msgspec.to_builtins(sheet) | {"area_name": name_area(city, sheet.area)} for sheet in found]


def due(session: Session, city: City, *, now: datetime, actor: str = OPERATOR) -> Json:
    """List the rounds that can still be gone in time; today's are made first."""
    patrols.make_rounds(session, now=now, org=city.org, calendar=city.calendar)
    return [_describe(one, city) for one in patrols.list_due(session, actor=actor, now=now, org=city.org)]


def record(
    session: Session,
    city: City,
    *,
    now: datetime,
    round: int,  # noqa: A002 - what the command line calls it
    actor: str,
    found: str = "",
    fixed: str = "",
    item: str = "",
    place: str = "",
) -> Json:
    """Record a round that was gone: all well, or something found, or put right at once."""
    grid = patrols.find_round(session, round).area
    findings = [read_found(city, found, grid=grid, staff=_reporter(actor), place=place, item=item)] if found.strip() else []
    mended = [Fixed(text=fixed, place=place, item=item)] if fixed.strip() else []
    context = city.routing_context(tell=Telling(city, now=now))
    done = patrols.record_round(session, round, actor=actor, found=findings, fixed=mended, now=now, context=context)
    return _describe(done.round, city) | {
        "tickets": [describe_opened(one, city, actor=actor) for one in done.opened],
        "fixed": done.fixed,
    }


def missed(session: Session, city: City, *, now: datetime, actor: str = OPERATOR, since: str = "", until: str = "") -> Json:
    """List by day and worker which rounds were missed, late or gone outside of their hours; the last week unless days are named."""
    first, last = read_days(city, since, until, now=now)
    found = patrols.list_missed(session, actor=actor, since=first, until=last, now=now, org=city.org)
    return [
        {
            "day": one.day.isoformat(),
            "worker": one.worker,
            "worker_name": name_staff(city, one.worker),
            "due": one.due,
            "missed": sum(each.done_at is None for each in one.missed),
            "late": sum(each.late for each in one.missed),
            "outside": sum(each.outside and not each.late for each in one.missed),
            "rounds": [_describe(each, city) for each in one.missed],
        }
        for one in found
    ]


def solve(
    session: Session, city: City, *, now: datetime, grid: str, actor: str, text: str, item: str = "", place: str = ""
) -> Json:
    """Keep that something was put right at once, outside any round."""
    context = city.routing_context(tell=Telling(city, now=now))
    number = patrols.solve_on_spot(session, grid, Fixed(text=text, place=place, item=item), actor=actor, now=now, context=context)
    return {"record": number, "grid": grid, "grid_name": name_area(city, grid)}


def solved(session: Session, city: City, *, now: datetime, actor: str = OPERATOR, since: str = "", until: str = "") -> Json:
    """Count what was put right at once, by grid and worker; the last week unless days are named."""
    first, last = read_days(city, since, until, now=now)
    found = patrols.count_spots(session, actor=actor, since=first, until=last, org=city.org)
    return [
        msgspec.to_builtins(one) | {"area_name": name_area(city, one.area), "worker_name": name_staff(city, one.worker)}
        for one in found
    ]


def file(
    session: Session, city: City, *, now: datetime, grid: str, actor: str, text: str, place: str = "", phone: str = ""
) -> Json:
    """代办: file a matter for a resident, who is told if their telephone number is one we know."""
    context = city.routing_context(tell=Telling(city, now=now))
    opened, told = file_for(
        session, city, text=text, grid=grid, staff=_reporter(actor), actor=actor, place=place, phone=phone, now=now, context=context
    )
    return describe_opened(opened, city, actor=actor) | {"resident_told": told}


def describe_opened(opened: Opened, city: City, *, actor: str) -> dict[str, Json]:
    """Describe what became of a finding, as who wrote it may see it."""
    return describe_for(opened.ticket, city, actor=actor) | {"joined": bool(opened.joined_to)}


def name_area(city: City, code: str) -> str:
    """Name an area; its code where it is not known."""
    area = city.org.areas.get(city.org.standing_area(code))
    return area.name if area else code


def name_staff(city: City, code: str) -> str:
    """Name somebody of the staff; their code where they are not known."""
    person = city.org.staff.get(code)
    return person.name if person else code


def read_days(city: City, since: str, until: str, *, now: datetime) -> tuple[date, date]:
    """Read the days of a period (ISO 8601); without them the seven up to today by the city's clock. Refused where they run backward."""
    last = date.fromisoformat(until) if until else now.astimezone(city.zone).date()
    first = date.fromisoformat(since) if since else last - timedelta(days=6)
    check_days(first, last)
    return first, last


def _reporter(actor: str) -> str:
    return "" if actor == OPERATOR else actor


def _describe(one: RoundFacts, city: City) -> dict[str, Json]:
    return {
        "round": one.id,
        "sheet": one.sheet,
        "name": one.name,
        "grid": one.area,
        "grid_name": name_area(city, one.area),
        "day": one.day.isoformat(),
        "turn": one.turn,
        "worker": one.worker,
        "worker_name": name_staff(city, one.worker),
        "due_at": one.due_at.isoformat(),
        "due": city.words.moment(one.due_at),
        "done_at": one.done_at.isoformat() if one.done_at else "",
        "late": one.late,
        "hours": one.hours,
        "outside": one.outside,
        "items": list(one.items),
    }


COMMANDS = (
    Command(name="patrol.sheets", run=sheets, writes=False),
    Command(name="patrol.due", run=due),
    Command(name="patrol.record", run=record),
    Command(name="patrol.missed", run=missed, writes=False),
    Command(name="patrol.solve", run=solve),
    Command(name="patrol.solved", run=solved, writes=False),
    Command(name="patrol.file", run=file),
)
