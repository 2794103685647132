"""The made-up town at work: its staff, a context to act in, and a teller that remembers what it was told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from routing import calendar, desk, duty_list
from routing.context import DeskSettings, RoutingContext
from routing.facts import Origin, TicketFacts
from routing.org import StaffMember, build
from routing.terms import Status
from routing.triage import Triage
from tests.town import AREAS, ITEMS, ROSTER, STAFF, UNITS, report_at, utter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from routing.facts import Opened
    from routing.terms import Notice

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""A Monday, 12:00 in the town."""
LAMP_OUT = "柳树街12号路灯坏了三天，晚上路灯不亮，黑漆漆的没法走"
LAMP_TICKET = TicketFacts(
    number="20260302-0001",
    status=Status.DISPATCHED,
    title="柳树街12号路灯不亮",
    summary="路灯坏了三天",
    kind="help",
    reason="",
    tier="none",
    hazard="",
    confidential=False,
    public_place="柳树街12号",
    area="G1",
    unit="D-works",
    unit_name="东湖区市政中心",
    desk="S1-desk",
    desk_name="河东街道指挥室",
    item="SZ-1",
    assisting=("C1-jwh",),
    candidates=("SZ-1",),
    why=(),
    refused=(),
    automatic=True,
    rehearsed=False,
    due_at=NOON,
    due_basis=(),
    opened_at=NOON,
    dispatched_at=NOON,
    replied_at=None,
    concluded_at=None,
    reply="已换灯泡",
    rating="",
    redo_count=1,
    resident_id=1,
    people=(1, 2),
    last_act="dispatch",
    acknowledged=False,
    version=1,
)
"""A ticket about that lamp as it may be shown: with its unit, followed by one neighbour."""
OFFICERS = (
    StaffMember(code="LAMP-1", name="温谷雨", role="unit_clerk", unit="D-works"),
    StaffMember(code="LAW-1", name="丁小雪", role="unit_clerk", unit="S1-law"),
    StaffMember(code="DESK-1", name="吴冬至", role="desk", unit="S1-desk"),
    StaffMember(code="TOP-1", name="沈大寒", role="desk", unit="D-desk"),
)


@dataclass
class Teller:
    """Remembers every notice."""

    notices: list[Notice] = field(default_factory=list)

    def __call__(self, _session: Session, notice: Notice, /) -> None:
        self.notices.append(notice)

    def take(self) -> list[tuple[str, str]]:
        """Give (key, target) of what was told since the last time."""
        told = [(notice.key, notice.target) for notice in self.notices]
        self.notices.clear()
        return told


def build_context(teller: Teller, settings: DeskSettings | None = None) -> RoutingContext:
    duties = duty_list.build(ITEMS)
    return RoutingContext(
        org=build(AREAS, UNITS, STAFF + OFFICERS, ROSTER),
        duty_list=duties,
        triage=Triage(duties, today=NOON.date()),
        calendar=calendar.build(calendar.load_folder(), zone=ZoneInfo("Asia/Shanghai")),
        tell=teller,
        desk=settings or DeskSettings(),
    )


def report_lamp(
    session: Session,
    context: RoutingContext,
    *,
    resident: int = 1,
    text: str = LAMP_OUT,
    area: str = "G1",
    place: str = "柳树街12号",
    now: datetime = NOON,
    **facts: object,
) -> Opened:
    """Report a lamp that is out (or something else) at a place."""
    report = report_at(area, text=text, place=f"{place}3单元501", **facts) if area else report_at(text=text, **facts)
    return desk.open_ticket(
        session,
        report=msgspec.structs.replace(report, public_place=place),
        resident_id=resident,
        origin=Origin(inbox_id=resident, channel="terminal"),
        context=context,
        now=now,
        utterance=utter(text),
    )
