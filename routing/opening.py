"""受理: a report becomes a ticket with a unit or a desk, a clock and an explanation, or joins the one that tells of the same matter."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import msgspec

from residents.masking import mask
from routing import alarms, duplicates, following, handover, headline, sight, stats
from routing.accused import is_about_conduct
from routing.dispatch import decide
from routing.duplicates import Matter
from routing.facts import Opened
from routing.history import RESIDENT, SYSTEM, Step, finish, write_event
from routing.links import hash_token
from routing.placing import name_officers, put_at_desk, put_with_unit
from routing.tables import Ticket
from routing.terms import Status
from store.counters import next_number
from store.keys import new_key
from store.locks import hold

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from knowledge_base.text import Utterance
    from routing.context import RoutingContext
    from routing.facts import Origin
    from routing.terms import Assignment, Candidate, DutyItem, Report


def open_ticket(
    session: Session,
    *,
    report: Report,
    resident_id: int,
    origin: Origin,
    context: RoutingContext,
    now: datetime,
    utterance: Utterance,
) -> Opened:
    """Open a ticket for a report, or join the open one that tells of the same matter.

    It is dispatched at once if the rules are sure, else it waits at a desk with its ranked candidates.
    """
    candidates, assignment = judge(session, report, utterance, context=context, now=now)
    top = candidates[0].item if candidates else None
    matter = _describe(report, assignment, top, resident_id=resident_id)
    hold(session, f"open:{matter.area or resident_id}")
    near = None if report.apart else duplicates.find(session, matter, now=now, settings=context.duplicates)
    if near is not None and not (
        near.own and (report.follows or _stands_apart(session, near.ticket_id, report, assignment, context))
    ):
        inbox_id = origin.inbox_id
        return following.join(session, near, resident_id=resident_id, text=report.text, inbox_id=inbox_id, now=now, context=context)
    token = secrets.token_urlsafe(16)
    ticket = _make(session, report, assignment, matter, origin=origin, token=token, now=now, context=context)
    opened = Step(ticket=ticket, act="accept", actor=report.reporter_staff or RESIDENT, after=Status.ACCEPTED, had="")
    facts = {"channel": origin.channel, "kind": report.kind, "reason": report.reason, "follows": report.follows}
    if report.split_from:
        facts["split_from"] = report.split_from
    received_at = report.received_at or now
    if not assignment.automatic or ticket.confidential:
        acted = finish(session, opened, now=received_at, context=context, facts=facts)
        rung = alarms.ring(session, ticket, now=now, context=context) if ticket.tier == "red" else ()
        return Opened(ticket=acted.ticket, token=token, notices=acted.notices + rung)
    write_event(session, opened, before="", now=received_at, context=context, facts=facts)
    put_with_unit(ticket, assignment.unit, context.duty_list.item(assignment.item), now=now, context=context)
    ticket.assisting = list(assignment.assisting)
    sent = Step(ticket=ticket, act="dispatch", actor=SYSTEM, after=Status.DISPATCHED, had=ticket.desk)
    sent.item, sent.how = assignment.item, "automatic"
    sent.more = name_officers(ticket, context.duty_list.item(assignment.item), context=context)
    acted = finish(session, sent, now=now, context=context)
    rung = alarms.ring(session, ticket, now=now, context=context) if ticket.tier == "red" else ()
    return Opened(ticket=acted.ticket, token=token, notices=acted.notices + rung)


def judge(
    session: Session, report: Report, utterance: Utterance, *, context: RoutingContext, now: datetime
) -> tuple[tuple[Candidate, ...], Assignment]:
    """Say which duty items a report may be about, the likeliest first, and whose it is; nothing is written."""
    candidates = context.triage.rank(utterance)
    top = candidates[0].item if candidates else None
    past = {top.code: stats.read_item(session, top.code)} if top else {}
    zone = context.calendar.zone
    return candidates, decide(report, candidates, context.org, now=now, settings=context.routing, statistics=past, zone=zone)


def _stands_apart(session: Session, ticket_id: int, report: Report, assignment: Assignment, context: RoutingContext) -> bool:
    """Tell whether a report stays apart from a ticket of the same resident: another matter of one message, or about whoever has that one."""
    if not report.beside and not assignment.refused:
        return False
    ticket = session.get_one(Ticket, ticket_id)
    return ticket.number in report.beside or sight.is_kept_from(ticket.unit, assignment.refused, context.org)


def call_back(
    session: Session,
    *,
    report: Report,
    resident_id: int,
    origin: Origin,
    context: RoutingContext,
    now: datetime,
    utterance: Utterance,
) -> Opened:
    """Open a ticket at the desk for a resident who wants to talk to a person."""
    asked = msgspec.structs.replace(report, reason=duplicates.ASKED_PERSON)
    return open_ticket(session, report=asked, resident_id=resident_id, origin=origin, context=context, now=now, utterance=utterance)


def _describe(report: Report, assignment: Assignment, top: DutyItem | None, *, resident_id: int) -> Matter:
    """Say what of a report is compared with other tickets. Nobody joins what is confidential, an accusation, or about a unit."""
    red, call = report.tier == "red", report.reason == duplicates.ASKED_PERSON
    apart = red or call or is_confidential(report, assignment) or bool(assignment.refused)
    return Matter(
        resident_id=resident_id,
        item=assignment.item,
        area=report.areas[0] if len(report.areas) == 1 else "",
        place=duplicates.place_key(report.public_place),
        text=headline.make_summary(report),
        public=top is not None and top.public_space and not apart,
        red=red,
        call=call,
    )


def _make(
    session: Session,
    report: Report,
    assignment: Assignment,
    matter: Matter,
    *,
    origin: Origin,
    token: str,
    now: datetime,
    context: RoutingContext,
) -> Ticket:
    """Write the ticket's row as it stands at its desk before anything happens to it."""
    item = context.duty_list.item(assignment.item)
    key = new_key(session)
    is_secret = is_confidential(report, assignment)
    public_place = mask(find_public_place(report, is_secret=is_secret))
    named = item.name if item else ""
    handed = (
        handover.draft(
            place=public_place, item=named, text=report.text, is_conduct=is_about_conduct(assignment.refused, report.text)
        )
        if is_secret
        else ""
    )
    day = f"{now.astimezone(context.calendar.zone):%Y%m%d}"
    ticket = Ticket(
        number=f"{day}-{next_number(session, f'ticket:{day}'):04d}",
        token_hash=hash_token(token),
        resident_id=matter.resident_id,
        inbox_id=origin.inbox_id,
        channel=origin.channel,
        origin_line=origin.origin_line,
        kind=report.kind,
        requester=report.requester,
        source="" if is_secret else report.source,
        reason=report.reason,
        title=handover.neutral_title() if is_secret else headline.make_title(report, item),
        summary="" if is_secret else matter.text,
        key_id=key.id,
        text=key.seal(report.text.encode()),
        place_text=key.seal(report.place.encode()) if report.place and not (is_secret and report.at_home) else None,
        public_place=public_place,
        area=matter.area,
        merge_key="" if is_secret else matter.place,
        public_space=matter.public,
        home_name=report.place_name if report.at_home else None,
        confidential=is_secret,
        handover=key.seal(handed.encode()) if handed else None,
        handover_state="draft" if is_secret else "",
        tier=find_tier(report, item),
        hazard=report.hazard,
        status=Status.ACCEPTED.value,
        desk=assignment.desk,
        item=assignment.item,
        candidates=list(assignment.candidates),
        why=list(handover.hide_words(assignment.why) if is_secret else assignment.why),
        refused=list(assignment.refused),
        refused_staff=list(assignment.refused_staff),
        automatic=assignment.automatic and not is_secret,
        rehearsed=context.rehearsal,
        followers=0,
        alarms=0,
        opened_at=report.received_at or now,
        reporter_staff=report.reporter_staff,
        first_receiver=report.reporter_staff or assignment.desk,
        split_from=report.split_from,
        follows=report.follows or None,
    )
    put_at_desk(ticket)
    session.add(ticket)
    return ticket


def is_confidential(report: Report, assignment: Assignment) -> bool:
    """Decide whether a matter is confidential: 举报, on request or by its nature (the conversation says so), or about a person of the staff."""
    return report.confidential or report.kind == "report" or bool(assignment.refused_staff)


def find_public_place(report: Report, *, is_secret: bool) -> str:
    """Give what others may read of the place; of a confidential matter where the writer lives no more than the estate or road."""
    return report.place_name if is_secret and report.at_home else report.public_place


def find_tier(report: Report, item: DutyItem | None) -> str:
    """Say how dangerous a report is, by its own words or by the duty item it is about: red, orange or none."""
    return "orange" if report.tier == "none" and item is not None and item.tier == "orange" else report.tier
