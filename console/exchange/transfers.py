"""移交与回执: a matter that goes to another system, the state it is in there, and its results.

TransferError
├── NoPeer         there is no such system, or it has no address
├── NoTransfer     this ticket was not handed to that system
├── HandedAlready  it was, and is with that system now
└── ResultReused   the id of a result stands for another one
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from sqlalchemy import select

from console.exchange.announcing import CHANNEL
from console.exchange.leaving import find_current
from console.exchange.tables import ExchangeResult, ExchangeTransfer
from routing import handing_over
from routing.history import find
from routing.tables import Ticket
from store import outbox
from store.base import insert_once

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from console.peers import ExchangeSettings, PeerSettings
    from console.surroundings import CityView
    from routing.context import RoutingContext
    from routing.facts import Acted
    from routing.handing_over import Answer, Result

TransferState = Literal["waiting", "sent", "acknowledged", "refused", "closed", "failed"]
"""待发 · 已发 · 对方已收下 · 对方不接 · 对方已办完 · 没有送到."""
_ANSWERS: dict[str, Answer] = {"acknowledged": "acknowledged", "refused": "refused", "closed": "closed"}


class TransferError(Exception):
    """This cannot be done between two systems."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class NoPeer(TransferError):
    """There is no such system, or it has no address."""


class NoTransfer(TransferError):
    """This ticket was not handed to that system."""


class HandedAlready(TransferError):
    """This ticket is with that system already."""


class ResultReused(TransferError):
    """This id stands for a result of another matter, or another kind of result."""


class _Said(msgspec.Struct, frozen=True):
    """What another system answers at once when it takes a matter, as far as it can be read."""

    id: str = ""
    state: str = ""
    reason: str = ""


def hand_over(
    session: Session,
    number: str,
    *,
    peer: str,
    text: str,
    actor: str,
    now: datetime,
    context: RoutingContext,
    settings: ExchangeSettings,
) -> Acted:
    """Hand a ticket to another system; it is called by the worker, nobody waits for it. One that was refused, not reached or done there may go again."""
    known = _find_peer(peer, settings)
    if not known.url:
        raise NoPeer(peer)
    acted = handing_over.hand_over(
        session, number, peer=peer, peer_name=known.name or peer, text=text, actor=actor, now=now, context=context
    )
    ticket = find(session, number)
    row = _find(session, ticket.id, peer)
    if row is None:
        row = ExchangeTransfer(peer=peer, ticket_id=ticket.id, state="waiting", made_at=now)
        session.add(row)
    elif row.state in {"refused", "failed", "closed"}:
        row.state, row.made_at, row.sent_at, row.answered_at = "waiting", now, None, None
    else:
        raise HandedAlready(number)
    session.flush()
    facts = {"number": number, "event": acted.event, "transfer": row.id, "peer": peer}
    cause = f"transfer:{row.id}:{acted.event}"
    outbox.put(
        session,
        cause=cause,
        audience=outbox.PARTNER,
        target=f"peer:{peer}",
        channel=CHANNEL,
        notice="transfer",
        facts=facts,
        urgent=True,
        now=now,
    )
    return acted


def take_answer(
    session: Session, facts: Mapping[str, Any], answer: bytes, *, city: CityView, settings: ExchangeSettings, now: datetime
) -> None:
    """Take what another system answered when it got a matter: its id and state if it says so, else only that it got it."""
    row = find_current(session, facts)
    if row is None:
        return
    row.sent_at = row.sent_at or now
    if row.state in {"waiting", "failed"}:
        row.state = "sent"
    said = _read_answer(answer)
    row.their_id = said.id or row.their_id
    if said.state in _ANSWERS:
        _move(session, row, _ANSWERS[said.state], said.reason, city=city, settings=settings, now=now)


def _read_answer(answer: bytes) -> _Said:
    """Read what another system answered; what cannot be read is left out, for the matter has arrived all the same."""
    try:
        said = msgspec.json.decode(answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Said()
    if not isinstance(said, dict):
        return _Said()
    words = {name: str(said[name]) for name in ("id", "state", "reason") if isinstance(said.get(name), str | int)}
    their_id = "".join(one for one in words.get("id", "") if one.isprintable()).strip()
    return _Said(id=their_id[:64], state=words.get("state", ""), reason=words.get("reason", "").replace("\0", ""))


def note_failure(session: Session, facts: Mapping[str, Any], *, city: CityView, settings: ExchangeSettings, now: datetime) -> None:
    """Note that a matter did not reach the other system: its desk is told, the report shows it, and it may be handed over again."""
    row = find_current(session, facts)
    if row is None or row.state != "waiting":
        return
    row.state = "failed"
    known = _find_peer(row.peer, settings)
    handing_over.note_undelivered(
        session, find_number(session, row.ticket_id), peer=row.peer, peer_name=known.name or row.peer, now=now,
        context=city.context(now=now),
    )  # fmt: skip


def note_state(
    session: Session,
    number: str,
    *,
    peer: str,
    answer: Answer,
    their_id: str,
    text: str,
    city: CityView,
    settings: ExchangeSettings,
    now: datetime,
) -> ExchangeTransfer:
    """Write down what another system tells later of a matter it was handed. NoTransfer if it was not. The same state again changes nothing.

    Nor does a receipt that comes when the matter is done there.
    """
    row = find_handed(session, number, peer)
    row.their_id = their_id or row.their_id
    _move(session, row, answer, text, city=city, settings=settings, now=now)
    return row


def take_result(
    session: Session, number: str, *, peer: str, result_id: str, act: Result, text: str, now: datetime, context: RoutingContext
) -> bool:
    """Take a result of another system for a matter it was handed; False for one that came before.

    NoTransfer if it was not handed it, ResultReused if the id stands for another result.
    """
    row = find_handed(session, number, peer)
    values = {"peer": peer, "their_id": result_id, "ticket_id": row.ticket_id, "act": act, "at": now}
    if not insert_once(session, ExchangeResult, values, index=["peer", "their_id"]):
        known = session.scalars(
            select(ExchangeResult).where(ExchangeResult.peer == peer, ExchangeResult.their_id == result_id)
        ).one()
        if (known.ticket_id, known.act) != (row.ticket_id, act):
            raise ResultReused(result_id)
        return False
    handing_over.take_result(session, number, peer=peer, act=act, text=text, now=now, context=context)
    row.sent_at, row.answered_at = row.sent_at or now, now
    row.state = "closed" if act == "conclude" else "acknowledged"
    return True


def _move(
    session: Session,
    row: ExchangeTransfer,
    answer: Answer,
    text: str,
    *,
    city: CityView,
    settings: ExchangeSettings,
    now: datetime,
) -> None:
    if row.state in {answer, "closed"}:
        return
    row.state, row.answered_at, row.sent_at = answer, now, row.sent_at or now
    known = _find_peer(row.peer, settings)
    handing_over.note_answer(
        session, find_number(session, row.ticket_id), peer=row.peer, peer_name=known.name or row.peer, answer=answer, text=text[:4000],
        now=now, context=city.context(now=now),
    )  # fmt: skip


def find_number(session: Session, ticket_id: int) -> str:
    """Give the number of a ticket."""
    return session.get_one(Ticket, ticket_id).number


def _find_peer(peer: str, settings: ExchangeSettings) -> PeerSettings:
    known = settings.peer(peer)
    if known is None:
        raise NoPeer(peer)
    return known


def _find(session: Session, ticket_id: int, peer: str) -> ExchangeTransfer | None:
    statement = select(ExchangeTransfer).where(ExchangeTransfer.ticket_id == ticket_id, ExchangeTransfer.peer == peer)
    return session.scalars(statement.with_for_update()).one_or_none()


def find_handed(session: Session, number: str, peer: str) -> ExchangeTransfer:
    """Find a matter that was handed to another system; NoTransfer if it was not."""
    row = _find(session, find(session, number).id, peer)
    if row is None:
        raise NoTransfer(number)
    return row
