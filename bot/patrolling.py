"""What a grid worker writes about something found in their grid, read like any report: its danger, its place, what it is about.

Where no place is written it lies in the grid; a place the gazetteer does not have is kept as written, in the grid.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.effects.opening import make_report
from intents.actions import PlaceRef
from intents.slots import find_place, read_draft
from knowledge_base.places import hide
from knowledge_base.text import normalize, skim
from routing import representing
from routing.errors import UnknownWork
from routing.grid_work import Found, check_grid, open_found

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.city import City
    from routing.context import RoutingContext
    from routing.facts import Opened

FILED = "proxy"
"""The source of what is filed for a resident."""


def read_found(city: City, text: str, *, grid: str, staff: str, place: str = "", item: str = "") -> Found:
    """Read what was found in a grid; UnknownWork if there is no such grid. `staff` reported it, `item` is the check it was found at."""
    area = city.org.areas.get(grid)
    if area is None:
        raise UnknownWork(f"there is no area {grid}")
    utterance = city.segmenter.read(text)
    written = place.strip()
    known = find_place(city.gazetteer.find(normalize(written) if written else utterance.text), home_areas=(grid,))
    there = PlaceRef(text=written or area.name, public=written or area.name, name=written or area.name, areas=(grid,), kind="area")
    if known is not None and known.areas:
        there = msgspec.structs.replace(known, areas=(grid,)) if grid in known.areas else known
    draft = read_draft(utterance, place=there, reading=city.danger.read(utterance.text, overheard=True))
    draft = msgspec.structs.replace(draft, phone="", reporter_staff=staff)
    topic = draft.topic or hide(normalize(draft.text), [there])
    return Found(report=make_report(draft, text=draft.text, said=utterance.text), utterance=skim(topic), item=item)


def file_for(
    session: Session,
    city: City,
    *,
    text: str,
    grid: str,
    staff: str,
    actor: str = "",
    place: str = "",
    phone: str = "",
    now: datetime,
    context: RoutingContext,
) -> tuple[Opened, bool]:
    """代办: file a matter for a resident, who is told if their telephone number is one we know; gives what became of it, and whether they are.

    `staff` reported it, `actor` is who files (the same, unless it is the operator). UnknownWork, NotYourGrid, NothingTold.
    """
    check_grid(grid, actor or staff, context.org)
    resident = representing.find_known(session, phone)
    found = read_found(city, text, grid=grid, staff=staff, place=place)
    opened = open_found(session, found, source=FILED, now=now, context=context, resident_id=resident)
    return opened, representing.tell_filed(session, opened, resident=resident, context=context)
