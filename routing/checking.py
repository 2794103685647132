"""核查与回访: somebody looks whether it is done, somebody asks the resident. What is not done goes back like the resident's own word.

verify      on the spot: the desk, who reported it, or the grid's worker; the desk's word sends it back to who answered, a worker's to the desk
follow_up   by telephone: what the resident says is their verdict, asked by nobody again; of a closed matter it comes back as a new ticket
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from knowledge_base.text import skim
from residents.masking import mask
from routing import lifecycle, rating
from routing.errors import NotYours
from routing.facts import NOBODY
from routing.history import SYSTEM, Step, begin, find, finish, read_facts, role_of
from routing.lifecycle import name_given
from routing.opening import open_ticket
from routing.parting import retell, retell_from
from routing.placing import put_at_desk
from routing.rating import Rated, Verdict
from routing.terms import OPEN_STATUSES, Status

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted
    from routing.org import OrgChart
    from routing.tables import Ticket

Found = Literal["done", "not_done"]
"""办好了 / 没办好."""


def verify(
    session: Session, number: str, *, found: Found, text: str = "", actor: str, now: datetime, context: RoutingContext
) -> Acted:
    """核查: write down what was found on the spot. not_done sends it back: whole, and at once."""
    ticket = find(session, number, for_update=True)
    by_worker = _looks_after(actor, ticket, context.org)
    if not by_worker and role_of(actor, ticket, context.org) not in {"desk", None}:
        raise NotYours
    role: lifecycle.Role = "reporter" if by_worker else "desk"
    after = lifecycle.check("verify", Status(ticket.status), role, name_given(rating=found))
    step = Step(ticket=ticket, act="verify", actor=actor, after=after, had=ticket.unit)
    acted = finish(session, step, now=now, context=context, text=text, facts={"found": found})
    if found == "done":
        return acted
    if not by_worker:
        return rating.send_back(session, ticket, "redo", by=None, text=text, now=now, context=context)
    return _to_desk(session, ticket, text=text, now=now, context=context)


def follow_up(
    session: Session, number: str, *, verdict: Verdict, text: str = "", actor: str, now: datetime, context: RoutingContext
) -> Rated:
    """回访: take what the resident says on the telephone. 未解决 or 不满意 sends it back, the second time to a supervisor, as ever."""
    said = rating.sum_up(verdict) if verdict != Verdict() else ""
    step = begin(session, number, "follow_up", actor=actor, context=context, given=name_given(rating=said))
    ticket = step.ticket
    merged = verdict.after(rating.read_verdict(ticket))
    is_over = ticket.status not in OPEN_STATUSES
    rating.keep_verdict(ticket, merged)
    rating.stop_asking(ticket)
    acted = finish(session, step, now=now, context=context, text=text, facts=msgspec.structs.asdict(verdict))
    became = rating.decide(merged, asked="part", says_part=True, unhappy=ticket.unhappy, redone=ticket.redo_count)
    if is_over:
        return _come_back(session, ticket, is_bad=became != "closed", text=text, now=now, context=context)
    if became in {"redo", "redo_part", "review"}:
        ticket.unhappy += merged.is_bad
        acted = rating.send_back(session, ticket, became, by=None, text=text, now=now, context=context)
    elif became == "closed":
        acted = rating.close(session, ticket, by=ticket.resident_id, now=now, context=context)
    return Rated(ticket=acted.ticket, became=became)


def _looks_after(actor: str, ticket: Ticket, org: OrgChart) -> bool:
    """Tell whether somebody reported a matter, or is the worker of its grid; nobody whom it is about."""
    worker = org.grid_worker_of(ticket.area) if ticket.area else None
    is_near = actor == ticket.reporter_staff or (worker is not None and actor == worker.code)
    return bool(actor) and is_near and not (ticket.confidential or ticket.refused or ticket.refused_staff)


def _to_desk(session: Session, ticket: Ticket, *, text: str, now: datetime, context: RoutingContext) -> Acted:
    """Give a matter that a worker found undone to the desk, which looks before anybody acts."""
    step = Step(
        ticket=ticket,
        act="reopen",
        actor=SYSTEM,
        after=lifecycle.check("reopen", Status(ticket.status), "system"),
        had=ticket.unit,
    )
    ticket.redo_count += 1
    rating.stop_asking(ticket)
    put_at_desk(ticket)
    facts = {"found": "not_done", "count": ticket.redo_count, "from": step.had}
    return finish(session, step, now=now, context=context, text=text, told=mask(text), facts=facts)


def _come_back(session: Session, ticket: Ticket, *, is_bad: bool, text: str, now: datetime, context: RoutingContext) -> Rated:
    """Open a ticket that follows a closed one whose resident says that it is not solved; their verdict stays with the old one."""
    shown = read_facts(session, ticket, org=context.org)
    if not is_bad or ticket.resident_id == NOBODY:
        return Rated(ticket=shown, became="noted")
    words = text.strip() or ticket.summary
    opened = open_ticket(
        session,
        report=retell(session, ticket, text=words, follows=ticket.number),
        resident_id=ticket.resident_id,
        origin=retell_from(ticket, inbox_id=None),
        context=context,
        now=now,
        utterance=skim(words),
    )
    return Rated(ticket=opened.ticket, became="redo")
