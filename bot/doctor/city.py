"""What doctor checks of the city: the calendar, the knowledge base, the duty list, desks and roster, groups, and what waits for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import func, select

from bot.doctor.finding import fine, hint, wrong
from bot.doctor.unseen import find_unseen
from bot.texts import fill
from knowledge_base.entries import count_published
from routing import org_rows
from routing.grid_size import find_odd_sizes
from routing.tables import DutyItemRow, GroupRow
from routing.terms import UnitKind
from store import failures, inbox, outbox

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from bot.doctor.finding import Finding
    from routing.calendar import Calendar
    from routing.grid_size import GridSettings
    from routing.org import OrgChart

_NOTICE_MONTH = 11
"""Next year's holidays are published in November (2023: 25 October, 2024: 12 November, 2025: 4 November)."""

_NAMED = 5  # names in one line; the rest is counted


class CityFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at the database brought; everything below is decided on it."""

    org: OrgChart
    calendar: Calendar
    entries: int
    duty_items: int
    groups: tuple[tuple[str, bool], ...]
    """Name of each group, and whether its notice is posted."""
    unknown_sends: int
    quarantined: int
    aside: tuple[tuple[str, int, str], ...] = ()
    """Works of duties that are put aside: the duty, the row, the class of the error."""
    unseen: tuple[str, ...] = ()
    """Open tickets that no desk may see."""


def read_city(session: Session, *, zone: ZoneInfo) -> CityFacts:
    """Look at the database; reads only."""
    rows = session.execute(select(GroupRow.name, GroupRow.notice_posted).order_by(GroupRow.code)).all()
    org = org_rows.load_org(session)
    return CityFacts(
        org=org,
        calendar=org_rows.load_calendar(session, zone=zone),
        entries=count_published(session),
        duty_items=session.execute(select(func.count()).select_from(DutyItemRow)).scalar_one(),
        groups=tuple((name, posted) for name, posted in rows),
        unknown_sends=outbox.count_by_state(session).get("unknown", 0),
        quarantined=inbox.count_by_outcome(session).get("quarantined", 0),
        aside=tuple(failures.list_aside(session)),
        unseen=find_unseen(session, org=org),
    )


def check_city(facts: CityFacts, *, now: datetime, grids: GridSettings) -> list[Finding]:
    """Every check of the city, in the order in which one sets a city up. `grids` says how large a grid should be."""
    return [
        *check_desks(facts.org),
        *check_grids(facts.org, settings=grids),
        *check_roster(facts.org),
        check_duty_list(facts),
        check_knowledge(facts),
        *check_calendar(facts.calendar, now=now),
        *check_groups(facts),
        *check_waiting(facts),
    ]


def check_desks(org: OrgChart) -> list[Finding]:
    """There is an organisation, and a desk that takes what nobody else does."""
    if not org.areas:
        return [wrong("org_empty")]
    if not org.desks:
        return [wrong("org_no_desk")]
    covered = {area for area in org.areas if any(code in org.desks for code in org.chain(area))}
    missed = [org.areas[area].name for area in org.areas if area not in covered and org.areas[area].parent]
    if missed:
        return [hint("org_area_without_desk", names=_name_some(missed), desk=org.top_desk().name)]
    handling = sum(unit.kind is not UnitKind.DESK for unit in org.units.values())
    return [fine("org_fine", areas=len(org.areas), units=handling, desks=len(org.desks))]


def check_grids(org: OrgChart, *, settings: GridSettings) -> list[Finding]:
    """Grids where people live are of a size that one worker can know."""
    odd = find_odd_sizes(org.areas.values(), settings=settings)
    if not odd:
        return []
    names = _name_some([f"{one.name} {one.households}" for one in odd])
    least, most = settings.least_households, settings.most_households
    return [hint("grid_size", count=len(odd), names=names, least=least, most=most)]


def check_roster(org: OrgChart) -> list[Finding]:
    """Somebody can be reached for every desk at every hour."""
    found: dict[tuple[tuple[int, int, int], ...], list[str]] = {}
    for desk in org.desks.values():
        gaps = tuple((gap.day, gap.starts, gap.ends) for gap in org.gaps(desk))
        if gaps:
            found.setdefault(gaps, []).append(desk.name)
    if not found:
        return [fine("roster_fine")] if org.desks else []
    return [
        wrong(
            "roster_gap",
            names=_name_some(names),
            hours=sum(ends - starts for _, starts, ends in gaps) // 60,
            first=_say_gap(gaps[0]),
        )
        for gaps, names in found.items()
    ]


def check_duty_list(facts: CityFacts) -> Finding:
    """The city has a duty list of its own; without one the shipped list works."""
    return fine("duty_list_fine", count=facts.duty_items) if facts.duty_items else hint("duty_list_empty")


def check_knowledge(facts: CityFacts) -> Finding:
    """There is something to answer from."""
    return fine("knowledge_fine", count=facts.entries) if facts.entries else wrong("knowledge_empty")


def check_calendar(calendar: Calendar, *, now: datetime) -> list[Finding]:
    """The holidays of this year are known and, once they are published, those of the next."""
    today = now.astimezone(calendar.zone)
    missing = [today.year] if today.year not in calendar.years else []
    if today.month >= _NOTICE_MONTH and today.year + 1 not in calendar.years:
        missing.append(today.year + 1)
    return [wrong("calendar_missing", year=year) for year in missing] or [fine("calendar_fine", year=today.year)]


def check_groups(facts: CityFacts) -> list[Finding]:
    """Residents of every group were told that the bot reads what is written to it."""
    silent = [name for name, posted in facts.groups if not posted]
    if silent:
        return [hint("groups_without_notice", count=len(silent), names=_name_some(silent))]
    return [fine("groups_fine", count=len(facts.groups))] if facts.groups else []


def check_waiting(facts: CityFacts) -> list[Finding]:
    """Nothing waits for a person's decision."""
    found = []
    if facts.unknown_sends:
        found.append(wrong("unknown_sends", count=facts.unknown_sends))
    if facts.quarantined:
        found.append(wrong("quarantined", count=facts.quarantined))
    if facts.aside:
        names = [f"{fill('doctor', f'duty_{duty}')} {row}（{reason}）" for duty, row, reason in facts.aside]
        found.append(wrong("duties_aside", count=len(names), names=_name_some(names)))
    if facts.unseen:
        found.append(wrong("tickets_unseen", count=len(facts.unseen), names=_name_some(list(facts.unseen))))
    return found or [fine("nothing_waits")]


def _name_some(names: list[str]) -> str:
    named = "、".join(names[:_NAMED])
    return named if len(names) <= _NAMED else f"{named}…（{len(names)}）"


def _say_gap(gap: tuple[int, int, int]) -> str:
    day, starts, ends = gap
    return f"{fill('doctor', 'weekdays')[day - 1]} {starts // 60:02d}:{starts % 60:02d}-{ends // 60:02d}:{ends % 60:02d}"
