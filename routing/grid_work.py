"""What all grid work shares: whose grids somebody may work in, and what becomes of something that was found there.

Found on a round, before a season or at a resident's door, it is a ticket like any other, with the worker as who reported it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from knowledge_base.text import Utterance  # noqa: TC001 - msgspec reads the annotation
from routing import desk
from routing.errors import NothingTold, NotYourGrid, UnknownName, UnknownWork
from routing.facts import Origin
from routing.grid_rounds import list_grids
from routing.history import OPERATOR, find
from routing.terms import NOBODY, Report

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Opened
    from routing.org import OrgChart

LOOKS_AFTER = frozenset({"grid_worker", "liaison"})
"""Roles whose area is their own to look after."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Something found that needs a unit: the check item it was found at, and the report that becomes a ticket."""

    report: Report
    utterance: Utterance
    item: str = ""


def grids_of(actor: str, org: OrgChart) -> frozenset[str]:
    """List the grids somebody may work in: a worker's own, else those of their unit's area; all for the operator. UnknownName for nobody."""
    if actor == OPERATOR:
        return frozenset(code for root in org.areas.values() if not root.parent for code in list_grids(org, root.code))
    person = org.staff.get(actor)
    if person is None:
        raise UnknownName(f"nobody has the code {actor}")
    units = [unit for code in person.posts if (unit := org.unit(code)) is not None]
    areas = [person.area] if person.role in LOOKS_AFTER else [unit.area for unit in units]
    return frozenset(grid for area in areas if area for grid in list_grids(org, area))


def check_grid(grid: str, actor: str, org: OrgChart) -> None:
    """Check that somebody may work in a grid; NotYourGrid if not, UnknownWork if there is none."""
    if grid not in org.areas:
        raise UnknownWork(f"there is no grid {grid}")
    if grid not in grids_of(actor, org):
        raise NotYourGrid


def open_found(
    session: Session, found: Found, *, source: str, now: datetime, context: RoutingContext, resident_id: int = NOBODY
) -> Opened:
    """Open a ticket for what was found, or join the open one that tells of it. Nobody is its resident unless one is named. NothingTold."""
    if not found.report.text.strip():
        raise NothingTold
    opened = desk.open_ticket(
        session,
        report=found.report,
        resident_id=resident_id,
        origin=Origin(inbox_id=None, channel=source),
        context=context,
        now=now,
        utterance=found.utterance,
    )
    if not opened.joined_to:
        find(session, opened.ticket.number).source = source
        session.flush()
    return opened
