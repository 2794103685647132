"""The tables of the API: tokens, what partners did with theirs, and the answers that are given again for a key. No token stands in any of them."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, Json


class ApiToken(Base):
    """A token of a post of the staff (kind staff, `owner` its code) or of a partner (kind partner, `owner` its name); only its hash is kept.

    `unit`, `scopes` and `fields` are a partner's: for whom it works, what it may do, and what of a ticket it gets.
    """

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    owner: Mapped[str] = mapped_column(index=True)
    hash: Mapped[str] = mapped_column(unique=True)
    unit: Mapped[str] = mapped_column(default="")
    scopes: Mapped[list[Any]] = mapped_column(default=list)
    fields: Mapped[list[Any]] = mapped_column(default=list)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class PartnerCall(Base):
    """访问记录: one call of a partner: when, what for, how it ended, and of which tickets how many it got. Nobody's words."""

    __tablename__ = "partner_call"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    partner: Mapped[str] = mapped_column(index=True)
    token_id: Mapped[int]
    action: Mapped[str]
    subject: Mapped[str]
    status: Mapped[int]
    rows: Mapped[int]


class GivenAnswer(Base):
    """The answer to a call that came with an Idempotency-Key: codes and numbers only, given again for the same call."""

    __tablename__ = "given_answer"
    __table_args__ = (UniqueConstraint("actor", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    actor: Mapped[str]
    key: Mapped[str]
    call: Mapped[str]
    """Hash of method, path and body."""
    status: Mapped[int] = mapped_column(default=0)
    answer: Mapped[Json] = mapped_column(default=dict)
    at: Mapped[datetime] = mapped_column(index=True)
