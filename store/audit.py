"""Who did what to what, append-only: every change by a person, every unsealing, every quarantined message."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotation

from sqlalchemy import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from store.base import Base, Json
from store.clock import utcnow


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
