"""Who did what to what, append-only: every change by a person, every unsealing, every quarantined message."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy and msgspec read the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from store.base import Base, Json
from store.clock import utcnow

if TYPE_CHECKING:
    from collections.abc import Sequence


class AuditEntry(Base):
    """One act. `actor` is a staff code, `system`, or `resident`; facts never hold a person's words or identity."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    facts: Mapped[Json]


def record(session: Session, *, actor: str, action: str, subject: str, facts: Json | None = None) -> None:
    """Write one act down, in the transaction that does it."""
    session.execute(insert(AuditEntry).values(at=utcnow(), actor=actor, action=action, subject=subject, facts=facts or {}))


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which acts are wanted: of whom, which (`sign_in` is every sign_in.…), on what (its beginning); from one moment up to another, without the last."""

    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def list_entries(session: Session, wanted: Wanted, *, before: int = 0, limit: int) -> Sequence[AuditEntry]:
    """List acts, the newest first, those older than the entry `before`."""
    statement = select(AuditEntry)
    if wanted.actor:
        statement = statement.where(AuditEntry.actor == wanted.actor)
    if wanted.action:
        statement = statement.where(
            (AuditEntry.action == wanted.action) | AuditEntry.action.startswith(f"{wanted.action}.", autoescape=True)
        )
    if wanted.subject:
        statement = statement.where(AuditEntry.subject.startswith(wanted.subject, autoescape=True))
    if wanted.since is not None:
        statement = statement.where(AuditEntry.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(AuditEntry.at < wanted.until)
    if before:
        statement = statement.where(AuditEntry.id < before)
    return session.scalars(statement.order_by(AuditEntry.id.desc()).limit(limit)).all()
