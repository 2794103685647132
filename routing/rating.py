"""评价与重办: the resident says of a result whether they were contacted, whether it is solved, whether they are satisfied.

Three answers, kept apart. 未解决 or 不满意 sends the matter back by itself, 部分解决 the part that is open, the old reply attached; the second
time it is bad a supervisor decides (routing.review). What is missing is asked once more. A grid worker who reported the matter evaluates too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec
from sqlalchemy import and_, or_, select

from residents.masking import mask
from routing import after, lifecycle, review, sight
from routing.facts import TicketFacts  # noqa: TC001 - msgspec reads the annotation
from routing.history import SYSTEM, Step, begin_for_reporter, begin_for_resident, describe_result, finish, read_facts
from routing.lifecycle import name_given
from routing.placing import put_at_desk, put_with_unit
from routing.sight import Sight, Viewer
from routing.tables import Ticket
from routing.terms import Status

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted
    from routing.org import OrgChart

Rating = Literal["satisfied", "solved", "partly", "unsatisfied", "unsolved", "unrated"]
"""满意 / 已解决, no more was said / 部分解决 / 不满意 / 未解决 / 未评价: the three answers in one word, for lists."""
Became = Literal["closed", "asked", "redo", "redo_part", "review", "noted"]
"""What an answer led to: the ticket is closed, more is asked, it goes back whole or in part, a supervisor decides, it is written down."""

_ANSWERED = (Status.REPLIED.value, Status.CONCLUDED.value)
_STUBBORN = 2
"""So many redos without an end, and 部分解决 once more is for a supervisor too: the same unit has had its turns."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody says of a result; "" is not said, which is never counted as anything."""

    contacted: Literal["", "yes", "no"] = ""
    solved: Literal["", "yes", "partly", "no"] = ""
    satisfied: Literal["", "yes", "basic", "no"] = ""

    @property
    def is_bad(self) -> bool:
        """Whether it is not solved, or the resident is not satisfied: each alone sends it back."""
        return self.solved == "no" or self.satisfied == "no"

    def after(self, earlier: Verdict) -> Verdict:
        """Put this over what was said earlier of the same result."""
        said = {name: value for name, value in msgspec.structs.asdict(self).items() if value}
        return msgspec.structs.replace(earlier, **said)

    def missing(self) -> tuple[str, ...]:
        """List what was not said, in the order in which it is asked."""
        return tuple(name for name in ("solved", "satisfied", "contacted") if not getattr(self, name))


class Rated(msgspec.Struct, frozen=True, kw_only=True):
    """What a rating led to, and the ticket now."""

    ticket: TicketFacts
    became: Became


def sum_up(verdict: Verdict) -> Rating:
    """Say three answers in one word: the bad ones first; what was not said is no satisfaction."""
    if verdict.is_bad:
        return "unsolved" if verdict.solved == "no" else "unsatisfied"
    if verdict.solved == "partly":
        return "partly"
    if verdict.satisfied:
        return "satisfied"
    return "solved" if verdict.solved else "unrated"


def decide(verdict: Verdict, *, asked: str, says_part: bool, unhappy: int, redone: int) -> Became:
    """Decide what the opener's answers so far lead to. `asked` is what was asked once more, `unhappy` how often it was bad before."""
    if verdict.is_bad:
        return "review" if unhappy else "redo"
    if verdict.solved == "partly":
        if not says_part and not asked:
            return "asked"
        return "review" if redone >= _STUBBORN else "redo_part"
    if verdict.missing() and not asked:
        return "asked"
    return "closed" if verdict.solved or verdict.satisfied else "noted"


def rate(
    session: Session,
    number: str,
    *,
    resident_id: int,
    verdict: Verdict,
    text: str = "",
    part: str = "",
    now: datetime,
    context: RoutingContext,
) -> Rated:
    """Take a resident's rating; `part` is what they say is still open. Only what the opener says is counted, asked on, and closes.

    A neighbour who follows may send it back like the opener; their satisfaction is written down. NoTicket, NotAllowed, Missing as ever.
    """
    said = sum_up(verdict) if verdict != Verdict() or part else ""
    step = begin_for_resident(session, number, "rate", resident_id=resident_id, given=name_given(rating=said))
    ticket = step.ticket
    opener = ticket.resident_id == resident_id
    merged = verdict.after(read_verdict(ticket)) if opener and ticket.asked else verdict
    became = decide(
        merged,
        asked=ticket.asked if opener else "part",
        says_part=bool(part),
        unhappy=ticket.unhappy,
        redone=ticket.redo_count,
    )
    if opener:
        keep_verdict(ticket, merged)
        stop_asking(ticket)
        if became == "asked":
            ticket.asked, ticket.asked_at = _choose_question(merged), now
    elif became == "closed":
        became = "noted"
    acted = finish(session, step, now=now, context=context, text=part or text, facts=msgspec.structs.asdict(verdict))
    if became in {"redo", "redo_part", "review"}:
        ticket.unhappy += merged.is_bad
        acted = send_back(session, ticket, became, by=resident_id, text=part or text, now=now, context=context)
    elif became == "closed":
        acted = close(session, ticket, by=resident_id, now=now, context=context)
    return Rated(ticket=acted.ticket, became=became)


def send_back(
    session: Session,
    ticket: Ticket,
    became: Became,
    *,
    by: int | None,
    text: str,
    now: datetime,
    context: RoutingContext,
) -> Acted:
    """Send a ticket back to who answered it, the unit or the desk itself, or to a supervisor. `by` is the resident who said so."""
    if became == "review":
        return review.escalate(session, ticket, by=by, text=text, now=now, context=context)
    at_desk = ticket.unit == ticket.desk
    act: lifecycle.Act = "reopen" if at_desk else "redo_part" if became == "redo_part" else "redo"
    status = lifecycle.check(act, Status(ticket.status), "system")
    step = Step(ticket=ticket, act=act, actor=SYSTEM, after=status, had=ticket.unit, resident=by)
    ticket.redo_count += 1
    stop_asking(ticket)
    if at_desk:
        put_at_desk(ticket)
    else:
        put_with_unit(ticket, ticket.unit, context.duty_list.item(ticket.item), now=now, context=context)
    facts = {"rating": ticket.rating, "count": ticket.redo_count, "part": became == "redo_part"}
    return finish(session, step, now=now, context=context, text=text, told=mask(text), facts=facts)


def close(session: Session, ticket: Ticket, *, by: int | None, now: datetime, context: RoutingContext) -> Acted:
    """Close a ticket by itself, with what its opener said of the result: 未评价 if that is nothing. `by` is whoever need not be told."""
    status = lifecycle.check("close", Status(ticket.status), "system")
    step = Step(ticket=ticket, act="close", actor=SYSTEM, after=status, had=ticket.unit, resident=by)
    settle(ticket, now=now, context=context)
    return finish(session, step, now=now, context=context, facts=describe_result(ticket, context.org))


def evaluate(
    session: Session, number: str, *, verdict: Verdict, text: str = "", actor: str, now: datetime, context: RoutingContext
) -> Acted:
    """Take what the grid worker who reported a matter says of its result. 未解决 or 不满意 goes to the desk, which looks before anybody acts.

    NotYours for whoever did not report it.
    """
    said = sum_up(verdict) if verdict != Verdict() else ""
    step = begin_for_reporter(session, number, "evaluate", actor=actor, context=context, given=name_given(rating=said))
    ticket, ticket.evaluated = step.ticket, said
    acted = finish(session, step, now=now, context=context, text=text, facts=msgspec.structs.asdict(verdict))
    if said in {"satisfied", "solved"}:
        return acted
    status = lifecycle.check("reopen", Status(ticket.status), "system")
    back = Step(ticket=ticket, act="reopen", actor=SYSTEM, after=status, had=ticket.unit)
    ticket.redo_count += 1
    stop_asking(ticket)
    put_at_desk(ticket)
    facts = {"rating": said, "count": ticket.redo_count, "from": back.had}
    return finish(session, back, now=now, context=context, text=text, told=mask(text), facts=facts)


def list_for_reporter(session: Session, *, staff: str, org: OrgChart, known: Collection[str] = ()) -> tuple[TicketFacts, ...]:
    """List what a grid worker reported and is asked about, the newest first: not evaluated, or lacking something; `known` ones are left out."""
    rated = and_(Ticket.evaluated == "", Ticket.status.in_(_ANSWERED))
    lacking = and_(Ticket.asked_at.is_not(None), Ticket.status.in_((Status.WAITING, Status.SIGNED)))
    statement = select(Ticket).where(Ticket.reporter_staff == staff, or_(rated, lacking)).order_by(Ticket.id.desc())
    found = (read_facts(session, ticket, org=org) for ticket in session.execute(statement).scalars() if ticket.number not in known)
    return tuple(_limit_for_reporter(ticket, staff) for ticket in found if _is_asked(ticket, staff))


def _is_asked(ticket: TicketFacts, staff: str) -> bool:
    return staff == (ticket.asked_reporter if ticket.asks == "more" else ticket.reporter_staff)


def _limit_for_reporter(ticket: TicketFacts, staff: str) -> TicketFacts:
    """Leave what a reporter may see: a summary, that they reported it, and when they were asked for what is lacking."""
    seen = sight.limit(ticket, Sight.SUMMARY, by=Viewer("staff", staff))
    seen = msgspec.structs.replace(seen, reporter_staff=ticket.reporter_staff)
    return msgspec.structs.replace(seen, asked_at=ticket.asked_at) if ticket.asks == "more" else seen


def begin_result(ticket: Ticket) -> None:
    """Begin with a new result of which nobody has said anything yet."""
    ticket.contacted = ticket.solved = ticket.satisfied = ticket.rating = ""
    stop_asking(ticket)


def stop_asking(ticket: Ticket) -> None:
    """Await no more of the rating."""
    ticket.asked, ticket.asked_at = "", None


def settle(ticket: Ticket, *, now: datetime, context: RoutingContext) -> None:
    """Take the rating of a ticket that closes as it stands, and plan when it is asked after."""
    ticket.rating = sum_up(read_verdict(ticket))
    stop_asking(ticket)
    after.plan(ticket, now=now, context=context)


def read_verdict(ticket: Ticket) -> Verdict:
    """Read what the opener said of the result."""
    return msgspec.convert({name: getattr(ticket, name) for name in Verdict.__struct_fields__}, Verdict)


def keep_verdict(ticket: Ticket, verdict: Verdict) -> None:
    """Keep what the opener says of the result, and its summary."""
    ticket.contacted, ticket.solved, ticket.satisfied = verdict.contacted, verdict.solved, verdict.satisfied
    ticket.rating = sum_up(verdict)


def _choose_question(verdict: Verdict) -> str:
    return "part" if verdict.solved == "partly" else verdict.missing()[0]
