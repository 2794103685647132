"""The access tokens of our accounts, shared by all processes: one fetches, the others read.

Each process that fetched its own would invalidate the others' (the older platforms' tokens replace one another) or spend the
day's quota. A row names the account, the sealed token, and who is fetching the next one until when; the fetcher holds no
transaction while it waits for the platform, so a dead one only costs the rest of its lease.
"""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotation
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base, Sealed, insert_once
from store.keys import drop_key, new_key, open_key

if TYPE_CHECKING:
    from sqlalchemy import Select, Update
    from sqlalchemy.orm import Session


class AccessToken(Base):
    """One account's token, and the lease of whoever fetches the next."""

    __tablename__ = "access_token"

    channel: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[bytes | None] = mapped_column(Sealed)
    key_id: Mapped[int | None]
    renew_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    refreshing_by: Mapped[str | None]
    refreshing_until: Mapped[datetime | None]


class SharedToken(msgspec.Struct, frozen=True, kw_only=True):
    """A token that all processes use: from `renew_at` on one of them fetches the next, after `expires_at` it is worthless."""

    value: str
    renew_at: datetime
    expires_at: datetime

    def __repr__(self) -> str:
        """Show everything but the token itself: it opens the account."""
        return f"SharedToken(renew_at={self.renew_at!r}, expires_at={self.expires_at!r})"


def take_lease(session: Session, *, channel: str, account: str, owner: str, now: datetime, until: datetime) -> bool:
    """Let `owner` fetch the next token until `until`; False while the token is fresh or another one is fetching."""
    insert_once(session, AccessToken, {"channel": channel, "account": account}, index=["channel", "account"])
    row = AccessToken
    statement = (
        _update(channel, account)
        .where(or_(row.renew_at.is_(None), row.renew_at <= now))
        .where(or_(row.refreshing_until.is_(None), row.refreshing_until <= now))
        .values(refreshing_by=owner, refreshing_until=until)
    )
    return session.execute(statement.returning(row.account)).first() is not None


def release_lease(session: Session, *, channel: str, account: str, owner: str) -> None:
    """End the lease of `owner` without a token; nothing happens if it is no longer theirs."""
    session.execute(
        _update(channel, account).where(AccessToken.refreshing_by == owner).values(refreshing_by=None, refreshing_until=None)
    )


def put(session: Session, *, channel: str, account: str, owner: str, token: SharedToken) -> bool:
    """Keep a fetched token and end the lease; False if the lease is no longer the owner's, then nothing is kept."""
    row = session.scalars(_select(channel, account).with_for_update()).one_or_none()
    if row is None or row.refreshing_by != owner:
        return False
    if row.key_id is not None:
        drop_key(session, row.key_id)
    key = new_key(session)
    statement = _update(channel, account).values(
        token=key.seal(token.value.encode()),
        key_id=key.id,
        renew_at=token.renew_at,
        expires_at=token.expires_at,
        refreshing_by=None,
        refreshing_until=None,
    )
    session.execute(statement)
    return True


def get(session: Session, *, channel: str, account: str, now: datetime) -> SharedToken | None:
    """Give the token that is still good, None if there is none."""
    row = session.scalars(_select(channel, account)).one_or_none()
    if (
        row is None
        or row.token is None
        or row.key_id is None
        or row.renew_at is None
        or row.expires_at is None
        or row.expires_at <= now
    ):
        return None
    value = open_key(session, row.key_id).open(row.token).decode()
    return SharedToken(value=value, renew_at=row.renew_at, expires_at=row.expires_at)


def invalidate(session: Session, *, channel: str, account: str, value: str) -> bool:
    """Forget a token that the platform refused; False if another one stands there by now, which is left alone."""
    row = session.scalars(_select(channel, account).with_for_update()).one_or_none()
    if row is None or row.token is None or row.key_id is None or open_key(session, row.key_id).open(row.token) != value.encode():
        return False
    drop_key(session, row.key_id)
    session.execute(_update(channel, account).values(token=None, key_id=None, renew_at=None, expires_at=None))
    return True


def _select(channel: str, account: str) -> Select[AccessToken]:
    statement = select(AccessToken).where(AccessToken.channel == channel, AccessToken.account == account)
    return statement.execution_options(populate_existing=True)


def _update(channel: str, account: str) -> Update:
    return (
        update(AccessToken)
        .where(AccessToken.channel == channel, AccessToken.account == account)
        .execution_options(synchronize_session=False)
    )
