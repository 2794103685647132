"""What happens to one matter in a made-up city, and the check that nobody hears or sees what they must not, on any way out.

Whoever is refused is worked out here anew, by walking the organisation, and not asked of routing.sight: the check must not agree with a mistake.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import strategies as st
from sqlalchemy import select

from bot.commands.secrecy import show_summary
from bot.commands.tickets import describe_for, export, list_tickets, search, show
from bot.replies import Words
from routing import calendar, desk, duty_list, following, listing, rating, register, review, secrecy, supervision
from routing.context import RoutingContext
from routing.errors import NoTicket, TicketError
from routing.facts import Origin
from routing.handover import preview
from routing.history import find, read_facts
from routing.notice_table import WORDS as WRITTEN
from routing.org import OrgError
from routing.sight import Viewer
from routing.tables import Ticket
from routing.terms import Report, UnitKind
from routing.triage import Triage
from store import audit, outbox
from store.base import Base
from store.outbox import OutboxMessage
from tests.town import ITEMS, utter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import DrawFn
    from sqlalchemy.orm import Session

    from routing.facts import TicketFacts
    from routing.org import OrgChart
    from routing.terms import HandlingUnit, Notice

ZONE = ZoneInfo("Asia/Shanghai")
RECEIVED = datetime(2026, 3, 2, 3, 47, 23, tzinfo=UTC)
"""A Monday, 11:47:23 in the city: no clock of ours makes 47:23 out of anything else."""
EXACT = ("47:23", "11:47")
WORDS = "金丝雀拿了钱"
HOME = "甲乙丙巷77号楼4021室"
DOOR = "4021"
"""Nobody reads it of any matter, but whom a red alarm rings in private, of one that is not sealed: who runs to a fire needs its door."""
GROUP = "wrCanaryGroup9"
_SOME = 4
"""How many of the refused look after every step; in the end all do."""
OPENER, NEIGHBOUR, STRANGER = 1, 2, 3
DUTIES = duty_list.build(ITEMS)
TRIAGE = Triage(DUTIES, today=RECEIVED.date())
CALENDAR = calendar.build(calendar.load_folder(), zone=ZONE)
ACTS = (
    "dispatch", "approve", "return", "reply", "conclude", "redo", "join", "keep_from_unit", "keep_from_staff", "keep_from_name",
    "keep_secret", "ask_secrecy", "doubt", "urge", "add", "note", "warn", "withdraw", "reassign", "carry", "work",
)  # fmt: skip


class Story(msgspec.Struct, frozen=True):
    """One matter: whom its text accuses (a unit's or a person's code, "?" for somebody unknown), how it came, and what is done with it."""

    org: Any
    grid: str
    kind: str
    confidential: bool
    red: bool
    accused: str
    acts: tuple[tuple[str, int], ...]
    hazard: str = "violence"


@st.composite
def stories(draw: DrawFn, org: OrgChart) -> Story:
    """Draw a matter in a city."""
    somebody = st.sampled_from(["", "?", *sorted(org.units), *sorted(org.staff)])
    return Story(
        org=org,
        grid=draw(st.sampled_from(["", *sorted(code for code in org.areas if code.startswith("G"))])),
        kind=draw(st.sampled_from(["help", "complaint", "report"])),
        confidential=draw(st.booleans()),
        red=draw(st.integers(0, 5)) == 0,
        accused=draw(somebody),
        acts=tuple(draw(st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 99)), max_size=7))),
        hazard=draw(st.sampled_from(["fire", "violence", "family_violence"])),
    )


@dataclass
class Stage:
    """The matter while it happens: who is refused by what was said and done, and everything that was told."""

    session: Session
    story: Story
    number: str = ""
    units: set[str] = field(default_factory=set)
    staff: set[str] = field(default_factory=set)
    told: list[Notice] = field(default_factory=list)
    outputs: list[tuple[str, str]] = field(default_factory=list)

    @property
    def org(self) -> OrgChart:
        org: OrgChart = self.story.org
        return org

    def context(self) -> RoutingContext:
        return RoutingContext(org=self.org, duty_list=DUTIES, triage=TRIAGE, calendar=CALENDAR, tell=self.tell)

    def city(self) -> Any:
        """Give what the commands need of a city."""
        words = Words(zone=ZONE, shared={})
        return SimpleNamespace(
            org=self.org, duty_list=DUTIES, words=words, zone=ZONE, routing_context=lambda tell: self.context(),  # noqa: ARG005
        )  # fmt: skip

    def tell(self, session: Session, notice: Notice) -> None:
        """Remember a notice of the matter, and keep it as bot.telling does: what somebody wrote is not kept in plain text."""
        if self.number not in {"", notice.facts["number"]}:
            return  # of a neighbour's own matter
        self.told.append(notice)
        plain = {name: value for name, value in notice.facts.items() if name not in WRITTEN}
        outbox.put(
            session, cause=notice.cause, audience=notice.audience, target=notice.target, channel="webhook", notice=notice.key,
            facts=plain, now=RECEIVED,
        )  # fmt: skip


def play(session: Session, story: Story) -> None:
    """Let a story happen, and check after every step."""
    stage = Stage(session, story)
    try:
        _open(stage)
    except OrgError:
        return
    check(stage)
    now = RECEIVED + timedelta(hours=1)
    for act, chance in story.acts:
        now += timedelta(hours=3, minutes=1)
        told_before = len(stage.told)
        try:
            with session.begin_nested():
                _act(stage, act, chance, now)
        except TicketError:
            del stage.told[told_before:]
        check(stage, since=told_before)
    check(stage, since=len(stage.told), everybody=True)


def _open(stage: Stage) -> None:
    story, org = stage.story, stage.org
    accused, text = "", f"{WORDS}。我住{HOME}。"
    if story.accused == "?":
        text += "举报鑫源达保洁公司，他们经理骂人"
    elif story.accused:
        person = org.staff.get(story.accused)
        accused = person.name if person else org.units[story.accused].name
        text += f"投诉{accused}态度恶劣，路灯不亮没人管"
        stage.units.update(list_posts(org, person.code) if person else {story.accused})
        if person:
            stage.staff.add(person.code)
    else:
        text += "门口路灯不亮，黑漆漆的"
    report = Report(
        text=text,
        kind=story.kind,
        place=HOME,
        public_place=HOME,
        place_name="甲乙丙巷",
        at_home=True,
        areas=(story.grid,) if story.grid else (),
        tier="red" if story.red else "none",
        hazard=story.hazard if story.red else "",
        confidential=story.confidential,
        about=(accused,) if accused else (),
    )
    opened = desk.open_ticket(
        stage.session,
        report=report,
        resident_id=OPENER,
        origin=Origin(inbox_id=None, channel="gateway"),
        context=stage.context(),
        now=RECEIVED,
        utterance=utter(text),
    )
    stage.number = opened.ticket.number


def _act(stage: Stage, act: str, chance: int, now: datetime) -> None:  # noqa: C901, PLR0912, PLR0915 - one branch per act
    session, context, number = stage.session, stage.context(), stage.number
    common: dict[str, Any] = {"actor": "operator", "now": now, "context": context}
    units = [unit.code for unit in stage.org.units.values() if unit.kind is not UnitKind.DESK]
    anyone, staff = sorted(stage.org.units), sorted(stage.org.staff)
    match act:
        case "dispatch":
            result = desk.dispatch(session, number, unit=units[chance % len(units)], **common)
            stage.outputs.append(
                (result.ticket.unit, str(describe_for(result.ticket, stage.city(), actor=f"S-{result.ticket.unit}-0")))
            )
        case "approve":
            secrecy.edit_summary(session, number, text="某处路灯不亮。希望核实处理。", **common)
            secrecy.approve_summary(session, number, talked=True, **common)
        case "return":
            desk.return_ticket(session, number, reason="remit", text="不归我们", **common)
        case "reply":
            desk.reply(session, number, text="已派人看过", **common)
        case "conclude":
            desk.conclude(session, number, text="已办完", **common)
        case "work":
            unit = find(session, number).unit
            hands = sorted(code for code in staff if unit in list_posts(stage.org, code))
            if hands:
                desk.reply(session, number, text="去看过了", **(common | {"actor": hands[-1 - chance % len(hands)]}))
        case "redo":
            rating.rate(
                session, number, resident_id=OPENER, verdict=rating.Verdict(solved="no"), text=WORDS, now=now, context=context
            )
        case "join":
            _join(stage, now)
        case "keep_from_unit":
            code = anyone[chance % len(anyone)]
            secrecy.keep_from(session, number, units=[code], **common)
            stage.units.add(code)
        case "keep_from_staff":
            code = staff[chance % len(staff)]
            secrecy.keep_from(session, number, staff=[code], **common)
            stage.staff.add(code)
            stage.units.update(list_posts(stage.org, code))
        case "keep_from_name":
            secrecy.keep_from(session, number, names=["鑫源达灯具公司"], **common)
        case "keep_secret":
            secrecy.keep_secret(session, number, **common)
        case "ask_secrecy":
            secrecy.keep_secret_for(session, number, resident_id=OPENER, now=now, context=context)
        case "doubt":
            secrecy.doubt_summary(session, number, resident_id=OPENER, now=now, context=context)
        case "urge":
            following.urge(session, number, resident_id=OPENER, text=WORDS, now=now, context=context)
        case "add":
            following.add(
                session, number, resident_id=OPENER, text=f"{WORDS}，住{HOME}", public_place=HOME, now=now, context=context
            )
        case "note":
            desk.note(session, number, text=WORDS, **common)
        case "warn":
            supervision.warn(session, find(session, number).id, now=now + timedelta(days=20), context=context)
        case "reassign":
            review.reassign(session, number, unit=units[chance % len(units)], text="换个单位", **common)
        case "carry":
            review.carry(session, number, text="要等材料", **common)
        case "withdraw":
            following.withdraw(session, number, resident_id=OPENER, now=now, context=context)


def _join(stage: Stage, now: datetime) -> None:
    """Let a neighbour report the same."""
    words = "路灯不亮，黑漆漆的"
    areas = (stage.story.grid,) if stage.story.grid else ()
    desk.open_ticket(
        stage.session,
        report=Report(text=words, public_place="甲乙丙巷", areas=areas),
        resident_id=NEIGHBOUR,
        origin=Origin(inbox_id=None, channel="terminal"),
        context=stage.context(),
        now=now,
        utterance=utter(words),
    )


def check(stage: Stage, *, since: int = 0, everybody: bool = False) -> None:
    """Check every way out after a step, with the eyes of who is refused or has it, or of everybody; AssertionError names way, eyes and sight."""
    session, org = stage.session, stage.org
    refused = close_over(stage.units, org)
    kept = {code for code in org.staff if refused.intersection(list_posts(org, code))} | stage.staff
    ticket = read_facts(session, find(session, stage.number), org=org)
    canaries = (WORDS, HOME, "4021室", GROUP, *EXACT) if ticket.confidential else ()
    for notice in stage.told[since:]:
        target = (notice.audience, notice.target)
        assert notice.audience not in {"unit", "desk", "roster"} or notice.target not in refused, ("notice", target)
        assert notice.audience != "staff" or notice.target not in kept, ("notice", target)
        if notice.audience != "resident":
            _find_none("notice", target, str(notice.facts), canaries)
        rung = notice.key == "staff_alarm" and not is_private(ticket)
        _find_none(
            "door", target, str({name: value for name, value in notice.facts.items() if not (rung and name == "exact")}), (DOOR,)
        )
    near = {code for code in org.staff if {ticket.unit, ticket.desk}.intersection(list_posts(org, code))}
    eyes = sorted(org.staff) if everybody else [*sorted(kept)[:_SOME], *sorted(near)]
    for viewer, output in (*_look(stage, eyes), *stage.outputs):
        _find_none("door", viewer, output, (DOOR,))
        _find_none("output", viewer, output, canaries if viewer in org.staff or viewer == "operator" else ())
        assert viewer not in kept or stage.number not in output, ("seen", viewer, output)
    stage.outputs.clear()
    for unit in org.units.values():
        page = str(list_pages(stage, Viewer("desk" if unit.kind is UnitKind.DESK else "unit", unit.code)))
        assert unit.code not in refused or stage.number not in page, ("listed", unit.code)
    _check_rows(stage, refused | kept, ticket.confidential)
    _check_residents(stage, confidential=ticket.confidential)
    if ticket.confidential:
        _find_none("preview", "resident", str(preview(ticket)), (WORDS, HOME, "4021室", GROUP, *EXACT))


def list_posts(org: OrgChart, code: str) -> set[str]:
    """List where somebody works, read off their row: not asked of the organisation."""
    person = org.staff[code]
    return {person.unit, person.stationed} - {""}


def is_private(ticket: TicketFacts) -> bool:
    """Tell whether a matter is one of whose place no alarm says more than the building: worked out here anew."""
    return ticket.confidential or bool(ticket.refused) or bool(ticket.refused_staff) or ticket.hazard == "family_violence"


def _look(stage: Stage, eyes: list[str]) -> Iterator[tuple[str, str]]:
    """Have some of the staff, and the operator, look by every command."""
    session, city = stage.session, stage.city()
    for actor in ("operator", *eyes):
        common: dict[str, Any] = {"now": RECEIVED, "actor": actor}
        yield actor, str(list_tickets(session, city, limit=100, **common))
        for word in (WORDS, HOME[:4], "路灯", "某处", stage.number):
            yield actor, str(search(session, city, word=word, **common))
        yield actor, str(export(session, city, **common))
        for command in (show, show_summary):
            with suppress(TicketError):
                yield actor, str(command(session, city, number=stage.number, **common))


def list_pages(stage: Stage, viewer: Viewer) -> list[object]:
    """Give what a unit as a whole is listed and shown."""
    pages: list[object] = [
        listing.list_tickets(stage.session, org=stage.org, now=RECEIVED, viewer=viewer),
        listing.search(stage.session, "路灯", org=stage.org, now=RECEIVED, viewer=viewer),
    ]
    with suppress(NoTicket):
        pages.append(register.show(stage.session, stage.number, org=stage.org, viewer=viewer))
    return pages


def _check_rows(stage: Stage, refused: set[str], confidential: bool) -> None:
    """Look into the tables: nothing waits for the refused, and no words of a confidential matter lie open."""
    rows = stage.session.execute(
        select(OutboxMessage).where(OutboxMessage.audience.in_(("unit", "desk", "roster", "staff")))
    ).scalars()
    waiting = [row.target for row in rows if row.state in {"pending", "held", "shown"}]
    assert refused.isdisjoint(waiting), ("waiting", refused & set(waiting))
    if not confidential:
        return
    ticket_id = find(stage.session, stage.number).id
    for table in (Ticket.__table__, Base.metadata.tables["ticket_event"], OutboxMessage.__table__, audit.AuditEntry.__table__):
        statement = select(table)
        if table is Ticket.__table__:
            statement = statement.where(Ticket.id == ticket_id)
        for row in stage.session.execute(statement):
            heap = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in row)
            for canary in (WORDS, HOME, "4021室"):
                assert canary.encode() not in heap, ("table", table.name, canary)


def _check_residents(stage: Stage, *, confidential: bool) -> None:
    common = {"org": stage.org, "now": RECEIVED + timedelta(days=1)}
    assert register.progress(stage.session, STRANGER, number=stage.number, **common) == ()
    if confidential:
        seen = str(register.progress(stage.session, NEIGHBOUR, number=stage.number, **common))
        _find_none("progress", "neighbour", seen, (WORDS, HOME, "4021室"))
        assert not any(
            row.unit for shown in register.progress(stage.session, NEIGHBOUR, number=stage.number, **common) for row in shown.events
        )


def close_over(units: set[str], org: OrgChart) -> set[str]:
    """Give these units, all whose way up by parents leads to one of them, and all desks that stand below one of them."""
    found = set(units)
    while True:
        more = {unit.code for unit in org.units.values() if unit.parent in found} | _desks_below(found, org)
        if more <= found:
            return found
        found |= more


def _desks_below(units: set[str], org: OrgChart) -> set[str]:
    desks = [unit for unit in org.units.values() if unit.kind is UnitKind.DESK]
    return {
        low.code for low in desks for high in desks if high.code in units and low.code != high.code and _lies_in(low, high, org)
    }


def _lies_in(low: HandlingUnit, high: HandlingUnit, org: OrgChart) -> bool:
    area = org.areas.get(low.area)
    while area is not None:
        if area.code == high.area:
            return True
        area = org.areas.get(area.parent)
    return False


def _find_none(way: str, eyes: object, output: str, canaries: tuple[str, ...]) -> None:
    found = [canary for canary in canaries if canary in output]
    assert not found, (way, eyes, found, output)
