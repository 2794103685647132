"""The tables of accounts. Of passwords, tokens and links there are only hashes; a second factor's secret is sealed under a key of its own."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations

from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, Sealed


class StaffLogin(Base):
    """How a post signs in: its password's hash ("" while none was chosen), its second factor, and whether an operator has shut it."""

    __tablename__ = "staff_login"

    staff: Mapped[str] = mapped_column(primary_key=True)
    password: Mapped[str] = mapped_column(default="")
    totp: Mapped[bytes | None] = mapped_column(Sealed)
    totp_key: Mapped[int | None]
    totp_at: Mapped[datetime | None]
    """When the second factor was proved; one that was not yet is asked of nobody."""
    totp_step: Mapped[int] = mapped_column(default=0)
    """The last time step whose code was used: neither it nor an older one is taken again."""
    shut_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class StaffSession(Base):
    """One sign-in. `role` is what the post was then: with another role one signs in again. `owes_code`: must set up a second factor first."""

    __tablename__ = "staff_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(unique=True)
    staff: Mapped[str] = mapped_column(index=True)
    role: Mapped[str]
    by_link: Mapped[bool]
    """Signed in by a one-time link: may choose a password without knowing the old one."""
    owes_code: Mapped[bool]
    agent: Mapped[str]
    begun_at: Mapped[datetime]
    used_at: Mapped[datetime]
    idle_minutes: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class SignInLink(Base):
    """A one-time link. A newer one of the same post ends those before it."""

    __tablename__ = "sign_in_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(unique=True)
    staff: Mapped[str] = mapped_column(index=True)
    made_at: Mapped[datetime]
    made_by: Mapped[str]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class SignInFailure(Base):
    """Failures in a row, by the keyed mark of a name (of a post or of nobody) or of an address: which it is cannot be read from it."""

    __tablename__ = "sign_in_failure"

    mark: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)
    until: Mapped[datetime | None]
    """Nothing is tried before this moment."""
