"""移交: a matter goes to another system too (12345, 110), and what comes back from there is an act on the ticket like any other.

hand_over    the desk's: in its own words; the ticket stays with whoever has it, who answers for it until the close
note_answer  the other system has taken it, refuses it, or is done; a refusal comes back to the desk
take_result  a reply or a conclusion from there: the resident is told and asked as if a unit of ours had given it
note_undelivered  the other system never got it: its desk is told
add_words    more that the other system knows of a matter which it sent to us
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from residents.masking import mask
from routing import handover, lifecycle
from routing.cooperating import check_answered
from routing.errors import RefusedUnit, SummaryUnfit
from routing.history import Step, begin, find, finish, read_facts
from routing.lifecycle import name_given
from routing.rating import begin_result
from routing.terms import UNKNOWN, Status
from store.keys import open_key

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.facts import Acted
    from routing.lifecycle import Act, Need
    from routing.org import OrgChart
    from routing.tables import Ticket

Answer = Literal["acknowledged", "refused", "closed"]
"""对方已收下 · 对方不接 · 对方已办完."""
Result = Literal["reply", "conclude"]


def name_actor(partner: str) -> str:
    """Give the actor that another system is in the records."""
    return f"partner:{partner}"


def hand_over(
    session: Session, number: str, *, peer: str, peer_name: str, text: str, actor: str, now: datetime, context: RoutingContext
) -> Acted:
    """Hand a matter to another system in the desk's words. SummaryUnfit if these say too much of a confidential one.

    RefusedUnit if it is about units of that system's kind (the police), or nobody knows yet about whom.
    """
    step = begin(session, number, "hand_over", actor=actor, context=context, given=name_given(text=text))
    check(session, step.ticket, peer=peer, text=text, org=context.org)
    step.more = {"peer": peer_name}
    return finish(session, step, now=now, context=context, text=text, facts={"to": peer})


def check(session: Session, ticket: Ticket, *, peer: str, text: str, org: OrgChart) -> None:
    """Check that a matter may go to another system in these words: RefusedUnit or SummaryUnfit as for `hand_over`."""
    if is_about(ticket.refused, peer=peer, org=org):
        raise RefusedUnit
    if ticket.confidential:
        original = open_key(session, ticket.key_id).open(ticket.text).decode()
        names = (person.name for person in org.staff.values())
        if faults := handover.find_faults(text, original=original, place=ticket.public_place, names=names):
            raise SummaryUnfit(faults)


def is_about(refused: Collection[str], *, peer: str, org: OrgChart) -> bool:
    """Tell whether a matter with these refused units is about those behind another system, or nobody knows yet about whom."""
    units = (org.unit(code) for code in refused if code != UNKNOWN)
    return UNKNOWN in refused or any(unit is not None and unit.kind == peer for unit in units)


def note_answer(
    session: Session, number: str, *, peer: str, peer_name: str, answer: Answer, text: str, now: datetime, context: RoutingContext
) -> Acted:
    """Write down what the other system says of a matter; with a refusal its desk is told, with the reason."""
    step = _begin(session, number, "handed", peer=peer)
    if answer == "refused":
        step.tells, step.more = "handed_back", {"peer": peer_name}
    return finish(session, step, now=now, context=context, text=text, told=mask(text), facts={"from": peer, "state": answer})


def note_undelivered(session: Session, number: str, *, peer: str, peer_name: str, now: datetime, context: RoutingContext) -> Acted:
    """Write down that a matter did not reach the other system; its desk is told, for nobody there knows of it."""
    step = _begin(session, number, "handed", peer=peer)
    step.tells, step.more = "not_reached", {"peer": peer_name}
    return finish(session, step, now=now, context=context, facts={"from": peer, "state": "failed"})


def take_result(
    session: Session, number: str, *, peer: str, act: Result, text: str, now: datetime, context: RoutingContext
) -> Acted:
    """Take a reply or a conclusion from the other system. NotAllowed where the ticket stands otherwise, Missing without words."""
    step = _begin(session, number, act, peer=peer, given=name_given(text=text))
    ticket = step.ticket
    if act == "conclude":
        check_answered(session, ticket)
        unit = context.org.unit(ticket.unit)
        ticket.resolved_level = str((context.org.level(unit) if unit is not None else None) or "")
    ticket.reply_text = open_key(session, ticket.key_id).seal(text.strip().encode())
    begin_result(ticket)
    facts = {"origin": peer} | ({"level": ticket.resolved_level} if act == "conclude" else {})
    return finish(session, step, now=now, context=context, text=text, facts=facts)


def add_words(session: Session, number: str, *, peer: str, text: str, now: datetime, context: RoutingContext) -> Acted:
    """Add what the other system writes later of a matter that it sent to us; whoever has it is told."""
    step = _begin(session, number, "add", peer=peer, given=name_given(text=text))
    words = open_key(session, step.ticket.key_id).open(step.ticket.text).decode()
    return finish(session, step, now=now, context=context, text=text, told=mask(text, of=words), facts={"origin": peer})


def find_words(session: Session, number: str, *, context: RoutingContext) -> tuple[str, bool]:
    """Give the public place of a matter, and whether it is confidential: what goes along with the desk's words."""
    ticket = read_facts(session, find(session, number), org=context.org, in_list=True)
    return ("" if ticket.confidential else ticket.public_place), ticket.confidential


def _begin(session: Session, number: str, act: Act, *, peer: str, given: frozenset[Need] = frozenset()) -> Step:
    """Begin an act of another system: only the status is asked, for whether it has a part in the ticket the caller knows."""
    ticket = find(session, number, for_update=True)
    after = lifecycle.check(act, Status(ticket.status), None, given)
    return Step(ticket=ticket, act=act, actor=name_actor(peer), after=after, had=ticket.unit)
