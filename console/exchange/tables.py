"""The tables of exchange: whose id means which ticket, who is called when something happens, and how far a handed-over matter is.

Nobody's words stand in any of them: what is sent is made from the ticket when it is sent, as its reader may see it then.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class PartnerTicket(Base):
    """对应关系: which of our tickets a partner's own id means; `content` is the hash of what it sent, so that a repeat is known as one."""

    __tablename__ = "partner_ticket"
    __table_args__ = (UniqueConstraint("partner", "their_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partner: Mapped[str]
    their_id: Mapped[str]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    content: Mapped[str]
    at: Mapped[datetime]


class Webhook(Base):
    """推送: an address of a partner that is called when something happens to a ticket it may see. state: on, or off for a `reason`.

    What it may see is what its token may: a token that is revoked or over silences it. The secret lies in a file of ours.
    """

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(primary_key=True)
    partner: Mapped[str] = mapped_column(index=True)
    token_id: Mapped[int]
    url: Mapped[str]
    secret_file: Mapped[str]
    events: Mapped[list[Any]]
    fields: Mapped[list[Any]]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    since_event: Mapped[int]
    """The last event before it was made: it hears of none before."""


class ExchangeTransfer(Base):
    """移交: a ticket that was handed to another system, under our number and its id. state: waiting, sent, acknowledged, refused, closed, failed."""

    __tablename__ = "exchange_transfer"
    __table_args__ = (UniqueConstraint("peer", "ticket_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    peer: Mapped[str]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"), index=True)
    state: Mapped[str]
    their_id: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]


class ExchangeResult(Base):
    """A result that came back from another system, by its id: the same one twice is one."""

    __tablename__ = "exchange_result"
    __table_args__ = (UniqueConstraint("peer", "their_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    peer: Mapped[str]
    their_id: Mapped[str]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id"))
    act: Mapped[str]
    at: Mapped[datetime]


class DroppedFile(Base):
    """A file of the hotline that was read, by the hash of its bytes: the same one twice is one import."""

    __tablename__ = "dropped_file"

    hash: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    rows: Mapped[int]
    at: Mapped[datetime]


class ExchangeCursor(Base):
    """How far the events of tickets have been looked through for what is to be sent."""

    __tablename__ = "exchange_cursor"

    name: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[int]
