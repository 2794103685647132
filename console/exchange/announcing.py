"""What happened since is looked through once, and whatever somebody outside is to hear of it becomes a row of the outbox, one per address.

The rows hold codes only: what is said is made when it is sent (console.exchange.messages). An event is announced once to each address,
however often it is looked at, since the row's cause names both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, or_, select

from console import tokens
from console.exchange.concerned import ENDS, find_concerned
from console.exchange.hooks import list_hooks
from console.exchange.messages import find_seen
from console.exchange.settling import SETTLED, find_unsettled
from console.exchange.tables import ExchangeCursor, ExchangeTransfer, PartnerTicket
from routing.handing_over import name_actor
from routing.tables import Ticket, TicketEvent
from store import outbox
from store.locks import hold

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from console.exchange.tables import Webhook
    from console.peers import ExchangeSettings
    from console.policy import Actor
    from console.surroundings import CityView

RESULTS = frozenset({"reply", "conclude", "close", "decline", "withdraw", "redo", "reopen", "merge", "explain", "carry"})
"""What another system hears of a matter that it sent to us, or that we handed to it."""
CHANNEL = "http"
_CURSOR = "announced"
_WINDOW = 500
_OVERLAP = 2_000

_Row = tuple[int, str, int, str, str]
_Known = tuple[str, str, int]
"""A peer, whether it sent the matter (mapped) or has it from us (transfer), and the row that says so."""


def is_idle(session: Session, *, now: datetime) -> bool:
    """Tell whether there is nothing to look through, to announce or to send: most of the time, and then nothing need be written.

    As long as an event may still come before the last one that was looked at, there is.
    """
    cursor = session.get(ExchangeCursor, _CURSOR)
    last = session.execute(select(func.max(TicketEvent.id))).scalar_one() or 0
    waiting = select(outbox.OutboxMessage.id).where(
        outbox.OutboxMessage.audience == outbox.PARTNER, outbox.OutboxMessage.state.in_(("pending", "unknown"))
    )
    looked = cursor.event_id if cursor else 0
    if looked < last or find_unsettled(session, after=looked - _OVERLAP, now=now) is not None:
        return False
    return session.execute(waiting.limit(1)).first() is None


def announce(session: Session, *, city: CityView, settings: ExchangeSettings, now: datetime) -> int:
    """Write down what is to be sent of the next events; returns how many of them were new, so that 0 means that all are looked through."""
    hold(session, "exchange:events")
    cursor = session.get(ExchangeCursor, _CURSOR)
    hooks = list_hooks(session, only_on=True)
    peers = [name for name in ("hotline", "police") if (peer := settings.peer(name)) is not None and peer.url]
    if cursor is None:
        cursor = ExchangeCursor(name=_CURSOR, event_id=0)
        session.add(cursor)
    if not hooks and not peers:
        cursor.event_id = max(cursor.event_id, session.execute(select(func.max(TicketEvent.id))).scalar_one() or 0)
        return 0
    rows = _read_events(session, after=cursor.event_id, now=now)
    fresh = [row for row in rows if row[0] > cursor.event_id]
    _call_hooks(session, rows, hooks, city=city, now=now)
    _send_results(session, rows, peers, now=now)
    cursor.event_id = max((row[0] for row in fresh), default=cursor.event_id)
    return len(fresh)


def _read_events(session: Session, *, after: int, now: datetime) -> list[_Row]:
    """Read the next events with their tickets, and those just before that may have come late."""
    late = (TicketEvent.id > after - _OVERLAP) & (TicketEvent.at > now - SETTLED)
    statement = (
        select(TicketEvent.id, Ticket.number, TicketEvent.ticket_id, TicketEvent.act, TicketEvent.actor)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(TicketEvent.id > after - _OVERLAP, or_(TicketEvent.id > after, late))
        .order_by(TicketEvent.id)
        .limit(_WINDOW + _OVERLAP)
    )
    rows: list[_Row] = [(row[0], row[1], row[2], row[3], row[4]) for row in session.execute(statement)]
    fresh = [row for row in rows if row[0] > after][:_WINDOW]
    return [row for row in rows if row[0] <= after] + fresh


def _call_hooks(session: Session, rows: Sequence[_Row], hooks: Sequence[Webhook], *, city: CityView, now: datetime) -> None:
    org = city.context(now=now).org
    actors = {hook.id: tokens.find_partner(session, hook.token_id, now=now, org=org) for hook in hooks}
    for event, number, _, act, _ in rows:
        for hook in hooks:
            actor = actors[hook.id]
            if actor is None or act not in hook.events or event <= hook.since_event:
                continue
            if _is_for(session, actor, number, city=city, now=now):
                facts = {"number": number, "event": event, "hook": hook.id}
                cause, target = f"hook:{hook.id}:{event}", f"hook:{hook.id}"
                outbox.put(
                    session,
                    cause=cause,
                    audience=outbox.PARTNER,
                    target=target,
                    channel=CHANNEL,
                    notice="webhook",
                    facts=facts,
                    now=now,
                )


def _is_for(session: Session, actor: Actor, number: str, *, city: CityView, now: datetime) -> bool:
    return find_seen(session, actor, number, city=city, now=now) is not None


def _send_results(session: Session, rows: Sequence[_Row], peers: Sequence[str], *, now: datetime) -> None:
    """Tell peers what became of what they sent to us, or have from us; what they did themselves they know."""
    wanted = [row for row in rows if row[3] in RESULTS]
    if not peers or not wanted:
        return
    ended = {ticket for _, _, ticket, act, _ in wanted if act in ENDS}
    concerned = find_concerned(session, {ticket: number for _, number, ticket, _, _ in wanted}, ended=ended)
    known = _list_known(session, {one.id for each in concerned.values() for one in each}, peers)
    for event, _, ticket, act, actor in wanted:
        for one in concerned[ticket]:
            for peer, kind, row in known.get(one.id, ()) if one.hears(act) else ():
                if actor == name_actor(peer):
                    continue
                facts = {"number": one.number, "event": event, "peer": peer, kind: row}
                cause, target = f"result:{kind}:{row}:{event}", f"peer:{peer}"
                outbox.put(
                    session,
                    cause=cause,
                    audience=outbox.PARTNER,
                    target=target,
                    channel=CHANNEL,
                    notice="result",
                    facts=facts,
                    now=now,
                )


def _list_known(session: Session, tickets: Collection[int], peers: Sequence[str]) -> dict[int, list[_Known]]:
    """List which peers sent some tickets to us, or have them from us, by ticket."""
    sent = select(PartnerTicket).where(PartnerTicket.partner.in_(peers), PartnerTicket.ticket_id.in_(tickets))
    handed = select(ExchangeTransfer).where(
        ExchangeTransfer.peer.in_(peers),
        ExchangeTransfer.ticket_id.in_(tickets),
        ExchangeTransfer.state.in_(("sent", "acknowledged", "closed")),
    )
    known: dict[int, list[_Known]] = {}
    for one in session.scalars(sent):
        known.setdefault(one.ticket_id, []).append((one.partner, "mapped", one.id))
    for each in session.scalars(handed):
        known.setdefault(each.ticket_id, []).append((each.peer, "transfer", each.id))
    return known
