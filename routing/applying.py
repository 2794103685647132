"""申请延期、中止: a unit applies for more time, or to be held up until a day; somebody else decides, and the resident is told why and until when.

Whoever applies does so before its time is over, and once at a time. What was applied for falls when the matter leaves the unit.

    TooLate, UntilWrong, AppliedAlready, NothingApplied, OwnApplication: routing.errors
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from residents.masking import mask
from routing.errors import AppliedAlready, NothingApplied, OwnApplication, TooLate, UntilWrong
from routing.history import begin, find, finish
from routing.lifecycle import name_given
from routing.tables import TicketEvent
from routing.terms import Status
from routing.track_tables import TicketRequest
from store.keys import open_key

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted
    from routing.lifecycle import Act
    from routing.tables import Ticket

Applied = Literal["extension", "pause"]
"""延期 / 中止."""

_LIVE = frozenset({Status.DISPATCHED, Status.SIGNED, Status.REPLIED})
_ASKED: dict[Applied, Act] = {"extension": "ask_extension", "pause": "ask_pause"}
_GRANTED: dict[Applied, Act] = {"extension": "extend", "pause": "pause"}
_REFUSED: dict[Applied, Act] = {"extension": "refuse_extension", "pause": "refuse_pause"}


def apply_for(
    session: Session,
    number: str,
    *,
    kind: Applied,
    until: datetime,
    text: str,
    actor: str,
    now: datetime,
    context: RoutingContext,
) -> Acted:
    """Apply for more time, or to be held up, `until` a moment, for a reason (`text`) that the resident will be told."""
    given = name_given(text=text, until=until.isoformat())
    step = begin(session, number, _ASKED[kind], actor=actor, context=context, given=given)
    ticket = step.ticket
    if now > ticket.due_at:
        raise TooLate
    if until <= (ticket.due_at if kind == "extension" else now):
        raise UntilWrong
    if find_open(session, ticket) is not None:
        raise AppliedAlready
    due_before = ticket.due_at
    acted = finish(session, step, now=now, context=context, text=text, told=mask(text), facts={"until": until.isoformat()})
    session.add(
        TicketRequest(
            ticket_id=ticket.id,
            kind=kind,
            state="asked",
            asked_by=actor,
            asked_event=acted.event,
            asked_at=now,
            due_at=due_before,
            until=until,
            decided_by="",
        )
    )
    session.flush()
    return acted


def decide(
    session: Session, number: str, *, granted: bool, text: str = "", actor: str, now: datetime, context: RoutingContext
) -> Acted:
    """Decide on what a unit applied for; a refusal says why (`text`). OwnApplication for whoever applied, NothingApplied if nobody did."""
    request = find_open(session, find(session, number))
    if request is None:
        raise NothingApplied
    if request.asked_by == actor:
        raise OwnApplication
    kind: Applied = "pause" if request.kind == "pause" else "extension"
    act = (_GRANTED if granted else _REFUSED)[kind]
    step = begin(session, number, act, actor=actor, context=context, given=name_given(text=text))
    step.until = request.until if granted else None
    if act == "pause":
        step.ticket.resume_at = request.until
    why = _read_reason(session, step.ticket, request)
    told = mask(why if granted else text)
    acted = finish(session, step, now=now, context=context, text=text, told=told, facts={"until": request.until.isoformat()})
    request.state, request.decided_by = "granted" if granted else "refused", actor
    request.decided_event, request.decided_at = acted.event, now
    session.flush()
    return acted


def find_open(session: Session, ticket: Ticket) -> TicketRequest | None:
    """Find what a ticket's unit has applied for and nobody has decided; what another unit had applied for before has fallen."""
    if ticket.dispatched_at is None or Status(ticket.status) not in _LIVE:
        return None
    statement = (
        select(TicketRequest)
        .where(TicketRequest.ticket_id == ticket.id, TicketRequest.state == "asked", TicketRequest.asked_at >= ticket.dispatched_at)
        .order_by(TicketRequest.id.desc())
        .limit(1)
    )
    return session.execute(statement).scalar_one_or_none()


def _read_reason(session: Session, ticket: Ticket, request: TicketRequest) -> str:
    """Read why it was applied for."""
    sealed = session.get_one(TicketEvent, request.asked_event).text
    return open_key(session, ticket.key_id).open(sealed).decode() if sealed is not None else ""
