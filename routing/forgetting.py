"""删除之后的工单: a ticket without the person. Number, duty item, place, times and acts stay, so that the work and the figures do.

What the resident wrote is dropped with the ticket's key, in title and summary too. Where the matter goes on, what the staff wrote is kept
under a new key, masked; where it is over, nobody's words are. The same is done with tickets whose time has come (residents.retention).
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import delete, func, or_, select, update

from residents.masking import mask
from routing import following, incident_rows, proxies, quoting, trail_folds
from routing.errors import TicketError
from routing.facts import NOBODY
from routing.grid_tables import SpotRecord
from routing.handover import hide_words, neutral_title
from routing.headline import name_plainly
from routing.history import RESIDENT, begin_for_resident, finish
from routing.links import hash_token
from routing.mirroring import carries_others
from routing.tables import Ticket, TicketEvent, TicketFollower, TicketProxy
from routing.terms import OPEN_STATUSES, Status
from store.keys import new_key, open_key
from store.sealing import KeyGone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import CompoundSelect, Select
    from sqlalchemy.orm import Session

    from routing.context import RoutingContext
    from store.sealing import DataKey
    from store.shredding import Shredder

_PLAIN_FACTS = frozenset({"channel", "kind", "reason", "because", "score", "rating", "media", "count", "clocks", "follows", "well"})
"""Facts of a resident's act that are codes and counts."""
_ANSWERED = frozenset({Status.REPLIED.value, Status.CONCLUDED.value})


class KeptTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that a resident opened or joined, however long ago."""

    number: str
    title: str
    is_open: bool
    is_own: bool


def list_kept(session: Session, resident_id: int) -> tuple[KeptTicket, ...]:
    """List all tickets in which a resident is named, the newest first."""
    joined = select(TicketFollower.ticket_id).where(TicketFollower.resident_id == resident_id)
    statement = select(Ticket).where(or_(Ticket.resident_id == resident_id, Ticket.id.in_(joined))).order_by(Ticket.id.desc())
    return tuple(
        KeptTicket(
            number=ticket.number,
            title=ticket.title,
            is_open=ticket.status in OPEN_STATUSES,
            is_own=ticket.resident_id == resident_id,
        )
        for ticket in session.execute(statement).scalars()
    )


def find_over(before: datetime) -> Select[Ticket]:
    """Select tickets that were closed or withdrawn, with the last act before this moment, and still have words."""
    last = select(func.max(TicketEvent.at)).where(TicketEvent.ticket_id == Ticket.id).scalar_subquery()
    over = sorted(set(Status) - OPEN_STATUSES)
    return select(Ticket).where(Ticket.status.in_(over), Ticket.resident_id != NOBODY, last < before).order_by(Ticket.id)


def find_spots(before: datetime) -> Select[SpotRecord]:
    """Select what was put right at once before this moment and still has the words that its worker wrote."""
    return select(SpotRecord).where(SpotRecord.text != "", SpotRecord.at < before).order_by(SpotRecord.id)


def empty_spots(session: Session, *, before: datetime, most: int) -> int:
    """Drop the words of such records, at most so many at once; who did it, when, where and for which item stays. Gives how many."""
    ids = find_spots(before).with_only_columns(SpotRecord.id).limit(most)
    emptied = update(SpotRecord).where(SpotRecord.id.in_(ids)).values(text="").returning(SpotRecord.id)
    return len(session.execute(emptied, execution_options={"synchronize_session": False}).all())


def find_busy() -> CompoundSelect[int]:
    """Select the residents for whom a ticket stands: their own, or one they joined."""
    return select(Ticket.resident_id).where(Ticket.resident_id != NOBODY).union_all(select(TicketFollower.resident_id))


def has_alarm_out(session: Session, resident_id: int) -> bool:
    """Tell whether an alarm of theirs rings that nobody has taken up: whoever takes it up has to read what it is about."""
    out = select(Ticket.id).where(Ticket.resident_id == resident_id, Ticket.tier == "red", Ticket.acknowledged_at.is_(None))
    return session.execute(out.where(Ticket.status.in_(sorted(OPEN_STATUSES - _ANSWERED))).limit(1)).first() is not None


def can_go_on(ticket: Ticket) -> bool:
    """Tell whether a matter can be brought to its end without the one who reported it.

    A danger and what neighbours follow must; what was answered is nearly over; else somebody has to know what to do where: a duty item at
    a known place that is open to all, or a summary that was approved for handing over.
    """
    if ticket.tier != "none" or ticket.followers or ticket.status in _ANSWERED:
        return True
    if ticket.confidential:
        return ticket.handover_state == "approved"
    return bool(ticket.public_space and ticket.item and ticket.area)


def forget_person(
    session: Session,
    *,
    resident_id: int,
    words: str,
    names: Sequence[str] = (),
    shredder: Shredder,
    now: datetime,
    context: RoutingContext,
) -> int:
    """Take a resident out of all their tickets, and off those they joined; how many there were. `words` stand where theirs were.

    What cannot go on without them is withdrawn, as if they had said so. `names` are known to be theirs, for what the staff wrote.
    """
    own = select(Ticket).where(Ticket.resident_id == resident_id).order_by(Ticket.id).with_for_update()
    tickets = session.execute(own).scalars().all()
    for ticket in tickets:
        if ticket.status in OPEN_STATUSES:
            _take_leave(session, ticket, now=now, context=context)
        empty_ticket(session, ticket, words=words, names=names, shredder=shredder, context=context)
    reported = _leave_represented(session, resident_id)
    for ticket in reported:
        belongs_to = ticket.resident_id
        empty_ticket(session, ticket, words=words, names=names, shredder=shredder, context=context)
        ticket.resident_id = belongs_to
    return len(tickets) + len(reported) + _leave_others(session, resident_id, shredder=shredder, now=now, context=context)


def empty_ticket(
    session: Session,
    ticket: Ticket,
    *,
    words: str,
    names: Sequence[str] = (),
    shredder: Shredder,
    context: RoutingContext,
) -> None:
    """Take everybody's words and the resident out of a ticket; the staff's stay, masked, where it is not over."""
    item = context.duty_list.item(ticket.item)
    old, new = _open(session, ticket.key_id), new_key(session)
    goes_on = ticket.status in OPEN_STATUSES
    ticket.title = neutral_title() if ticket.confidential else name_plainly(item.name) if item else words
    ticket.summary = words
    ticket.text = new.seal(words.encode())
    ticket.place_text = None
    ticket.why = list(hide_words(ticket.why))
    if not ticket.area and not (goes_on and ticket.tier != "none"):  # whoever is on the way to a danger has to know where
        ticket.public_place = ticket.merge_key = ""
    kept = old if goes_on else None
    ticket.reply_text = _reseal(ticket.reply_text, kept, new, names=names)
    ticket.handover = _reseal(ticket.handover, kept if ticket.handover_state == "approved" else None, new, names=names)
    events = session.execute(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id)).scalars().all()
    for event in events:
        is_theirs = event.actor == RESIDENT
        event.text = _reseal(event.text, None if is_theirs else kept, new, names=names)
        if is_theirs:
            event.facts = {name: value for name, value in event.facts.items() if name in _PLAIN_FACTS}
    shredder.drop(ticket.key_id)
    ticket.key_id = new.id
    ticket.resident_id = NOBODY
    ticket.inbox_id = None
    ticket.token_hash = hash_token(secrets.token_urlsafe(16))  # the link that the resident has leads nowhere now
    incident_rows.leave(session, ticket.id)
    trail_folds.mark(session, ticket.id)
    quoting.empty(session, ticket, title=ticket.title, words=words, drop=shredder.drop)
    if not goes_on:
        _empty_followers(session, ticket, shredder=shredder)
    session.flush()


def _take_leave(session: Session, ticket: Ticket, *, now: datetime, context: RoutingContext) -> None:
    """Withdraw what cannot go on without them, leave what can."""
    try:
        if can_go_on(ticket) or carries_others(session, ticket):
            step = begin_for_resident(session, ticket.number, "leave", resident_id=ticket.resident_id)
            finish(session, step, now=now, context=context)
        else:
            following.withdraw(session, ticket.number, resident_id=ticket.resident_id, now=now, context=context)
    except TicketError:  # a status that no longer lets a resident act: the ticket stays where it is, without them
        return


def _leave_represented(session: Session, resident_id: int) -> Sequence[Ticket]:
    """Take them out of what was reported for somebody else; gives the matters that others have and they told of."""
    statement = select(Ticket).join(TicketProxy, TicketProxy.ticket_id == Ticket.id).where(TicketProxy.proxy_id == resident_id)
    others = statement.where(Ticket.resident_id.not_in((resident_id, NOBODY))).order_by(Ticket.id).with_for_update(of=Ticket)
    told = session.execute(others).scalars().all()
    session.execute(delete(TicketProxy).where(TicketProxy.proxy_id == resident_id))
    session.execute(update(TicketProxy).where(TicketProxy.represented_id == resident_id).values(represented_id=None))
    return told


def _leave_others(session: Session, resident_id: int, *, shredder: Shredder, now: datetime, context: RoutingContext) -> int:
    """Take them off the tickets they joined, with what they wrote there."""
    joined = select(TicketFollower, Ticket).join(Ticket, Ticket.id == TicketFollower.ticket_id)
    rows = session.execute(joined.where(TicketFollower.resident_id == resident_id).order_by(Ticket.id).with_for_update()).all()
    for follower, ticket in rows:
        shredder.drop(follower.key_id)
        if ticket.status in OPEN_STATUSES:
            following.withdraw(session, ticket.number, resident_id=resident_id, now=now, context=context)
        else:
            session.delete(follower)
            ticket.followers -= 1
    proxies.forget(session, resident_id)
    session.flush()
    return len(rows)


def _empty_followers(session: Session, ticket: Ticket, *, shredder: Shredder) -> None:
    """Take what neighbours wrote out of a ticket that is over; that so many joined stays as a count."""
    for follower in session.execute(select(TicketFollower).where(TicketFollower.ticket_id == ticket.id)).scalars():
        key = new_key(session)
        shredder.drop(follower.key_id)
        follower.key_id, follower.text, follower.inbox_id = key.id, key.seal(b""), None


def _open(session: Session, key_id: int) -> DataKey | None:
    try:
        return open_key(session, key_id)
    except KeyGone:
        return None


def _reseal(sealed: bytes | None, old: DataKey | None, new: DataKey, *, names: Sequence[str]) -> bytes | None:
    """Give sealed words anew under another key, masked; None where they are not to be kept."""
    if sealed is None or old is None:
        return None
    return new.seal(mask(old.open(sealed).decode(), names=names).encode())
