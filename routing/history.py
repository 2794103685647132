"""The one way a ticket moves: an act is allowed or refused, and what it did is written as event, audit row and notices, in one transaction.

    begin(…)  finds and locks the ticket, decides who the actor is to it, asks the table -> Step
    …         the act changes what is its own (unit, due date, reply)
    finish(…) moves the status, writes event and audit row, tells -> Acted

Actors: a staff code, `resident`, `system`, or `operator`: the person at the command line, who may act for desk and unit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import defer

from residents.masking import mask_doors
from routing import deciding, lifecycle, mirroring, notices, proxies, sight, timing, watch
from routing.assists import TicketAssist  # noqa: F401 - its rows follow every ticket that is written
from routing.calling_off import call_off
from routing.errors import NoTicket, NotYours
from routing.facts import Acted, TicketFacts
from routing.handover import nobody_above
from routing.private_units import find_watcher
from routing.sight import Sight, Viewer
from routing.tables import Ticket, TicketEvent, TicketFollower
from routing.terms import NOBODY, OPEN_STATUSES, Status, UnitKind
from routing.track_tables import OPEN_TASKS, TicketTask
from store import audit
from store.keys import open_key
from store.sealing import KeyGone

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.lifecycle import Act, Need, Role, Tick
    from routing.org import OrgChart
    from routing.terms import Notice

OPERATOR = "operator"
SYSTEM = "system"
RESIDENT = "resident"
_MOMENTS = {
    "reply": "replied_at",
    "conclude": "concluded_at",
    "close": "closed_at",
    "decline": "closed_at",
    "explain": "closed_at",
    "dispatch": "dispatched_at",
    "sign": "signed_at",
}
"""The moment each act leaves on the ticket."""
_TELLS_MERGED = frozenset({"conclude", "close", "explain", "decline"})
"""With these a matter is done for the people of tickets that were merged into it, too."""
_HANDLED = frozenset({"sign", "reply", "progress", "conclude", "ask_more", "ask_extension", "ask_pause"})
"""Acts by which one of the staff of a unit has it in hand."""

_HELD_UP = frozenset({Status.WAITING, Status.PAUSED})
_UNLISTED = (
    "token_hash", "inbox_id", "requester", "key_id", "text", "place_text", "reply_text", "handover", "merge_key", "home_name", "barred",
    "held_since", "signed_at", "reask_at", "resume_at", "resident_due_at", "warned_at", "alarmed_at", "look_at",
)  # fmt: skip
WITHOUT_UNLISTED = tuple(defer(getattr(Ticket, name)) for name in _UNLISTED)
"""Selects a ticket without what read_facts(in_list=True) does not read: a page of a list has many."""


class Step(msgspec.Struct, kw_only=True):
    """An act that is allowed but not yet written.

    `resident` is who acts, if a resident does; `had` the unit that has it until now; `item` and `how` say what a dispatch or return speaks of.
    """

    ticket: Ticket
    act: Act
    actor: str
    after: Status
    had: str
    resident: int | None = None
    item: str = ""
    how: str = ""
    ticks: tuple[Tick, ...] | None = None
    """What it does to the clocks, where that is not what the table says of the act."""
    until: datetime | None = None
    answered_at: datetime | None = None
    """When the result was given that the act is about."""
    tells: str = ""
    """The row of notice_table.TOLD that says who hears of it, where that is not the act's own."""
    more: dict[str, Any] = {}
    """What the texts of its notices may use beside the ticket's own facts."""

    def __post_init__(self) -> None:
        """Remember when the result was given: a redo begins without one."""
        self.answered_at = self.answered_at or self.ticket.replied_at


def find(session: Session, number: str, *, for_update: bool = False) -> Ticket:
    """Find a ticket by its number; NoTicket if there is none."""
    statement = select(Ticket).where(Ticket.number == number)
    ticket = session.execute(statement.with_for_update() if for_update else statement).scalar_one_or_none()
    if ticket is None:
        raise NoTicket(f"there is no ticket {number}")
    return ticket


def find_for_resident(session: Session, number: str, resident_id: int, *, for_update: bool = False) -> Ticket:
    """Find a ticket that this resident opened or joined; NoTicket for any other, as if there were none."""
    ticket = find(session, number, for_update=for_update)
    if (
        ticket.resident_id != resident_id
        and resident_id not in list_followers(session, ticket)
        and not _is_proxy(session, ticket, resident_id)
    ):
        raise NoTicket(f"there is no ticket {number}")
    return ticket


def _is_proxy(session: Session, ticket: Ticket, resident_id: int) -> bool:
    """Tell whether a resident reported a ticket for somebody else who lets them have to do with it."""
    return bool(ticket.proxied) and proxies.find_standing(session, ticket.id, resident_id) in proxies.SEES


def begin(
    session: Session, number: str, act: Act, *, actor: str, context: RoutingContext, given: frozenset[Need] = frozenset()
) -> Step:
    """Begin an act of the staff or the system. NoTicket, NotYours, NotAllowed and Missing say why it may not be."""
    ticket = find(session, number, for_update=True)
    role = role_of(actor, ticket, context.org)
    after = lifecycle.check(act, Status(ticket.status), role, given)
    return Step(ticket=ticket, act=act, actor=actor, after=after, had=ticket.unit)


def begin_for_resident(session: Session, number: str, act: Act, *, resident_id: int, given: frozenset[Need] = frozenset()) -> Step:
    """Begin an act of a resident on a ticket of their own, or one they joined. NoTicket, NotAllowed and Missing say why it may not be."""
    ticket = find_for_resident(session, number, resident_id, for_update=True)
    after = lifecycle.check(act, Status(ticket.status), "resident", given)
    return Step(ticket=ticket, act=act, actor=RESIDENT, after=after, had=ticket.unit, resident=resident_id)


def begin_for_reporter(
    session: Session, number: str, act: Act, *, actor: str, context: RoutingContext, given: frozenset[Need] = frozenset()
) -> Step:
    """Begin an act of the grid worker who reported a ticket. NotYours for everybody else, and where it is about them or theirs."""
    ticket = find(session, number, for_update=True)
    if not actor or actor != _find_reporter(ticket, context.org):
        raise NotYours
    after = lifecycle.check(act, Status(ticket.status), "reporter", given)
    return Step(ticket=ticket, act=act, actor=actor, after=after, had=ticket.unit)


def finish(
    session: Session,
    step: Step,
    *,
    now: datetime,
    context: RoutingContext,
    text: str = "",
    told: str = "",
    facts: dict[str, Any] | None = None,
) -> Acted:
    """Write an act down. `text` is what somebody wrote (sealed), `told` its masked form for notices, `facts` codes only.

    Of what is told, the doors that the resident wrote are taken out wherever they stand: 501 is one where 3号楼501 was said before.
    """
    ticket = step.ticket
    before, ticket.status = ticket.status, step.after.value
    if step.after not in _HELD_UP:
        ticket.resume_at = None
    if step.act in _MOMENTS:
        setattr(ticket, _MOMENTS[step.act], now)
    if step.act in _HANDLED and step.actor in context.org.staff:
        ticket.handler = step.actor
    elif ticket.unit != step.had:
        ticket.handler = ""
    event = write_event(session, step, before=before, now=now, context=context, text=text, facts=facts)
    if ticket.unit != step.had or step.after not in OPEN_STATUSES:
        _drop_tasks(session, ticket, now=now)
    shown = read_facts(session, ticket, org=context.org)
    told = mask_doors(told, of=read_words(session, ticket)) if told else ""
    until = str((facts or {}).get("until", ""))
    act = step.tells or step.act
    more = {"until_at": until, **step.more}
    told_notices = notices.for_event(shown, act, event=event, text=told, by=step.resident, before=step.had, more=more)
    if step.act in _TELLS_MERGED:
        told_notices += _tell_merged(session, ticket, org=context.org)
    for notice in told_notices:
        context.tell(session, notice)
    return Acted(ticket=shown, notices=told_notices, event=event)


def _tell_merged(session: Session, ticket: Ticket, *, org: OrgChart) -> tuple[Notice, ...]:
    """Tell the people of tickets that went on as this one, and see only their own, that theirs is done: once a round."""
    return tuple(
        notices.for_merged_over(read_facts(session, child, org=org), event=event, count=ticket.redo_count)
        for child, event in mirroring.list_inside(session, ticket)
        if child.resident_id != NOBODY
    )


def _drop_tasks(session: Session, ticket: Ticket, *, now: datetime) -> None:
    """Let the sub-tasks of a ticket fall that are still open: it has left the lead that gave them, or is over."""
    still = (TicketTask.ticket_id == ticket.id, TicketTask.state.in_(OPEN_TASKS))
    session.execute(update(TicketTask).where(*still).values(state="cancelled", answered_at=now))


def write_event(
    session: Session,
    step: Step,
    *,
    before: str,
    now: datetime,
    context: RoutingContext,
    text: str = "",
    facts: dict[str, Any] | None = None,
) -> int:
    """Let the clocks go by an act, append its event and its audit row; give the event's id."""
    ticket = step.ticket
    ticket.last_act, ticket.updated_at = step.act, now
    ticks = lifecycle.list_ticks(step.act, before) if step.ticks is None else step.ticks
    ticked = timing.tick(session, ticket, ticks, now=now, context=context, until=step.until, answered_at=step.answered_at)
    ticket.look_at = watch.next_look(watch.clocks_of(ticket), settings=context.desk)
    session.flush()
    event = TicketEvent(
        ticket_id=ticket.id,
        at=now,
        act=step.act,
        actor=step.actor,
        before=before,
        after=ticket.status,
        unit=ticket.unit,
        item=step.item,
        how=step.how,
        facts=(facts or {}) | ({"clocks": ticked} if ticked else {}),
        text=open_key(session, ticket.key_id).seal(text.encode()) if text else None,
    )
    session.add(event)
    session.flush()
    call_off(session, ticket, event=event.id, now=now)
    audit.record(session, actor=step.actor, action=f"ticket.{step.act}", subject=ticket.number, facts={"unit": ticket.unit})
    return event.id


def role_of(actor: str, ticket: Ticket, org: OrgChart) -> Role | None:
    """Decide who an actor is to a ticket; None for the operator, of whom only the status is asked. NotYours for everybody else.

    A desk may act on what waits at it or at a desk below it; who decides on a matter twice badly done is a supervisor to it. Whoever belongs
    to a unit the matter is about may not, whatever their post. Who is stationed acts at both posts; where one of them has the matter they
    are the unit to it, and not the desk that looks after that unit's work.
    """
    if actor == OPERATOR:
        return None
    if actor == SYSTEM:
        return "system"
    person = org.staff.get(actor)
    posts = [unit for code in (person.posts if person else ()) if (unit := org.unit(code)) is not None]
    desk = org.unit(ticket.desk)
    if not posts or sight.decide(ticket, Viewer("staff", actor), org=org) < Sight.SUMMARY:
        raise NotYours
    if person is not None and ticket.status == Status.REVIEW:
        if deciding.may_decide(person, desk=ticket.unit, org=org, disputed=ticket.disputed):
            return "supervisor"
        posts = [unit for unit in posts if ticket.disputed not in person.posts or unit.code == ticket.disputed]
    if any(unit.code == ticket.unit and unit.kind is not UnitKind.DESK for unit in posts):
        return "unit"
    desks = {each.code for each in org.ways_up(desk)} if desk is not None else set()
    if any(unit.code in desks and unit.kind is UnitKind.DESK for unit in posts):
        return "desk"
    if any(unit.code == ticket.unit for unit in posts):
        return "unit"
    raise NotYours


def describe_result(ticket: Ticket, org: OrgChart) -> dict[str, Any]:
    """Give the facts of a close: what the opener said of the result, in codes, and on which level it was resolved. Figures are made of these."""
    unit = org.unit(ticket.unit)
    level = ticket.resolved_level or (org.level(unit) if unit is not None else None) or ""
    said = {name: getattr(ticket, name) for name in ("rating", "contacted", "solved", "satisfied")}
    return said | {"level": str(level)}


def list_followers(session: Session, ticket: Ticket) -> tuple[int, ...]:
    """List the residents who joined a ticket, in the order in which they did."""
    if not ticket.followers:
        return ()
    statement = select(TicketFollower.resident_id).where(TicketFollower.ticket_id == ticket.id).order_by(TicketFollower.id)
    return tuple(session.execute(statement).scalars())


def _list_people(session: Session, ticket: Ticket, *, in_list: bool) -> tuple[int, ...]:
    """List whose matter it is, who joined, and who reported it for somebody and may hear all; in a list only the first."""
    if in_list:
        return (ticket.resident_id,)
    told = proxies.list_told(session, ticket.id) if ticket.proxied else ()
    return tuple(dict.fromkeys((ticket.resident_id, *list_followers(session, ticket), *told)))


def read_facts(session: Session, ticket: Ticket, *, org: OrgChart, in_list: bool = False) -> TicketFacts:
    """Read what may leave this room about a ticket; for a list (`in_list`) without what costs a query of its own: reply, summary, followers."""
    names = {code: org.name_of(code) for code in (ticket.unit, ticket.desk)}
    if ticket.desk in ticket.refused:
        names[ticket.desk] = nobody_above()
    reply = "" if in_list else open_words(session, ticket, ticket.reply_text)
    return TicketFacts(
        number=ticket.number,
        status=Status(ticket.status),
        title=ticket.title,
        summary=ticket.summary,
        kind=ticket.kind,
        reason=ticket.reason,
        tier=ticket.tier,
        hazard=ticket.hazard,
        confidential=ticket.confidential,
        public_place=ticket.public_place,
        area=ticket.area,
        unit=ticket.unit,
        unit_name=names.get(ticket.unit, ticket.unit),
        desk=ticket.desk,
        desk_name=names.get(ticket.desk, ticket.desk),
        item=ticket.item,
        assisting=tuple(ticket.assisting),
        candidates=tuple(ticket.candidates),
        why=tuple(ticket.why),
        refused=tuple(ticket.refused),
        automatic=ticket.automatic,
        rehearsed=ticket.rehearsed,
        due_at=ticket.due_at,
        due_basis=tuple(ticket.due_basis),
        opened_at=ticket.opened_at,
        dispatched_at=ticket.dispatched_at,
        replied_at=ticket.replied_at,
        concluded_at=ticket.concluded_at,
        reply=reply,
        public_reply=mask_doors(reply, of=read_words(session, ticket)) if reply else "",
        rating=ticket.rating,
        redo_count=ticket.redo_count,
        resident_id=ticket.resident_id,
        people=_list_people(session, ticket, in_list=in_list),
        last_act=ticket.last_act,
        acknowledged=ticket.acknowledged_at is not None,
        version=ticket.version,
        closed_at=ticket.closed_at,
        follows=ticket.follows or "",
        asked=ticket.asked,
        asked_at=ticket.asked_at,
        reasked_at=ticket.reasked_at,
        contacted=ticket.contacted,
        solved=ticket.solved,
        satisfied=ticket.satisfied,
        evaluated=ticket.evaluated,
        reporter_staff=_find_reporter(ticket, org),
        watcher="" if in_list or ticket.confidential else find_watcher(org, unit=ticket.unit, area=ticket.area),
        disputed=ticket.disputed,
        refused_staff=tuple(ticket.refused_staff or ()),
        handover="" if in_list else open_words(session, ticket, ticket.handover),
        handover_state=ticket.handover_state,
        first_receiver=ticket.first_receiver,
        resolved_level=ticket.resolved_level,
        handler=ticket.handler,
        returns=ticket.returns,
        merged_into=ticket.merged_into,
        split_from=ticket.split_from,
    )


def _find_reporter(ticket: Ticket, org: OrgChart) -> str:
    """Give the grid worker who filed a ticket; "" if nobody did, or if it turned out to be about them or theirs."""
    person = org.staff.get(ticket.reporter_staff)
    kept = person is not None and (
        person.code in (ticket.refused_staff or ()) or sight.is_kept_from_person(person, ticket.refused, org)
    )
    return "" if kept else ticket.reporter_staff


def read_words(session: Session, ticket: Ticket) -> str:
    """Read what was written of a matter and of its place: the doors in it are found again in what is told later."""
    return "\n".join((open_words(session, ticket, ticket.text), open_words(session, ticket, ticket.place_text)))


def open_words(session: Session, ticket: Ticket, sealed: bytes | None) -> str:
    """Open what was sealed under a ticket's key; "" if there is nothing, or the resident was erased."""
    if sealed is None:
        return ""
    try:
        return open_key(session, ticket.key_id).open(sealed).decode()
    except KeyGone:
        return ""
