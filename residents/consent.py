"""What a resident was told and what they allow: the notice by its version, broadcasts, being read in groups. Each with its time, never overwritten."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotation
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

ConsentKind = Literal["notice", "numbers", "broadcast", "group"]
"""notice: was told who handles what and why; numbers: was told not to send identity numbers; broadcast, group: agreed to these."""


class Consent(Base):
    """知情与同意: one thing a resident was told or agreed to, in which version, and when they took it back."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_resident_id_kind", "resident_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int]
    kind: Mapped[str]
    version: Mapped[str]
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


def give(session: Session, *, resident_id: int, kind: ConsentKind, version: str, now: datetime) -> None:
    """Write down that a resident was told, or agreed; once for a version that stands."""
    latest = _find_latest(session, resident_id, kind)
    if latest is None or latest.withdrawn_at is not None or latest.version != version:
        session.add(Consent(resident_id=resident_id, kind=kind, version=version, at=now))
        session.flush()


def take_back(session: Session, *, resident_id: int, kind: ConsentKind, version: str, now: datetime) -> None:
    """Write down that a resident does not agree (any more), also where they never did."""
    latest = _find_latest(session, resident_id, kind)
    if latest is None:
        session.add(Consent(resident_id=resident_id, kind=kind, version=version, at=now, withdrawn_at=now))
    elif latest.withdrawn_at is None:
        latest.withdrawn_at = now
    session.flush()


def knows(session: Session, *, resident_id: int, kind: ConsentKind, version: str) -> bool:
    """Tell whether a resident was told this version, or agreed to it, and it stands."""
    latest = _find_latest(session, resident_id, kind)
    return latest is not None and latest.withdrawn_at is None and latest.version == version


def refuses(session: Session, *, resident_id: int, kind: ConsentKind) -> bool:
    """Tell whether a resident said no: who was never asked did not."""
    latest = _find_latest(session, resident_id, kind)
    return latest is not None and latest.withdrawn_at is not None


def list_latest(session: Session, *, resident_id: int) -> Sequence[Consent]:
    """List what stands last for each kind."""
    rows = session.execute(select(Consent).where(Consent.resident_id == resident_id).order_by(Consent.id)).scalars()
    return tuple({row.kind: row for row in rows}.values())


def _find_latest(session: Session, resident_id: int, kind: ConsentKind) -> Consent | None:
    statement = select(Consent).where(Consent.resident_id == resident_id, Consent.kind == kind).order_by(Consent.id.desc()).limit(1)
    return session.execute(statement).scalar_one_or_none()
