"""分拣拆分与分开: one message becomes several tickets, and a neighbour who was joined by mistake gets a ticket of their own.

split      the desk writes the parts; each is a ticket of the same resident, received when the message was; the original keeps what is left
separate   takes back an automatic join: the neighbour's own words, at the desk, with the date of their report
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from knowledge_base.text import skim
from residents.masking import mask
from routing import headline, lifecycle
from routing.errors import NotParted
from routing.following import forget_follower
from routing.history import Step, begin, find, finish
from routing.lifecycle import name_given
from routing.opening import open_ticket
from routing.parting import retell, retell_from
from routing.tables import TicketFollower
from routing.terms import SCAN, Report, Status
from store.keys import open_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted, Opened, TicketFacts
    from routing.tables import Ticket
    from routing.terms import Notice


class Parted(msgspec.Struct, frozen=True, kw_only=True):
    """What a split led to: the original as it stands, and what was opened, in the order of the parts."""

    acted: Acted
    opened: tuple[Opened, ...]

    @property
    def ticket(self) -> TicketFacts:
        """The original."""
        return self.acted.ticket


def split(
    session: Session, number: str, *, parts: Sequence[str], text: str, actor: str, now: datetime, context: RoutingContext
) -> Parted:
    """拆分: open a ticket for each part, each a text of its own; `text` is what the original is about now. NotParted without a part.

    The resident is told once, with all numbers and the link of each part that has one, before they hear of any unit.
    """
    step = begin(session, number, "split", actor=actor, context=context, given=name_given(text=text))
    ticket, wanted = step.ticket, [part.strip() for part in parts if part.strip()]
    if not wanted:
        raise NotParted
    held: list[Notice] = []
    holding = replace(context, tell=lambda _, notice: held.append(notice))
    opened = tuple(_open_part(session, ticket, part, now=now, context=holding) for part in wanted)
    _keep_rest(ticket, text, context=context)
    numbers = [each.ticket.number for each in opened]
    step.more = {"numbers": "、".join((number, *numbers)), "tokens": _list_tokens(*opened)}
    acted = finish(session, step, now=now, context=context, text=text, facts={"into": numbers})
    for notice in held:
        context.tell(session, notice)
    return Parted(acted=acted, opened=opened)


def separate(
    session: Session, number: str, *, follower: int, text: str, actor: str, now: datetime, context: RoutingContext
) -> Opened:
    """分开: give the `follower`th neighbour (1 is who joined first) a ticket of their own. NotParted if there are not so many."""
    step = begin(session, number, "separate", actor=actor, context=context, given=name_given(text=text))
    ticket = step.ticket
    statement = select(TicketFollower).where(TicketFollower.ticket_id == ticket.id).order_by(TicketFollower.id)
    rows = session.execute(statement).scalars().all()
    if not 1 <= follower <= len(rows):
        raise NotParted
    row = rows[follower - 1]
    words = open_key(session, row.key_id).open(row.text).decode()
    opened = open_ticket(
        session,
        report=retell(session, ticket, text=words, said=words, place="", reason="separated", received_at=row.joined_at),
        resident_id=row.resident_id,
        origin=retell_from(ticket, inbox_id=row.inbox_id),
        context=context,
        now=now,
        utterance=skim(words),
    )
    forget_follower(session, ticket, row.resident_id)
    finish(session, step, now=now, context=context, text=text, facts={"into": opened.ticket.number})
    told = _tell_apart(session, opened, number, actor=actor, now=now, context=context)
    return msgspec.structs.replace(opened, ticket=told.ticket, notices=opened.notices + told.notices)


def _open_part(session: Session, ticket: Ticket, part: str, *, now: datetime, context: RoutingContext) -> Opened:
    return open_ticket(
        session,
        report=retell(
            session,
            ticket,
            text=part,
            split_from=ticket.number,
            received_at=ticket.opened_at,
            source=SCAN if ticket.source == SCAN else "",
        ),
        resident_id=ticket.resident_id,
        origin=retell_from(ticket, inbox_id=ticket.inbox_id),
        context=context,
        now=now,
        utterance=skim(part),
    )


def _list_tokens(*opened: Opened) -> dict[str, str]:
    """List what opens the pages of tickets, by number, each given out this once: none of what is confidential."""
    return {each.ticket.number: each.token for each in opened if each.token and not each.ticket.confidential}


def _keep_rest(ticket: Ticket, text: str, *, context: RoutingContext) -> None:
    """Write what the original is about now, in the desk's words; what the resident wrote stays sealed as it was."""
    candidates = context.triage.rank(skim(text))
    ticket.candidates = [candidate.item.code for candidate in candidates]
    ticket.item = ""
    if not ticket.confidential:
        ticket.summary = mask(text.strip())
        ticket.title = headline.make_title(Report(text=text), None)


def _tell_apart(session: Session, opened: Opened, origin: str, *, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """Let the desk's clock of what was taken apart run from now, and tell its resident."""
    ticket = find(session, opened.ticket.number, for_update=True)
    after = lifecycle.check("separate", Status(ticket.status), "desk")
    step = Step(ticket=ticket, act="separate", actor=actor, after=after, had="", ticks=(("desk", "start"),), tells="parted")
    step.more = {"tokens": _list_tokens(opened)}
    return finish(session, step, now=now, context=context, facts={"from": origin})
