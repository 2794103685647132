"""公开摘要: what a desk shows to everybody of a matter, in words of its own; and what of that may be shown at this moment.

publish, unpublish   acts of the desk: a text is checked like a 转办摘要 before anybody reads it, and can be taken back at once
list_published       what stands there now: each ticket is judged anew, so that what became unfit since is gone
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from routing.errors import NotPublished, SummaryUnfit
from routing.history import RESIDENT, begin, finish, read_facts
from routing.lifecycle import name_given
from routing.publishable import find_bars, find_text_faults, name_place, tidy
from routing.sight import day_of
from routing.tables import Ticket, TicketEvent, TicketFollower
from routing.terms import Status
from store.base import Base
from store.keys import open_key
from store.sealing import KeyGone

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import tzinfo

    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from routing.duty_list import DutyList
    from routing.facts import Acted
    from routing.org import OrgChart

_DAY = timedelta(days=1)
_READS = 2
"""So many times more than is asked for is read at most: few of what was published has become unfit since."""
_LONGEST = 300
"""Characters of a published summary: a paragraph; what is longer retells a letter."""


class PublishedSummary(Base):
    """公开摘要: the desk's words for everybody, and who of the staff approved them when. Withdrawn ones keep their row."""

    __tablename__ = "published_summary"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), primary_key=True, autoincrement=False)
    text: Mapped[str]
    approved_by: Mapped[str]
    published_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None] = mapped_column(index=True)


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """A matter as everybody may read it: days instead of moments, a grid instead of an address, the desk's words instead of anybody's."""

    number: str
    is_closed: bool
    item: str
    item_name: str
    summary: str
    unit_name: str
    place: str
    opened_on: datetime
    updated_on: datetime


def publish(session: Session, number: str, *, text: str, least: int, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """Publish a summary of a ticket, or another one in its place. `least`: so many residents at least must have told of it.

    NotPublished names what keeps the matter from the public, SummaryUnfit what the text says too much.
    """
    step = begin(session, number, "publish", actor=actor, context=context, given=name_given(text=text))
    ticket, told = step.ticket, tidy(text)[:_LONGEST]
    item = context.duty_list.item(ticket.item)
    facts = read_facts(session, ticket, org=context.org)
    if bars := find_bars(facts, item, public_space=ticket.public_space, least=least):
        raise NotPublished(bars)
    original = _read_words(session, ticket)
    if faults := find_text_faults(told, original=original, org=context.org, item=item.name if item else ""):
        raise SummaryUnfit(faults)
    row = session.get(PublishedSummary, ticket.id) or PublishedSummary(ticket_id=ticket.id)
    row.text, row.approved_by, row.published_at, row.withdrawn_at = told, actor, now, None
    session.add(row)
    return finish(session, step, now=now, context=context)


def unpublish(session: Session, number: str, *, actor: str, now: datetime, context: RoutingContext) -> Acted:
    """Take a published summary back. `done` False where none stood there."""
    step = begin(session, number, "unpublish", actor=actor, context=context)
    row = session.get(PublishedSummary, step.ticket.id)
    acted = finish(session, step, now=now, context=context)
    if row is None or row.withdrawn_at is not None:
        return msgspec.structs.replace(acted, done=False)
    row.withdrawn_at = now
    return acted


def list_published(
    session: Session,
    *,
    org: OrgChart,
    duties: DutyList,
    zone: tzinfo,
    least: int,
    limit: int,
    numbers: Collection[str] = (),
    items: Collection[str] = (),
    closed: bool | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Published]:
    """List what is published now, newest first, at most `limit`; `since` and `until` name days on which it came in (both included; finer than a day nobody can ask)."""
    statement = select(Ticket, PublishedSummary.text).join(PublishedSummary, PublishedSummary.ticket_id == Ticket.id)
    statement = statement.where(PublishedSummary.withdrawn_at.is_(None), ~Ticket.confidential)
    if numbers:
        statement = statement.where(Ticket.number.in_(sorted(numbers)))
    if items:
        statement = statement.where(Ticket.item.in_(sorted(items)))
    if closed is not None:
        over = Ticket.status == Status.CLOSED.value
        statement = statement.where(over if closed else ~over)
    if since is not None:
        statement = statement.where(Ticket.opened_at >= day_of(since, zone))
    if until is not None:
        statement = statement.where(Ticket.opened_at < day_of(until, zone) + _DAY)
    rows = session.execute(statement.order_by(Ticket.id.desc()).limit(_READS * limit)).all()
    joined = _list_joined(session, [row[0].id for row in rows if row[0].followers])
    described = (
        _describe(session, ticket, text, joined.get(ticket.id, ()), org=org, duties=duties, zone=zone, least=least)
        for ticket, text in rows
    )
    return list(islice((one for one in described if one is not None), limit))


def _list_joined(session: Session, tickets: Collection[int]) -> dict[int, tuple[int, ...]]:
    """List who joined which of some tickets: one query."""
    statement = select(TicketFollower.ticket_id, TicketFollower.resident_id).where(TicketFollower.ticket_id.in_(tickets))
    found: dict[int, tuple[int, ...]] = {}
    for ticket, resident in session.execute(statement) if tickets else ():
        found[ticket] = (*found.get(ticket, ()), resident)
    return found


def _describe(
    session: Session,
    ticket: Ticket,
    text: str,
    joined: tuple[int, ...],
    *,
    org: OrgChart,
    duties: DutyList,
    zone: tzinfo,
    least: int,
) -> Published | None:
    """Describe a published ticket; None where it may not be shown any more."""
    facts = msgspec.structs.replace(read_facts(session, ticket, org=org, in_list=True), people=(ticket.resident_id, *joined))
    item = duties.item(ticket.item)
    if item is None or find_bars(facts, item, public_space=ticket.public_space, least=least):
        return None
    unit = org.unit(ticket.unit)
    return Published(
        number=ticket.number,
        is_closed=facts.status is Status.CLOSED,
        item=item.code,
        item_name=item.name,
        summary=text,
        unit_name=facts.desk_name if unit is None or unit.private else unit.name,
        place=name_place(facts, org),
        opened_on=day_of(ticket.opened_at, zone),
        updated_on=day_of(ticket.updated_at or ticket.opened_at, zone),
    )


def _read_words(session: Session, ticket: Ticket) -> str:
    """Read all that residents wrote of a matter: who opened it, who joined, and what was added."""
    added = select(TicketEvent.text).where(TicketEvent.ticket_id == ticket.id, TicketEvent.actor == RESIDENT)
    joined = select(TicketFollower.key_id, TicketFollower.text).where(TicketFollower.ticket_id == ticket.id)
    sealed = [(ticket.key_id, text) for text in (ticket.text, ticket.place_text, *session.scalars(added)) if text is not None]
    sealed += [(row.key_id, row.text) for row in session.execute(joined)]
    return "\n".join(_open(session, key_id, text) for key_id, text in sealed)


def _open(session: Session, key_id: int, sealed: bytes) -> str:
    try:
        return open_key(session, key_id).open(sealed).decode()
    except KeyGone:
        return ""
