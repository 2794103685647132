"""保密与回避: what a desk does so that somebody is not found out, or somebody else does not find out.

keep_secret    the matter becomes confidential: sealed, taken back from the unit that has it
keep_from      it is about these units or people: they lose it and never see it again; it goes to the desk above them
read_summary, edit_summary, approve_summary, doubt_summary      转办摘要, without which a confidential matter does not leave the desk
find_accused_holder      whether words speak badly of whoever has a matter: these must not be told them with it
open_original  the words as they were written, for a reason that is kept: to its desk; of a matter that is not confidential also to the unit
               that has it, which has to find the door
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - msgspec reads the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from residents import unsealing
from residents.masking import mask_contacts
from routing import handover, quoting
from routing.accused import find_in_text, find_stated, is_about_conduct
from routing.errors import NotConfidential, NotYours, SummaryDoubted, SummaryUnfit, UnknownName
from routing.facts import Acted
from routing.history import RESIDENT, Step, begin, begin_for_resident, find, finish, read_facts, role_of
from routing.lifecycle import BACK_AT_DESK, name_given
from routing.placing import put_at_desk
from routing.private_units import is_private
from routing.sight import is_kept_from, with_subordinates
from routing.tables import TicketEvent
from routing.terms import SCAN, UNKNOWN, Status
from routing.why import explain
from store.keys import open_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from routing.accused import Accused
    from routing.context import RoutingContext
    from routing.lifecycle import Act
    from routing.org import OrgChart
    from routing.tables import Ticket
    from routing.terms import HandlingUnit

_WORKED = frozenset({Status.DISPATCHED, Status.SIGNED, Status.WAITING, Status.PAUSED})


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who has a matter, and where it lies for others."""

    unit: str
    public_place: str


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """What the resident wrote: the matter, its exact place, and what was added later, with the exact times."""

    number: str
    at: datetime
    text: str
    place: str
    added: tuple[tuple[datetime, str], ...]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The 转办摘要 as it stands, and what is still wrong with it: (kind, words)."""

    number: str
    text: str
    state: str
    faults: tuple[tuple[str, str], ...]


def keep_secret(session: Session, number: str, *, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """Make a matter confidential. `done` False if it was already."""
    return _keep_secret(session, begin(session, number, "seal", actor=actor, context=context), now=now, context=context)


def keep_secret_for(session: Session, number: str, *, resident_id: int, now: datetime, context: RoutingContext) -> Acted:
    """Make a matter confidential because its resident asks for it."""
    return _keep_secret(session, begin_for_resident(session, number, "seal", resident_id=resident_id), now=now, context=context)


def keep_from(
    session: Session,
    number: str,
    *,
    units: Iterable[str] = (),
    staff: Iterable[str] = (),
    names: Iterable[str] = (),
    actor: str,
    now: datetime,
    context: RoutingContext,
) -> Acted:
    """Keep a matter from whom it is about: units and people by code, others by name; UnknownName for a code that nobody has.

    A name that no list has keeps it from every unit until a person has looked. What they have is recalled; the desk above them has it then.
    """
    step = begin(session, number, "keep_from", actor=actor, context=context)
    ticket, org = step.ticket, context.org
    given = tuple(names)
    codes, people, unknown = _resolve(units, staff, given, org=org)
    standing = {code for code in ticket.refused if code != UNKNOWN or not (codes or people)}
    ticket.refused = list(with_subordinates({*standing, *codes, *([UNKNOWN] if unknown else [])}, org))
    ticket.refused_staff = sorted({*(ticket.refused_staff or ()), *people})
    called = "、".join([*(org.units[code].name for code in sorted(codes)), *([] if ticket.confidential else given)])
    ticket.why = [*ticket.why, explain("kept_from_by_hand", {"units": called})]
    if people and not ticket.confidential:
        _hide(session, ticket, context=context)
    _move_up(step, codes, unknown=unknown, context=context)
    theirs = [person.code for person in org.staff.values() if not set(person.posts).isdisjoint(ticket.refused)]
    quoting.call_off(session, ticket, {*ticket.refused, *theirs, *ticket.refused_staff})
    facts = {"units": sorted(codes), "staff": sorted(people)}
    return finish(session, step, now=now, context=context, text="、".join(given), facts=facts)


def read_summary(session: Session, number: str, *, context: RoutingContext) -> Summary:
    """Read the 转办摘要 and what is wrong with it; NotConfidential where there is none."""
    ticket = find(session, number)
    if not ticket.confidential:
        raise NotConfidential
    text = read_facts(session, ticket, org=context.org).handover
    faults = _find_faults(session, ticket, text, context=context)
    return Summary(number=number, text=text, state=ticket.handover_state, faults=faults)


def edit_summary(session: Session, number: str, *, text: str, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """Write the 转办摘要 anew; it has to be approved again. What the resident wants to talk about first stays so."""
    step = _begin_summary(session, number, "draft", actor=actor, context=context, text=text)
    step.ticket.handover = open_key(session, step.ticket.key_id).seal(text.strip().encode())
    if step.ticket.handover_state != "doubted":
        step.ticket.handover_state = "draft"
    return finish(session, step, now=now, context=context)


def approve_summary(
    session: Session, number: str, *, talked: bool = False, actor: str, now: datetime, context: RoutingContext
) -> Acted:
    """Approve the 转办摘要: with it the matter may leave the desk. SummaryUnfit names what still leads to a person.

    SummaryDoubted: the resident wanted to talk first; `talked` says that somebody has.
    """
    step = _begin_summary(session, number, "approve", actor=actor, context=context)
    summary = read_summary(session, number, context=context)
    if summary.state == "doubted" and not talked:
        raise SummaryDoubted
    if summary.faults:
        raise SummaryUnfit(summary.faults)
    step.ticket.handover_state = "approved"
    return finish(session, step, now=now, context=context, facts={"talked": talked})


def doubt_summary(session: Session, number: str, *, resident_id: int, now: datetime, context: RoutingContext) -> Acted:
    """Let the resident talk to the desk before the matter leaves it. `done` False where it has left already, or there is no summary."""
    step = begin_for_resident(session, number, "doubt", resident_id=resident_id)
    ticket = step.ticket
    if not ticket.confidential or ticket.unit != ticket.desk or ticket.resident_id != resident_id:
        return Acted(ticket=read_facts(session, ticket, org=context.org), done=False)
    ticket.handover_state = "doubted"
    return finish(session, step, now=now, context=context)


def find_accused_holder(session: Session, number: str, text: str, *, org: OrgChart) -> Holder | None:
    """Find who has a ticket if a text speaks badly of them or of who works there; None if it does not. A bare post (你们) is nobody."""
    ticket = find(session, number)
    unit = org.unit(ticket.unit)
    accused = find_in_text(text, org) if unit is not None else []
    if unit is None or not any(_is_about(one, unit, org) for one in accused):
        return None
    return Holder(unit=unit.code, public_place=ticket.public_place)


def _is_about(accused: Accused, unit: HandlingUnit, org: OrgChart) -> bool:
    if accused.staff:
        return any(unit.code in org.staff[code].posts for code in accused.staff)
    return is_kept_from(unit.code, accused.units, org) or (bool(accused.function) and accused.function in unit.functions)


def open_original(session: Session, number: str, *, reason: str, actor: str, now: datetime, context: RoutingContext) -> Original:
    """Open what the resident wrote, for somebody who says why; kept in the audit and on the ticket. ReasonMissing without a reason.

    The desk reads it as it was written. The unit that has the matter finds the doors in it, and no number or name that leads to a person;
    a confidential one it does not open at all (NotYours), as nobody else does. A private unit finds the exact place, and no more than the summary.
    """
    unsealing.note_opening(session, subject=f"ticket:{number}", kind="original", reason=reason, actor=actor)
    step = begin(session, number, "unseal", actor=actor, context=context, given=name_given(text=reason))
    ticket = step.ticket
    is_unit = role_of(actor, ticket, context.org) == "unit"
    if is_unit and ticket.confidential:
        raise NotYours
    show = mask_contacts if is_unit else str
    if is_unit and is_private(context.org, ticket.unit):
        place = open_key(session, ticket.key_id).open(ticket.place_text).decode() if ticket.place_text else ""
        finish(session, step, now=now, context=context, text=reason)
        return Original(number=number, at=ticket.opened_at, text=ticket.summary, place=mask_contacts(place), added=())
    key = open_key(session, ticket.key_id)
    rows = session.execute(
        select(TicketEvent.at, TicketEvent.text)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.actor == RESIDENT, TicketEvent.text.is_not(None))
        .order_by(TicketEvent.id)
    )
    original = Original(
        number=number,
        at=ticket.opened_at,
        text=show(key.open(ticket.text).decode()),
        place=show(key.open(ticket.place_text).decode()) if ticket.place_text else "",
        added=tuple((row.at, show(key.open(row.text).decode())) for row in rows),
    )
    finish(session, step, now=now, context=context, text=reason)
    return original


def _keep_secret(session: Session, step: Step, *, now: datetime, context: RoutingContext) -> Acted:
    ticket = step.ticket
    if ticket.confidential:
        return Acted(ticket=read_facts(session, ticket, org=context.org), done=False)
    _hide(session, ticket, context=context)
    _take_back(step)
    return finish(session, step, now=now, context=context)


def _hide(session: Session, ticket: Ticket, *, context: RoutingContext) -> None:
    """Leave on a ticket and in its notices only what may be seen of a confidential matter."""
    key = open_key(session, ticket.key_id)
    item = context.duty_list.item(ticket.item)
    words = key.open(ticket.text).decode()
    if ticket.home_name is not None:
        ticket.public_place, ticket.place_text = ticket.home_name, None
    if ticket.source == SCAN:  # the days on which a code was scanned would lead to its house
        ticket.source = ""
    named = item.name if item else ""
    drafted = handover.draft(place=ticket.public_place, item=named, text=words, is_conduct=is_about_conduct(ticket.refused, words))
    ticket.confidential = True
    ticket.title, ticket.summary, ticket.merge_key = handover.neutral_title(), "", ""
    ticket.public_space = ticket.automatic = False
    ticket.why = list(handover.hide_words(ticket.why))
    ticket.handover, ticket.handover_state = key.seal(drafted.encode()), "draft"
    quoting.seal(session, ticket, title=ticket.title)


def _resolve(units: Iterable[str], staff: Iterable[str], names: Iterable[str], *, org: OrgChart) -> tuple[set[str], set[str], bool]:
    """Find the units and people meant; the last tells whether a name was given that no list has."""
    codes, people, unknown = set(units), set(staff), False
    if not codes <= org.units.keys() or not people <= org.staff.keys():
        raise UnknownName
    for name in names:
        found = [accused for accused in find_stated(name, org) if accused.units or (accused.staff and not accused.unknown)]
        unknown = unknown or not found
        codes |= {code for accused in found for code in accused.units}
        people |= {code for accused in found for code in accused.staff}
    return codes | {post for code in people for post in org.staff[code].posts}, people, unknown


def _move_up(step: Step, codes: Iterable[str], *, unknown: bool, context: RoutingContext) -> None:
    """Give the ticket to the lowest desk that stands above all it is about; take it back from who may not have it."""
    ticket, org = step.ticket, context.org
    here = org.unit(ticket.desk) or org.top_desk()
    desks = [here, *(org.desk_above(org.units[code]) for code in codes), *([org.desk_above(here)] if unknown else [])]
    widest = min(desks, key=lambda each: (len(org.chain(each.area)), each.code))
    desk = next((each for each in org.ways_up(widest) if not is_kept_from(each.code, ticket.refused, org)), org.top_desk())
    was_at_desk, ticket.desk = ticket.unit == ticket.desk, desk.code
    ticket.assisting = [code for code in ticket.assisting if not is_kept_from(code, ticket.refused, org)]
    if was_at_desk:
        ticket.unit = ticket.desk
    elif unknown or ticket.confidential or is_kept_from(ticket.unit, ticket.refused, org):
        _take_back(step)


def _take_back(step: Step) -> None:
    """Take a ticket back to its desk: one that is being worked on waits there anew, of one that was answered only the answer stands."""
    ticket = step.ticket
    if ticket.unit == ticket.desk:
        step.had = ""
    elif Status(ticket.status) in _WORKED:
        put_at_desk(ticket)
        step.after, step.ticks = Status.ACCEPTED, BACK_AT_DESK
    else:
        ticket.unit, ticket.assisting = ticket.desk, []


def _begin_summary(session: Session, number: str, act: Act, *, actor: str, context: RoutingContext, text: str = "") -> Step:
    step = begin(session, number, act, actor=actor, context=context, given=name_given(text=text))
    if not step.ticket.confidential:
        raise NotConfidential
    return step


def _find_faults(session: Session, ticket: Ticket, text: str, *, context: RoutingContext) -> tuple[tuple[str, str], ...]:
    original = open_key(session, ticket.key_id).open(ticket.text).decode()
    item = context.duty_list.item(ticket.item)
    names = (person.name for person in context.org.staff.values())
    return handover.find_faults(text, original=original, place=ticket.public_place, item=item.name if item else "", names=names)
