"""Learned models of this city, each version kept with its figures; at most one of a name is in service, and the way back is one step.

What the software ships with serves where no version is in service.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import TYPE_CHECKING

from sqlalchemy import LargeBinary, func, select
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, Json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session


class NoVersion(Exception):
    """There is no such version of this model; the argument names it."""


class LearnedModel(Base):
    """A version of a model. `served_at` is when it was last put into service; `serving` whether it is now."""

    __tablename__ = "learned_model"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    figures: Mapped[Json]
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    serving: Mapped[bool] = mapped_column(default=False)
    served_at: Mapped[datetime | None]


def keep(session: Session, name: str, content: bytes, *, figures: Mapping[str, object], by: str, now: datetime) -> LearnedModel:
    """Keep a new version, not yet in service."""
    last = session.scalar(select(func.max(LearnedModel.version)).where(LearnedModel.name == name)) or 0
    model = LearnedModel(
        name=name, version=last + 1, content=content, figures=dict(figures), made_at=now, made_by=by, serving=False
    )
    session.add(model)
    session.flush()
    return model


def list_versions(session: Session) -> Sequence[LearnedModel]:
    """List every version of every model, the newest of each first."""
    return session.scalars(select(LearnedModel).order_by(LearnedModel.name, LearnedModel.version.desc())).all()


def find_serving(session: Session, name: str) -> LearnedModel | None:
    """Find the version that is in service; None if it is the shipped one."""
    return session.scalar(select(LearnedModel).where(LearnedModel.name == name, LearnedModel.serving))


def put_into_service(session: Session, name: str, version: int, *, now: datetime) -> None:
    """Put a version into service in place of the running one; NoVersion if there is none."""
    model = session.get(LearnedModel, (name, version))
    if model is None:
        raise NoVersion(f"{name} {version}")
    _take_out(session, name)
    model.serving, model.served_at = True, now
    session.flush()


def go_back(session: Session, name: str) -> int | None:
    """Put the version that served before this one back into service; None is the shipped one. NoVersion if none is in service."""
    running = find_serving(session, name)
    if running is None:
        raise NoVersion(name)
    earlier = session.scalar(
        select(LearnedModel)
        .where(LearnedModel.name == name, LearnedModel.served_at < running.served_at)
        .order_by(LearnedModel.served_at.desc())
        .limit(1)
    )
    running.served_at = None  # else the way back would lead here again
    _take_out(session, name)
    if earlier is not None:
        earlier.serving = True
    session.flush()
    return earlier.version if earlier is not None else None


def _take_out(session: Session, name: str) -> None:
    running = find_serving(session, name)
    if running is not None:
        running.serving = False
        session.flush()
