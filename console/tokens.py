"""Tokens: personal ones of the staff, and those of partners' programs. Each is 256 random bits, shown once, kept as a hash, and can be revoked.

TokenError
├── NoToken        there is no token with this number
├── NoPost         nobody of the staff has this code
├── NoUnit         there is no such unit or desk
├── NoScope        there is no such scope
└── NoField        a ticket has no such field
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import select

from console.policy import SCOPES, Actor, Kind, Role, staff_actor
from console.tables import ApiToken, PartnerCall
from store.audit import record

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from routing.org import OrgChart

_BYTES = 32
_MARKS: dict[Kind, str] = {"staff": "jys_", "partner": "jyp_"}
"""How a token begins, so that one that slipped into a file or a chat can be found."""
_TOUCH = timedelta(minutes=10)
"""The last use is kept this exactly: a call that only reads need not write each time."""


class TokenError(Exception):
    """This cannot be done with a token."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__)


class NoToken(TokenError):
    """There is no token with this number."""


class NoPost(TokenError):
    """Nobody of the staff has this code."""


class NoUnit(TokenError):
    """There is no unit or desk with this code."""


class NoScope(TokenError):
    """There is no such scope."""


class NoField(TokenError):
    """A ticket has no such field."""


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    """A new token: its number, and the token itself, which is shown this once."""

    id: int
    token: str
    expires_at: datetime

    def __repr__(self) -> str:
        """Show everything but the token."""
        return f"Issued(id={self.id!r}, expires_at={self.expires_at!r})"


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever holds a valid token, and whether its last use is to be written down again."""

    actor: Actor
    token_id: int
    stale: bool


def issue_for_staff(session: Session, code: str, *, days: int, by: str, now: datetime, org: OrgChart) -> Issued:
    """Make a token for a post of the staff, good for some days. NoPost if nobody who is active has this code."""
    if code not in org.staff:
        raise NoPost(code)
    return _issue(session, ApiToken(kind="staff", owner=code), days=days, by=by, now=now)


def issue_for_partner(
    session: Session,
    name: str,
    *,
    unit: str,
    scopes: Sequence[str],
    fields: Sequence[str],
    known_fields: Collection[str],
    days: int,
    by: str,
    now: datetime,
    org: OrgChart,
) -> Issued:
    """Make a token for a partner, with what it may do and see; without a unit it sees no ticket. NoUnit, NoScope and NoField name what is not there."""
    if unit and org.unit(unit) is None:
        raise NoUnit(unit)
    for scope in scopes:
        if scope not in SCOPES:
            raise NoScope(scope)
    for field in fields:
        if field not in known_fields:
            raise NoField(field)
    token = ApiToken(kind="partner", owner=name, unit=unit, scopes=list(scopes), fields=list(fields))
    return _issue(session, token, days=days, by=by, now=now)


def revoke(session: Session, token_id: int, *, kind: Kind, by: str, now: datetime) -> ApiToken:
    """Revoke a token; from now on it opens nothing. NoToken if there is none with this number of this kind."""
    row = session.get(ApiToken, token_id)
    if row is None or row.kind != kind:
        raise NoToken(str(token_id))
    if row.revoked_at is None:
        row.revoked_at = now
        record(session, actor=by, action="token.revoke", subject=f"token:{row.id}", facts={"owner": row.owner})
    return row


def list_tokens(session: Session, *, kind: Kind) -> Sequence[ApiToken]:
    """List the tokens of a kind, the newest first."""
    return session.scalars(select(ApiToken).where(ApiToken.kind == kind).order_by(ApiToken.id.desc())).all()


def find_holder(session: Session, token: str, *, now: datetime, org: OrgChart) -> Holder | None:
    """Find who a token belongs to; None for one that is unknown, revoked or expired, or whose post is no longer held. One query."""
    row = session.scalars(select(ApiToken).where(ApiToken.hash == _hash(token))).one_or_none()
    if row is None or row.revoked_at is not None or row.expires_at <= now:
        return None
    actor = _partner(row, org) if row.kind == "partner" else staff_actor(row.owner, org=org)
    if actor is None:
        return None
    return Holder(actor=actor, token_id=row.id, stale=row.used_at is None or row.used_at <= now - _TOUCH)


def find_partner(session: Session, token_id: int, *, now: datetime, org: OrgChart) -> Actor | None:
    """Find as whom a partner's token acts; None for one that is no partner's, revoked or expired: what is sent unasked ends with it too."""
    row = session.get(ApiToken, token_id)
    if row is None or row.kind != "partner" or row.revoked_at is not None or row.expires_at <= now:
        return None
    return _partner(row, org)


def touch(session: Session, token_id: int, *, now: datetime) -> None:
    """Write down that a token was used."""
    row = session.get(ApiToken, token_id)
    if row is not None:
        row.used_at = now


def log_call(session: Session, holder: Holder, *, action: str, subject: str, status: int, rows: int, now: datetime) -> None:
    """Write down what a partner did with its token."""
    session.add(
        PartnerCall(
            at=now,
            partner=holder.actor.code,
            token_id=holder.token_id,
            action=action,
            subject=subject,
            status=status,
            rows=rows,
        )
    )


def list_calls(session: Session, partner: str, *, limit: int) -> Sequence[PartnerCall]:
    """List the last calls of a partner, the newest first."""
    statement = select(PartnerCall).where(PartnerCall.partner == partner).order_by(PartnerCall.id.desc()).limit(limit)
    return session.scalars(statement).all()


def _issue(session: Session, row: ApiToken, *, days: int, by: str, now: datetime) -> Issued:
    token = _MARKS["partner" if row.kind == "partner" else "staff"] + secrets.token_urlsafe(_BYTES)
    row.hash, row.made_at, row.made_by, row.expires_at = _hash(token), now, by, now + timedelta(days=days)
    session.add(row)
    session.flush()
    record(session, actor=by, action="token.issue", subject=f"token:{row.id}", facts={"owner": row.owner, "days": days})
    return Issued(id=row.id, token=token, expires_at=row.expires_at)


def _hash(token: str) -> str:
    """Give the form in which a token is kept: 256 random bits need no salt, and are found by their hash, not compared."""
    return hashlib.sha256(token.encode()).hexdigest()


def _partner(row: ApiToken, org: OrgChart) -> Actor:
    return Actor(
        kind="partner",
        code=row.owner,
        role=Role.PARTNER,
        unit=org.standing_unit(row.unit),
        scopes=tuple(row.scopes),
        fields=tuple(row.fields),
    )
